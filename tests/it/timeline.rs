//! Histories through the graph: that every mutation writes one, who reads what of it, and that revealing is recorded.

use std::collections::BTreeSet;

use portico::ids::{MemberId, OrganisationId, Tagged as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{Caller, TestApp, reasons};
use crate::support::builders::{
    a_member, a_partner, a_reseller, an_opportunity, fresh, offering_of, the_vendor,
};
use crate::support::database::TestDb;

/// What [`World::drive`] carries out, each with the entries that it has to write. A mutation that is in neither list
/// fails the test: give it a driver, or name the test that shows its entry.
const DRIVEN: &[&str] = &[
    "documentUploadPrepare",
    "memberDisable",
    "memberInvitationAccept",
    "memberInvitationRevoke",
    "memberInvite",
    "memberLink",
    "memberReveal",
    "memberRolesChange",
    "memberUnlink",
    "opportunityAccept",
    "opportunityAssignOwner",
    "opportunityCancel",
    "opportunityContactReveal",
    "opportunityCreate",
    "opportunityDelete",
    "opportunityLose",
    "opportunityProgressAdd",
    "opportunityReject",
    "opportunityReviewApprove",
    "opportunityReviewDecide",
    "opportunityReviewReject",
    "opportunityReviewerAssign",
    "opportunityShare",
    "opportunitySubmit",
    "opportunityUpdate",
    "opportunityValidationApprove",
    "opportunityValidationDecide",
    "opportunityValidationReject",
    "opportunityVendorViewUpdate",
    "resellerAccountManagerAssign",
    "resellerAccountManagerWithdraw",
];

/// Shown, or shown to need none, by the test of this name.
const ELSEWHERE: &[(&str, &str)] = &[
    (
        "noticeDeliveryRetry",
        "a_dead_letter_is_tried_again_by_the_vendors_administrator_and_by_nobody_else",
    ),
    (
        "dedicatedPersonApply",
        "every_change_of_a_person_makes_one_version_and_one_entry",
    ),
    (
        "dedicatedPersonCancel",
        "every_change_of_a_person_makes_one_version_and_one_entry",
    ),
    (
        "dedicatedPersonCancelWithdraw",
        "every_change_of_a_person_makes_one_version_and_one_entry",
    ),
    (
        "dedicatedPersonDecide",
        "every_change_of_a_person_makes_one_version_and_one_entry",
    ),
    (
        "dedicatedPersonDisqualify",
        "every_change_of_a_person_makes_one_version_and_one_entry",
    ),
    (
        "dedicatedPersonInvitationAccept",
        "every_change_of_a_person_makes_one_version_and_one_entry",
    ),
    (
        "dedicatedPersonInvitationResend",
        "every_change_of_a_person_makes_one_version_and_one_entry",
    ),
    (
        "dedicatedPersonInvite",
        "every_change_of_a_person_makes_one_version_and_one_entry",
    ),
    (
        "dedicatedPersonLeave",
        "every_change_of_a_person_makes_one_version_and_one_entry",
    ),
    (
        "dedicatedPersonReveal",
        "every_change_of_a_person_makes_one_version_and_one_entry",
    ),
    (
        "dedicatedPersonUnbind",
        "every_change_of_a_person_makes_one_version_and_one_entry",
    ),
    (
        "dedicatedPersonUpdate",
        "every_change_of_a_person_makes_one_version_and_one_entry",
    ),
    (
        "documentUploadComplete",
        "a_document_is_announced_sent_completed_and_fetched",
    ),
    ("factsImport", "a_table_is_added_then_changed_then_known"),
    (
        "customerInvite",
        "r_cus_7_all_causes_are_told_at_once_and_the_partner_sees_the_last_attempt",
    ),
    (
        "customerInvitationAccept",
        "customers_write_one_entry_for_each_version",
    ),
    (
        "customerInvitationResend",
        "customers_write_one_entry_for_each_version",
    ),
    (
        "customerInvitationRevoke",
        "customers_write_one_entry_for_each_version",
    ),
    (
        "customerAccountManagerAssign",
        "customers_write_one_entry_for_each_version",
    ),
    (
        "customerAccountManagerWithdraw",
        "customers_write_one_entry_for_each_version",
    ),
    (
        "customerDissociate",
        "customers_write_one_entry_for_each_version",
    ),
    (
        "customerReveal",
        "r_gen_3_a_customers_number_is_revealed_once_and_the_reading_is_recorded",
    ),
    (
        "customerContactAdd",
        "r_org_15_customers_see_at_most_five_contacts_or_the_administrator",
    ),
    (
        "customerContactRemove",
        "r_org_15_customers_see_at_most_five_contacts_or_the_administrator",
    ),
    (
        "customerContactUpdate",
        "r_org_15_customers_see_at_most_five_contacts_or_the_administrator",
    ),
    (
        "memberProfileUpdate",
        "r_org_18_a_member_edits_his_own_profile_and_no_mutation_edits_anothers",
    ),
    (
        "roleCreate",
        "r_org_12_an_organisation_makes_ten_roles_of_its_own_and_retires_them",
    ),
    (
        "roleRetire",
        "r_org_12_an_organisation_makes_ten_roles_of_its_own_and_retires_them",
    ),
    (
        "roleUpdate",
        "a_changed_role_changes_what_members_of_live_sessions_may_do_within_a_second",
    ),
    (
        "mainAccountAccept",
        "r_org_20_the_main_account_passes_when_its_new_holder_accepts",
    ),
    (
        "mainAccountOffer",
        "r_org_20_the_main_account_passes_when_its_new_holder_accepts",
    ),
    (
        "mainAccountOfferRevoke",
        "r_org_20_an_offer_is_taken_back_by_whoever_may_and_replaced_by_a_newer_one",
    ),
    (
        "memberDirectorAssign",
        "r_org_9_taking_the_directors_role_leaves_his_account_managers_to_another_or_to_nobody",
    ),
    (
        "opportunityOfferingChange",
        "the_vendors_change_of_the_offering_is_seen_at_once",
    ),
    (
        "organisationFreeze",
        "r_gen_9_the_vendor_freezes_with_a_cause_and_releases",
    ),
    (
        "organisationRelease",
        "r_gen_9_the_vendor_freezes_with_a_cause_and_releases",
    ),
    ("pathJoin", "every_step_of_a_programme_writes_its_entry"),
    (
        "programmeApplicationApprove",
        "every_step_of_a_programme_writes_its_entry",
    ),
    (
        "programmeApplicationReject",
        "every_step_of_a_programme_writes_its_entry",
    ),
    (
        "programmeApplicationWithdraw",
        "every_step_of_a_programme_writes_its_entry",
    ),
    (
        "programmeInvitationRevoke",
        "every_step_of_a_programme_writes_its_entry",
    ),
    (
        "programmeInvite",
        "every_step_of_a_programme_writes_its_entry",
    ),
    (
        "programmeJoin",
        "every_step_of_a_programme_writes_its_entry",
    ),
    (
        "serviceAccountCreate",
        "an_organisation_makes_renews_and_ends_its_machines_with_a_history_of_each",
    ),
    (
        "serviceAccountRotate",
        "an_organisation_makes_renews_and_ends_its_machines_with_a_history_of_each",
    ),
    (
        "serviceAccountRevoke",
        "an_organisation_makes_renews_and_ends_its_machines_with_a_history_of_each",
    ),
    (
        "ruleSchedule",
        "a_scheduled_rule_is_withdrawn_before_another_takes_its_day_and_its_history_stays",
    ),
    (
        "ruleWithdraw",
        "a_scheduled_rule_is_withdrawn_before_another_takes_its_day_and_its_history_stays",
    ),
    (
        "workCalendarImport",
        "r_gen_8_an_import_shows_its_diff_before_and_after",
    ),
    // Nothing of an organisation: the sandbox keeps its own record, and a dismissal is the person's.
    (
        "sandboxAdvanceTo",
        "a_travel_stops_wherever_something_is_due_and_arrives_where_every_replica_sees_it",
    ),
    (
        "sandboxVendorScript",
        "a_script_is_refused_rule_by_rule_and_holds_for_its_own_organisation",
    ),
    (
        "siteHintDismiss",
        "r_gen_10_an_account_of_another_site_is_told_so_until_the_person_dismisses_it",
    ),
    // What only the person concerns, and changes nothing of an organisation: marks, wishes and the session.
    (
        "noticesMarkRead",
        "notices_are_marked_read_one_by_one_or_all_and_keep_their_first_time",
    ),
    (
        "noticePreferencesUpdate",
        "what_a_member_does_not_want_by_mail_stands_in_the_portal_only",
    ),
    (
        "sessionEnd",
        "a_person_sees_where_he_is_signed_in_and_ends_one_or_all",
    ),
    (
        "sessionEndAll",
        "a_person_sees_where_he_is_signed_in_and_ends_one_or_all",
    ),
    (
        "sessionActAs",
        "a_person_acts_as_another_member_by_a_new_cookie_and_the_old_one_is_dead",
    ),
];

struct World {
    app: TestApp,
    admin: Caller,
    seller: Caller,
    reviewer: Caller,
    bd: Caller,
    rival: Caller,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let mut owner = app.owner().await;
        let partner = a_partner("伙伴").insert(&mut owner).await;
        let rival = a_partner("另一伙伴").insert(&mut owner).await;
        let vendor = the_vendor().insert(&mut owner).await;
        // From role validation on the vendor may share deals with it (R-OPP-28).
        sqlx::query(
            "INSERT INTO path_memberships (organisation_id, id, path, stage, state)
             VALUES ($1, $2, 'SERVICE', 'DIFFERENTIATED', 'ACTIVE')",
        )
        .bind(partner.0)
        .bind(Uuid::now_v7())
        .execute(&mut owner)
        .await
        .unwrap();
        Self {
            admin: app.member(partner, "admin", &["SYSTEM_ADMIN"]).await,
            seller: app
                .member(partner, "seller", &["ACCOUNT_MANAGER", "OPERATOR"])
                .await,
            reviewer: app.member(vendor, "reviewer", &["VENDOR_REVIEWER"]).await,
            bd: app.member(vendor, "bd", &["VENDOR_BD"]).await,
            rival: app.member(rival, "rival", &["SYSTEM_ADMIN"]).await,
            app,
        }
    }

    fn partner(&self) -> OrganisationId {
        self.admin.organisation
    }

    async fn colleague(&self) -> MemberId {
        let builder = a_member(self.partner(), "colleague").roles(&["OPERATOR"]);
        builder.insert(&mut self.app.owner().await).await
    }

    async fn opportunity(&self, state: &'static str) -> Value {
        let builder = an_opportunity(self.partner(), self.seller.member).state(state);
        let id = builder.insert(&mut self.app.owner().await).await;
        json!({ "opportunityId": id.global(), "expectedVersion": "v1" })
    }

    /// What the vendor hands over.
    fn deal(&self) -> Value {
        json!({
            "organisationId": self.partner().global(),
            "name": "仓储系统上云",
            "description": "Moves the warehouse system into the cloud.",
            "customerName": "长河物流",
            "customerRegion": "华东",
            "customerIndustry": "物流",
            "expectedRevenue": { "amount": "500000", "currency": "CNY" },
            "budget": { "amount": "800000", "currency": "CNY" },
            "decisionMaker": "Head of IT",
            "need": "A warehouse that is never down",
            "purchaseOn": "2027-03-31",
            "contacts": [{ "name": "王工", "email": "wang@customer.example" }],
            "customerConsentConfirmed": true,
            "offeringIds": [offering_of(self.partner()).global()]
        })
    }

    async fn shared(&self) -> Value {
        let payload = self
            .bd
            .change("opportunityShare", "opportunity { id }", self.deal());
        let id = payload.await["opportunity"]["id"].take();
        json!({ "opportunityId": id, "expectedVersion": "v1" })
    }

    async fn reseller(&self) -> Value {
        let mut owner = self.app.owner().await;
        let company = a_partner("长河云").insert(&mut owner).await;
        let reseller = a_reseller(&mut owner, company, self.partner()).await;
        json!({ "resellerId": reseller.global(), "expectedVersion": "v1" })
    }

    async fn invited(&self) -> (String, String) {
        let input = json!({ "email": "li@partner.example", "name": "李华", "accountName": "lihua", "roles": ["OPERATOR"] });
        let selection = "acceptUrl invitation { id }";
        let payload = self.admin.change("memberInvite", selection, input).await;
        let url = payload["acceptUrl"].as_str().unwrap();
        let id = payload["invitation"]["id"].as_str().unwrap();
        (id.to_owned(), url.split_once('#').unwrap().1.to_owned())
    }

    /// All versions that objects have, and all entries that histories have.
    async fn written(&self) -> (i64, i64) {
        let versions = "SELECT ((SELECT coalesce(sum(version), 0) FROM organisations)
            + (SELECT coalesce(sum(version), 0) FROM members) + (SELECT coalesce(sum(version), 0) FROM invitations)
            + (SELECT coalesce(sum(version), 0) FROM resellers)
            + (SELECT coalesce(sum(version), 0) FROM documents)
            + (SELECT coalesce(sum(version), 0) FROM opportunities))::bigint";
        let entries = "SELECT count(*) FROM timeline_entries WHERE object_kind <> 'rvl'";
        (
            self.app.count(versions).await,
            self.app.count(entries).await,
        )
    }

    /// Carries a mutation out after whatever it needs; answers who did it, and what was written before.
    async fn drive(&self, mutation: &str) -> (String, (i64, i64)) {
        let with = |mut input: Value, field: &str, value: Value| {
            input[field] = value;
            input
        };
        let member = |id: MemberId| json!({ "memberId": id.global(), "expectedVersion": "v1" });
        let purpose = json!("Call the customer back");
        let (caller, input) = match mutation {
            "memberDisable" => (
                &self.admin,
                with(member(self.colleague().await), "reason", json!("left")),
            ),
            "memberRolesChange" => (
                &self.admin,
                with(member(self.colleague().await), "roles", json!(["FINANCE"])),
            ),
            "memberLink" => {
                let stranger = self.app.stranger("li").await;
                let identity = json!(stranger.identity.global());
                let colleague = member(self.colleague().await);
                (&self.admin, with(colleague, "identityId", identity))
            }
            "memberUnlink" => (&self.admin, member(self.seller.member)),
            "memberReveal" => {
                let id = self.colleague().await.global();
                let input = json!({ "memberId": id, "fields": ["EMAIL"], "purpose": purpose });
                (&self.admin, input)
            }
            "memberInvite" => {
                let input = json!({ "email": "li@example.com", "name": "李华", "accountName": "lihua", "roles": ["OPERATOR"] });
                (&self.admin, input)
            }
            "memberInvitationRevoke" => {
                let (id, _) = self.invited().await;
                (
                    &self.admin,
                    json!({ "invitationId": id, "expectedVersion": "v1" }),
                )
            }
            "memberInvitationAccept" => {
                let (_, token) = self.invited().await;
                let stranger = self.app.stranger("li").await;
                let before = self.written().await;
                let input = json!({ "token": token });
                let payload = stranger.change(mutation, "memberId", input).await;
                assert_eq!(reasons(&payload), [""; 0], "{mutation}");
                return (stranger.identity.global(), before);
            }
            "opportunityCreate" => (&self.seller, json!({ "name": "Draft" })),
            "opportunityUpdate" => (
                &self.seller,
                with(self.opportunity("DRAFT").await, "need", json!("More")),
            ),
            "opportunitySubmit" => (&self.seller, self.opportunity("DRAFT").await),
            "opportunityReviewApprove" => (&self.reviewer, self.opportunity("UNDER_REVIEW").await),
            "opportunityReviewReject" => {
                let input = self.opportunity("UNDER_REVIEW").await;
                (&self.reviewer, with(input, "reason", json!("No budget")))
            }
            "opportunityContactReveal" => {
                let id = self.opportunity("UNDER_REVIEW").await["opportunityId"].take();
                let input = json!({ "opportunityId": id, "fields": ["EMAIL"], "purpose": purpose });
                (&self.bd, input)
            }
            "resellerAccountManagerAssign" => {
                let manager = json!(self.seller.member.global());
                (
                    &self.admin,
                    with(self.reseller().await, "accountManagerId", manager),
                )
            }
            "resellerAccountManagerWithdraw" => {
                let manager = json!(self.seller.member.global());
                let input = with(self.reseller().await, "accountManagerId", manager);
                let mut withdraw = input.clone();
                let assign = "resellerAccountManagerAssign";
                self.admin.change(assign, "reseller { id }", input).await;
                withdraw.as_object_mut().unwrap().remove("accountManagerId");
                (&self.admin, with(withdraw, "expectedVersion", json!("v2")))
            }
            "documentUploadPrepare" => {
                let sha256 = "0".repeat(64);
                let input = json!({ "fileName": "a.pdf", "mediaType": "application/pdf", "size": 9, "sha256": sha256 });
                (&self.seller, input)
            }
            "opportunityShare" => (&self.bd, self.deal()),
            "opportunityAccept" => (&self.seller, self.shared().await),
            "opportunityReject" => (
                &self.seller,
                with(self.shared().await, "reason", json!("Not ours")),
            ),
            "opportunityAssignOwner" => {
                let owner = json!(self.admin.member.global());
                let input = self.opportunity("VALIDATED").await;
                (&self.admin, with(input, "ownerId", owner))
            }
            "opportunityCancel" => {
                let input = self.opportunity("VALIDATED").await;
                (&self.bd, with(input, "reason", json!("Given up")))
            }
            "opportunityDelete" => (&self.seller, self.opportunity("DRAFT").await),
            "opportunityLose" => {
                let input = self.opportunity("VALIDATED").await;
                (&self.seller, with(input, "reasonCode", json!("PRICE")))
            }
            "opportunityProgressAdd" => {
                let input = self.opportunity("VALIDATED").await;
                let input = with(input, "stage", json!("QUALIFYING"));
                let input = with(input, "winProbability", json!(50));
                (&self.seller, with(input, "note", json!("Met the customer")))
            }
            "opportunityReviewDecide" | "opportunityValidationDecide" => {
                let (caller, state) = match mutation {
                    "opportunityReviewDecide" => (&self.reviewer, "UNDER_REVIEW"),
                    _ => (&self.bd, "UNDER_VALIDATION"),
                };
                let item = self.opportunity(state).await;
                let item = with(item, "decision", json!("APPROVE"));
                (caller, json!({ "items": [item] }))
            }
            "opportunityReviewerAssign" => {
                let reviewer = json!(self.reviewer.member.global());
                let input = self.opportunity("UNDER_REVIEW").await;
                (&self.reviewer, with(input, "reviewerId", reviewer))
            }
            "opportunityValidationApprove" => {
                (&self.bd, self.opportunity("UNDER_VALIDATION").await)
            }
            "opportunityValidationReject" => {
                let input = self.opportunity("UNDER_VALIDATION").await;
                (&self.bd, with(input, "reason", json!("Somebody else's")))
            }
            "opportunityVendorViewUpdate" => {
                let input = self.opportunity("VALIDATED").await;
                (&self.bd, with(input, "nextStep", json!("Call")))
            }
            other => panic!("{other} has no driver"),
        };
        let before = self.written().await;
        let payload = caller.change(mutation, "__typename", input).await;
        assert_eq!(reasons(&payload), [""; 0], "{mutation}: {payload:#}");
        (caller.member.global(), before)
    }
}

#[test]
fn r_gen_2_every_mutation_of_the_graph_is_shown_to_write_its_entries() {
    let sdl = portico::graphql::sdl();
    let (_, mutations) = sdl.split_once("type Mutation {").unwrap();
    let (mutations, _) = mutations.split_once("\n}").unwrap();
    let named = |line: &str| {
        let name = line.trim().split_once('(')?.0;
        let is_name = name
            .chars()
            .all(|character| character.is_ascii_alphanumeric());
        (is_name && !name.is_empty() && line.contains(": ")).then(|| name.to_owned())
    };
    let mutations: BTreeSet<String> = mutations.lines().filter_map(named).collect();
    let driven = DRIVEN.iter().map(|&name| name.to_owned());
    let elsewhere = ELSEWHERE.iter().map(|&(name, _)| name.to_owned());
    assert_eq!(mutations, driven.chain(elsewhere).collect());
    for (mutation, test) in ELSEWHERE {
        assert!(is_a_test(test), "{mutation}: there is no test {test}");
    }
}

fn is_a_test(name: &str) -> bool {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("tests"), root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                if text.contains(&format!("fn {name}(")) {
                    return true;
                }
            }
        }
    }
    false
}

/// R-GEN-2: one entry per changed version, with who, when, from, to, and why where a reason was given.
#[tokio::test]
async fn r_gen_2_a_mutation_writes_one_entry_for_each_version_that_it_makes() {
    for &mutation in DRIVEN {
        let world = World::new().await;
        let (actor, (versions, entries)) = world.drive(mutation).await;
        let (versions_after, entries_after) = world.written().await;
        assert_eq!(
            versions_after - versions,
            entries_after - entries,
            "{mutation}"
        );
        let (of_actor, bare): (i64, i64) = sqlx::query_as(
            "SELECT count(*) FILTER (WHERE actor = $1 AND at = $2 AND correlation_id <> '' AND action <> ''),
                 count(*) FILTER (WHERE (from_state IS NULL) <> (to_state IS NULL) AND from_state IS NOT NULL)
             FROM timeline_entries",
        )
        .bind(&actor)
        .bind(world.app.now())
        .fetch_one(&mut world.app.owner().await)
        .await
        .unwrap();
        let is_reveal = i64::from(mutation.ends_with("Reveal"));
        assert!(
            of_actor >= entries_after - entries + is_reveal,
            "{mutation}"
        );
        assert!(of_actor > 0 && bare == 0, "{mutation}");
        let reasoned = [
            "memberDisable",
            "memberReveal",
            "opportunityCancel",
            "opportunityReject",
            "opportunityReviewReject",
            "opportunityValidationReject",
        ];
        if reasoned.contains(&mutation) {
            let reasons = "SELECT count(*) FROM timeline_entries WHERE reason IS NOT NULL";
            assert_eq!(world.app.count(reasons).await, 1, "{mutation}");
        }
    }
}

const HISTORY: &str = "query($id: ID!) { node(id: $id) { ... on Opportunity { timeline(first: 100) {
    nodes { action from to reason changed version source correlationId details
            actor { kind id member { name } } onBehalfOf { name } } pageInfo { hasNextPage } } } } }";

async fn history(caller: &Caller, id: &Value) -> Value {
    let answer = caller.ask(HISTORY, json!({ "id": id })).await;
    answer.body["data"]["node"].clone()
}

/// R-GEN-4: the applicant reads why, on the record and in its history; and does not read which person it was.
#[tokio::test]
async fn r_gen_4_a_rejection_carries_a_reason_that_the_applicant_reads() {
    let world = World::new().await;
    let mut input = world.opportunity("UNDER_REVIEW").await;
    let id = input["opportunityId"].clone();
    let selection = "opportunity { rejectionReason }";
    let silent = world
        .reviewer
        .change("opportunityReviewReject", selection, {
            let mut input = input.clone();
            input["reason"] = json!("  ");
            input
        });
    assert_ne!(reasons(&silent.await), [""; 0]);
    assert_eq!(
        world.written().await.1,
        0,
        "a refused decision writes nothing"
    );

    input["reason"] = json!("预算不清楚");
    let rejected = world
        .reviewer
        .change("opportunityReviewReject", selection, input);
    assert_eq!(reasons(&rejected.await), [""; 0]);

    let to_partner = history(&world.seller, &id).await;
    let entry = &to_partner["timeline"]["nodes"][0];
    assert_eq!(entry["reason"], "预算不清楚");
    assert_eq!(
        (&entry["from"], &entry["to"], &entry["source"]),
        (
            &json!("UNDER_REVIEW"),
            &json!("REVIEW_REJECTED"),
            &json!("UI")
        )
    );
    assert_eq!(
        entry["actor"],
        json!({ "kind": "VENDOR_STAFF", "id": null, "member": null })
    );
    assert!(entry["details"].is_null(), "the seller has no audit.read");
    assert!(
        entry["correlationId"].is_string(),
        "it is the seller's own record"
    );

    let to_vendor = history(&world.bd, &id).await;
    let entry = &to_vendor["timeline"]["nodes"][0];
    assert_eq!(entry["actor"]["member"]["name"], "reviewer");
    assert!(entry["onBehalfOf"]["name"].is_string());
    assert!(
        entry["correlationId"].is_null(),
        "another organisation's, without audit.read"
    );
    assert!(history(&world.rival, &id).await.is_null());
}

/// R-OPP-10: what was written while it was a draft shows to the vendor with the submission, and not before.
#[tokio::test]
async fn r_opp_10_the_history_of_a_draft_is_the_partners_until_it_is_submitted() {
    let world = World::new().await;
    let input = world.opportunity("DRAFT").await;
    let id = input["opportunityId"].clone();
    let mut update = input.clone();
    update["need"] = json!("More");
    world
        .seller
        .change("opportunityUpdate", "__typename", update)
        .await;

    assert!(history(&world.bd, &id).await.is_null());
    let proof = "query($id: ID!) { timelineProof(objectId: $id) { entries hash version } }";
    let admin = world
        .app
        .member(world.bd.organisation, "auditor", &["VENDOR_AUDITOR"])
        .await;
    let hidden = admin.ask(proof, json!({ "id": id })).await;
    assert!(hidden.at("/timelineProof").is_null());
    let own = world.admin.ask(proof, json!({ "id": id })).await;
    assert_eq!(*own.at("/timelineProof/entries"), json!(1));

    let mut submit = input;
    submit["expectedVersion"] = json!("v2");
    let submitted = world
        .seller
        .change("opportunitySubmit", "__typename", submit)
        .await;
    assert_eq!(reasons(&submitted), [""; 0]);
    let shown = history(&world.bd, &id).await;
    assert_eq!(shown["timeline"]["nodes"].as_array().unwrap().len(), 2);
    let shown = admin.ask(proof, json!({ "id": id })).await;
    assert_eq!(shown.text("/timelineProof/hash").len(), 64);
    let rivals = world.rival.ask(proof, json!({ "id": id })).await;
    assert!(rivals.at("/timelineProof").is_null());
}

/// R-GEN-3: who sees no contact in full reads it once, for a purpose, and the applicant sees that the vendor did.
#[tokio::test]
async fn r_gen_3_revealing_a_contact_is_per_field_once_and_recorded() {
    let world = World::new().await;
    let id = world.opportunity("UNDER_REVIEW").await["opportunityId"].take();
    let contacts =
        json!([{ "name": "王工", "phone": "13812345678", "email": "wang@customer.example" }]);
    sqlx::query("UPDATE opportunities SET contacts = $1")
        .bind(&contacts)
        .execute(&mut world.app.owner().await)
        .await
        .unwrap();
    let list = "{ opportunities { nodes { contacts { name phone email } } } }";
    let masked =
        json!([{ "name": "王工", "phone": "138****5678", "email": "wa***@customer.example" }]);
    let to_bd = world.bd.ask(list, json!({})).await;
    assert_eq!(*to_bd.at("/opportunities/nodes/0/contacts"), masked);
    let to_seller = world.seller.ask(list, json!({})).await;
    assert_eq!(*to_seller.at("/opportunities/nodes/0/contacts"), contacts);

    let input =
        json!({ "opportunityId": id, "fields": ["PHONE"], "purpose": "Validate by telephone" });
    let (reveal, selection) = ("opportunityContactReveal", "contacts { phone email }");
    let key = Uuid::from_u128(1);
    let (shown, again) = (
        world
            .bd
            .change_under(key, reveal, selection, input.clone())
            .await,
        world
            .bd
            .change_under(key, reveal, selection, input.clone())
            .await,
    );
    let once = json!([{ "phone": "13812345678", "email": "wa***@customer.example" }]);
    assert_eq!(
        (&shown["contacts"], &shown["replayed"]),
        (&once, &json!(false))
    );
    assert_eq!(
        (&again["contacts"], &again["replayed"]),
        (&Value::Null, &json!(true))
    );
    for (caller, reason) in [
        (&world.reviewer, "PERMISSION_MISSING"),
        (&world.rival, "OPPORTUNITY_NOT_FOUND"),
    ] {
        let refused = caller.change(reveal, selection, input.clone()).await;
        assert_eq!(reasons(&refused), [reason]);
    }
    let aimless = json!({ "opportunityId": id, "fields": [], "purpose": " " });
    let refused = world.bd.change(reveal, selection, aimless).await;
    assert_eq!(
        reasons(&refused),
        ["REVEAL_FIELDS_REQUIRED", "REVEAL_PURPOSE_REQUIRED"]
    );

    let told = history(&world.seller, &id).await;
    let entries = told["timeline"]["nodes"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "neither the replay nor a refusal is one");
    assert_eq!(
        (
            &entries[0]["action"],
            &entries[0]["reason"],
            &entries[0]["actor"]["kind"]
        ),
        (
            &json!("personal.revealed"),
            &json!("Validate by telephone"),
            &json!("VENDOR_STAFF")
        )
    );
}

#[tokio::test]
async fn r_gen_3_revealing_a_member_shows_what_was_asked_for_and_never_anothers() {
    let world = World::new().await;
    let id = world.seller.member.global();
    let input = json!({ "memberId": id, "fields": ["EMAIL"], "purpose": "Invoice" });
    let selection = "email mobile";
    let shown = world
        .bd
        .change("memberReveal", selection, input.clone())
        .await;
    assert_eq!(
        (&shown["email"], &shown["mobile"]),
        (&json!("seller@partner.example"), &Value::Null)
    );
    let refused = world
        .rival
        .change("memberReveal", selection, input.clone())
        .await;
    assert_eq!(reasons(&refused), ["MEMBER_NOT_FOUND"]);
    let refused = world.seller.change("memberReveal", selection, input).await;
    assert_eq!(reasons(&refused), ["PERMISSION_MISSING"]);
    let entries = "SELECT count(*) FROM timeline_entries";
    assert_eq!(world.app.count(entries).await, 1);
}

/// The distributor that a relation names reads its history; its own people act there on its behalf.
#[tokio::test]
async fn r_gen_2_both_parties_of_a_relation_read_its_history() {
    let world = World::new().await;
    let mut owner = world.app.owner().await;
    let company = a_partner("经销商").insert(&mut owner).await;
    let reseller = a_reseller(&mut owner, company, world.partner())
        .await
        .global();
    let sellers = world
        .app
        .member(company, "reseller", &["SYSTEM_ADMIN"])
        .await;
    let input = json!({ "resellerId": reseller, "expectedVersion": "v1",
        "accountManagerId": world.seller.member.global() });
    let assigned = world
        .admin
        .change("resellerAccountManagerAssign", "__typename", input)
        .await;
    assert_eq!(reasons(&assigned), [""; 0]);

    let query = "query($id: ID!) { reseller(id: $id) { timeline { nodes { action actor { kind } onBehalfOf { name } } } } }";
    for caller in [&world.admin, &sellers] {
        let answer = caller.ask(query, json!({ "id": reseller })).await;
        let entry = answer.at("/reseller/timeline/nodes/0");
        assert_eq!(entry["actor"]["kind"], "MEMBER");
        assert_eq!(entry["onBehalfOf"]["name"], "伙伴");
    }
}

/// A hundred and thirty entries: nothing is cut, in pages of a hundred at most.
#[tokio::test]
async fn r_gen_2_a_long_history_is_read_to_its_beginning() {
    let world = World::new().await;
    let mut input = world.opportunity("DRAFT").await;
    for version in 1..=130 {
        input["expectedVersion"] = json!(format!("v{version}"));
        input["need"] = json!(format!("Need {version}"));
        world
            .seller
            .change("opportunityUpdate", "__typename", input.clone())
            .await;
    }
    let query = "query($id: ID!, $after: String) { opportunity(id: $id) { timeline(first: 100, after: $after) {
        nodes { version } pageInfo { hasNextPage endCursor } } } }";
    let id = &input["opportunityId"];
    let first = world.seller.ask(query, json!({ "id": id })).await;
    let cursor = first.text("/opportunity/timeline/pageInfo/endCursor");
    let rest = world
        .seller
        .ask(query, json!({ "id": id, "after": cursor }))
        .await;
    let versions = |answer: &crate::support::person::Answer| {
        let nodes = answer
            .at("/opportunity/timeline/nodes")
            .as_array()
            .unwrap()
            .clone();
        nodes
            .into_iter()
            .map(|node| node["version"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let mut all = versions(&first);
    all.extend(versions(&rest));
    let expected: Vec<String> = (2..=131)
        .rev()
        .map(|version| format!("v{version}"))
        .collect();
    assert_eq!(all, expected);
    assert_eq!(
        *rest.at("/opportunity/timeline/pageInfo/hasNextPage"),
        json!(false)
    );
    let oldest =
        "query($id: ID!) { opportunity(id: $id) { timeline(last: 1) { nodes { version } } } }";
    let oldest = world.seller.ask(oldest, json!({ "id": id })).await;
    assert_eq!(oldest.text("/opportunity/timeline/nodes/0/version"), "v2");
}

#[tokio::test]
async fn the_histories_of_a_list_are_one_statement() {
    let world = World::new().await;
    let list =
        "{ opportunities(first: 20) { nodes { id timeline(first: 5) { nodes { action } } } } }";
    let mut counted = Vec::new();
    for _ in 0..2 {
        for _ in 0..5 {
            let mut input = world.opportunity("DRAFT").await;
            input["need"] = json!("More");
            world
                .seller
                .change("opportunityUpdate", "__typename", input)
                .await;
        }
        let before = world.app.app.db.statements();
        let answer = world.seller.ask(list, json!({})).await;
        counted.push(world.app.app.db.statements() - before);
        assert_eq!(
            answer.text("/opportunities/nodes/4/timeline/nodes/0/action"),
            "opportunity.edited"
        );
    }
    assert_eq!(counted[0], counted[1], "whatever the number of objects");
    assert!(
        counted[0] <= 6,
        "{counted:?}: the transaction, who may, the list with its deadlines, the histories"
    );
}

/// Exit code and output of `portico audit verify`.
async fn audited(test: &TestDb, arguments: &[&str]) -> (Option<i32>, String) {
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_portico"))
        .args(["audit", "verify"])
        .args(arguments)
        .env("PORTICO_DATABASE__OWNER_URL", test.url("portico_owner"))
        .output()
        .await
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code(), printed)
}

#[tokio::test]
async fn r_gen_2_the_audit_command_ends_with_1_and_names_what_was_altered() {
    let test = TestDb::new().await;
    let mut owner = test.connect("portico_owner").await;
    let partner = a_partner("伙伴").insert(&mut owner).await;
    let object: MemberId = fresh();
    for version in 1..=3 {
        let entry = "INSERT INTO timeline_entries (organisation_id, id, object_kind, object_id, object_version, at, actor,
                action, correlation_id)
            VALUES ($1, gen_random_uuid(), 'mem', $2, $3, '2026-01-01Z', 'job:test', 'member.tested', 'c')";
        sqlx::query(entry)
            .bind(partner.0)
            .bind(object.0)
            .bind(i64::from(version))
            .execute(&mut owner)
            .await
            .unwrap();
    }
    let (code, printed) = audited(&test, &[]).await;
    assert_eq!(
        (code, printed.trim()),
        (Some(0), "3 entries of 1 objects: all as they were written")
    );

    sqlx::query("UPDATE timeline_entries SET action = 'member.loved' WHERE object_version = 2")
        .execute(&mut owner)
        .await
        .unwrap();
    for arguments in [vec![], vec!["--object", &*object.global()]] {
        let (code, printed) = audited(&test, &arguments).await;
        assert_eq!(code, Some(1), "{printed}");
        let named = format!("{} version 2: the entry was altered", object.global());
        assert!(printed.contains(&named), "{printed}");
    }
    let (code, _) = audited(&test, &["--object", "nobody"]).await;
    assert_eq!(code, Some(1));
}

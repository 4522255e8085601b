//! The whole life of an opportunity through `POST /graphql`, in both directions, and what it says of itself meanwhile.

use super::*;
use chrono::TimeDelta;

const STATE: &str = "opportunity { id version reviewState progressStage rejectionReason }";

impl World {
    /// Carries it out and answers the opportunity; nothing may speak against it.
    async fn done(&self, caller: &Caller, mutation: &str, input: Value) -> Value {
        let payload = caller.change(mutation, STATE, input).await;
        assert_eq!(payload["errors"], json!([]), "{mutation}");
        payload["opportunity"].clone()
    }

    /// Submitted by the seller.
    async fn submitted(&self) -> Value {
        let draft = self
            .done(&self.seller, "opportunityCreate", complete())
            .await;
        self.done(&self.seller, "opportunitySubmit", at(&draft))
            .await
    }

    /// Time passes, and whoever was signed in for longer than a session lasts signs in again.
    async fn pass(&mut self, by: TimeDelta) {
        self.app.clock.advance(by);
        for caller in [&mut self.seller, &mut self.reviewer] {
            *caller = self
                .app
                .signed_in(caller.identity, caller.organisation, caller.member)
                .await;
        }
    }

    /// A partner may be offered deals from role validation on (R-OPP-28).
    async fn differentiate(&self) {
        sqlx::query(
            "INSERT INTO path_memberships (organisation_id, id, path, stage, state)
             VALUES ($1, $2, 'SERVICE', 'DIFFERENTIATED', 'ACTIVE')",
        )
        .bind(self.partner().0)
        .bind(fresh_key())
        .execute(&mut self.app.owner().await)
        .await
        .unwrap();
    }

    async fn business_developer(&self) -> Caller {
        let vendor = self.reviewer.organisation;
        self.app.member(vendor, "developer", &["VENDOR_BD"]).await
    }
}

fn at(opportunity: &Value) -> Value {
    of(&opportunity["id"], &opportunity["version"])
}

fn shared_with(organisation: OrganisationId) -> Value {
    json!({
        "organisationId": organisation.global(),
        "name": "灾备迁移",
        "description": "The customer asked the vendor for a second site.",
        "customerName": "远山银行",
        "customerRegion": "华北",
        "need": "A second site",
        "offeringIds": [OFFERING.global()]
    })
}

#[tokio::test]
async fn a_partners_opportunity_is_validated_reported_and_cancelled() {
    let world = World::new().await;
    let developer = world.business_developer().await;
    let submitted = world.submitted().await;
    let passed = world
        .done(&world.reviewer, "opportunityReviewApprove", at(&submitted))
        .await;
    let valid = world
        .done(&world.reviewer, "opportunityValidationApprove", at(&passed))
        .await;
    assert_eq!(valid["reviewState"], "VALIDATED");
    let report = |now: &Value, stage: &str| {
        let input = with(at(now), "stage", json!(stage));
        let input = with(input, "winProbability", json!(60));
        with(input, "note", json!("Met the customer"))
    };
    let early = report(&valid, "DELIVERED");
    let refusal = world
        .seller
        .change("opportunityProgressAdd", ID, early)
        .await;
    assert_eq!(
        refused(&refusal),
        [
            ("PROGRESS_NOT_SIGNED".to_owned(), "stage".to_owned()),
            ("EVIDENCE_REQUIRED".to_owned(), "documentIds".to_owned())
        ]
    );
    let first = report(&valid, "SOLUTION");
    let first = world
        .done(&world.seller, "opportunityProgressAdd", first)
        .await;
    let second = report(&first, "NEGOTIATION");
    let second = world
        .done(&world.seller, "opportunityProgressAdd", second)
        .await;
    assert_eq!(
        (&second["version"], &second["progressStage"]),
        (&json!("v6"), &json!("NEGOTIATION"))
    );

    let query = "query($id: ID!) { opportunity(id: $id) { stalled stalledSince winProbability lastProgressAt
        progress(first: 1) { totalCount pageInfo { hasNextPage } nodes { stage note author { name } documents { id } } }
        transitions { action to allowed requiredFields }
        rounds { number outcome submittedBy { name } changedFields } changesSinceLastRound { lastReason }
        reviewProgress { step steps courtOf workingDaysWaiting } deadline { kind state }
        assignableMembers(first: 10) { nodes { name } } } }";
    let read = world.seller.ask(query, json!({ "id": second["id"] })).await;
    assert_eq!(
        read.at("/opportunity/progress"),
        &json!({
            "totalCount": 2, "pageInfo": { "hasNextPage": true },
            "nodes": [{ "stage": "NEGOTIATION", "note": "Met the customer", "author": { "name": "seller" }, "documents": [] }]
        })
    );
    assert_eq!(
        read.at("/opportunity/transitions"),
        &json!([
            { "action": "opportunityProgressAdd", "to": "NEGOTIATION", "allowed": true,
              "requiredFields": ["stage", "winProbability", "note"] },
            { "action": "opportunityProgressAdd", "to": "SIGNED", "allowed": true,
              "requiredFields": ["stage", "winProbability", "note"] },
            { "action": "opportunityLose", "to": "LOST", "allowed": true, "requiredFields": ["reasonCode"] },
            { "action": "opportunityCancel", "to": "CANCELLED_BY_VENDOR", "allowed": false,
              "requiredFields": ["reason"] },
        ])
    );
    assert_eq!(
        read.at("/opportunity/rounds"),
        &json!([{ "number": 1, "outcome": "VALIDATED", "submittedBy": { "name": "seller" }, "changedFields": [] }])
    );
    assert_eq!(
        read.at("/opportunity/reviewProgress"),
        &json!({ "step": 2, "steps": 2, "courtOf": null, "workingDaysWaiting": 0 })
    );
    assert_eq!(
        read.at("/opportunity/deadline"),
        &json!({ "kind": "VALIDATE_OPPORTUNITY", "state": "MET" })
    );
    assert_eq!(
        read.at("/opportunity/assignableMembers/nodes"),
        &json!([{ "name": "seller" }])
    );

    let cancel = with(at(&second), "reason", json!("The customer withdrew"));
    let by_reviewer = world
        .reviewer
        .change("opportunityCancel", ID, cancel.clone())
        .await;
    assert_eq!(reasons(&by_reviewer), ["PERMISSION_MISSING"], "R-OPP-12");
    let cancelled = world.done(&developer, "opportunityCancel", cancel).await;
    assert_eq!(
        (&cancelled["reviewState"], &cancelled["rejectionReason"]),
        (
            &json!("CANCELLED_BY_VENDOR"),
            &json!("The customer withdrew")
        )
    );
}

#[tokio::test]
async fn r_opp_3_what_is_shared_is_answered_in_time_or_taken_back() {
    let mut world = World::new().await;
    world.differentiate().await;
    let developer = world.business_developer().await;
    world
        .app
        .member(world.partner(), "administrator", &["SYSTEM_ADMIN"])
        .await;
    let mut shared = Vec::new();
    for _ in 0..2 {
        shared.push(
            world
                .done(&developer, "opportunityShare", shared_with(world.partner()))
                .await,
        );
    }
    let query = "query($id: ID!) { opportunity(id: $id) { reviewState version origin owner { name } endedByTimeOut
        reviewProgress { courtOf } deadline { dueUntil lastDayOn remaining outcomeOnExpiry state }
        permission(action: ACCEPT) { allowed blockers { removableBy error { reason } } } } }";
    let read = world
        .seller
        .ask(query, json!({ "id": shared[0]["id"] }))
        .await;
    assert_eq!(
        read.at("/opportunity"),
        &json!({
            "reviewState": "PENDING_ACCEPTANCE", "version": "v1", "origin": "VENDOR",
            "owner": { "name": "administrator" }, "endedByTimeOut": false, "reviewProgress": { "courtOf": "PARTNER" },
            "deadline": { "dueUntil": "2026-11-26T16:00:00+00:00", "lastDayOn": "2026-11-26", "remaining": 3,
                          "outcomeOnExpiry": "AUTO_REJECT", "state": "RUNNING" },
            "permission": { "allowed": true, "blockers": [] }
        })
    );
    let accepted = world
        .done(&world.seller, "opportunityAccept", at(&shared[0]))
        .await;
    assert_eq!(accepted["reviewState"], "ACCEPTED");

    world.pass(TimeDelta::hours(86)).await;
    let late = "errors { reason ... on DeadlinePassed { dueUntil outcome } }";
    let answer = world
        .seller
        .change("opportunityAccept", late, at(&shared[1]))
        .await;
    let error = &answer["errors"][0];
    assert_eq!(
        (&error["__typename"], &error["dueUntil"], &error["outcome"]),
        (
            &json!("DeadlinePassed"),
            &json!("2026-11-26T16:00:00+00:00"),
            &json!("AUTO_REJECT")
        )
    );
    let read = world
        .seller
        .ask(query, json!({ "id": shared[1]["id"] }))
        .await;
    assert_eq!(read.at("/opportunity/reviewState"), "AUTO_REJECTED");
    assert_eq!(read.at("/opportunity/endedByTimeOut"), true);
    assert_eq!(
        read.at("/opportunity/permission"),
        &json!({ "allowed": false, "blockers": [{ "removableBy": "NOBODY", "error": { "reason": "DEADLINE_PASSED" } }] })
    );
    let listed = "{ opportunities(where: { reviewState: [AUTO_REJECTED] }) { totalCount } }";
    assert_eq!(
        world
            .seller
            .ask(listed, json!({}))
            .await
            .at("/opportunities/totalCount"),
        1
    );
    assert_eq!(world.app.app.tick().await, Vec::<&str>::new());
    let again = world
        .seller
        .ask(query, json!({ "id": shared[1]["id"] }))
        .await;
    assert_eq!(
        again.at("/opportunity"),
        read.at("/opportunity"),
        "the job changes nothing that is read"
    );
}

#[tokio::test]
async fn the_vendor_works_its_queue_and_decides_many_at_once() {
    let mut world = World::new().await;
    let old = world.submitted().await;
    world.pass(TimeDelta::days(2)).await;
    let new = world.submitted().await;
    let name = with(
        at(&old),
        "reviewerId",
        json!(world.reviewer.member.global()),
    );
    let named = world
        .done(&world.reviewer, "opportunityReviewerAssign", name)
        .await;
    let queue = "query($mine: Boolean!) { opportunityQueue(kind: REVIEW, assignedToMe: $mine, first: 10) {
        totalCount nodes { id reviewProgress { workingDaysWaiting assignedReviewer { name } } } } }";
    let all = world.reviewer.ask(queue, json!({ "mine": false })).await;
    assert_eq!(
        all.at("/opportunityQueue/nodes"),
        &json!([
            { "id": old["id"], "reviewProgress": { "workingDaysWaiting": 2, "assignedReviewer": { "name": "reviewer" } } },
            { "id": new["id"], "reviewProgress": { "workingDaysWaiting": 0, "assignedReviewer": null } },
        ])
    );
    let mine = world.reviewer.ask(queue, json!({ "mine": true })).await;
    assert_eq!(mine.at("/opportunityQueue/totalCount"), 1);
    let none = world.seller.ask(queue, json!({ "mine": false })).await;
    assert!(none.at("/opportunityQueue").is_null());

    let decide =
        |opportunity: &Value, decision: &str| with(at(opportunity), "decision", json!(decision));
    let items = [
        decide(&old, "APPROVE"),
        decide(&named, "APPROVE"),
        decide(&new, "REJECT"),
        with(decide(&new, "REJECT"), "reason", json!("Too vague")),
    ];
    let selection =
        "results { opportunityId opportunity { reviewState } errors { reason path } } replayed";
    let key = fresh_key();
    for replayed in [false, true] {
        let input = json!({ "items": items });
        let payload = world
            .reviewer
            .change_under(key, "opportunityReviewDecide", selection, input)
            .await;
        assert_eq!(payload["replayed"], replayed);
        let state = |state: &str| json!({ "reviewState": state });
        assert_eq!(
            payload["results"],
            json!([
                { "opportunityId": old["id"], "opportunity": null,
                  "errors": [{ "reason": "VERSION_CONFLICT", "path": ["expectedVersion"] }] },
                { "opportunityId": old["id"], "opportunity": state("UNDER_VALIDATION"), "errors": [] },
                { "opportunityId": new["id"], "opportunity": null,
                  "errors": [{ "reason": "REASON_REQUIRED", "path": ["reason"] }] },
                { "opportunityId": new["id"], "opportunity": state("REVIEW_REJECTED"), "errors": [] },
            ])
        );
    }
    let view = with(
        json!({ "opportunityId": old["id"], "expectedVersion": "v4" }),
        "forecast",
        json!("COMMIT"),
    );
    let view = with(view, "nextStep", json!("Call the customer"));
    world
        .done(&world.reviewer, "opportunityVendorViewUpdate", view)
        .await;
    let query = "query($id: ID!) { opportunity(id: $id) { vendorView { nextStep forecast } } }";
    for (caller, forecast) in [
        (&world.reviewer, json!("COMMIT")),
        (&world.seller, Value::Null),
    ] {
        let read = caller.ask(query, json!({ "id": old["id"] })).await;
        assert_eq!(
            read.at("/opportunity/vendorView"),
            &json!({ "nextStep": "Call the customer", "forecast": forecast })
        );
    }
}

#[tokio::test]
async fn a_draft_is_deleted_an_owner_named_and_a_deal_lost() {
    let mut world = World::new().await;
    let draft = world
        .done(&world.seller, "opportunityCreate", complete())
        .await;
    let deleted = world
        .seller
        .change("opportunityDelete", STATE, at(&draft))
        .await;
    assert_eq!(
        (&deleted["errors"], &deleted["opportunity"]),
        (&json!([]), &Value::Null),
        "R-OPP-10"
    );
    let seen = "query($id: ID!) { opportunity(id: $id) { id } node(id: $id) { id } opportunities { totalCount } }";
    let read = world.seller.ask(seen, json!({ "id": draft["id"] })).await;
    assert_eq!(
        read.body["data"],
        json!({ "opportunity": null, "node": null, "opportunities": { "totalCount": 0 } })
    );

    let validated = world.opportunity("VALIDATED").await;
    let colleague = world
        .app
        .member(world.partner(), "colleague", &["ACCOUNT_MANAGER"])
        .await;
    let start = json!({ "id": validated, "version": "v1" });
    let name = with(at(&start), "ownerId", json!(colleague.member.global()));
    let named = world
        .done(&world.seller, "opportunityAssignOwner", name)
        .await;
    let lose = with(at(&named), "reasonCode", json!("COMPETITOR"));
    let over = world.done(&colleague, "opportunityLose", lose).await;
    assert_eq!(over["progressStage"], "LOST");
    world.pass(TimeDelta::days(60)).await;
    let query = "query($id: ID!) { opportunity(id: $id) { lossReason stalled owner { name } viewerPermissions { action
        allowed } } stalled: opportunities(where: { stalled: true, stalledForWorkingDays: 5 }) { totalCount }
        waiting: opportunities(where: { waitingOn: VENDOR, dueWithinWorkingDays: 3 }) { totalCount } }";
    let read = world.seller.ask(query, json!({ "id": over["id"] })).await;
    assert_eq!(read.at("/opportunity/lossReason"), "COMPETITOR");
    assert_eq!(read.at("/opportunity/owner/name"), "colleague");
    assert_eq!(
        (
            read.at("/opportunity/stalled"),
            read.at("/stalled/totalCount")
        ),
        (&json!(false), &json!(0))
    );
    assert_eq!(read.at("/waiting/totalCount"), 0);
    let permissions = read
        .at("/opportunity/viewerPermissions")
        .as_array()
        .unwrap();
    assert_eq!(permissions.len(), 16);
    assert!(
        permissions
            .iter()
            .all(|permission| permission["allowed"] == false),
        "it is over"
    );
}

/// R-OPP-32: what the partner shared and what the vendor shared are two lists, and nothing stands in both.
#[tokio::test]
async fn r_opp_32_the_two_lists_share_no_opportunity() {
    let world = World::new().await;
    world.differentiate().await;
    world
        .app
        .member(world.partner(), "administrator", &["SYSTEM_ADMIN"])
        .await;
    let developer = world.business_developer().await;
    let ours = world.submitted().await;
    let theirs = world
        .done(&developer, "opportunityShare", shared_with(world.partner()))
        .await;
    let lists = "{ ours: opportunities(where: { origin: PARTNER }) { nodes { id } }
        theirs: opportunities(where: { origin: VENDOR }) { nodes { id } } }";
    for caller in [&world.seller, &world.reviewer] {
        let read = caller.ask(lists, json!({})).await;
        assert_eq!(read.at("/ours/nodes"), &json!([{ "id": ours["id"] }]));
        assert_eq!(read.at("/theirs/nodes"), &json!([{ "id": theirs["id"] }]));
    }
}

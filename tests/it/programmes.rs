//! Programmes and paths through `POST /graphql`: what one sees before joining, joining, and the vendor's decision.

mod joining;
mod reviewing;

use chrono::TimeDelta;
use portico::ids::{OrganisationId, Tagged as _};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::support::app::{Caller, TestApp};
use crate::support::builders::{a_partner, the_vendor};

/// One partner that could join anything by its own account, another one, and the vendor's people.
pub(super) struct World {
    pub(super) app: TestApp,
    pub(super) admin: Caller,
    pub(super) finance: Caller,
    pub(super) rival: Caller,
    pub(super) reviewer: Caller,
    pub(super) vendor_admin: Caller,
}

impl World {
    pub(super) async fn new() -> Self {
        let app = TestApp::start().await;
        let mut owner = app.owner().await;
        let vendor = the_vendor().insert(&mut owner).await;
        let partner = a_partner("伙伴").insert(&mut owner).await;
        let rival = a_partner("另一伙伴").insert(&mut owner).await;
        let admin = app.member(partner, "ada", &["SYSTEM_ADMIN"]).await;
        sqlx::query("UPDATE organisations SET main_account_id = $2 WHERE id = $1")
            .bind(partner.0)
            .bind(admin.member.0)
            .execute(&mut owner)
            .await
            .unwrap();
        for organisation in [partner, rival] {
            account(
                &mut owner,
                organisation,
                ("ENTERPRISE", &["EMAIL_BOUND"]),
                None,
            )
            .await;
        }
        Self {
            admin,
            finance: app.member(partner, "fay", &["FINANCE"]).await,
            rival: app.member(rival, "rob", &["SYSTEM_ADMIN"]).await,
            reviewer: app.member(vendor, "vic", &["VENDOR_REVIEWER"]).await,
            vendor_admin: app.member(vendor, "val", &["VENDOR_ADMIN"]).await,
            app,
        }
    }

    pub(super) fn partner(&self) -> OrganisationId {
        self.admin.organisation
    }

    /// States of the partner's account.
    pub(super) async fn state(&self, real_name: &'static str, flags: &[&'static str]) {
        let mut owner = self.app.owner().await;
        account(&mut owner, self.partner(), (real_name, flags), None).await;
    }

    pub(super) async fn execute(&self, sql: &'static str) {
        let mut owner = self.app.owner().await;
        sqlx::query(sql)
            .bind(self.partner().0)
            .execute(&mut owner)
            .await
            .unwrap();
    }

    pub(super) async fn enrol(&self, programme: &'static str, state: &'static str) {
        let mut owner = self.app.owner().await;
        enrol(&mut owner, self.partner(), (programme, state)).await;
    }

    /// Time passes, and whoever was signed in for longer than a session lasts signs in again.
    pub(super) async fn pass(&mut self, by: TimeDelta) {
        self.app.clock.advance(by);
        for caller in [
            &mut self.admin,
            &mut self.finance,
            &mut self.rival,
            &mut self.reviewer,
            &mut self.vendor_admin,
        ] {
            *caller = self
                .app
                .signed_in(caller.identity, caller.organisation, caller.member)
                .await;
        }
    }

    /// Everything that joining and deciding could write.
    pub(super) async fn written(&self) -> Vec<i64> {
        let mut counts = Vec::new();
        for count in [
            "SELECT coalesce(sum(version), 0)::bigint FROM programme_memberships",
            "SELECT coalesce(sum(version), 0)::bigint FROM path_memberships",
            "SELECT coalesce(sum(version), 0)::bigint FROM programme_invitations",
            "SELECT count(*) FROM agreement_signatures",
            "SELECT count(*) FROM timeline_entries",
        ] {
            counts.push(self.app.count(count).await);
        }
        counts
    }

    /// Whether the partner may buy for itself, and what it is to the shop.
    pub(super) async fn shop(&self) -> (bool, Vec<String>, String) {
        let read = "{ organisation { identity purchaseEligibility { allowed reasons } } }";
        let answer = self.admin.ask(read, json!({})).await;
        let reasons = answer.at("/organisation/purchaseEligibility/reasons");
        let reasons = reasons.as_array().unwrap().iter();
        (
            answer
                .at("/organisation/purchaseEligibility/allowed")
                .as_bool()
                .unwrap(),
            reasons
                .map(|one| one.as_str().unwrap().to_owned())
                .collect(),
            answer.text("/organisation/identity"),
        )
    }

    pub(super) async fn apply(&self) -> Value {
        let payload = join(&self.admin, "CSP").await;
        assert_eq!(payload["errors"], json!([]), "{payload:#}");
        payload["membership"].clone()
    }
}

/// What the vendor states of an account, in place of anything it stated before.
pub(super) async fn account(
    owner: &mut PgConnection,
    organisation: OrganisationId,
    (real_name, flags): (&str, &[&str]),
    credit_code: Option<&str>,
) {
    sqlx::query(
        "INSERT INTO account_facts (organisation_id, id, real_name, flags, credit_code) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (organisation_id) DO UPDATE SET real_name = $3, flags = $4, credit_code = $5",
    )
    .bind(organisation.0)
    .bind(Uuid::now_v7())
    .bind(real_name)
    .bind(flags.iter().map(|&flag| flag.to_owned()).collect::<Vec<_>>())
    .bind(credit_code)
    .execute(owner)
    .await
    .unwrap();
}

pub(super) async fn enrol(
    owner: &mut PgConnection,
    organisation: OrganisationId,
    (programme, state): (&str, &str),
) {
    sqlx::query(
        "INSERT INTO programme_memberships (organisation_id, id, programme, state, valid_from)
         VALUES ($1, $2, $3, $4, '2026-01-01')
         ON CONFLICT (organisation_id, programme) DO UPDATE SET state = $4",
    )
    .bind(organisation.0)
    .bind(Uuid::now_v7())
    .bind(programme)
    .bind(state)
    .execute(owner)
    .await
    .unwrap();
}

const MEMBERSHIP: &str = "membership { id version state tier reason validFrom validUntil
    signature { agreement version signedBy { name } signedAt } }";

fn consent(mut input: Value) -> Value {
    input["agreementVersion"] = json!(1);
    input["isCommitmentConfirmed"] = json!(true);
    input["isAgreementAccepted"] = json!(true);
    input
}

pub(super) async fn join(caller: &Caller, programme: &str) -> Value {
    let input = consent(json!({ "programme": programme }));
    caller.change("programmeJoin", MEMBERSHIP, input).await
}

pub(super) async fn choose(caller: &Caller, path: &str) -> Value {
    let input = consent(json!({ "path": path }));
    let selection = "membership { id version state stage signature { agreement version } }";
    caller.change("pathJoin", selection, input).await
}

pub(super) fn of(membership: &Value) -> Value {
    json!({ "programmeMembershipId": membership["id"], "expectedVersion": membership["version"] })
}

pub(super) async fn decide(caller: &Caller, verb: &str, input: Value) -> Value {
    caller
        .change(&format!("programmeApplication{verb}"), MEMBERSHIP, input)
        .await
}

const OFFERS: &str = "query($id: ID) { programmes(organisationId: $id) { programme isByInvitation isReviewed
    agreement { code version title commitment body } invitation { id state }
    membership { id state } ecosystemManager { name contact }
    canJoin { allowed blockers { removableBy error { __typename reason message
        ... on VendorHelpNeeded { contactName contact } } } } }
  paths(organisationId: $id) { path canJoin { allowed blockers { error { reason } } } membership { id stage } } }";

/// What the flag says of joining a programme or path.
pub(super) async fn offer(caller: &Caller, code: &str) -> Value {
    let answer = caller.ask(OFFERS, json!({})).await;
    let all = |field: &str| answer.at(field).as_array().unwrap().clone();
    all("/programmes")
        .into_iter()
        .find(|one| one["programme"] == code)
        .or_else(|| all("/paths").into_iter().find(|one| one["path"] == code))
        .unwrap()
}

/// The reasons that a flag gives, in order.
pub(super) fn blockers(offer: &Value) -> Vec<&str> {
    let all = offer["canJoin"]["blockers"].as_array().unwrap().iter();
    all.map(|one| one["error"]["reason"].as_str().unwrap())
        .collect()
}

pub(super) async fn invite(caller: &Caller, organisation: OrganisationId, target: Value) -> Value {
    let mut input = target;
    input["organisationId"] = json!(organisation.global());
    let selection =
        "invitation { id version state expiresAt viewerPermissions { canRevoke { allowed } } }";
    caller.change("programmeInvite", selection, input).await
}

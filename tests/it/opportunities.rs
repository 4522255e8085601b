//! Opportunities through `POST /graphql`: from the draft to the vendor's review, and what is refused on the way.

mod catalogue;
mod inputs;
mod lifecycle;
mod reading;
mod refusals;
mod standing;

use portico::ids::{OfferingId, OpportunityId, OrganisationId, Tagged as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{Caller, TestApp, reasons};
use crate::support::builders::{a_partner, a_reseller, an_opportunity, fresh, the_vendor};

const ID: &str = "opportunity { id }";

/// A partner's salesperson, another partner's, and the vendor's reviewer.
struct World {
    app: TestApp,
    seller: Caller,
    rival: Caller,
    reviewer: Caller,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let mut owner = app.owner().await;
        let partner = a_partner("伙伴").insert(&mut owner).await;
        let other = a_partner("另一伙伴").insert(&mut owner).await;
        sqlx::query(
            "INSERT INTO offerings (organisation_id, id, code, name, kind, demand_tags, state)
             VALUES ($1, $2, 'OFF-1', '上云方案', 'BASELINE_SOLUTION', '{migration}', 'ACTIVE')",
        )
        .bind(partner.0)
        .bind(OFFERING.0)
        .execute(&mut owner)
        .await
        .unwrap();
        let vendor = the_vendor().insert(&mut owner).await;
        Self {
            seller: app
                .member(partner, "seller", &["ACCOUNT_MANAGER", "OPERATOR"])
                .await,
            rival: app.member(other, "rival", &["SYSTEM_ADMIN"]).await,
            reviewer: app.member(vendor, "reviewer", &["VENDOR_REVIEWER"]).await,
            app,
        }
    }

    fn partner(&self) -> OrganisationId {
        self.seller.organisation
    }

    /// A complete opportunity of the seller's in this state, by its global id.
    async fn opportunity(&self, state: &'static str) -> String {
        let builder = an_opportunity(self.partner(), self.seller.member).state(state);
        builder.insert(&mut self.app.owner().await).await.global()
    }
}

/// One of the seller's partner's, beside the one that every partner has.
const OFFERING: OfferingId = OfferingId(Uuid::from_u128(0x0ff));

/// Everything that a submission needs.
fn complete() -> Value {
    json!({
        "name": "仓储系统上云",
        "description": "Moves the warehouse system into the cloud.",
        "customerName": "长河物流",
        "customerRegion": "华东",
        "customerIndustry": "物流",
        "expectedRevenue": { "amount": "500000.50", "currency": "CNY" },
        "budget": { "amount": "800000", "currency": "CNY" },
        "decisionMaker": "Head of IT",
        "need": "A warehouse that is never down",
        "purchaseOn": "2027-03-31",
        "contacts": [{ "name": "王工", "email": "wang@customer.example" }],
        "customerConsentConfirmed": true,
        "offeringIds": [OFFERING.global()],
        "preSalesActivities": ["CUSTOMER_VISIT", "SOLUTION_TALK"]
    })
}

fn fresh_key() -> Uuid {
    fresh::<OpportunityId>().0
}

fn of(id: &Value, version: &Value) -> Value {
    json!({ "opportunityId": id, "expectedVersion": version })
}

fn with(mut input: Value, field: &str, value: Value) -> Value {
    input[field] = value;
    input
}

/// Reason and path of each error, and that a refused change answers no object.
fn refused(payload: &Value) -> Vec<(String, String)> {
    assert!(
        payload["opportunity"].is_null() && payload["replayed"] == false,
        "{payload:#}"
    );
    let errors = payload["errors"].as_array().unwrap().iter();
    let path = |error: &Value| {
        let steps = error["path"].as_array().unwrap().iter();
        steps
            .map(|step| step.as_str().unwrap())
            .collect::<Vec<_>>()
            .join(".")
    };
    errors
        .map(|error| (error["reason"].as_str().unwrap().to_owned(), path(error)))
        .collect()
}

fn one(reason: &str, path: &str) -> Vec<(String, String)> {
    vec![(reason.to_owned(), path.to_owned())]
}

impl World {
    /// How much was written: versions of opportunities and entries of histories.
    async fn written(&self) -> (i64, i64) {
        (
            self.app
                .count("SELECT coalesce(sum(version), 0)::bigint FROM opportunities")
                .await,
            self.app
                .count("SELECT count(*) FROM timeline_entries")
                .await,
        )
    }
}

#[tokio::test]
async fn a_draft_is_opened_submitted_refused_mended_and_passed() {
    let world = World::new().await;
    let selection =
        "opportunity { id version reviewState reviewRound rejectionReason submittedAt reviewedAt }";
    let (seller, reviewer) = (&world.seller, &world.reviewer);

    let created = seller
        .change("opportunityCreate", selection, complete())
        .await;
    let id = created["opportunity"]["id"].clone();
    let submitted = seller
        .change(
            "opportunitySubmit",
            selection,
            of(&id, &created["opportunity"]["version"]),
        )
        .await;
    let reject = with(
        of(&id, &submitted["opportunity"]["version"]),
        "reason",
        json!(" 请补充预算依据 "),
    );
    let rejected = reviewer
        .change("opportunityReviewReject", selection, reject)
        .await;
    let update = with(
        of(&id, &rejected["opportunity"]["version"]),
        "need",
        json!("Two sites"),
    );
    let updated = seller.change("opportunityUpdate", selection, update).await;
    let again = seller
        .change(
            "opportunitySubmit",
            selection,
            of(&id, &updated["opportunity"]["version"]),
        )
        .await;
    let passed = reviewer
        .change(
            "opportunityReviewApprove",
            selection,
            of(&id, &again["opportunity"]["version"]),
        )
        .await;

    let steps = [&created, &submitted, &rejected, &updated, &again, &passed].map(|payload| {
        assert_eq!(
            (&payload["errors"], &payload["replayed"]),
            (&json!([]), &json!(false))
        );
        let now = &payload["opportunity"];
        json!([
            now["version"],
            now["reviewState"],
            now["reviewRound"],
            now["rejectionReason"]
        ])
    });
    assert_eq!(
        steps,
        [
            json!(["v1", "DRAFT", 0, null]),
            json!(["v2", "UNDER_REVIEW", 1, null]),
            json!(["v3", "REVIEW_REJECTED", 1, "请补充预算依据"]),
            json!(["v4", "REVIEW_REJECTED", 1, "请补充预算依据"]),
            json!(["v5", "UNDER_REVIEW", 2, null]),
            json!(["v6", "UNDER_VALIDATION", 2, null]),
        ]
    );
    assert_eq!(
        passed["opportunity"]["reviewedAt"],
        "2026-11-23T02:00:00+00:00"
    );
}

#[tokio::test]
async fn what_was_written_is_read_back() {
    let world = World::new().await;
    let mut owner = world.app.owner().await;
    let company = a_partner("经销商").insert(&mut owner).await;
    let reseller = a_reseller(&mut owner, company, world.partner()).await;
    let input = with(complete(), "resellerId", json!(reseller.global()));
    let input = with(input, "externalReference", json!("CRM-1"));
    let created = world
        .seller
        .change("opportunityCreate", "opportunity { id }", input)
        .await;

    let query = "query($id: ID!) { opportunity(id: $id) {
        number origin name description customerName customerRegion customerIndustry decisionMaker need purchaseOn
        expectedRevenue { amount currency } budget { amount currency } contacts { name phone email }
        customerConsentConfirmed externalReference progressStage createdAt updatedAt
        owner { name } reseller { organisation { name } } organisation { name } } }";
    let answer = world
        .seller
        .ask(query, json!({ "id": created["opportunity"]["id"] }))
        .await;

    let mut found = answer.at("/opportunity").clone();
    assert!(
        found["number"]
            .take()
            .as_str()
            .unwrap()
            .starts_with("OPP-2026-")
    );
    let expected = json!({
        "number": null, "origin": "PARTNER", "name": "仓储系统上云",
        "description": "Moves the warehouse system into the cloud.",
        "customerName": "长河物流", "customerRegion": "华东", "customerIndustry": "物流",
        "decisionMaker": "Head of IT", "need": "A warehouse that is never down", "purchaseOn": "2027-03-31",
        "expectedRevenue": { "amount": "500000.5", "currency": "CNY" },
        "budget": { "amount": "800000", "currency": "CNY" },
        "contacts": [{ "name": "王工", "phone": null, "email": "wang@customer.example" }],
        "customerConsentConfirmed": true, "externalReference": "CRM-1", "progressStage": null,
        "createdAt": "2026-11-23T02:00:00+00:00", "updatedAt": "2026-11-23T02:00:00+00:00",
        "owner": { "name": "seller" }, "reseller": { "organisation": { "name": "经销商" } },
        "organisation": { "name": "伙伴" }
    });
    assert_eq!(found, expected);
}

#[tokio::test]
async fn an_update_leaves_what_is_absent_and_clears_what_is_null() {
    let world = World::new().await;
    let created = world
        .seller
        .change("opportunityCreate", "opportunity { id }", complete())
        .await;
    let update = with(
        of(&created["opportunity"]["id"], &json!("v1")),
        "budget",
        Value::Null,
    );
    let update = with(update, "need", Value::Null);
    let selection =
        "opportunity { version need budget { amount } decisionMaker expectedRevenue { amount } }";

    let updated = world
        .seller
        .change("opportunityUpdate", selection, update)
        .await;

    let expected = json!({
        "version": "v2", "need": "", "budget": null, "decisionMaker": "Head of IT",
        "expectedRevenue": { "amount": "500000.5" }
    });
    assert_eq!(updated["opportunity"], expected);
}

#[tokio::test]
async fn a_replay_answers_the_object_as_it_is_now() {
    let world = World::new().await;
    let key = fresh_key();
    let create = || {
        world.seller.change_under(
            key,
            "opportunityCreate",
            "opportunity { id name }",
            complete(),
        )
    };
    let created = create().await;
    let rename = with(
        of(&created["opportunity"]["id"], &json!("v1")),
        "name",
        json!("二期"),
    );
    world
        .seller
        .change("opportunityUpdate", "opportunity { id }", rename)
        .await;

    let replayed = create().await;

    assert_eq!(replayed["replayed"], true);
    assert_eq!(
        replayed["opportunity"],
        json!({ "id": created["opportunity"]["id"], "name": "二期" })
    );
    assert_eq!(
        world.app.count("SELECT count(*) FROM opportunities").await,
        1
    );
}

#[tokio::test]
async fn fifty_parallel_requests_of_one_key_make_one_opportunity() {
    let world = World::new().await;
    let key = fresh_key();
    let requests = (0..50).map(|_| {
        world
            .seller
            .change_under(key, "opportunityCreate", "opportunity { id }", complete())
    });

    let answers = futures_util::future::join_all(requests).await;

    let fresh = answers.iter().filter(|answer| answer["replayed"] == false);
    assert_eq!(fresh.count(), 1);
    assert!(
        answers
            .iter()
            .all(|answer| answer["opportunity"] == answers[0]["opportunity"])
    );
    assert_eq!(
        world.app.count("SELECT count(*) FROM opportunities").await,
        1
    );
}

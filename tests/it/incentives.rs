//! Incentives as a client of the graph meets them.

use chrono::{DateTime, TimeDelta, Utc};
use portico::ids::Tagged as _;
use serde_json::json;

use crate::support::app::{Caller, TestApp};
use crate::support::builders::{a_partner, a_person, a_reseller, an_incentive, the_vendor};

const ONE: &str = "query($id: ID!) { incentive(id: $id) { state variant serviceMonth amount { amount currency }
    organisation { name } opportunity { id } specialists { name position baseLocation startedOn state }
    deadline { dueUntil lastDayOn timeZone unit length outcomeOnExpiry state } } node(id: $id) { id } }";
const IN_STATE: &str = "query($state: [IncentiveState!]) { incentives(where: { state: $state },
    sort: { field: DUE_UNTIL, direction: ASCENDING }) { totalCount nodes { id state deadline { state } } } }";

/// Midnight in Shanghai after Friday, 27 November 2026.
fn due() -> DateTime<Utc> {
    "2026-11-27T16:00:00Z".parse().unwrap()
}

async fn a_caller(app: &TestApp) -> Caller {
    let partner = a_partner("伙伴").insert(&mut app.owner().await).await;
    app.member(partner, "finance", &["FINANCE"]).await
}

#[tokio::test]
async fn an_incentive_reads_with_its_amount_deadline_and_specialists() {
    let app = TestApp::start().await;
    let caller = a_caller(&app).await;
    let mut owner = app.owner().await;
    let person = a_person(&mut owner, caller.organisation, "专员甲").await;
    let id = an_incentive(&mut owner, caller.organisation, due(), &[person]).await;

    let read = caller.ask(ONE, json!({ "id": id.global() })).await;

    assert_eq!(
        read.at("/incentive"),
        &json!({
            "state": "PENDING_CONFIRM",
            "variant": "SERVICE_EXPERT",
            "serviceMonth": "2026-10-01",
            "amount": { "amount": "30000", "currency": "CNY" },
            "organisation": { "name": "伙伴" },
            "opportunity": null,
            "specialists": [{
                "name": "专员甲",
                "position": "Solution Architect",
                "baseLocation": "北京",
                "startedOn": "2025-01-01",
                "state": "DEDICATED",
            }],
            "deadline": {
                "dueUntil": "2026-11-27T16:00:00+00:00",
                "lastDayOn": "2026-11-27",
                "timeZone": "Asia/Shanghai",
                "unit": "WORKING_DAY",
                "length": 14,
                "outcomeOnExpiry": "LAPSE",
                "state": "RUNNING",
            },
        })
    );
    assert_eq!(read.text("/node/id"), id.global());
}

#[tokio::test]
async fn r_fh_7_state_deadline_and_filter_change_together_at_the_first_instant_that_is_too_late() {
    let app = TestApp::start().await;
    // The session begins at the last moment; it would end if the caller waited for it.
    app.clock
        .advance(due() - app.now() - TimeDelta::microseconds(1));
    let caller = a_caller(&app).await;
    let mut owner = app.owner().await;
    an_incentive(&mut owner, caller.organisation, due(), &[]).await;
    let seen = async |state: &str| {
        let answer = caller.ask(IN_STATE, json!({ "state": [state] })).await;
        let nodes = answer.at("/incentives/nodes").as_array().unwrap().clone();
        assert_eq!(answer.at("/incentives/totalCount"), &json!(nodes.len()));
        assert!(nodes.iter().all(|node| node["state"] == state), "{nodes:?}");
        nodes.first().map(|node| node["deadline"]["state"].clone())
    };

    assert_eq!(seen("PENDING_CONFIRM").await, Some(json!("RUNNING")));
    assert_eq!(seen("LAPSED").await, None);

    app.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(seen("PENDING_CONFIRM").await, None);
    assert_eq!(seen("LAPSED").await, Some(json!("EXPIRED")));
    // Nothing was written: reading alone makes it so.
    let stored = "SELECT count(*) FROM incentives WHERE state = 'PENDING_CONFIRM'";
    assert_eq!(app.count(stored).await, 1);
}

#[tokio::test]
async fn a_distributor_never_sees_what_its_reseller_is_paid() {
    let app = TestApp::start().await;
    let mut owner = app.owner().await;
    let distributor = a_partner("总经销").insert(&mut owner).await;
    let distributor = app.member(distributor, "admin", &["SYSTEM_ADMIN"]).await;
    let reseller = a_caller(&app).await;
    a_reseller(&mut owner, reseller.organisation, distributor.organisation).await;
    let id = an_incentive(&mut owner, reseller.organisation, due(), &[]).await;

    let read = distributor.ask(ONE, json!({ "id": id.global() })).await;
    let unknown = distributor
        .ask(ONE, json!({ "id": "inc_AAAAAAAAAAAAAAAAAAAAAA" }))
        .await;
    let listed = distributor.ask(IN_STATE, json!({})).await;

    assert_eq!(read.body["data"], unknown.body["data"]);
    assert!(read.at("/incentive").is_null() && read.at("/node").is_null());
    assert_eq!(listed.at("/incentives/totalCount"), &json!(0));
}

#[tokio::test]
async fn the_vendors_incentive_operator_sees_all_and_its_reviewer_none() {
    let app = TestApp::start().await;
    let mut owner = app.owner().await;
    let vendor = the_vendor().insert(&mut owner).await;
    let operator = app
        .member(vendor, "operator", &["VENDOR_INCENTIVE_OPERATOR"])
        .await;
    let reviewer = app.member(vendor, "reviewer", &["VENDOR_REVIEWER"]).await;
    let partner = a_caller(&app).await;
    let id = an_incentive(&mut owner, partner.organisation, due(), &[]).await;

    let listed = operator.ask(IN_STATE, json!({})).await;
    let refused = reviewer.ask(IN_STATE, json!({})).await.body;
    let hidden = reviewer
        .ask(
            "query($id: ID!) { node(id: $id) { id } }",
            json!({ "id": id.global() }),
        )
        .await;

    assert_eq!(listed.at("/incentives/totalCount"), &json!(1));
    assert_eq!(
        refused["errors"][0]["extensions"]["reason"],
        "PERMISSION_MISSING"
    );
    assert!(hidden.at("/node").is_null());
}

#[tokio::test]
async fn conditions_narrow_the_list_and_reversed_months_are_refused() {
    let app = TestApp::start().await;
    let caller = a_caller(&app).await;
    let mut owner = app.owner().await;
    for days in 0..3 {
        an_incentive(
            &mut owner,
            caller.organisation,
            due() + TimeDelta::days(days),
            &[],
        )
        .await;
    }
    let query = "query($where: IncentiveWhere) { incentives(where: $where) { totalCount } }";
    let total = async |condition| {
        let answer = caller.ask(query, json!({ "where": condition })).await;
        answer.at("/incentives/totalCount").clone()
    };

    assert_eq!(total(json!({})).await, 3);
    assert_eq!(
        total(json!({ "dueBefore": due() + TimeDelta::days(1) })).await,
        1
    );
    assert_eq!(
        total(json!({ "variant": ["CCOE", "SERVICE_EXPERT"] })).await,
        3
    );
    assert_eq!(total(json!({ "variant": ["CCOE"] })).await, 0);
    assert_eq!(total(json!({ "state": [] })).await, 0);
    assert_eq!(
        total(json!({ "serviceMonth": { "from": "2026-10-01", "to": "2026-10-01" } })).await,
        3
    );
    assert_eq!(
        total(json!({ "serviceMonth": { "to": "2026-09-30" } })).await,
        0
    );
    let ancient = json!({ "dueBefore": "-9999-01-01T00:00:00Z" });
    assert_eq!(total(ancient).await, 0);
    let reversed = json!({ "serviceMonth": { "from": "2026-10-02", "to": "2026-10-01" } });
    let refused = caller.ask(query, json!({ "where": reversed })).await.body;
    assert_eq!(
        refused["errors"][0]["extensions"]["reason"],
        "SERVICE_MONTHS_REVERSED"
    );
}

#[tokio::test]
async fn the_specialists_of_a_page_are_one_statement() {
    let app = TestApp::start().await;
    let caller = a_caller(&app).await;
    let mut owner = app.owner().await;
    for count in 1..=4 {
        let mut persons = Vec::new();
        for number in 0..count {
            persons
                .push(a_person(&mut owner, caller.organisation, &format!("专员 {number}")).await);
        }
        an_incentive(&mut owner, caller.organisation, due(), &persons).await;
    }
    let query = "{ incentives { nodes { specialists { name } } } }";
    caller.ask(query, json!({})).await.at("/incentives");

    let before = app.app.db.statements();
    let listed = caller.ask(query, json!({})).await;

    // The scope, the page, its deadlines and the persons.
    assert_eq!(app.app.db.statements() - before, 4);
    let nodes = listed.at("/incentives/nodes").as_array().unwrap();
    let persons: usize = nodes
        .iter()
        .map(|node| node["specialists"].as_array().unwrap().len())
        .sum();
    assert_eq!(persons, 10);
}

//! The demo data through the graph: what the demo's people see when they have signed in.

use portico::ids::{IdentityId, IdpId, MemberId, OrganisationId, Tagged as _};
use portico::seed::{self, Plan};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{Caller, NOW, TestApp};

const ALL_DOMAINS: &str = "{
    opportunities(first: 100) { totalCount nodes { number reviewState owner { name } reseller { number } } }
    resellers(first: 100) { totalCount nodes { state organisation { name } distributor { name } accountManager { name } } }
    incentives(first: 100) { totalCount nodes { state amount { amount } organisation { name }
        opportunity { number } specialists { name } deadline { state } } } }";

async fn seeded() -> TestApp {
    let app = TestApp::start().await;
    let mut owner = app.owner().await;
    let plan = Plan {
        organisations: 20,
        opportunities: 300,
        seed: 1,
        now: NOW.parse().unwrap(),
    };
    seed::demo(&mut owner, &plan, |_, _| {}).await.unwrap();
    let idp = IdpId::from_uuid(Uuid::from_u128(1));
    sqlx::query(
        "INSERT INTO identity_providers (id, entity_id, display_name, metadata, created_at)
         VALUES ($1, 'https://iam.example', 'IAM', '<none/>', $2)",
    )
    .bind(idp.0)
    .bind(plan.now)
    .execute(&mut owner)
    .await
    .unwrap();
    seed::link_demo_users(&mut owner, idp, plan.now)
        .await
        .unwrap();
    app
}

/// The demo user of this name, signed in.
async fn demo_user(app: &TestApp, user: &str) -> Caller {
    let user = seed::DEMO_USERS.iter().find(|it| it.user == user).unwrap();
    let (identity, organisation, member): (Uuid, Uuid, Uuid) = sqlx::query_as(
        "SELECT identity_id, organisation_id, member_id FROM identity_links
         JOIN federated_identities ON federated_identities.id = identity_id WHERE subject = $1",
    )
    .bind(user.subject)
    .fetch_one(&mut app.owner().await)
    .await
    .unwrap();
    let (organisation, member) = (OrganisationId(organisation), MemberId(member));
    app.signed_in(IdentityId(identity), organisation, member)
        .await
}

fn nodes<'a>(answer: &'a crate::support::person::Answer, list: &str) -> &'a Vec<Value> {
    answer.at(&format!("/{list}/nodes")).as_array().unwrap()
}

#[tokio::test]
async fn the_administrator_of_the_distributor_sees_all_four_domains() {
    let app = seeded().await;
    let admin = demo_user(&app, "admin@partner").await;

    let seen = admin.ask(ALL_DOMAINS, json!({})).await;

    // The graph's readers accept every row of the seed: a state and its dates that do not fit are an internal error.
    assert!(nodes(&seen, "opportunities").len() > 30);
    assert!(nodes(&seen, "resellers").len() >= 3);
    let incentives = nodes(&seen, "incentives");
    let is = |state: &str| {
        incentives
            .iter()
            .any(|node| node["deadline"]["state"] == state)
    };
    assert!(is("RUNNING") && is("EXPIRED") && is("MET"));
    assert!(incentives.iter().any(|node| !node["opportunity"].is_null()));
    assert!(
        incentives
            .iter()
            .any(|node| !node["specialists"][0]["name"].is_null())
    );
}

#[tokio::test]
async fn every_seeded_row_can_be_read_by_the_vendor() {
    let app = seeded().await;
    let reviewer = demo_user(&app, "reviewer@vendor").await;
    let query = "query($after: String) { opportunities(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor } nodes { reviewState name owner { name } organisation { name } } } }";
    let (mut after, mut total) = (Value::Null, 0);
    loop {
        let page = reviewer.ask(query, json!({ "after": after })).await;
        total += nodes(&page, "opportunities").len();
        after = page.at("/opportunities/pageInfo/endCursor").clone();
        if page.at("/opportunities/pageInfo/hasNextPage") == &json!(false) {
            break;
        }
    }
    let visible = "SELECT count(*) FROM opportunities WHERE review_state <> 'DRAFT'";
    assert_eq!(
        i64::try_from(total).unwrap(),
        app.count(visible).await,
        "R-OPP-10"
    );
}

#[tokio::test]
async fn the_demo_reseller_has_the_demo_account_manager() {
    let app = seeded().await;
    let reseller = demo_user(&app, "admin@reseller").await;

    let seen = reseller
        .ask(
            "{ resellers { nodes { state distributor { name } accountManager { name } } } }",
            json!({}),
        )
        .await;

    assert_eq!(
        seen.at("/resellers/nodes"),
        &json!([{
            "state": "ACTIVE",
            "distributor": { "name": "杭州澜岫数字科技有限公司" },
            "accountManager": { "name": "陆承远" },
        }])
    );
}

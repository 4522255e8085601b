//! Who is signed in, as the wire shows it: the viewer, the cookie, and the end of both.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use portico::db::{Acting, Scope};
use portico::identity::service_accounts::{self, NewServiceAccount, ServiceToken};
use portico::identity::sessions::{self, RevokedBecause};
use portico::ids::{MemberId, Tagged as _};
use portico::viewer::Permission;
use reqwest::{Client, Response, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::support::app::{Caller, TestApp, reasons};
use crate::support::builders::{a_link, a_member, a_partner};

const WHO: &str = "{
    viewer {
        __typename
        ... on Member { id }
        ... on FederatedIdentity { email memberLink { state reason message organisationName } memberships { memberId } }
        ... on ServiceAccount { name permissions organisation { name } }
    }
    session { expiresAt idleTimeoutAt authenticatedAt identity { memberships { organisationName isCurrent } } }
}";

/// Sends a query with these credentials and nothing else that a browser would send by itself.
async fn send(app: &TestApp, credentials: (&str, &str), body: Value) -> Response {
    let request = Client::new()
        .post(app.base.join("/graphql").unwrap())
        .header(credentials.0, credentials.1)
        .header("x-portico-csrf", "1")
        .header("origin", app.base.origin().ascii_serialization())
        .json(&body);
    request.send().await.unwrap()
}

fn acting() -> Acting {
    Acting {
        actor: "test".to_owned(),
        correlation_id: "test".to_owned(),
    }
}

#[tokio::test]
async fn a_person_without_a_member_reads_only_about_themselves_and_why() {
    let app = TestApp::start().await;
    let stranger = app.stranger("zhang").await;

    let answer = stranger.ask(WHO, json!({})).await;

    assert_eq!(answer.text("/viewer/__typename"), "FederatedIdentity");
    assert_eq!(answer.text("/viewer/memberLink/state"), "NEVER_LINKED");
    assert!(
        answer
            .text("/viewer/memberLink/message")
            .contains("administrator")
    );
    assert_eq!(answer.at("/viewer/memberships"), &json!([]));
    let session = answer.at("/session");
    assert_eq!(session["expiresAt"], json!("2026-11-23T14:00:00+00:00"));
    assert_eq!(session["idleTimeoutAt"], json!("2026-11-23T02:30:00+00:00"));
}

#[tokio::test]
async fn a_person_acts_as_another_member_by_a_new_cookie_and_the_old_one_is_dead() {
    let app = TestApp::start().await;
    let mut owner = app.owner().await;
    let (first, second) = (
        a_partner("第一").insert(&mut owner).await,
        a_partner("第二").insert(&mut owner).await,
    );
    let caller = app.member(first, "li", &["FINANCE"]).await;
    let other = a_member(second, "li")
        .roles(&["FINANCE"])
        .insert(&mut owner)
        .await;
    a_link(&mut owner, caller.identity, second, other).await;

    let response = send(&app, ("cookie", &caller.cookie), act_as(other)).await;
    let cookie = response.headers()["set-cookie"]
        .to_str()
        .unwrap()
        .to_owned();
    let answer: Value = response.json().await.unwrap();
    assert_eq!(
        answer["data"]["sessionActAs"]["errors"],
        json!([]),
        "{answer:#}"
    );
    assert_eq!(
        answer["data"]["sessionActAs"]["membership"]["organisationName"],
        "第二"
    );
    assert!(
        cookie.ends_with("Path=/; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );

    let cookie = cookie.split(';').next().unwrap();
    assert_ne!(cookie, caller.cookie);
    let now: Value = send(&app, ("cookie", cookie), json!({ "query": WHO }))
        .await
        .json()
        .await
        .unwrap();
    let current = now["data"]["session"]["identity"]["memberships"]
        .as_array()
        .unwrap();
    assert_eq!(
        current[1],
        json!({ "organisationName": "第二", "isCurrent": true }),
        "{now:#}"
    );
    signed_out_within_a_second(&app, &caller).await;
}

fn act_as(member: MemberId) -> Value {
    let query = "mutation($input: SessionActAsInput!) {
        sessionActAs(input: $input) { membership { organisationName } errors { reason } }
    }";
    let key = "018f0000-0000-7000-8000-000000000001";
    json!({ "query": query, "variables": { "input": { "memberId": member.global(), "idempotencyKey": key } } })
}

/// Asks until the answer is 401, which also clears the cookie.
async fn signed_out_within_a_second(app: &TestApp, caller: &Caller) {
    let start = Instant::now();
    loop {
        let response = send(app, ("cookie", &caller.cookie), json!({ "query": WHO })).await;
        if response.status() == StatusCode::UNAUTHORIZED {
            let cleared = response.headers()["set-cookie"].to_str().unwrap();
            assert!(cleared.contains("=; Max-Age=0"), "{cleared}");
            return;
        }
        assert!(
            start.elapsed() < Duration::from_secs(1),
            "still signed in after a second"
        );
    }
}

#[tokio::test]
async fn acting_as_somebody_elses_member_is_refused_and_the_session_goes_on() {
    let app = TestApp::start().await;
    let partner = a_partner("甲").insert(&mut app.owner().await).await;
    let (caller, other) = (
        app.member(partner, "li", &["FINANCE"]).await,
        app.member(partner, "wang", &["FINANCE"]).await,
    );

    let input = json!({ "memberId": other.member.global() });
    let payload = caller
        .change("sessionActAs", "membership { memberId }", input)
        .await;

    assert_eq!(reasons(&payload), ["MEMBERSHIP_NOT_FOUND"]);
    assert_eq!(
        caller.ask(WHO, json!({})).await.text("/viewer/__typename"),
        "Member"
    );
}

#[tokio::test]
async fn a_revoked_member_is_signed_out_within_a_second() {
    let app = TestApp::start().await;
    let partner = a_partner("甲").insert(&mut app.owner().await).await;
    let caller = app.member(partner, "li", &["FINANCE"]).await;
    assert_eq!(
        caller.ask(WHO, json!({})).await.text("/viewer/__typename"),
        "Member"
    );

    let mut tx = app
        .app
        .db
        .begin(&Scope::Own(partner), &acting())
        .await
        .unwrap();
    sessions::revoke_of_member(&mut tx, caller.member, RevokedBecause::Administrator)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    signed_out_within_a_second(&app, &caller).await;
}

#[tokio::test]
async fn a_person_sees_where_he_is_signed_in_and_ends_one_or_all() {
    const SESSIONS: &str = "{ sessions { id isCurrent organisationName userAgent lastUsedAt
        viewerPermissions { canEnd { allowed } } } }";
    let app = TestApp::start().await;
    let partner = a_partner("甲").insert(&mut app.owner().await).await;
    let here = app.member(partner, "li", &["FINANCE"]).await;
    let other = app.member(partner, "wang", &["FINANCE"]).await;
    let again = async || app.signed_in(here.identity, partner, here.member).await;
    let (phone, tablet) = (again().await, again().await);

    let listed = here.ask(SESSIONS, json!({})).await;
    let of_phone = phone.ask("{ session { id } }", json!({})).await;
    let nodes = listed.at("/sessions").as_array().unwrap();
    assert_eq!(nodes.len(), 3, "{nodes:?}");
    assert_eq!(nodes.iter().filter(|it| it["isCurrent"] == true).count(), 1);
    assert!(nodes.iter().all(|it| it["organisationName"] == "甲"));
    assert_eq!(nodes[0]["viewerPermissions"]["canEnd"]["allowed"], true);

    let input = json!({ "sessionId": of_phone.text("/session/id") });
    let not_hers = other.change("sessionEnd", "sessionId", input.clone()).await;
    assert_eq!(reasons(&not_hers), ["SESSION_NOT_FOUND"]);
    let ended = here.change("sessionEnd", "sessionId", input.clone()).await;
    assert_eq!(ended["sessionId"], input["sessionId"]);
    signed_out_within_a_second(&app, &phone).await;
    let twice = here.change("sessionEnd", "sessionId", input).await;
    assert_eq!(reasons(&twice), ["SESSION_NOT_FOUND"]);

    let ended = here.change("sessionEndAll", "ended", json!({})).await;
    assert_eq!(ended["ended"], 1);
    signed_out_within_a_second(&app, &tablet).await;
    let left = here.ask(SESSIONS, json!({})).await;
    assert_eq!(left.at("/sessions").as_array().unwrap().len(), 1);
    assert_eq!(other.ask(WHO, json!({})).await.status, StatusCode::OK);
    let ended = here
        .change("sessionEndAll", "ended", json!({ "keepCurrent": false }))
        .await;
    assert_eq!(ended["ended"], 1);
    signed_out_within_a_second(&app, &here).await;
}

#[tokio::test]
async fn a_session_is_over_when_its_idle_time_is() {
    let app = TestApp::start().await;
    let caller = app.stranger("zhang").await;
    app.clock
        .advance(TimeDelta::minutes(30) - TimeDelta::seconds(1));
    let last = caller.ask("{ session { idleTimeoutAt } }", json!({})).await;
    assert_eq!(last.status, StatusCode::OK);

    app.clock.advance(TimeDelta::minutes(30));
    let answer = caller.ask("{ session { idleTimeoutAt } }", json!({})).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        answer.body["errors"][0]["extensions"]["code"],
        "UNAUTHENTICATED"
    );
    assert!(answer.body["errors"][0]["extensions"]["loginUrl"].is_string());
}

#[tokio::test]
async fn a_planted_cookie_is_nobodys() {
    let app = TestApp::start().await;
    let port = app.base.port().unwrap();
    for value in [
        "A".repeat(43),
        String::new(),
        "x".repeat(4_000),
        "%00".to_owned(),
    ] {
        let cookie = format!("portico_session_{port}={value}");
        let response = send(&app, ("cookie", &cookie), json!({ "query": WHO })).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{value}");
    }
}

#[tokio::test]
async fn a_service_account_is_the_viewer_of_its_bearer_token() {
    let app = TestApp::start().await;
    let partner = a_partner("甲").insert(&mut app.owner().await).await;
    let token = ServiceToken::fresh().unwrap();
    let account = NewServiceAccount {
        organisation: partner,
        name: "Export",
        permissions: BTreeSet::from([Permission::ReadIncentives]),
        created_by: None,
        expires_at: app.now() + TimeDelta::days(1),
    };
    let mut tx = app
        .app
        .db
        .begin(&Scope::Own(partner), &acting())
        .await
        .unwrap();
    service_accounts::create(&mut tx, account, &token)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let bearer = format!("Bearer {}", token.text().expose_secret());

    let answer: Value = send(&app, ("authorization", &bearer), json!({ "query": WHO }))
        .await
        .json()
        .await
        .unwrap();

    let viewer = &answer["data"]["viewer"];
    assert_eq!(viewer["__typename"], "ServiceAccount", "{answer:#}");
    assert_eq!(viewer["permissions"], json!(["incentive.read"]));
    assert_eq!(viewer["organisation"]["name"], "甲");
    assert_eq!(answer["data"]["session"], Value::Null);
    app.clock.advance(TimeDelta::days(1));
    let expired = send(&app, ("authorization", &bearer), json!({ "query": WHO })).await;
    assert_eq!(expired.status(), StatusCode::UNAUTHORIZED);
}

//! Machines of an organisation, as its people manage them: what they may be given, and that a token ends.

use chrono::TimeDelta;
use portico::ids::Tagged as _;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::support::app::{Caller, TestApp, reasons};
use crate::support::builders::a_partner;

const ACCOUNT: &str =
    "token serviceAccount { id state version permissions createdBy { name } lastUsedAt
    viewerPermissions { canRotate { allowed blockers { error { reason } } } canRevoke { allowed } }
    timeline(first: 10) { nodes { action } } }";

fn export(app: &TestApp) -> Value {
    let ends = app.now() + TimeDelta::days(30);
    json!({ "name": "夜间导出", "permissions": ["opportunity.read"], "expiresAt": ends })
}

/// What the machine is told when it asks who it is.
async fn asks(app: &TestApp, token: &str) -> StatusCode {
    let request = Client::new()
        .post(app.base.join("/graphql").unwrap())
        .bearer_auth(token)
        .json(&json!({ "query": "{ viewer { __typename } }" }));
    request.send().await.unwrap().status()
}

async fn listed(caller: &Caller) -> Value {
    let answer = caller
        .ask(
            "{ serviceAccounts { name state lastUsedAt } organisation { viewerPermissions {
                canCreateServiceAccount { allowed } } } }",
            json!({}),
        )
        .await;
    answer.at("").clone()
}

#[tokio::test]
async fn an_organisation_makes_renews_and_ends_its_machines_with_a_history_of_each() {
    let app = TestApp::start().await;
    let partner = a_partner("甲").insert(&mut app.owner().await).await;
    let admin = app.member(partner, "ada", &["SYSTEM_ADMIN"]).await;
    let ends = app.now() + TimeDelta::days(365);

    let made = admin
        .change("serviceAccountCreate", ACCOUNT, export(&app))
        .await;
    let token = made["token"].as_str().unwrap().to_owned();
    let account = &made["serviceAccount"];
    assert_eq!(account["permissions"], json!(["opportunity.read"]));
    assert_eq!(account["createdBy"]["name"], "ada");
    assert_eq!(account["lastUsedAt"], Value::Null);
    assert_eq!(account["viewerPermissions"]["canRotate"]["allowed"], true);
    assert_eq!(asks(&app, &token).await, StatusCode::OK);
    let used = listed(&admin).await;
    assert_eq!(
        used["serviceAccounts"][0]["lastUsedAt"],
        json!(app.now().to_rfc3339())
    );
    let flag = &used["organisation"]["viewerPermissions"]["canCreateServiceAccount"];
    assert_eq!(flag["allowed"], true);

    let rotate = json!({ "serviceAccountId": account["id"], "expiresAt": ends, "expectedVersion": account["version"] });
    let renewed = admin.change("serviceAccountRotate", ACCOUNT, rotate).await;
    let newer = renewed["token"].as_str().unwrap().to_owned();
    assert_eq!(asks(&app, &token).await, StatusCode::UNAUTHORIZED);
    assert_eq!(asks(&app, &newer).await, StatusCode::OK);

    let revoke = json!({ "serviceAccountId": account["id"], "expectedVersion": renewed["serviceAccount"]["version"] });
    let ended = admin
        .change("serviceAccountRevoke", &ACCOUNT[6..], revoke.clone())
        .await;
    assert_eq!(ended["serviceAccount"]["state"], "REVOKED");
    assert_eq!(
        ended["serviceAccount"]["timeline"]["nodes"],
        json!([
            { "action": "service_account.revoked" },
            { "action": "service_account.rotated" },
            { "action": "service_account.created" },
        ])
    );
    assert_eq!(asks(&app, &newer).await, StatusCode::UNAUTHORIZED);
    let again = admin
        .change("serviceAccountRevoke", &ACCOUNT[6..], revoke)
        .await;
    assert_eq!(reasons(&again), ["VERSION_CONFLICT"]);
}

#[tokio::test]
async fn a_token_is_told_once_and_a_repeated_request_makes_no_second_machine() {
    let app = TestApp::start().await;
    let partner = a_partner("甲").insert(&mut app.owner().await).await;
    let admin = app.member(partner, "ada", &["SYSTEM_ADMIN"]).await;
    let key = "018f0000-0000-7000-8000-00000000000a".parse().unwrap();
    let input = export(&app);

    let first = admin
        .change_under(key, "serviceAccountCreate", "token replayed", input.clone())
        .await;
    let second = admin
        .change_under(key, "serviceAccountCreate", "token replayed", input)
        .await;

    assert!(first["token"].is_string());
    assert_eq!(
        (&second["token"], &second["replayed"]),
        (&Value::Null, &json!(true))
    );
    assert_eq!(app.count("SELECT count(*) FROM service_accounts").await, 1);
}

#[tokio::test]
async fn everything_wrong_with_a_new_machine_is_said_at_once_and_nothing_is_made() {
    let app = TestApp::start().await;
    let partner = a_partner("甲").insert(&mut app.owner().await).await;
    let admin = app.member(partner, "ada", &["SYSTEM_ADMIN"]).await;
    let seller = app.member(partner, "sam", &["ACCOUNT_MANAGER"]).await;
    let day = TimeDelta::days(1);

    let wrong = json!({ "name": " ", "permissions": ["opportunity.review", "service_account.manage"],
        "expiresAt": app.now() + day * 366 });
    let refused = admin.change("serviceAccountCreate", "token", wrong).await;
    let unknown = json!({ "name": "x", "permissions": ["everything"], "expiresAt": app.now() });
    let unknown = admin.change("serviceAccountCreate", "token", unknown).await;
    let not_hers = seller
        .change("serviceAccountCreate", "token", export(&app))
        .await;

    assert_eq!(
        reasons(&refused),
        [
            "SERVICE_ACCOUNT_NAME_INVALID",
            "PERMISSION_NOT_HELD",
            "PERMISSION_FOR_PEOPLE",
            "SERVICE_ACCOUNT_END_INVALID"
        ]
    );
    assert_eq!(
        reasons(&unknown),
        ["PERMISSION_UNKNOWN", "SERVICE_ACCOUNT_END_INVALID"]
    );
    assert_eq!(reasons(&not_hers), ["PERMISSION_MISSING"]);
    assert_eq!(listed(&seller).await["serviceAccounts"], Value::Null);
    assert_eq!(app.count("SELECT count(*) FROM service_accounts").await, 0);
}

#[tokio::test]
async fn another_organisations_machine_is_answered_like_an_unknown_one() {
    let app = TestApp::start().await;
    let mut owner = app.owner().await;
    let (partner, rival) = (
        a_partner("甲").insert(&mut owner).await,
        a_partner("乙").insert(&mut owner).await,
    );
    let admin = app.member(partner, "ada", &["SYSTEM_ADMIN"]).await;
    let stranger = app.member(rival, "eve", &["SYSTEM_ADMIN"]).await;
    let made = admin
        .change("serviceAccountCreate", ACCOUNT, export(&app))
        .await;
    let (id, version) = (
        &made["serviceAccount"]["id"],
        &made["serviceAccount"]["version"],
    );
    let unknown = portico::ids::ServiceAccountId(uuid::Uuid::now_v7()).global();

    for wanted in [id.clone(), json!(unknown)] {
        let node = stranger
            .ask(
                "query($id: ID!) { node(id: $id) { id } }",
                json!({ "id": wanted }),
            )
            .await;
        assert_eq!(node.at("/node"), &Value::Null);
        let revoke = json!({ "serviceAccountId": wanted, "expectedVersion": version });
        let refused = stranger
            .change("serviceAccountRevoke", "serviceAccount { id }", revoke)
            .await;
        assert_eq!(reasons(&refused), ["SERVICE_ACCOUNT_NOT_FOUND"]);
    }
    assert_eq!(listed(&stranger).await["serviceAccounts"], json!([]));
    assert_eq!(
        asks(&app, made["token"].as_str().unwrap()).await,
        StatusCode::OK
    );
}

/// Two who make the last one at the same time make one.
#[tokio::test]
async fn an_organisation_never_has_more_machines_than_the_rule_says() {
    let app = TestApp::start().await;
    let mut owner = app.owner().await;
    sqlx::query("UPDATE rules SET value = '{\"maximum\": 3, \"maximum_days\": 365}' WHERE name = 'service_account.limits'")
        .execute(&mut owner)
        .await
        .unwrap();
    let partner = a_partner("甲").insert(&mut owner).await;
    let admin = app.member(partner, "ada", &["SYSTEM_ADMIN"]).await;

    let tries = (0..8).map(|_| admin.change("serviceAccountCreate", "token", export(&app)));
    let answers = futures_util::future::join_all(tries).await;

    let made = answers.iter().filter(|answer| answer["token"].is_string());
    assert_eq!(made.count(), 3);
    let refused = answers
        .iter()
        .filter(|answer| reasons(answer) == ["TOO_MANY_SERVICE_ACCOUNTS"]);
    assert_eq!(refused.count(), 5);
}

//! Signing in by an identity provider that somebody else wrote.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::person::Person;
use crate::support::simplesamlphp::{Signs, SimpleSamlPhp};

const USER: &str = "mei.lin";
const PASSWORD: &str = "correct horse";
const VIEWER: &str = "{ viewer { __typename } }";

async fn sign_in(app: &TestApp) -> Person {
    let person = Person::new(&app.base);
    let page = person
        .sign_in("/saml/login?return_to=/livez", USER, PASSWORD)
        .await;
    assert_eq!(
        page.url.as_str(),
        app.base.join("/livez").unwrap().as_str(),
        "{}",
        page.text
    );
    person
}

#[tokio::test]
async fn a_person_of_simplesamlphp_signs_in_and_stays_the_same_person() {
    let app = TestApp::on_real_time().await;
    let _iam = SimpleSamlPhp::start(&app, (USER, PASSWORD), Signs::Both).await;

    let first = sign_in(&app).await;
    let second = sign_in(&app).await;

    for person in [first, second] {
        let answer = person.ask(VIEWER, json!({})).await;
        assert_eq!(answer.text("/viewer/__typename"), "FederatedIdentity");
    }
    let known: (String, String, String) =
        sqlx::query_as("SELECT subject, display_name, email FROM federated_identities")
            .fetch_one(&mut app.owner().await)
            .await
            .unwrap();
    let expected = (USER, "林梅", "mei.lin@partner.example");
    assert_eq!(
        (known.0.as_str(), known.1.as_str(), known.2.as_str()),
        expected
    );
    assert_eq!(
        app.count("SELECT count(*) FROM federated_identities").await,
        1
    );
    assert_eq!(app.count("SELECT count(*) FROM sessions").await, 2);
    assert_eq!(app.count("SELECT count(*) FROM members").await, 0);
}

#[tokio::test]
async fn simplesamlphp_may_sign_the_response_or_the_assertion_alone() {
    for signs in [Signs::Response, Signs::Assertion] {
        let app = TestApp::on_real_time().await;
        let _iam = SimpleSamlPhp::start(&app, (USER, PASSWORD), signs).await;

        let person = sign_in(&app).await;

        let answer = person.ask(VIEWER, json!({})).await;
        assert_eq!(
            answer.text("/viewer/__typename"),
            "FederatedIdentity",
            "{signs:?}"
        );
    }
}

#[tokio::test]
async fn a_wrong_password_at_simplesamlphp_signs_nobody_in() {
    let app = TestApp::on_real_time().await;
    let _iam = SimpleSamlPhp::start(&app, (USER, PASSWORD), Signs::Both).await;
    let person = Person::new(&app.base);

    let page = person.sign_in("/saml/login", USER, "wrong").await;

    assert_ne!(page.url.origin(), app.base.origin());
    let answer = person.ask(VIEWER, json!({})).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.count("SELECT count(*) FROM sessions").await, 0);
}

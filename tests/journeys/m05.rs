//! m05: a person signs in through IAM, works, and signs out. Exercises R-ORG-1, R-ORG-17, R-SSO-4, R-SSO-7.

use serde_json::json;

use crate::support::person::{Form, Person, forms};
use crate::support::process::Portico;

const WHO: &str =
    "{ viewer { __typename ... on Member { name organisation { name } } } session { expiresAt } }";

#[tokio::test]
async fn m05_a_person_signs_in_through_iam_works_and_signs_out() {
    let portico = Portico::start("m05").await;
    let person = Person::new(&portico.base);

    let before = person.ask(WHO, json!({})).await;
    assert_eq!(before.status, 401);
    let extensions = &before.body["errors"][0]["extensions"];
    assert_eq!(extensions["code"], "UNAUTHENTICATED");
    assert!(
        extensions["loginUrl"]
            .as_str()
            .unwrap()
            .ends_with("/saml/login")
    );

    let wrong = person
        .sign_in(
            "/saml/login?return_to=/schema.graphql",
            "sales@partner",
            "not the password",
        )
        .await;
    assert!(!forms(&wrong.text).is_empty(), "the form comes again");
    assert!(wrong.text.contains("用户名或密码不正确"), "{}", wrong.text);
    assert_eq!(
        person.ask(WHO, json!({})).await.status,
        401,
        "a wrong password signs nobody in"
    );

    let password = portico.password("sales@partner");
    let landed = person
        .sign_in(
            "/saml/login?return_to=/schema.graphql",
            "sales@partner",
            &password,
        )
        .await;
    assert_eq!(
        landed.url.path(),
        "/schema.graphql",
        "back where the person wanted to go"
    );
    let during = person.ask(WHO, json!({})).await;
    assert_eq!(during.text("/viewer/__typename"), "Member");

    let away = person
        .open("/saml/login?return_to=https://evil.example/")
        .await;
    assert_eq!(away.status, 400, "a return address elsewhere is refused");

    let logout = Form {
        action: "/saml/logout".to_owned(),
        ..Form::default()
    };
    let out = person.submit(&landed, &logout).await;
    assert!(out.status.is_success(), "{} {}", out.status, out.text);
    assert_eq!(person.ask(WHO, json!({})).await.status, 401, "signed out");
    println!("m05 exercised R-ORG-1 R-ORG-17 R-SSO-4 R-SSO-7");
}

//! The IAM that a development gateway brings along, used as a browser without script uses it.

use chrono::TimeDelta;
use reqwest::StatusCode;
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::idp::{DEV_PASSWORD, DEV_USER, register_dev_iam};
use crate::support::person::{PageShown, Person, forms};

async fn a_gateway() -> TestApp {
    let app = TestApp::start().await;
    register_dev_iam(&app).await;
    app
}

/// Sends the form of the page with this name and password.
async fn send(person: &Person, page: &PageShown, user: &str, password: &str) -> PageShown {
    let mut form = forms(&page.text).remove(0);
    form.fields.insert("username".to_owned(), user.to_owned());
    form.fields
        .insert("password".to_owned(), password.to_owned());
    person.submit(page, &form).await
}

#[tokio::test]
async fn a_person_signs_in_and_lands_where_they_wanted_to_go() {
    let app = a_gateway().await;
    let person = Person::new(&app.base);

    let page = person
        .sign_in("/saml/login?return_to=/livez?a=b", DEV_USER, DEV_PASSWORD)
        .await;

    assert_eq!(
        page.url,
        app.base.join("/livez?a=b").unwrap(),
        "{}",
        page.text
    );
    let answer = person.ask("{ viewer { __typename } }", json!({})).await;
    assert_eq!(answer.text("/viewer/__typename"), "FederatedIdentity");
}

#[tokio::test]
async fn a_wrong_password_shows_the_form_again_in_both_languages() {
    let app = a_gateway().await;
    let person = Person::new(&app.base);
    let page = person.open("/saml/login").await;

    let wrong = send(&person, &page, DEV_USER, "wrong").await;
    let unknown = send(&person, &page, "nobody", "wrong").await;
    let right = send(&person, &wrong, DEV_USER, DEV_PASSWORD).await;

    for refused in [&wrong, &unknown] {
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        assert!(refused.text.contains("用户名或密码不正确"));
        assert!(
            refused
                .text
                .contains("The user name or the password is wrong")
        );
    }
    assert!(right.text.contains("SAMLResponse"), "{}", right.text);
}

#[tokio::test]
async fn after_five_wrong_passwords_a_user_waits_a_minute_and_others_do_not() {
    let app = a_gateway().await;
    let person = Person::new(&app.base);
    let page = person.open("/saml/login").await;
    for _ in 0..5 {
        let wrong = send(&person, &page, "nobody", "wrong").await;
        assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
        send(&person, &page, DEV_USER, "wrong").await;
    }

    let too_often = send(&person, &page, DEV_USER, DEV_PASSWORD).await;
    app.clock.advance(TimeDelta::seconds(60));
    let later = send(&person, &page, DEV_USER, DEV_PASSWORD).await;

    assert_eq!(too_often.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(too_often.text.contains("Too many tries"));
    assert!(later.text.contains("SAMLResponse"), "{}", later.text);
}

#[tokio::test]
async fn a_request_that_nobody_signed_is_not_shown_a_form() {
    let app = a_gateway().await;
    let person = Person::new(&app.base);

    let unsigned = person.open("/dev/iam/sso?SAMLRequest=AAAA").await;
    let nothing = person.open("/dev/iam/sso").await;

    for page in [unsigned, nothing] {
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(!page.text.contains("<form"));
    }
}

#[tokio::test]
async fn what_a_form_shows_again_is_escaped() {
    let app = a_gateway().await;
    let person = Person::new(&app.base);
    let page = person.open("/saml/login").await;

    let refused = send(&person, &page, "\"><script>alert(1)</script>", "wrong").await;

    assert!(!refused.text.contains("<script>alert"));
    assert!(refused.text.contains("&quot;&gt;&lt;script&gt;"));
}

/// R-ORG-17: with the user name or the e-mail address, and never without the password.
#[tokio::test]
async fn r_org_17_a_person_signs_in_by_name_or_address_and_password() {
    let app = a_gateway().await;
    for name in [DEV_USER, "Mei.Lin@partner.example"] {
        let person = Person::new(&app.base);
        let page = person.open("/saml/login").await;
        let bare = send(&person, &page, name, "").await;
        assert_eq!(bare.status, StatusCode::UNAUTHORIZED, "{name}");
        let landed = person
            .sign_in("/saml/login?return_to=/livez", name, DEV_PASSWORD)
            .await;
        assert_eq!(landed.url, app.base.join("/livez").unwrap(), "{name}");
    }
}

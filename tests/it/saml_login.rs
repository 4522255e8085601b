//! Signing in and out over HTTP: what is accepted once, and the designed answer to everything else.

use chrono::TimeDelta;
use futures_util::future::join_all;
use poem::http::Method;
use portico::ids::Tagged as _;
use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, Url};

use crate::support::app::TestApp;
use crate::support::gateway::{Gateway, request};
use crate::support::idp::TestIdp;

/// A browser that shows every redirect instead of following it.
struct Browser {
    client: Client,
    base: Url,
}

impl Browser {
    fn new(app: &TestApp) -> Self {
        let client = Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .build()
            .unwrap();
        Self {
            client,
            base: app.base.clone(),
        }
    }

    async fn get(&self, path: &str) -> Response {
        self.client
            .get(self.base.join(path).unwrap())
            .send()
            .await
            .unwrap()
    }

    /// Starts a sign-in and answers where the browser is sent.
    async fn start(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), StatusCode::FOUND);
        location(&answer)
    }

    async fn post(&self, form: &str) -> Response {
        let acs = self.base.join("/saml/acs").unwrap();
        self.client
            .post(acs)
            .form(&[("SAMLResponse", form)])
            .send()
            .await
            .unwrap()
    }

    async fn sign_out(&self, headers: HeaderMap) -> Response {
        let logout = self.base.join("/saml/logout").unwrap();
        self.client
            .post(logout)
            .headers(headers)
            .send()
            .await
            .unwrap()
    }

    /// Whether the graph knows who asks.
    async fn is_signed_in(&self) -> bool {
        let request = self
            .client
            .post(self.base.join("/graphql").unwrap())
            .header("x-portico-csrf", "1")
            .header("origin", self.base.origin().ascii_serialization())
            .header(CONTENT_TYPE, "application/json")
            .body("{\"query\":\"{ viewer { __typename } }\"}");
        match request.send().await.unwrap().status() {
            StatusCode::OK => true,
            StatusCode::UNAUTHORIZED => false,
            other => panic!("{other}"),
        }
    }
}

fn location(answer: &Response) -> String {
    answer.headers()[LOCATION].to_str().unwrap().to_owned()
}

/// The page of every refusal: both languages, the reference, and not a word about the reason.
async fn assert_refused(answer: Response) {
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert!(answer.headers().get(SET_COOKIE).is_none());
    let reference = answer.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    let page = answer.text().await.unwrap();
    assert!(page.contains("登录失败") && page.contains("Sign-in failed"));
    assert!(page.contains(&reference));
}

async fn a_gateway() -> (TestApp, TestIdp) {
    let app = TestApp::start().await;
    let idp = TestIdp::register(&app, "iam").await;
    (app, idp)
}

async fn sessions(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM sessions").await
}

#[tokio::test]
async fn an_answer_becomes_a_session_and_a_redirect() {
    let (app, idp) = a_gateway().await;
    let browser = Browser::new(&app);
    let redirect = browser
        .start("/saml/login?return_to=/graphiql%3Fa%3Db")
        .await;

    let answer = browser.post(&idp.answer(&redirect, "mei")).await;

    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(location(&answer), "/graphiql?a=b");
    let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("portico_session_") && cookie.contains("HttpOnly; SameSite=Lax"));
    assert!(browser.is_signed_in().await);
    assert_eq!(app.count("SELECT count(*) FROM members").await, 0);
}

#[tokio::test]
async fn to_ask_for_a_sign_in_writes_nothing() {
    let (app, _idp) = a_gateway().await;

    for _ in 0..20 {
        Browser::new(&app).start("/saml/login").await;
    }

    let rows = "SELECT (SELECT count(*) FROM saml_consumed) + (SELECT count(*) FROM sessions)";
    assert_eq!(app.count(rows).await, 0);
}

#[tokio::test]
async fn an_answer_is_accepted_once() {
    let (app, idp) = a_gateway().await;
    let browser = Browser::new(&app);
    let answer = idp.answer(&browser.start("/saml/login").await, "mei");
    assert_eq!(browser.post(&answer).await.status(), StatusCode::SEE_OTHER);

    assert_refused(browser.post(&answer).await).await;

    assert_eq!(sessions(&app).await, 1);
}

#[tokio::test]
async fn a_request_is_answered_once() {
    let (app, idp) = a_gateway().await;
    let browser = Browser::new(&app);
    let redirect = browser.start("/saml/login").await;
    let first = idp.answer(&redirect, "mei");
    let second = idp.answer(&redirect, "mei");
    assert_eq!(browser.post(&first).await.status(), StatusCode::SEE_OTHER);

    assert_refused(browser.post(&second).await).await;

    assert_eq!(sessions(&app).await, 1);
}

#[tokio::test]
async fn of_parallel_answers_exactly_one_is_accepted() {
    let (app, idp) = a_gateway().await;
    let browser = Browser::new(&app);
    let answer = idp.answer(&browser.start("/saml/login").await, "mei");

    let answers = join_all((0..8).map(|_| browser.post(&answer))).await;

    let accepted = answers
        .iter()
        .filter(|answer| answer.status() == StatusCode::SEE_OTHER)
        .count();
    assert_eq!(accepted, 1);
    assert_eq!(sessions(&app).await, 1);
}

#[tokio::test]
async fn an_answer_counts_only_in_the_browser_that_asked() {
    let (app, idp) = a_gateway().await;
    let (victim, attacker) = (Browser::new(&app), Browser::new(&app));
    let answer = idp.answer(&attacker.start("/saml/login").await, "attacker");

    assert_refused(victim.post(&answer).await).await;
    victim.start("/saml/login").await;
    assert_refused(victim.post(&answer).await).await;

    assert!(!victim.is_signed_in().await);
    assert_eq!(sessions(&app).await, 0);
}

#[tokio::test]
async fn several_tabs_can_sign_in_side_by_side() {
    let (app, idp) = a_gateway().await;
    let browser = Browser::new(&app);
    let first = browser.start("/saml/login?return_to=/a").await;
    let second = browser.start("/saml/login?return_to=/b").await;

    let second = browser.post(&idp.answer(&second, "mei")).await;
    let first = browser.post(&idp.answer(&first, "mei")).await;

    assert_eq!(
        (location(&first), location(&second)),
        ("/a".to_owned(), "/b".to_owned())
    );
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_refused() {
    let (app, idp) = a_gateway().await;
    let browser = Browser::new(&app);
    let redirect = browser.start("/saml/login").await;
    let answer = idp.answer(&redirect, "mei");

    app.clock.advance(TimeDelta::minutes(8));
    assert_refused(browser.post(&answer).await).await;
    app.clock.advance(TimeDelta::minutes(3));
    let fresh = idp.answer(&redirect, "mei");
    app.clock.advance(TimeDelta::minutes(4));
    assert_refused(browser.post(&fresh).await).await;

    assert_eq!(sessions(&app).await, 0);
}

#[tokio::test]
async fn a_tampered_answer_is_refused() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let (app, idp) = a_gateway().await;
    let browser = Browser::new(&app);
    let answer = idp.answer(&browser.start("/saml/login").await, "somebody");
    let xml = String::from_utf8(STANDARD.decode(answer).unwrap()).unwrap();

    let tampered = STANDARD.encode(xml.replace("somebody", "mei"));

    assert_refused(browser.post(&tampered).await).await;
    assert_eq!(
        app.count("SELECT count(*) FROM federated_identities").await,
        0
    );
}

#[tokio::test]
async fn bodies_that_are_no_answers_are_refused() {
    let (app, _idp) = a_gateway().await;
    let browser = Browser::new(&app);
    browser.start("/saml/login").await;
    let acs = app.base.join("/saml/acs").unwrap();
    let send = |kind: &'static str, body: &'static str| {
        browser
            .client
            .post(acs.clone())
            .header(CONTENT_TYPE, kind)
            .body(body)
            .send()
    };
    let form = "application/x-www-form-urlencoded";

    assert_refused(browser.post("").await).await;
    assert_refused(browser.post("not base64").await).await;
    assert_refused(send(form, "").await.unwrap()).await;
    assert_refused(send(form, "SAMLResponse=QQ&SAMLResponse=QQ").await.unwrap()).await;
    assert_refused(send("text/plain", "SAMLResponse=QQ").await.unwrap()).await;
    let get = browser.get("/saml/acs").await;
    assert_eq!(get.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_body_of_a_mebibyte_is_too_large() {
    let (app, _idp) = a_gateway().await;
    let browser = Browser::new(&app);
    browser.start("/saml/login").await;

    let answer = browser.post(&"A".repeat(1024 * 1024)).await;

    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.text().await.unwrap().contains("Sign-in failed"));
}

#[tokio::test]
async fn only_a_path_of_ours_is_returned_to() {
    let (app, _idp) = a_gateway().await;
    let browser = Browser::new(&app);

    for elsewhere in [
        "//evil.test",
        "/%5Cevil.test",
        "https://evil.test",
        "x",
        "/a%0d%0aSet-Cookie:%20b",
        "/saml/login",
    ] {
        let answer = browser
            .get(&format!("/saml/login?return_to={elsewhere}"))
            .await;

        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{elsewhere}");
        assert!(
            answer
                .text()
                .await
                .unwrap()
                .contains("Unknown return address")
        );
    }
    let twice = browser.get("/saml/login?return_to=/a&return_to=/b").await;
    assert_eq!(twice.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn with_several_providers_a_person_chooses() {
    let (app, first) = a_gateway().await;
    let second = TestIdp::register(&app, "other <iam>").await;
    let browser = Browser::new(&app);

    let choice = browser
        .get("/saml/login?return_to=/a%26b")
        .await
        .text()
        .await
        .unwrap();
    let chosen = format!("idp={}&amp;return_to=%2Fa%26b\"", second.id.global());
    let redirect = browser
        .start(&format!("/saml/login?idp={}", first.id.global()))
        .await;

    assert!(choice.contains(&chosen), "{choice}");
    assert!(choice.contains("other &lt;iam&gt;"));
    assert!(redirect.starts_with("https://iam.test/sso?SAMLRequest="));
}

#[tokio::test]
async fn another_providers_answer_is_refused() {
    let (app, first) = a_gateway().await;
    let second = TestIdp::register(&app, "other").await;
    let browser = Browser::new(&app);
    let asked = browser
        .start(&format!("/saml/login?idp={}", first.id.global()))
        .await;
    let request = first.read(&asked);

    let answer = second.answer_to(&request, "mei");

    assert_refused(browser.post(&answer).await).await;
    assert_eq!(sessions(&app).await, 0);
}

#[tokio::test]
async fn a_disabled_provider_signs_nobody_in() {
    let (app, idp) = a_gateway().await;
    let browser = Browser::new(&app);
    let answer = idp.answer(&browser.start("/saml/login").await, "mei");
    sqlx::query("UPDATE identity_providers SET state = 'DISABLED'")
        .execute(&mut app.owner().await)
        .await
        .unwrap();

    assert_refused(browser.post(&answer).await).await;
    let start = browser.get("/saml/login").await;

    assert_eq!(start.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        start
            .text()
            .await
            .unwrap()
            .contains("No way to sign in yet")
    );
}

#[tokio::test]
async fn signing_out_ends_the_session_at_once() {
    let (app, idp) = a_gateway().await;
    let browser = Browser::new(&app);
    browser
        .post(&idp.answer(&browser.start("/saml/login").await, "mei"))
        .await;
    assert!(browser.is_signed_in().await);
    let mut same_origin = HeaderMap::new();
    same_origin.insert(
        "origin",
        app.base.origin().ascii_serialization().parse().unwrap(),
    );

    let answer = browser.sign_out(same_origin).await;

    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(location(&answer), "/saml/signed-out");
    assert!(!browser.is_signed_in().await);
    let ended = "SELECT count(*) FROM sessions WHERE revoked_because = 'SIGNED_OUT'";
    assert_eq!(app.count(ended).await, 1);
    assert!(
        browser
            .get("/saml/signed-out")
            .await
            .text()
            .await
            .unwrap()
            .contains("您已退出")
    );
}

#[tokio::test]
async fn another_site_signs_nobody_out() {
    let (app, idp) = a_gateway().await;
    let browser = Browser::new(&app);
    browser
        .post(&idp.answer(&browser.start("/saml/login").await, "mei"))
        .await;

    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "none"),
        ("origin", "https://evil.test"),
        ("origin", "null"),
        ("x-nothing", "at-all"),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());

        let answer = browser.sign_out(headers).await;

        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{name}: {value}");
        assert!(browser.is_signed_in().await);
    }
}

#[tokio::test]
async fn a_planted_cookie_is_never_a_session() {
    let (app, idp) = a_gateway().await;
    let browser = Browser::new(&app);
    let port = app.base.port().unwrap();
    let planted = format!("portico_session_{port}={}", "A".repeat(43));
    let redirect = browser.start("/saml/login").await;

    let answer = browser.post(&idp.answer(&redirect, "mei")).await;

    let issued = answer.headers()[SET_COOKIE].to_str().unwrap();
    assert!(!issued.starts_with(&planted));
    let request = Client::new()
        .post(app.base.join("/graphql").unwrap())
        .header(COOKIE, planted.as_str())
        .header("x-portico-csrf", "1")
        .header("origin", app.base.origin().ascii_serialization())
        .header(CONTENT_TYPE, "application/json")
        .body("{\"query\":\"{ __typename }\"}");
    assert_eq!(
        request.send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn metadata_is_served_to_anybody() {
    let (app, _idp) = a_gateway().await;

    let answer = Browser::new(&app).get("/saml/metadata").await;

    assert_eq!(
        answer.headers()[CONTENT_TYPE],
        "application/samlmetadata+xml"
    );
    assert_eq!(
        answer.text().await.unwrap(),
        app.app.sign_in.service.metadata()
    );
}

#[tokio::test]
async fn a_new_sign_in_ends_the_session_before_it() {
    let (app, idp) = a_gateway().await;
    let browser = Browser::new(&app);
    let first = browser
        .post(&idp.answer(&browser.start("/saml/login").await, "mei"))
        .await;
    let old_cookie = first.headers()[SET_COOKIE].to_str().unwrap().to_owned();

    // The answer comes from another site, without the session's cookie: only the request saw it.
    let redirect = browser.start("/saml/login").await;
    let answer = browser.post(&idp.answer(&redirect, "mei")).await;

    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_ne!(answer.headers()[SET_COOKIE].to_str().unwrap(), old_cookie);
    assert!(browser.is_signed_in().await);
    let ended = "SELECT count(*) FROM sessions WHERE revoked_because = 'ROTATED'";
    assert_eq!(app.count(ended).await, 1);
    assert_eq!(sessions(&app).await, 2);
}

#[tokio::test]
async fn an_address_that_signs_in_all_the_time_has_to_wait() {
    let (app, _idp) = a_gateway().await;
    let browser = Browser::new(&app);

    let answers = join_all((0..140).map(|_| browser.get("/saml/login"))).await;

    let busy = answers
        .iter()
        .find(|answer| answer.status() == StatusCode::TOO_MANY_REQUESTS);
    assert!(busy.unwrap().headers().contains_key("retry-after"));
}

#[tokio::test]
async fn without_a_database_a_sign_in_is_unavailable_and_says_so() {
    let gateway = Gateway::alone();
    let form = [("content-type", "application/x-www-form-urlencoded")];

    let start = gateway.get("/saml/login", &[]).await;
    let no_sign_in = request(Method::POST, "/saml/acs", &form).body("SAMLResponse=QUJD");
    let answer = gateway.send(no_sign_in).await;

    assert_eq!(start.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(start.text.contains("Sign-in is unavailable") && start.text.contains("暂时无法登录"));
    assert!(start.text.contains(start.header("x-request-id")));
    // What is refused without asking anybody is refused all the same.
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

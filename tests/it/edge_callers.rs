//! Who is answered: sessions, machines, the schema's readers, and those who have asked enough.

use poem::http::{Method, StatusCode};
use serde_json::json;

use crate::support::gateway::{COOKIE, Gateway, NOWHERE, ORIGIN, request};

const BEARER: (&str, &str) = ("authorization", "Bearer service");
const JSON: (&str, &str) = ("content-type", "application/json");

fn body(query: &str) -> String {
    json!({ "query": query }).to_string()
}

#[tokio::test]
async fn without_a_session_the_answer_is_401_with_the_way_in_and_never_a_redirect() {
    let gateway = Gateway::alone();
    for headers in [
        vec![JSON],
        vec![
            JSON,
            ("cookie", "portico_session=ended"),
            ("origin", ORIGIN),
            ("x-portico-csrf", "1"),
        ],
        vec![JSON, ("authorization", "Bearer unknown")],
    ] {
        let answer = gateway
            .send(request(Method::POST, "/graphql", &headers).body(body("{__typename}")))
            .await;

        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.code(), "UNAUTHENTICATED");
        let extensions = &answer.json()["errors"][0]["extensions"];
        assert_eq!(extensions["loginUrl"], format!("{ORIGIN}/saml/login"));
        assert!(answer.header("location").is_empty());
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
        let with_cookie = headers.iter().any(|(name, _)| *name == "cookie");
        let forgotten = answer
            .header("set-cookie")
            .starts_with(&format!("{COOKIE}=;"));
        assert_eq!(
            forgotten, with_cookie,
            "only a session that was shown can have ended"
        );
    }
}

#[tokio::test]
async fn when_nobody_can_tell_who_asks_the_answer_is_503_and_the_cookie_stays() {
    let headers = [
        JSON,
        ("cookie", "portico_session=outage"),
        ("origin", ORIGIN),
        ("x-portico-csrf", "1"),
    ];

    let answer = Gateway::alone()
        .send(request(Method::POST, "/graphql", &headers).body(body("{__typename}")))
        .await;

    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.code(), "UNAVAILABLE");
    assert_eq!(answer.header("retry-after"), "2");
    assert!(answer.header("set-cookie").is_empty());
}

#[tokio::test]
async fn without_the_database_nothing_can_be_read_and_the_client_comes_back_later() {
    let gateway = Gateway::with(NOWHERE, "database.acquire_timeout = \"200ms\"");

    let answer = gateway
        .ask("reader", "{ opportunities(first: 1) { nodes { id } } }")
        .await;

    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
    assert_eq!(answer.code(), "UNAVAILABLE");
    assert_eq!(answer.header("retry-after"), "2");
}

#[tokio::test]
async fn the_session_is_asked_for_before_the_body_is_read() {
    let answer = Gateway::alone()
        .send(request(Method::POST, "/graphql", &[JSON]).body("not even JSON"))
        .await;

    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn sentences_for_people_follow_their_language() {
    let gateway = Gateway::alone();
    let message = async |language: &str| {
        let headers = [JSON, ("accept-language", language)];
        let answer = gateway
            .send(request(Method::POST, "/graphql", &headers).body(""))
            .await;
        answer.json()["errors"][0]["message"]
            .as_str()
            .unwrap()
            .to_owned()
    };

    assert!(message("en").await.starts_with("You are not signed in"));
    assert!(message("zh-CN").await.starts_with("您尚未登录"));
}

#[tokio::test]
async fn the_schema_is_served_with_a_strong_tag_to_those_who_may_read_it() {
    let gateway = Gateway::alone();
    let first = gateway.get("/schema.graphql", &[BEARER]).await;
    let tag = first.header("etag").to_owned();

    let again = gateway
        .get("/schema.graphql", &[BEARER, ("if-none-match", &tag)])
        .await;
    let changed = gateway
        .get("/schema.graphql", &[BEARER, ("if-none-match", "\"other\"")])
        .await;

    assert_eq!(first.text, portico::graphql::sdl());
    assert!(tag.starts_with('"') && tag.len() == 45);
    assert_eq!(
        (again.status, again.text.as_str(), again.header("etag")),
        (StatusCode::NOT_MODIFIED, "", tag.as_str())
    );
    assert_eq!(changed.status, StatusCode::OK);
    assert_eq!(
        gateway.get("/schema.graphql", &[]).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        gateway
            .get("/schema.graphql", &[("authorization", "Bearer member")])
            .await
            .status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn introspection_is_for_service_accounts_and_members_with_the_permission() {
    const QUERY: &str = "{ __schema { queryType { name } } }";
    let gateway = Gateway::alone();
    for caller in ["service", "reader"] {
        let answer = gateway.ask(caller, QUERY).await;
        assert_eq!(
            answer.json()["data"]["__schema"]["queryType"]["name"],
            "Query",
            "{answer:?}"
        );
    }
    for query in [
        QUERY,
        "{ __type(name: \"Query\") { name } }",
        "{ ...F } fragment F on Query { __schema { queryType { name } } }",
    ] {
        assert_eq!(
            gateway.ask("member", query).await.code(),
            "INTROSPECTION_DISABLED"
        );
    }
    assert_eq!(
        gateway.ask("member", "{ __typename }").await.status,
        StatusCode::OK
    );

    let closed = Gateway::with(NOWHERE, "graphql.introspection = \"nobody\"");
    assert_eq!(
        closed.ask("service", QUERY).await.code(),
        "INTROSPECTION_DISABLED"
    );
}

#[tokio::test]
async fn an_organisation_that_has_used_its_minute_waits() {
    let gateway = Gateway::with(NOWHERE, "graphql.cost = 200000");
    let expensive = "{ opportunities(first: 60000) { nodes { id } } }";

    let first = gateway.ask("member", expensive).await;
    let second = gateway.ask("service", expensive).await;

    assert_ne!(first.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        (second.status, second.code().as_str()),
        (StatusCode::TOO_MANY_REQUESTS, "LIMITED")
    );
    assert!(second.header("retry-after").parse::<u64>().unwrap() > 1);
}

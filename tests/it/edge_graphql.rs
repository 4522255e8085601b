//! `/graphql` as HTTP: negotiation, bodies, limits and the form of refusals (reliability 1.4).

use poem::http::{Method, StatusCode};
use serde_json::json;

use crate::support::gateway::{Gateway, NOWHERE, request};

const MODERN: &str = "application/graphql-response+json";
const BEARER: (&str, &str) = ("authorization", "Bearer service");
const JSON: (&str, &str) = ("content-type", "application/json");

fn body(query: &str) -> String {
    json!({ "query": query }).to_string()
}

#[tokio::test]
async fn a_query_is_answered_by_post_and_get_alike() {
    let gateway = Gateway::alone();
    let expected = json!({ "__typename": "Query" });

    let posted = gateway.post(body("{ __typename }")).await;
    let got = gateway
        .get("/graphql?query=%7B__typename%7D", &[BEARER])
        .await;

    assert_eq!(
        (posted.status, &posted.json()["data"]),
        (StatusCode::OK, &expected)
    );
    assert_eq!(
        (got.status, &got.json()["data"]),
        (StatusCode::OK, &expected)
    );
    assert_eq!(
        posted.json()["extensions"]["cost"],
        json!({ "requested": 0, "maximum": 10_000 })
    );
}

#[tokio::test]
async fn get_chooses_the_operation_by_its_standard_name() {
    let gateway = Gateway::alone();
    let uri =
        "/graphql?query=query%20A%7Ba:__typename%7D%20query%20B%7Bb:__typename%7D&operationName=B";

    let answer = gateway.get(uri, &[BEARER]).await;

    assert_eq!(answer.json()["data"], json!({ "b": "Query" }));
}

#[tokio::test]
async fn the_answer_keeps_the_order_of_the_selection() {
    let query = "{ z: __typename __schema { queryType { name kind } } a: __typename }";

    let answer = Gateway::alone().post(body(query)).await;

    let expected = r#"{"data":{"z":"Query","__schema":{"queryType":{"name":"Query","kind":"OBJECT"}},"a":"Query"},"#;
    assert!(answer.text.starts_with(expected), "{}", answer.text);
}

#[tokio::test]
async fn a_mutation_or_subscription_by_get_is_refused_and_never_runs() {
    let gateway = Gateway::alone();
    for query in ["mutation%7B__typename%7D", "subscription%7B__typename%7D"] {
        let answer = gateway
            .get(&format!("/graphql?query={query}"), &[BEARER])
            .await;

        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.header("allow"), "POST");
        assert_eq!(answer.code(), "METHOD_NOT_ALLOWED");
    }
    for method in [Method::PUT, Method::DELETE, Method::HEAD, Method::OPTIONS] {
        let answer = gateway
            .send(request(method.clone(), "/graphql", &[BEARER]).finish())
            .await;

        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.header("allow"), "GET, POST");
    }
}

#[tokio::test]
async fn only_json_is_read_and_nothing_that_a_form_can_send() {
    let gateway = Gateway::alone();
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=a",
        "application/json; charset=gbk",
    ] {
        let headers = [BEARER, ("content-type", content_type)];
        let answer = gateway
            .send(request(Method::POST, "/graphql", &headers).body(body("{__typename}")))
            .await;

        assert_eq!(
            answer.status,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "{content_type}"
        );
    }
    let bare = request(Method::POST, "/graphql", &[BEARER]).body(body("{__typename}"));
    assert_eq!(
        gateway.send(bare).await.status,
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    );
    let packed = request(
        Method::POST,
        "/graphql",
        &[BEARER, JSON, ("content-encoding", "gzip")],
    )
    .body(body("{__typename}"));
    assert_eq!(
        gateway.send(packed).await.status,
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    );
}

#[tokio::test]
async fn the_type_of_the_answer_is_negotiated() {
    let gateway = Gateway::alone();
    for (accept, status, expected) in [
        (
            MODERN,
            StatusCode::OK,
            "application/graphql-response+json; charset=utf-8",
        ),
        (
            "application/json",
            StatusCode::OK,
            "application/json; charset=utf-8",
        ),
        ("*/*", StatusCode::OK, "application/json; charset=utf-8"),
        (
            "text/html",
            StatusCode::NOT_ACCEPTABLE,
            "application/json; charset=utf-8",
        ),
    ] {
        let headers = [BEARER, JSON, ("accept", accept)];
        let answer = gateway
            .send(request(Method::POST, "/graphql", &headers).body(body("{__typename}")))
            .await;

        assert_eq!(
            (answer.status, answer.header("content-type")),
            (status, expected),
            "{accept}"
        );
    }
}

#[tokio::test]
async fn a_request_error_has_no_data_and_its_status_follows_the_type() {
    let gateway = Gateway::alone();
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ unknownField }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "query($v: Int!) { __typename @include(if: true) }",
            "INVALID_INPUT",
        ),
        (
            "query A { __typename } query B { __typename }",
            "OPERATION_RESOLUTION_FAILURE",
        ),
        (
            "{ __typename ...F } fragment F on Query { ...F }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ] {
        let modern = gateway.ask("service", query).await;
        assert_eq!(modern.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(modern.code(), code);
        assert!(modern.json().get("data").is_none());

        let classic = gateway.post(body(query)).await;
        assert_eq!(classic.status, StatusCode::OK);
        assert_eq!(classic.code(), code);
        assert!(classic.json().get("data").is_none());
    }
}

#[tokio::test]
async fn bodies_that_are_no_request_are_400_in_either_type() {
    let gateway = Gateway::alone();
    let batch = format!("[{}]", body("{__typename}"));
    let deep = format!(
        r#"{{"query":"{{__typename}}","variables":{{"a":{}1{}}}}}"#,
        "[".repeat(500),
        "]".repeat(500)
    );
    for body in [
        "",
        "{",
        "[]",
        r#"{"query":1}"#,
        r#"{"variables":{}}"#,
        r#"{"query":"{a}","variables":[]}"#,
        &batch,
        &deep,
    ] {
        let answer = gateway.post(body.to_owned()).await;

        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer.code(), "BAD_REQUEST");
        assert!(answer.text.len() < 600);
    }
}

#[tokio::test]
async fn a_body_of_one_mebibyte_is_read_and_one_byte_more_is_not() {
    let gateway = Gateway::alone();
    let sized = |length: usize| {
        let body = body("{ __typename }");
        let padding = " ".repeat(length - body.len());
        body + &padding
    };

    assert_eq!(gateway.post(sized(1_048_576)).await.status, StatusCode::OK);
    let refused = gateway.post(sized(1_048_577)).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE")
    );
}

#[tokio::test]
async fn a_body_that_stalls_is_408_and_the_connection_is_closed() {
    let stalled = futures_util::stream::once(async {
        Err::<Vec<u8>, _>(std::io::Error::from(std::io::ErrorKind::TimedOut))
    });

    let answer = Gateway::alone()
        .post(poem::Body::from_bytes_stream(stalled))
        .await;

    assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT);
    assert_eq!(answer.code(), "BODY_TOO_SLOW");
    assert_eq!(answer.header("connection"), "close");
}

#[tokio::test]
async fn a_limit_that_is_passed_is_named_with_both_numbers() {
    let gateway = Gateway::with(NOWHERE, "graphql.aliases = 2");

    let answer = gateway
        .ask("service", "{ a: __typename b: __typename c: __typename }")
        .await;

    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let extensions = &answer.json()["errors"][0]["extensions"];
    assert_eq!(
        extensions,
        &json!({ "code": "QUERY_TOO_COMPLEX", "limit": "aliases", "requested": 3, "maximum": 2 })
    );
}

#[tokio::test]
async fn a_fragment_bomb_is_refused_at_once() {
    let mut bomb = String::from("{ ...F0 }");
    for level in 0..31 {
        bomb += &format!(
            " fragment F{level} on Query {{ ...F{next} ...F{next} }}",
            next = level + 1
        );
    }
    bomb += " fragment F31 on Query { __typename }";

    let answer = Gateway::alone().ask("service", &bomb).await;

    assert_eq!(answer.code(), "QUERY_TOO_COMPLEX");
}

#[tokio::test]
async fn deep_documents_and_variables_fit_the_stack_of_a_worker() {
    let deepest = format!(
        "{{ __typename @include(if: {}true{}) }}",
        "[".repeat(62),
        "]".repeat(62)
    );
    let nested = format!(
        "{} __typename {}",
        "{ ... ".repeat(31) + "{",
        "}".repeat(32)
    );
    let beyond = format!("{{ __typename @include(if: {}", "[{a:".repeat(10_000));
    let variables = format!(
        r#"{{"query":"query($v: Int){{__typename}}","variables":{{"v":{}1{}}}}}"#,
        "[".repeat(62),
        "]".repeat(62)
    );
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_stack_size(2 * 1024 * 1024)
        .enable_all()
        .build()
        .unwrap();
    let asked = std::thread::spawn(move || {
        runtime.block_on(async move {
            tokio::spawn(async move {
                let gateway = Gateway::alone();
                [
                    gateway.ask("service", &deepest).await,
                    gateway.ask("service", &nested).await,
                    gateway.ask("service", &beyond).await,
                    gateway.post(variables).await,
                ]
            })
            .await
            .unwrap()
        })
    });

    for answer in asked.join().unwrap() {
        assert!(matches!(answer.status.as_u16(), 200 | 400), "{answer:?}");
    }
}

#[tokio::test]
async fn an_unknown_field_gets_no_suggestion() {
    let answer = Gateway::alone().ask("service", "{ __typenam }").await;

    assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED");
    assert!(
        !answer.text.contains("Did you mean") && !answer.text.contains("__typename"),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn a_document_with_a_thousand_faults_is_answered_briefly() {
    let fields: String = (0..1_000).map(|i| format!("unknown{i} ")).collect();
    let gateway = Gateway::with(NOWHERE, "graphql.root_fields = 1000");

    let answer = gateway.ask("service", &format!("{{ {fields} }}")).await;

    assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 20);
}

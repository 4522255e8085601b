//! `/graphql` as HTTP: negotiation, refusals, bodies, masking, headers (R-74 of reliability.md and ASVS 3.4).

use poem::http::{Method, StatusCode};
use serde_json::json;

use crate::support::gateway::{ALLOWED_ORIGIN, COOKIE, Gateway, ORIGIN, request};

const NOWHERE: &str = "postgres://portico_app@localhost/none?host=/nowhere";
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
    let nested = format!("{} __typename {}", "{ ... ".repeat(31) + "{", "}".repeat(32));
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
async fn every_answer_has_a_correlation_id_and_a_sane_one_is_kept() {
    let gateway = Gateway::alone();
    for (uri, status) in [
        ("/graphql", StatusCode::UNAUTHORIZED),
        ("/livez", StatusCode::OK),
        ("/nothing", StatusCode::NOT_FOUND),
        ("/saml/panic", StatusCode::INTERNAL_SERVER_ERROR),
    ] {
        let kept = gateway.get(uri, &[("x-request-id", "client-4711.a")]).await;
        assert_eq!(
            (kept.status, kept.header("x-request-id")),
            (status, "client-4711.a"),
            "{uri}"
        );

        for insane in ["", "short", "with space", "with\"quote\"", &"x".repeat(65)] {
            let answer = gateway.get(uri, &[("x-request-id", insane)]).await;
            assert_eq!(answer.header("x-request-id").len(), 32, "{insane}");
        }
    }
    let answer = gateway.ask("service", "{ __typename }").await;
    assert_eq!(
        answer.json()["extensions"]["correlationId"],
        answer.header("x-request-id")
    );
}

#[tokio::test]
async fn every_answer_carries_the_protective_headers() {
    let gateway = Gateway::alone();
    for uri in [
        "/graphql",
        "/schema.graphql",
        "/livez",
        "/readyz",
        "/nothing",
        "/saml/panic",
        "/graphiql",
    ] {
        let answer = gateway.get(uri, &[]).await;

        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{uri}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'none'")
        );
        assert!(answer.header("cache-control").contains("no-"));
        assert!(answer.header("vary").contains("sec-fetch-site"));
        assert!(answer.header("access-control-allow-origin").is_empty());
    }
}

#[tokio::test]
async fn other_origins_are_allowed_by_exact_name_only() {
    let gateway = Gateway::alone();
    for (origin, allowed) in [
        (ALLOWED_ORIGIN, true),
        (ORIGIN, true),
        ("https://app.test.evil", false),
        ("https://app.test:444", false),
        ("http://app.test", false),
        ("https://sub.app.test", false),
        ("null", false),
        ("*", false),
    ] {
        let preflight = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
        ];
        let asked = gateway
            .send(request(Method::OPTIONS, "/graphql", &preflight).finish())
            .await;
        let answer = gateway.get("/graphql", &[("origin", origin), BEARER]).await;

        let expected = if allowed { origin } else { "" };
        assert_eq!(
            asked.status,
            if allowed {
                StatusCode::NO_CONTENT
            } else {
                StatusCode::FORBIDDEN
            },
            "{origin}"
        );
        assert_eq!(asked.header("access-control-allow-origin"), expected);
        assert_eq!(answer.header("access-control-allow-origin"), expected);
        assert_eq!(
            answer.header("access-control-allow-credentials"),
            if allowed { "true" } else { "" }
        );
    }
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

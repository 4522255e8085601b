//! What every answer carries: its correlation id, the protective headers (ASVS 3.4), and CORS for listed origins.

use poem::http::{Method, StatusCode};

use crate::support::gateway::{ALLOWED_ORIGIN, Gateway, ORIGIN, request};

const BEARER: (&str, &str) = ("authorization", "Bearer service");

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

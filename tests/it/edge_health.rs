//! What the machines that look after the gateway see.

use std::net::SocketAddr;

use poem::http::StatusCode;
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Addr, Body, Request, RequestParts};

use crate::support::database::TestDb;
use crate::support::gateway::Gateway;

#[tokio::test]
async fn without_a_database_the_process_lives_and_is_not_ready() {
    let gateway = Gateway::alone();

    assert_eq!(gateway.get("/livez", &[]).await.status, StatusCode::OK);
    let ready = gateway.get("/readyz", &[]).await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.json()["database"], "down");
}

#[tokio::test]
async fn with_a_database_it_is_ready_until_it_drains() {
    let database = TestDb::new().await;
    let gateway = Gateway::with(&database.url("portico_app"), "");

    assert_eq!(gateway.get("/readyz", &[]).await.json()["status"], "ready");
    gateway.draining.begin();
    let draining = gateway.get("/readyz", &[]).await;
    assert_eq!(
        (draining.status, draining.json()["status"].as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, Some("draining"))
    );
    assert_eq!(gateway.get("/livez", &[]).await.status, StatusCode::OK);
}

/// The metrics as a peer at `address` gets them.
async fn metrics(
    gateway: &Gateway,
    address: &str,
    forwarded: &[(&str, &str)],
) -> (StatusCode, String) {
    let builder = forwarded
        .iter()
        .fold(http::Request::get("/metrics"), |builder, (name, value)| {
            builder.header(*name, *value)
        });
    let (parts, ()) = builder.body(()).unwrap().into_parts();
    let peer = Addr::socket(SocketAddr::new(address.parse().unwrap(), 1));
    let parts = RequestParts::from((parts, LocalAddr::default(), RemoteAddr(peer), Scheme::HTTP));
    let answer = gateway
        .send(Request::from_parts(parts, Body::empty()))
        .await;
    (answer.status, answer.text)
}

#[tokio::test]
async fn metrics_are_for_direct_peers_of_the_own_network() {
    let gateway = Gateway::alone();
    for near in [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.9",
        "::1",
        "fd00::1",
        "::ffff:10.0.0.1",
    ] {
        assert_eq!(
            metrics(&gateway, near, &[]).await.0,
            StatusCode::OK,
            "{near}"
        );
    }
    for far in ["8.8.8.8", "2001:db8::1", "::ffff:8.8.8.8"] {
        assert_eq!(
            metrics(&gateway, far, &[]).await.0,
            StatusCode::NOT_FOUND,
            "{far}"
        );
    }
    let proxied = metrics(&gateway, "127.0.0.1", &[("x-forwarded-for", "8.8.8.8")]).await;
    assert_eq!(proxied.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn metrics_count_requests_operations_refusals_and_panics() {
    let gateway = Gateway::alone();
    gateway.ask("service", "{ __typename }").await;
    gateway
        .ask("service", &format!("{{ {} }}", "__typename ".repeat(21)))
        .await;
    gateway.ask("nobody", "{ __typename }").await;
    gateway.get("/saml/panic", &[]).await;
    gateway.get("/a/path/that/a/client/made/up", &[]).await;

    let (_, text) = metrics(&gateway, "127.0.0.1", &[]).await;

    for expected in [
        "http_server_request_duration_seconds_count{http_request_method=\"POST\",http_response_status_code=\"200\"",
        "http_route=\"_OTHER\"",
        "outcome=\"ok\"",
        "reason=\"root_fields\"",
        "reason=\"UNAUTHENTICATED\"",
        "portico_panics_total{",
        "db_client_connection_count{db_client_connection_pool_name=\"staff\",db_client_connection_state=\"idle\"",
        "portico_session_copies_trusted{otel_scope_name=\"portico\"} 0",
    ] {
        assert!(text.contains(expected), "{expected} is not in:\n{text}");
    }
    assert!(!text.contains("made"));
}

//! `/livez`, `/readyz` and `/metrics`: for the machines that look after this one.

use std::net::IpAddr;
use std::time::Duration;

use poem::http::{HeaderName, Method, StatusCode, header};
use poem::{Addr, Request, Response};
use serde_json::json;

use super::edge::Edge;

/// A database that takes longer to say that it is there cannot serve requests.
const PATIENCE: Duration = Duration::from_secs(1);
/// A proxy that passes a request on says for whom.
const FORWARDED: [HeaderName; 2] = [
    header::FORWARDED,
    HeaderName::from_static("x-forwarded-for"),
];

/// The process answers. Nothing else is asked, lest a restart be the cure for a database.
pub(super) fn live() -> Response {
    state(StatusCode::OK, &json!({ "status": "live" }))
}

/// Whether requests should be sent here.
pub(super) async fn ready(edge: &Edge) -> Response {
    if edge.draining.has_begun() {
        return state(
            StatusCode::SERVICE_UNAVAILABLE,
            &json!({ "status": "draining" }),
        );
    }
    let database = matches!(
        tokio::time::timeout(PATIENCE, edge.app.db.ping()).await,
        Ok(Ok(()))
    );
    if database {
        return state(
            StatusCode::OK,
            &json!({ "status": "ready", "database": "up" }),
        );
    }
    state(
        StatusCode::SERVICE_UNAVAILABLE,
        &json!({ "status": "waiting", "database": "down" }),
    )
}

/// The metrics, for scrapers in the same network that come directly: through the proxy the whole world
/// would read them.
pub(super) fn metrics(edge: &Edge, request: &Request) -> Response {
    let is_forwarded = FORWARDED
        .iter()
        .any(|name| request.headers().contains_key(name));
    let is_near = match &request.remote_addr().0 {
        Addr::SocketAddr(peer) => is_private(peer.ip()),
        Addr::Unix(_) => true,
        Addr::Custom(..) => false,
    };
    if request.method() != Method::GET || is_forwarded || !is_near {
        return StatusCode::NOT_FOUND.into();
    }
    match edge.metrics.text() {
        Ok(text) => Response::builder()
            .content_type("text/plain; version=0.0.4; charset=utf-8")
            .body(text),
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into()
        }
    }
}

fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_private() || address.is_link_local()
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

fn state(status: StatusCode, body: &serde_json::Value) -> Response {
    Response::builder()
        .status(status)
        .content_type("application/json")
        .body(body.to_string())
}

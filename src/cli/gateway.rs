//! A running gateway: from the open listener to the last answered request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::signals::Signals;
use crate::app::App;
use crate::http::listener::{self, ConnectionLimits};
use crate::http::{self, Edge, Others, SignedInCallers, tls};
use crate::telemetry::Metrics;

/// How a gateway ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// Every request that had begun was answered, or had its time.
    Drained,
    /// A second signal insisted.
    AtOnce,
}

/// Opens the listener; `key` is the setting that an error is about.
pub(super) async fn listen(key: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("{key}: cannot listen on {address}"))
}

/// Serves until a signal comes, then drains: `/readyz` turns at once, new requests are taken for
/// `server.drain_delay` while load balancers notice, and running ones have `server.drain_limit` to end.
pub(super) async fn run(
    app: &Arc<App>,
    others: Others,
    listener: TcpListener,
    signals: &mut Signals,
) -> anyhow::Result<Ended> {
    let server = &app.config.server;
    let tls = match &server.tls {
        Some(tls) => Some(tls::acceptor(&tls.certificates, &tls.key).context("server.tls")?),
        None => None,
    };
    let callers = Arc::new(SignedInCallers::new(Arc::clone(app)));
    let edge = Arc::new(Edge::new(
        Arc::clone(app),
        callers,
        Arc::new(Metrics::new()?),
    )?);
    let draining = edge.draining();
    let stop = CancellationToken::new();
    let serving = listener::serve(
        listener,
        tls,
        ConnectionLimits::new(server),
        http::endpoint(edge, others),
        stop.clone(),
    );
    let mut serving = tokio::spawn(serving);
    let ticking = app.start_jobs();
    crate::calendar::warn_at_start(&app.db).await;
    tracing::info!(address = %server.listen, url = %server.public_url, "serving");
    signals.next().await;
    draining.begin();
    if let Some(ticking) = &ticking {
        ticking.stop();
    }
    tracing::info!("told to stop: draining");
    if is_told_again(signals, sleep(server.drain_delay)).await {
        return Ok(Ended::AtOnce);
    }
    stop.cancel();
    // The listener keeps to the limit itself; the margin is for a listener that does not.
    let patience = server.drain_limit + Duration::from_secs(2);
    let rest = async {
        let jobs = async {
            if let Some(ticking) = ticking {
                ticking.ended().await;
            }
        };
        let both = async { tokio::join!(&mut serving, jobs) };
        if tokio::time::timeout(patience, both).await.is_err() {
            tracing::warn!("some requests or jobs did not end in time");
        }
    };
    if is_told_again(signals, rest).await {
        return Ok(Ended::AtOnce);
    }
    tracing::info!("drained");
    Ok(Ended::Drained)
}

/// Whether another signal came before `work` was done.
async fn is_told_again(signals: &mut Signals, work: impl Future<Output = ()>) -> bool {
    tokio::select! {
        () = work => false,
        () = signals.next() => {
            tracing::warn!("told again: ending at once");
            true
        }
    }
}

//! The accept loop: TCP or TLS, HTTP/1 and HTTP/2, with every wait bounded.
//!
//! Ours because poem's server knows no header timeout (reliability F4): one byte every few seconds would
//! hold a connection for ever. What a request means is not decided here.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use openssl::ssl::{Ssl, SslAcceptor};
use poem::http::uri::Scheme;
use poem::http::{Method, StatusCode, Version, header};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Addr, Body, Endpoint, Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_openssl::SslStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::stall::Impatient;

/// How long to wait before accepting again when the system refuses (too many open files).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
const HTTP2_STREAMS: u32 = 100;
const HTTP2_PING: Duration = Duration::from_secs(30);
const HTTP2_PONG: Duration = Duration::from_secs(10);
/// Streams that a client has opened and reset before we looked at them (CVE-2023-44487).
const HTTP2_RESETS: usize = 20;

/// What one client may take of the listener.
#[derive(Debug, Clone)]
pub struct ConnectionLimits {
    /// Connections open at once; more wait in the system's queue.
    pub connections: usize,
    /// From the accept to the end of the TLS handshake, and from there to the end of the request's
    /// headers. A kept-alive HTTP/1 connection is closed when it is idle for so long.
    pub header_timeout: Duration,
    /// From the end of the headers to the end of the body.
    pub body_timeout: Duration,
    /// The same for files, whose sender is known before the first byte is read.
    pub upload_timeout: Duration,
    /// While the client takes nothing of what is written to it.
    pub write_timeout: Duration,
    /// An HTTP/2 connection without requests.
    pub idle_timeout: Duration,
    /// How long requests may still run after the stop.
    pub drain: Duration,
    pub header_bytes: u32,
    pub headers: usize,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            connections: 4_096,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            upload_timeout: Duration::from_mins(5),
            write_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_mins(2),
            drain: Duration::from_secs(25),
            header_bytes: 64 * 1024,
            headers: 100,
        }
    }
}

/// Serves `endpoint` until `stop`, then lets open requests finish within [`ConnectionLimits::drain`].
pub async fn serve<E>(
    listener: TcpListener,
    tls: Option<SslAcceptor>,
    limits: ConnectionLimits,
    endpoint: E,
    stop: CancellationToken,
) where
    E: Endpoint + 'static,
{
    let permits = Arc::new(Semaphore::new(limits.connections));
    let open = TaskTracker::new();
    let server = Arc::new(Server {
        builder: builder(&limits),
        scheme: if tls.is_some() {
            Scheme::HTTPS
        } else {
            Scheme::HTTP
        },
        tls,
        limits,
        endpoint,
        stop: stop.clone(),
    });
    loop {
        let (permit, stream, peer) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener, &permits) => accepted,
        };
        let server = Arc::clone(&server);
        open.spawn(async move {
            server.connect(stream, peer).await;
            drop(permit);
        });
    }
    drop(listener);
    open.close();
    tracing::info!(connections = open.len(), "draining");
    open.wait().await;
}

/// Waits for a free place, then for a connection.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> (Option<OwnedSemaphorePermit>, TcpStream, SocketAddr) {
    if permits.available_permits() == 0 {
        tracing::warn!("all connections are taken; new ones wait");
    }
    // Never closed, so there always is a permit in the end.
    let permit = Arc::clone(permits).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (permit, stream, peer),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn builder(limits: &ConnectionLimits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_headers(limits.headers)
        .max_buf_size(
            usize::try_from(limits.header_bytes)
                .unwrap_or(usize::MAX)
                .max(8_192),
        );
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HTTP2_PING)
        .keep_alive_timeout(HTTP2_PONG)
        .max_concurrent_streams(HTTP2_STREAMS)
        .max_pending_accept_reset_streams(HTTP2_RESETS)
        .max_header_list_size(limits.header_bytes);
    builder
}

struct Server<E> {
    builder: auto::Builder<TokioExecutor>,
    scheme: Scheme,
    tls: Option<SslAcceptor>,
    limits: ConnectionLimits,
    endpoint: E,
    stop: CancellationToken,
}

/// Where a connection goes from and to.
#[derive(Clone)]
struct Ends {
    local: LocalAddr,
    remote: RemoteAddr,
}

impl<E: Endpoint + 'static> Server<E> {
    async fn connect(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        // Answers are written at once; waiting for more to send only delays them.
        let local = stream.set_nodelay(true).and_then(|()| stream.local_addr());
        let Ok(local) = local else { return };
        let ends = Ends {
            local: LocalAddr(Addr::socket(local)),
            remote: RemoteAddr(Addr::socket(peer)),
        };
        let Some(acceptor) = &self.tls else {
            return Self::talk(&self, stream, ends).await;
        };
        match timeout(self.limits.header_timeout, handshake(acceptor, stream)).await {
            Ok(Ok(stream)) => Self::talk(&self, stream, ends).await,
            Ok(Err(error)) => tracing::debug!(%peer, error, "no TLS connection came about"),
            Err(_) => tracing::debug!(%peer, "the TLS handshake took too long"),
        }
    }

    async fn talk(
        server: &Arc<Self>,
        io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        ends: Ends,
    ) {
        let activity = Arc::new(Activity::default());
        let service = service_fn({
            let (server, activity) = (Arc::clone(server), Arc::clone(&activity));
            move |request: http::Request<Incoming>| {
                let (server, ends) = (Arc::clone(&server), ends.clone());
                let running = Running::begin(&activity);
                async move {
                    let response = server.answer(request, ends).await;
                    drop(running);
                    Ok::<_, Infallible>(hyper::Response::from(response))
                }
            }
        });
        let io = Impatient::new(io, server.limits.write_timeout);
        let connection = server
            .builder
            .serve_connection_with_upgrades(TokioIo::new(io), service);
        tokio::pin!(connection);
        let limits = &server.limits;
        tokio::select! {
            _ = connection.as_mut() => return,
            () = activity.silence(limits.header_timeout, limits.idle_timeout) => {
                if !activity.has_begun() {
                    return;
                }
            }
            () = server.stop.cancelled() => {}
        }
        connection.as_mut().graceful_shutdown();
        // A client that went away in the middle is no news.
        let _ = timeout(limits.drain, connection).await;
    }

    async fn answer(&self, request: http::Request<Incoming>, ends: Ends) -> Response {
        if is_ambiguous(&request) {
            let refusal = Response::builder().status(StatusCode::BAD_REQUEST);
            return refusal.header(header::CONNECTION, "close").finish();
        }
        let mut request: Request = (request, ends.local, ends.remote, self.scheme.clone()).into();
        let body = request.take_body();
        let limit = if is_upload(&request) {
            self.limits.upload_timeout
        } else {
            self.limits.body_timeout
        };
        request.set_body(within(body, limit));
        self.endpoint.get_response(request).await
    }
}

fn is_upload(request: &Request) -> bool {
    request.method() == Method::PUT && request.uri().path().starts_with("/documents/")
}

/// Whether it is unclear which host is meant. (Of two lengths hyper takes the chunks, and closes.)
fn is_ambiguous(request: &http::Request<Incoming>) -> bool {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    hosts > 1 || (hosts == 0 && request.version() == Version::HTTP_11)
}

async fn handshake(
    acceptor: &SslAcceptor,
    stream: TcpStream,
) -> Result<SslStream<TcpStream>, String> {
    let tls = Ssl::new(acceptor.context()).map_err(|error| error.to_string())?;
    let mut stream = SslStream::new(tls, stream).map_err(|error| error.to_string())?;
    std::pin::Pin::new(&mut stream)
        .accept()
        .await
        .map_err(|error| error.to_string())?;
    Ok(stream)
}

/// A body that fails with [`io::ErrorKind::TimedOut`] when it is not complete in time.
fn within(body: Body, limit: Duration) -> Body {
    if body.is_empty() {
        return body;
    }
    let deadline = Instant::now() + limit;
    let chunks = Box::pin(body.into_bytes_stream());
    Body::from_bytes_stream(stream::unfold(Some(chunks), move |chunks| async move {
        let mut chunks = chunks?;
        match timeout_at(deadline, chunks.next()).await {
            Ok(chunk) => Some((chunk?, Some(chunks))),
            Err(_) => Some((Err(io::Error::from(io::ErrorKind::TimedOut)), None)),
        }
    }))
}

/// What goes on in a connection.
#[derive(Default)]
struct Activity {
    begun: AtomicBool,
    running: AtomicUsize,
    changed: Notify,
}

impl Activity {
    /// Returns when no request runs: `first` after the start, later `idle` after the last one.
    async fn silence(&self, first: Duration, idle: Duration) {
        let mut patience = first;
        loop {
            match timeout(patience, self.changed.notified()).await {
                Ok(()) => patience = idle,
                Err(_) if self.running.load(Ordering::SeqCst) == 0 => return,
                Err(_) => {}
            }
        }
    }

    fn has_begun(&self) -> bool {
        self.begun.load(Ordering::SeqCst)
    }
}

/// One request in work.
struct Running(Arc<Activity>);

impl Running {
    fn begin(activity: &Arc<Activity>) -> Self {
        activity.begun.store(true, Ordering::SeqCst);
        activity.running.fetch_add(1, Ordering::SeqCst);
        activity.changed.notify_one();
        Self(Arc::clone(activity))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
        self.0.changed.notify_one();
    }
}

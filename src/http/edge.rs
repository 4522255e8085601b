//! What all endpoints share, and what happens around each of them.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use futures_util::FutureExt as _;
use poem::http::{HeaderName, HeaderValue, Method, StatusCode};
use poem::{Endpoint, Request, Response};

use super::credentials::Callers;
use super::graphql::Contract;
use super::guard;
use super::settings::EdgeSettings;
use crate::app::App;
use crate::telemetry::Metrics;

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Everything that serves requests.
pub struct Edge {
    pub(super) app: Arc<App>,
    pub(super) callers: Arc<dyn Callers>,
    pub(super) settings: EdgeSettings,
    pub(super) contract: Contract,
    pub(super) metrics: Arc<Metrics>,
    pub(super) draining: Draining,
}

#[derive(Debug, thiserror::Error)]
pub enum EdgeError {
    #[error("the schema's digest is no entity tag")]
    Tag,
}

impl Edge {
    pub fn new(
        app: Arc<App>,
        callers: Arc<dyn Callers>,
        metrics: Arc<Metrics>,
    ) -> Result<Self, EdgeError> {
        let settings = EdgeSettings::new(&app.config);
        metrics.observe(&app.db, &app.sessions, &app.jobs, &app.outstanding);
        Ok(Self {
            contract: Contract::new(crate::graphql::sdl())?,
            draining: Draining::default(),
            app,
            callers,
            settings,
            metrics,
        })
    }

    /// Set it when the order to stop has come: load balancers then send nothing new.
    pub fn draining(&self) -> Draining {
        self.draining.clone()
    }

    pub(super) fn login_url(&self) -> String {
        format!("{}/saml/login", self.settings.public_origin)
    }
}

/// Whether this process is on its way out.
#[derive(Debug, Clone, Default)]
pub struct Draining(Arc<AtomicBool>);

impl Draining {
    pub fn begin(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub(super) fn has_begun(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// By which a person, a client and the log mean the same request.
#[derive(Debug, Clone)]
pub(super) struct Correlation(pub(super) Arc<str>);

impl Correlation {
    /// The caller's own id if it is one, else a fresh one.
    fn begin(request: &Request) -> Self {
        let given = request
            .headers()
            .get(REQUEST_ID)
            .and_then(|value| value.to_str().ok());
        Self(given.filter(|id| is_sane(id)).map_or_else(fresh, Arc::from))
    }

    pub(super) fn of(request: &Request) -> Self {
        request
            .extensions()
            .get()
            .cloned()
            .unwrap_or_else(|| Self(fresh()))
    }
}

/// Short and without anything that could break out of a log line or a header.
fn is_sane(id: &str) -> bool {
    (8..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn fresh() -> Arc<str> {
    let mut bytes = [0_u8; 16];
    // Without randomness nothing else works either; the id of a log line may then be all zeros.
    let _ = openssl::rand::rand_bytes(&mut bytes);
    format!("{:032x}", u128::from_be_bytes(bytes)).into()
}

/// What the log says of an operation that ran. The actor is an id, never a name.
#[derive(Debug, Clone)]
pub(super) struct Operated {
    pub(super) kind: &'static str,
    pub(super) cost: u64,
    pub(super) outcome: &'static str,
    pub(super) actor: String,
}

/// Puts around all endpoints what no answer may lack.
pub(super) struct Around<E> {
    pub(super) edge: Arc<Edge>,
    pub(super) inner: E,
}

impl<E: Endpoint> Around<E> {
    /// What a panic leaves behind lives in the request only, so the process goes on.
    async fn answer(&self, request: Request) -> Response {
        let answer = AssertUnwindSafe(self.inner.get_response(request))
            .catch_unwind()
            .await;
        answer.unwrap_or_else(|_| {
            self.edge.metrics.record_panic();
            StatusCode::INTERNAL_SERVER_ERROR.into()
        })
    }
}

impl<E: Endpoint> Endpoint for Around<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let begun = Instant::now();
        let edge = &*self.edge;
        let active = edge.metrics.begin_request();
        let correlation = Correlation::begin(&request);
        request.set_data(correlation.clone());
        let (method, route) = (known_method(request.method()), route(request.uri().path()));
        let asked = request.headers().clone();
        let mut response = match guard::preflight(&edge.settings, request.method(), &asked) {
            Some(response) => response,
            None => self.answer(request).await,
        };
        guard::protect(&edge.settings, &asked, response.headers_mut());
        if let Ok(id) = HeaderValue::from_str(&correlation.0) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        drop(active);
        let (status, took) = (response.status().as_u16(), begun.elapsed());
        edge.metrics.record_request(method, route, status, took);
        let operated = response.data::<Operated>();
        tracing::info!(
            method,
            route,
            status,
            took_ms = took.as_secs_f64() * 1e3,
            correlation_id = %correlation.0,
            operation = operated.map(|operated| operated.kind),
            cost = operated.map(|operated| operated.cost),
            outcome = operated.map(|operated| operated.outcome),
            actor = operated.map(|operated| operated.actor.as_str()),
            "answered"
        );
        Ok(response)
    }
}

/// Labels must not be chosen by clients.
fn known_method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "_OTHER",
    }
}

fn route(path: &str) -> &'static str {
    const EXACT: [&str; 11] = [
        "/",
        "/graphql",
        "/schema.graphql",
        "/graphiql",
        "/join",
        "/livez",
        "/readyz",
        "/metrics",
        "/saml/login",
        "/saml/acs",
        "/saml/metadata",
    ];
    const BELOW: [&str; 5] = ["/graphiql/", "/join/", "/saml/", "/dev/iam/", "/documents/"];
    let exact = EXACT.iter().find(|known| **known == path);
    let below = || BELOW.iter().find(|known| path.starts_with(**known));
    exact.or_else(below).copied().unwrap_or("_OTHER")
}

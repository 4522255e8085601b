//! `/graphql` and `/schema.graphql`.
//!
//! The stock endpoint of async-graphql-poem is not used: it runs mutations on GET and on `text/plain`, and
//! reads `operation_name` (reliability F2, F3). The order of the checks is that of reliability.md 2.4.

use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poem::http::{HeaderMap, Method, StatusCode, header};
use poem::web::headers::{ETag, HeaderMapExt as _, IfNoneMatch};
use poem::{Request, Response};

use super::ask::{self, Asked};
use super::credentials::{Caller, Credentials};
use super::edge::{Correlation, Edge, Operated};
use super::error::{HttpError, RETRY_AFTER_SECONDS, respond};
use super::guard;
use super::media::{self, Media};
use crate::config::Introspection;
use crate::graphql::answer::{Answer, Frame, Outcome};
use crate::graphql::gate::{Admitted, Ask, OperationType, Refused, RequestCode, RequestError};
use crate::graphql::{self, RequestParts};
use crate::i18n::Locale;
use crate::limits;
use crate::viewer::{Permission, Viewer};

/// Serves one operation.
pub(super) async fn serve(edge: &Edge, mut request: Request) -> Response {
    let correlation = Correlation::of(&request);
    let locale = locale(request.headers());
    let frame = Frame {
        correlation_id: &correlation.0,
        locale,
        cost: None,
    };
    // A client that accepts none of our types reads the refusal as JSON.
    let media = Media::negotiated(request.headers());
    let result = match media {
        Some(media) => answer(edge, &mut request, frame, media).await,
        None => Err(HttpError::NotAcceptable),
    };
    result.unwrap_or_else(|error| {
        edge.metrics.record_rejection(error.reason());
        let mut response = error.respond(media.unwrap_or(Media::Json), frame);
        if error.ends_a_session() {
            edge.callers.take_back(response.headers_mut());
        }
        response
    })
}

async fn answer(
    edge: &Edge,
    request: &mut Request,
    frame: Frame<'_>,
    media: Media,
) -> Result<Response, HttpError> {
    let method = request.method().clone();
    is_readable(&method, request.headers())?;
    let credentials = Credentials::read(request.headers(), edge.callers.cookie_name());
    guard::check(&edge.settings, &method, request.headers(), &credentials)
        .map_err(HttpError::Blocked)?;
    let viewer = viewer(edge, credentials).await?;
    let asked = if method == Method::GET {
        Asked::from_url(request.uri().query().unwrap_or_default())?
    } else {
        let bytes = ask::body(request.take_body(), edge.settings.body_bytes).await?;
        Asked::from_body(&bytes)?
    };
    let ask = Ask {
        query: &asked.query,
        operation_name: asked.operation_name.as_deref(),
        variables: asked.variables,
    };
    let admitted = edge
        .app
        .gate
        .admit(ask)
        .and_then(|admitted| may_introspect(edge, &viewer, admitted));
    let admitted = match admitted {
        Ok(admitted) => admitted,
        Err(refused) => return Ok(refuse(edge, &refused, frame, media)),
    };
    is_servable(&method, admitted.operation_type)?;
    let units = u32::try_from(admitted.cost.requested.max(1)).unwrap_or(u32::MAX);
    afford(edge, &viewer, units).await?;
    Ok(run(edge, viewer, admitted, frame, media).await)
}

/// What can be said of a request before anything of it is believed.
fn is_readable(method: &Method, headers: &HeaderMap) -> Result<(), HttpError> {
    if method != Method::GET && method != Method::POST {
        return Err(HttpError::Method {
            allowed: "GET, POST",
        });
    }
    if method == Method::POST && (!media::is_json(headers) || is_encoded(headers)) {
        return Err(HttpError::ContentType);
    }
    Ok(())
}

/// A GET is sent by links, images and caches: it never changes anything.
fn is_servable(method: &Method, operation: OperationType) -> Result<(), HttpError> {
    match operation {
        OperationType::Mutation | OperationType::Subscription if method == Method::GET => {
            Err(HttpError::Method { allowed: "POST" })
        }
        OperationType::Subscription => Err(HttpError::bad(
            "Subscriptions are not served over a single request.",
        )),
        OperationType::Query | OperationType::Mutation => Ok(()),
    }
}

/// Takes the cost from what the viewer's organisation may use in a minute. Nothing is for free.
pub(super) async fn afford(edge: &Edge, viewer: &Viewer, units: u32) -> Result<(), HttpError> {
    match edge.app.limits.cost(viewer, units).await {
        limits::Answer::Allowed { .. } => Ok(()),
        limits::Answer::Limited { retry_after } => Err(HttpError::Limited {
            retry_after_seconds: retry_after.as_secs().saturating_add(1),
        }),
    }
}

async fn run(
    edge: &Edge,
    viewer: Viewer,
    admitted: Admitted,
    frame: Frame<'_>,
    media: Media,
) -> Response {
    let begun = Instant::now();
    let (kind, cost, actor) = (admitted.kind(), admitted.cost.requested, viewer.actor());
    let context = graphql::Request::new(RequestParts {
        db: edge.app.db.clone(),
        viewer,
        locale: frame.locale,
        correlation_id: frame.correlation_id.to_owned(),
        cursors: edge.app.cursors.clone(),
        files: edge.app.files.clone(),
    });
    let limit = edge.settings.execution_limit;
    let answer = graphql::execute(&edge.app.schema, admitted, context.clone(), frame, limit).await;
    edge.metrics
        .record_operation(kind, answer.outcome.as_str(), cost, begun.elapsed());
    if answer.outcome == Outcome::Panic {
        edge.metrics.record_panic();
    }
    let operated = Operated {
        kind,
        cost,
        outcome: answer.outcome.as_str(),
        actor,
    };
    let mut response = finish(answer, media);
    response.set_data(operated);
    if let Some(change) = context.session_change() {
        edge.callers.hand_out(&change, response.headers_mut());
    }
    response
}

fn refuse(edge: &Edge, refused: &Refused, frame: Frame<'_>, media: Media) -> Response {
    if let Some(error) = refused.errors.first() {
        let limit = error.exceeded.map(|passed| passed.limit);
        edge.metrics
            .record_rejection(limit.unwrap_or(error.code.as_str()));
    }
    finish(Answer::refused(&refused.errors, frame), media)
}

/// Clients of the older type expect 200 for whatever a GraphQL client reads itself.
fn finish(answer: Answer, media: Media) -> Response {
    let status = match (answer.outcome, media) {
        (Outcome::Panic, _) => StatusCode::INTERNAL_SERVER_ERROR,
        (Outcome::Unavailable, _) | (Outcome::Timeout, Media::GraphqlResponse) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        (Outcome::Refused, Media::GraphqlResponse) => StatusCode::BAD_REQUEST,
        (Outcome::Ok | Outcome::Errors, _) | (_, Media::Json) => StatusCode::OK,
    };
    let mut response = respond(status, media, answer.body);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS.into());
    }
    response
}

pub(super) async fn viewer(edge: &Edge, credentials: Credentials) -> Result<Viewer, HttpError> {
    let with_session = matches!(credentials, Credentials::Cookie(_));
    match edge.callers.find(credentials).await {
        Caller::Known(viewer) => Ok(viewer),
        Caller::Nobody => Err(HttpError::Unauthenticated {
            login_url: edge.login_url(),
            session_ended: with_session,
        }),
        Caller::Unknown => Err(HttpError::CallerUnknown),
    }
}

fn may_introspect(edge: &Edge, viewer: &Viewer, admitted: Admitted) -> Result<Admitted, Refused> {
    if !admitted.introspects || may_read_schema(edge, viewer) {
        return Ok(admitted);
    }
    let message = "The schema cannot be read through the graph with this sign-in.";
    Err(Refused {
        errors: vec![RequestError::new(
            RequestCode::IntrospectionDisabled,
            message,
        )],
        work: admitted.work,
    })
}

pub(super) fn may_read_schema(edge: &Edge, viewer: &Viewer) -> bool {
    match edge.settings.introspection {
        Introspection::Everyone => true,
        Introspection::Permitted => {
            matches!(viewer, Viewer::Service(_)) || viewer.may(Permission::ReadSchema)
        }
        Introspection::Nobody => false,
    }
}

/// The contract as text, under the policy of introspection. Reading it changes nothing, so a link may lead here.
pub(super) async fn schema(edge: &Edge, request: Request) -> Response {
    let correlation = Correlation::of(&request);
    let frame = Frame {
        correlation_id: &correlation.0,
        locale: locale(request.headers()),
        cost: None,
    };
    match readable_schema(edge, &request).await {
        Ok(response) => response,
        Err(error) => error.respond(Media::Json, frame),
    }
}

async fn readable_schema(edge: &Edge, request: &Request) -> Result<Response, HttpError> {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return Err(HttpError::Method {
            allowed: "GET, HEAD",
        });
    }
    if edge.settings.introspection != Introspection::Everyone {
        let credentials = Credentials::read(request.headers(), edge.callers.cookie_name());
        let viewer = viewer(edge, credentials).await?;
        if !may_read_schema(edge, &viewer) {
            return Err(HttpError::Forbidden);
        }
    }
    let Contract { text, tag } = &edge.contract;
    let response = Response::builder()
        .typed_header(tag.clone())
        .header(header::CACHE_CONTROL, "private, no-cache");
    let known = request.headers().typed_get::<IfNoneMatch>();
    if known.is_some_and(|known| !known.precondition_passes(tag)) {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    Ok(response
        .content_type("application/graphql; charset=utf-8")
        .body(text.clone()))
}

/// The SDL and what it is recognised by.
#[derive(Debug)]
pub(super) struct Contract {
    text: String,
    tag: ETag,
}

impl Contract {
    pub(super) fn new(text: String) -> Result<Self, super::edge::EdgeError> {
        let digest = URL_SAFE_NO_PAD.encode(openssl::sha::sha256(text.as_bytes()));
        let tag = format!("\"{digest}\"")
            .parse()
            .map_err(|_| super::edge::EdgeError::Tag)?;
        Ok(Self { text, tag })
    }
}

pub(super) fn locale(headers: &HeaderMap) -> Locale {
    Locale::accepted(
        headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok()),
    )
}

fn is_encoded(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_ENCODING)
        .is_some_and(|coding| coding != "identity")
}

//! `/saml/…`: signing in by an identity provider, and out again.
//!
//! | route | answers |
//! | --- | --- |
//! | `GET /saml/login?return_to=/path&idp=ID` | a redirect to the identity provider; a choice when there are several |
//! | `POST /saml/acs` | the session, and a redirect to where the person wanted to go |
//! | `GET /saml/metadata` | who we are, for identity providers |
//! | `POST /saml/logout` | the end of this session |
//! | `GET /saml/signed-out` | the page after that |
//!
//! Every refused answer is one page with a reference; the reason is in the log alone. The answer itself, cookies and
//! tokens are never logged.

use std::sync::Arc;

use minijinja::{Value, context};
use poem::http::{HeaderMap, Method, StatusCode, header};
use poem::{Endpoint, IntoResponse, Request, Response, Route, endpoint, get, post};
use secrecy::ExposeSecret as _;
use url::form_urlencoded;

use super::client;
use super::cookies::{Cookie, CookieKind};
use super::edge::Correlation;
use super::pages::{self, Page};
use crate::app::App;
use crate::identity::sessions::SessionToken;
use crate::ids::{IdpId, Tagged as _};
use crate::limits;
use crate::saml::{
    Browser, IdentityProvider, MAX_ENCODED, ReturnTo, SamlRefusal, SignInError, chosen_provider,
};

/// A form around the longest answer that is decoded: its `+`, `/`, `=` and line ends are percent-encoded.
const MAX_FORM: usize = MAX_ENCODED + MAX_ENCODED / 4;

/// What the routes share.
pub struct SamlEdge {
    app: Arc<App>,
    cookies: CookieKind,
    /// The origin that a browser names when our own page posts.
    origin: String,
}

impl SamlEdge {
    pub fn new(app: Arc<App>) -> Self {
        let public_url = &app.config.server.public_url;
        Self {
            cookies: CookieKind::of(public_url),
            origin: public_url.origin().ascii_serialization(),
            app,
        }
    }

    fn browser<'a>(&self, headers: &'a HeaderMap) -> Browser<'a> {
        Browser {
            user_agent: headers
                .get(header::USER_AGENT)
                .and_then(|value| value.to_str().ok()),
            pending: self.cookies.read(Cookie::Pending, headers),
            session: self
                .cookies
                .read(Cookie::Session, headers)
                .and_then(SessionToken::parse)
                .map(|token| token.hash()),
        }
    }

    /// Counts a step of signing in; `Some` when its network has taken too many.
    async fn limited(&self, request: &Request) -> Option<Response> {
        let client = client::address(request, &self.app.config.server.trusted_proxies)?;
        match self.app.limits.sign_in(client).await {
            limits::Answer::Allowed { .. } => None,
            limits::Answer::Limited { retry_after } => {
                let seconds = retry_after.as_secs() + 1;
                let page =
                    Page::TooMany.respond(StatusCode::TOO_MANY_REQUESTS, context! { seconds });
                Some(
                    page.with_header(header::RETRY_AFTER, seconds)
                        .into_response(),
                )
            }
        }
    }

    /// In development `localhost` and `127.0.0.1` both lead here, but a cookie belongs to one of them: the sign-in
    /// goes on under the name that the answer will come back to.
    fn canonical(&self, request: &Request) -> Option<String> {
        let host = request.header(header::HOST)?;
        let is_canonical = self
            .origin
            .strip_prefix("http://")
            .is_none_or(|ours| ours == host);
        (!is_canonical && matches!(self.cookies, CookieKind::Loopback { .. }))
            .then(|| format!("{}{}", self.origin, request.original_uri()))
    }
}

/// Adds the routes, and what their pages need.
pub fn mount(route: Route, edge: &Arc<SamlEdge>) -> Route {
    pages::mount(route)
        .at("/saml/login", get(with(edge, login)))
        .at("/saml/acs", post(with(edge, acs)))
        .at("/saml/metadata", get(with(edge, metadata)))
        .at("/saml/logout", post(with(edge, logout)))
        .at("/saml/signed-out", get(with(edge, signed_out)))
}

fn with<F>(edge: &Arc<SamlEdge>, handler: fn(Arc<SamlEdge>, Request) -> F) -> impl Endpoint + use<F>
where
    F: Future<Output = Response> + Send + 'static,
{
    let edge = Arc::clone(edge);
    endpoint::make(move |request| handler(Arc::clone(&edge), request))
}

async fn login(edge: Arc<SamlEdge>, request: Request) -> Response {
    if let Some(canonical) = edge.canonical(&request) {
        return found(&canonical).finish();
    }
    if let Some(busy) = edge.limited(&request).await {
        return busy;
    }
    let query = request.uri().query().unwrap_or_default();
    let (Ok(return_to), Ok(named)) = (single(query, "return_to"), single(query, "idp")) else {
        return Page::UnknownReturnTo.respond(StatusCode::BAD_REQUEST, Value::UNDEFINED);
    };
    let return_to = match return_to.as_deref() {
        None => ReturnTo::home(),
        Some(text) => match ReturnTo::parse(text) {
            Some(path) => path,
            None => {
                return Page::UnknownReturnTo.respond(StatusCode::BAD_REQUEST, Value::UNDEFINED);
            }
        },
    };
    let providers = match edge.app.sign_in.providers.active().await {
        Ok(providers) => providers,
        Err(error) => return unavailable(&error, &Correlation::of(&request).0),
    };
    // An id that is not, or no longer, known leads to the choice as well.
    let named = named.and_then(|id| IdpId::parse(&id));
    let Some(idp) = chosen_provider(&providers, named) else {
        return choice(&providers, &return_to);
    };
    let browser = edge.browser(request.headers());
    match edge.app.sign_in.start(idp, &return_to, browser) {
        Ok(started) => found(&started.url)
            .header(
                header::SET_COOKIE,
                edge.cookies.set(Cookie::Pending, &started.cookie),
            )
            .finish(),
        Err(error) => unavailable(&error, &Correlation::of(&request).0),
    }
}

fn found(location: &str) -> poem::ResponseBuilder {
    Response::builder()
        .status(StatusCode::FOUND)
        .header(header::LOCATION, location)
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::REFERRER_POLICY, "no-referrer")
}

fn choice(providers: &[Arc<IdentityProvider>], return_to: &ReturnTo) -> Response {
    let link = |idp: &Arc<IdentityProvider>| {
        let query: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("idp", &idp.id.global())
            .append_pair("return_to", return_to.as_str())
            .finish();
        context! { name => idp.display_name.as_str(), href => format!("/saml/login?{query}") }
    };
    let links: Vec<_> = providers.iter().map(link).collect();
    let status = if links.is_empty() {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    };
    Page::ChooseProvider.respond(status, context! { providers => links })
}

async fn acs(edge: Arc<SamlEdge>, mut request: Request) -> Response {
    if let Some(busy) = edge.limited(&request).await {
        return busy;
    }
    let reference = Correlation::of(&request).0;
    let form = match form(&mut request).await {
        Ok(form) => form,
        Err(refusal) => return refused(refusal, &reference),
    };
    let answer = match single(&form, "SAMLResponse") {
        Ok(Some(answer)) => answer,
        Ok(None) => return refused(SamlRefusal::InvalidParameter, &reference),
        Err(refusal) => return refused(refusal, &reference),
    };
    let browser = edge.browser(request.headers());
    match edge.app.sign_in.finish(&answer, browser, &reference).await {
        Ok(signed_in) => {
            tracing::info!(
                identity.id = signed_in.identity.global(),
                idp.id = signed_in.idp.global(),
                correlation_id = &*reference,
                "signed in"
            );
            let session = edge
                .cookies
                .set(Cookie::Session, signed_in.token.text().expose_secret());
            found(signed_in.return_to.as_str())
                .status(StatusCode::SEE_OTHER)
                .header(header::SET_COOKIE, session)
                .finish()
        }
        Err(SignInError::Refused(refusal)) => refused(refusal, &reference),
        Err(SignInError::Store(error)) => unavailable(&error, &reference),
        Err(SignInError::Setup(error)) => unavailable(&error, &reference),
    }
}

/// The one page of all refusals. Only what the browser did wrong by itself shows in the status.
fn refused(refusal: SamlRefusal, reference: &str) -> Response {
    tracing::warn!(reason = ?refusal, correlation_id = reference, "sign-in refused: {refusal}");
    let status = if refusal == SamlRefusal::TooLarge {
        StatusCode::PAYLOAD_TOO_LARGE
    } else {
        StatusCode::FORBIDDEN
    };
    Page::SignInFailed.respond(status, context! { reference })
}

fn unavailable(error: &(dyn std::error::Error + 'static), reference: &str) -> Response {
    tracing::error!(error, correlation_id = reference, "sign-in is unavailable");
    Page::Unavailable.respond(StatusCode::SERVICE_UNAVAILABLE, context! { reference })
}

async fn metadata(edge: Arc<SamlEdge>, _request: Request) -> Response {
    Response::builder()
        .content_type("application/samlmetadata+xml")
        .header(header::CACHE_CONTROL, "public, max-age=3600")
        .body(edge.app.sign_in.service.metadata())
}

async fn logout(edge: Arc<SamlEdge>, request: Request) -> Response {
    let correlation = Correlation::of(&request).0;
    if !is_same_origin(request.headers(), &edge.origin) {
        tracing::warn!(
            correlation_id = &*correlation,
            "sign-out refused: the request does not come from this origin"
        );
        return StatusCode::FORBIDDEN.into_response();
    }
    if let Some(session) = edge.browser(request.headers()).session
        && let Err(error) = edge.app.sign_in.end(&session, &correlation).await
    {
        return unavailable(&error, &correlation);
    }
    found("/saml/signed-out")
        .status(StatusCode::SEE_OTHER)
        .header(header::SET_COOKIE, edge.cookies.clear(Cookie::Session))
        .finish()
}

async fn signed_out(_edge: Arc<SamlEdge>, _request: Request) -> Response {
    Page::SignedOut.respond(StatusCode::OK, Value::UNDEFINED)
}

/// Whether a page of this origin sent a request that changes something. A browser always says one of the two; a
/// client that says neither could be made to by nobody's page, but then it has no business with our cookie.
pub(super) fn is_same_origin(headers: &HeaderMap, origin: &str) -> bool {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match value("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => value("origin") == Some(origin),
    }
}

/// The body of a form post, still encoded.
async fn form(request: &mut Request) -> Result<String, SamlRefusal> {
    debug_assert_eq!(request.method(), Method::POST);
    let is_form = request.content_type().is_some_and(|kind| {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    });
    if !is_form {
        return Err(SamlRefusal::InvalidParameter);
    }
    let body = request
        .take_body()
        .into_bytes_limit(MAX_FORM)
        .await
        .map_err(|error| match error {
            poem::error::ReadBodyError::PayloadTooLarge => SamlRefusal::TooLarge,
            poem::error::ReadBodyError::BodyHasBeenTaken
            | poem::error::ReadBodyError::Utf8(_)
            | poem::error::ReadBodyError::Io(_) => SamlRefusal::InvalidParameter,
        })?;
    String::from_utf8(body.into()).map_err(|_not_utf8| SamlRefusal::InvalidParameter)
}

/// The decoded value of a parameter that occurs at most once.
fn single(encoded: &str, name: &str) -> Result<Option<String>, SamlRefusal> {
    let mut values = form_urlencoded::parse(encoded.as_bytes())
        .filter(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned());
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(SamlRefusal::DuplicateParameter),
    }
}

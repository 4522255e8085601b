//! `/join`: the page that a customer opens with a partner's link or QR code.
//!
//! | route | answers |
//! | --- | --- |
//! | `GET /join` | who invites, the notice, and after signing in the own accounts; without a link a field for its code |
//! | `POST /join` | keeps the code for this browser for half an hour, and goes on to `GET /join` |
//! | `POST /join/accept` | associates the chosen account by the use case that the graph has too |
//!
//! The link holds its secret behind the `#`, so it reaches no log and no other site; a small script of ours sends it,
//! and without script the person types it. Everything else works without script. A form can be sent by a page of this
//! origin only.

mod form;
mod show;

use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use poem::{Request, Response};

use self::form::Form;
use self::show::{Shown, View};
use super::client;
use super::cookies::{Cookie, CookieKind};
use super::credentials::{Caller, Credentials};
use super::edge::{Correlation, Edge};
use super::graphql::{afford, locale};
use super::pages::Page;
use super::saml::is_same_origin;
use crate::customers::{self, Acceptance};
use crate::error::{Failure, Refusals};
use crate::graphql::SessionChange;
use crate::i18n::Locale;
use crate::limits;
use crate::viewer::Viewer;

/// What looking at an offer takes from the organisation's budget of the minute.
const COST: u32 = 10;
/// How long the code is kept for this browser: a sign-in fits in several times.
const KEPT_SECONDS: u32 = 1_800;

/// What every answer needs of its request.
struct Visit {
    correlation: Correlation,
    headers: HeaderMap,
    locale: Locale,
    cookies: CookieKind,
    /// The code of a link, as this browser keeps it.
    code: Option<String>,
}

impl Visit {
    fn of(edge: &Edge, request: &Request) -> Self {
        let headers = request.headers().clone();
        let cookies = CookieKind::of(&edge.app.config.server.public_url);
        Self {
            correlation: Correlation::of(request),
            locale: chosen_language(request.uri().query()).unwrap_or_else(|| locale(&headers)),
            code: cookies.read(Cookie::Join, &headers).map(str::to_owned),
            cookies,
            headers,
        }
    }

    fn respond(&self, status: StatusCode, view: &View) -> Response {
        Page::Join.respond(status, show::values(self.locale, view))
    }

    /// Forgets the code when it is of no more use.
    fn forgetting(&self, mut response: Response) -> Response {
        set_cookie(&mut response, &self.cookies.clear(Cookie::Join));
        response
    }

    fn unavailable(&self) -> Response {
        let reference = &*self.correlation.0;
        let values = minijinja::context! { reference };
        Page::Unavailable.respond(StatusCode::SERVICE_UNAVAILABLE, values)
    }
}

/// Why the person does not get what was asked for: the page that says so.
enum Stop {
    Page(Response),
    /// What a use case said.
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

pub(super) async fn serve(edge: &Edge, request: Request) -> Response {
    let visit = Visit::of(edge, &request);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let answer = match (method, path.as_str()) {
        (Method::GET, "/join") => look(edge, &visit).await,
        (Method::POST, "/join") => open(edge, &visit, request).await,
        (Method::POST, "/join/accept") => accept(edge, &visit, request).await,
        (_, "/join" | "/join/accept") => {
            let allow = if path == "/join" { "GET, POST" } else { "POST" };
            let response = Response::builder().status(StatusCode::METHOD_NOT_ALLOWED);
            return response.header(header::ALLOW, allow).finish();
        }
        _ => return StatusCode::NOT_FOUND.into(),
    };
    match answer {
        Ok(response) | Err(Stop::Page(response)) => response,
        Err(Stop::Failed(Failure::Refused(refusals))) => refused_link(&visit, &refusals),
        Err(Stop::Failed(Failure::Internal(error))) => {
            let correlation_id = &*visit.correlation.0;
            tracing::error!(error = %error, correlation_id, "a page failed inside");
            visit.unavailable()
        }
    }
}

/// The link is no good, or a service account came along: the page says what to do, and takes another code.
fn refused_link(visit: &Visit, refusals: &Refusals) -> Response {
    let faults = show::faults(refusals, visit.locale);
    visit.forgetting(visit.respond(StatusCode::OK, &View::Code { faults }))
}

async fn look(edge: &Edge, visit: &Visit) -> Result<Response, Stop> {
    let Some(code) = &visit.code else {
        return Ok(visit.respond(StatusCode::OK, &View::Code { faults: Vec::new() }));
    };
    let shown = shown(edge, visit, code).await?;
    Ok(visit.respond(StatusCode::OK, &View::Offer(Box::new(shown))))
}

/// What the person with this code is shown: signed in, the own accounts too.
async fn shown(edge: &Edge, visit: &Visit, code: &str) -> Result<Shown, Stop> {
    let db = &edge.app.db;
    let offer = customers::offer(db, code).await?;
    let texts = customers::texts(db).await?;
    let choices = match viewer(edge, visit).await? {
        Some(viewer) => Some(customers::choices(db, &viewer, &offer).await?),
        None => None,
    };
    Ok(Shown {
        offer,
        texts,
        choices,
        key: db.ids().fresh::<crate::ids::CustomerInvitationId>().0,
        faults: Vec::new(),
        unticked: false,
        chosen: None,
    })
}

/// Keeps the code for this browser. It is not looked up here: `GET /join` says what it is worth.
async fn open(edge: &Edge, visit: &Visit, mut request: Request) -> Result<Response, Stop> {
    expect_own_page(edge, visit)?;
    let form = Form::read(&mut request).await.map_err(Stop::Page)?;
    if let Some(address) = client::address(&request, &edge.app.config.server.trusted_proxies)
        && let limits::Answer::Limited { retry_after } = edge.app.limits.sign_in(address).await
    {
        let seconds = retry_after.as_secs() + 1;
        let values = minijinja::context! { seconds };
        return Err(Stop::Page(
            Page::TooMany.respond(StatusCode::TOO_MANY_REQUESTS, values),
        ));
    }
    let mut response = go_on(visit);
    let code = form.text("code").trim();
    // A whole link may be pasted too.
    let code = code.rsplit_once('#').map_or(code, |(_, code)| code);
    let is_code = code.len() == 43
        && code
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    // What is no code is kept as one that nobody has: the page then says so.
    let code = if is_code { code } else { "-" };
    let kept = visit.cookies.set(Cookie::Join, code);
    set_cookie(&mut response, &format!("{kept}; Max-Age={KEPT_SECONDS}"));
    Ok(response)
}

async fn accept(edge: &Edge, visit: &Visit, mut request: Request) -> Result<Response, Stop> {
    expect_own_page(edge, visit)?;
    let form = Form::read(&mut request).await.map_err(Stop::Page)?;
    let (Some(code), Some(viewer)) = (&visit.code, viewer(edge, visit).await?) else {
        // The code was kept too long ago, or the session is over: the page begins again.
        return Ok(go_on(visit));
    };
    let Some(key) = form.key(code) else {
        return Ok(go_on(visit));
    };
    let who = (&viewer, &*visit.correlation.0);
    let accepting = form.accepting(code, visit.locale);
    match customers::accept(&edge.app.db, who, key, accepting).await {
        Ok(acceptance) => Ok(joined(edge, visit, &acceptance)),
        Err(Failure::Refused(refusals)) => {
            // Shows the offer once more, with what is wrong; a link that is no good any more has no offer to show.
            let mut shown = match shown(edge, visit, code).await {
                Ok(shown) => shown,
                Err(Stop::Failed(Failure::Refused(_))) => {
                    return Err(Failure::Refused(refusals).into());
                }
                Err(stop) => return Err(stop),
            };
            shown.faults = show::faults(&refusals, visit.locale);
            shown.unticked = refusals.first.reason.0 == "CONSENT_REQUIRED";
            shown.chosen = Some(form.text("account").to_owned());
            Ok(visit.respond(StatusCode::OK, &View::Offer(Box::new(shown))))
        }
        Err(failure) => Err(failure.into()),
    }
}

/// The page after that, with the session of the customer's member.
fn joined(edge: &Edge, visit: &Visit, acceptance: &Acceptance) -> Response {
    let mut response = visit.forgetting(visit.respond(StatusCode::OK, &View::Joined));
    let applied = &acceptance.applied;
    if !applied.replayed && applied.outcome.member.is_some() {
        let token = acceptance.session_token.text();
        edge.callers
            .hand_out(&SessionChange { token }, response.headers_mut());
    }
    response
}

/// Who is signed in, if anybody is; counted like any other reading.
async fn viewer(edge: &Edge, visit: &Visit) -> Result<Option<Viewer>, Stop> {
    let credentials = Credentials::read(&visit.headers, edge.callers.cookie_name());
    match edge.callers.find(credentials).await {
        Caller::Known(viewer) => {
            let afforded = afford(edge, &viewer, COST).await;
            afforded.map_err(|_limited| {
                let values = minijinja::context! { seconds => 60 };
                Stop::Page(Page::TooMany.respond(StatusCode::TOO_MANY_REQUESTS, values))
            })?;
            Ok(Some(viewer))
        }
        Caller::Nobody => Ok(None),
        Caller::Unknown => Err(Stop::Page(visit.unavailable())),
    }
}

fn expect_own_page(edge: &Edge, visit: &Visit) -> Result<(), Stop> {
    if is_same_origin(&visit.headers, &edge.settings.public_origin) {
        return Ok(());
    }
    edge.metrics.record_rejection("CSRF_BLOCKED");
    Err(Stop::Page(StatusCode::FORBIDDEN.into()))
}

/// Back to the page, in the language that it was in.
fn go_on(visit: &Visit) -> Response {
    Response::builder()
        .status(StatusCode::SEE_OTHER)
        .header(header::LOCATION, show::address("/join", visit.locale))
        .header(header::CACHE_CONTROL, "no-store")
        .finish()
}

fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// What the address says goes before what the browser prefers.
fn chosen_language(query: Option<&str>) -> Option<Locale> {
    let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let tag = pairs
        .into_iter()
        .find(|(name, _)| name == "lang")
        .map(|(_, value)| value.into_owned())?;
    Locale::ALL.into_iter().find(|locale| locale.tag() == tag)
}

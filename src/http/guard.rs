//! Where a request may come from: a page of another site must not act with a person's session.

use poem::Response;
use poem::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::credentials::Credentials;
use super::settings::EdgeSettings;

/// Headers that no form and no image can send; any of them shows that a script of an allowed page asks.
const CSRF_HEADERS: [&str; 4] = [
    "x-portico-csrf",
    "apollo-require-preflight",
    "x-apollo-operation-name",
    "graphql-require-preflight",
];
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// How long a browser may remember a preflight's answer.
const PREFLIGHT_SECONDS: &str = "600";

/// Why a request is not believed to be the person's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blocked {
    /// A browser says that another site sends it.
    OtherSite,
    /// Typed, bookmarked or opened by another program, and yet not a query.
    Navigation,
    /// The origin is not on the list.
    UnknownOrigin,
    /// A cookie, and no sign of where the request comes from.
    NoOrigin,
    /// A cookie, and none of [`CSRF_HEADERS`].
    NoHeader,
}

impl Blocked {
    pub(super) fn message(self) -> &'static str {
        match self {
            Self::OtherSite => {
                "Blocked: the page that sent this is on another site (Sec-Fetch-Site) that is not in `server.allowed_origins`."
            }
            Self::Navigation => "Blocked: a POST must come from a page (Sec-Fetch-Site: none).",
            Self::UnknownOrigin => {
                "Blocked: the Origin of this request is not in `server.allowed_origins`."
            }
            Self::NoOrigin => {
                "Blocked: a request with the session cookie needs an Origin. Programs use a service account's bearer token."
            }
            Self::NoHeader => {
                "Blocked: a request with the session cookie needs the header `x-portico-csrf: 1`."
            }
        }
    }
}

/// Decides in the order of reliability.md 2.4, after method and content type.
pub(super) fn check(
    settings: &EdgeSettings,
    method: &Method,
    headers: &HeaderMap,
    credentials: &Credentials,
) -> Result<(), Blocked> {
    // No browser sends a bearer token by itself.
    let with_cookie = match credentials {
        Credentials::Bearer(_) => return Ok(()),
        Credentials::Cookie(_) => true,
        Credentials::None => false,
    };
    let is_listed = || origin(headers).is_some_and(|origin| is_known(settings, origin));
    match headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes) {
        Some(b"none") if method != Method::GET => return Err(Blocked::Navigation),
        Some(b"same-origin" | b"none") => {}
        Some(_) if !is_listed() => return Err(Blocked::OtherSite),
        None if is_listed() => {}
        None if headers.contains_key(header::ORIGIN) => return Err(Blocked::UnknownOrigin),
        None if with_cookie => return Err(Blocked::NoOrigin),
        Some(_) | None => {}
    }
    if with_cookie && !CSRF_HEADERS.iter().any(|name| headers.contains_key(*name)) {
        return Err(Blocked::NoHeader);
    }
    Ok(())
}

/// The one origin that the request names.
fn origin(headers: &HeaderMap) -> Option<&str> {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let only = origins.next().filter(|_| origins.next().is_none())?;
    only.to_str().ok()
}

fn is_known(settings: &EdgeSettings, origin: &str) -> bool {
    origin == settings.public_origin || settings.allowed_origins.iter().any(|known| known == origin)
}

/// Answers a browser that asks whether a page of another origin may send a request.
pub(super) fn preflight(
    settings: &EdgeSettings,
    method: &Method,
    headers: &HeaderMap,
) -> Option<Response> {
    if method != Method::OPTIONS || !headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        return None;
    }
    let is_known = origin(headers).is_some_and(|origin| is_known(settings, origin));
    if !is_known {
        return Some(Response::builder().status(StatusCode::FORBIDDEN).finish());
    }
    let allowed_headers = format!(
        "accept, authorization, content-type, x-request-id, {}",
        CSRF_HEADERS.join(", ")
    );
    Some(
        Response::builder()
            .status(StatusCode::NO_CONTENT)
            .header(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT")
            .header(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed_headers)
            .header(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS)
            .finish(),
    )
}

/// What a browser must know of every answer. A handler's own value stays.
pub(super) fn protect(settings: &EdgeSettings, asked: &HeaderMap, answer: &mut HeaderMap) {
    let is_html = answer
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    let mut set = |name: HeaderName, value: &'static str| {
        answer
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::CACHE_CONTROL, "no-store");
    set(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    );
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    if is_html {
        set(
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        );
    }
    if settings.is_https() {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    answer.append(
        header::VARY,
        HeaderValue::from_static("origin, sec-fetch-site"),
    );
    let origin = origin(asked).filter(|origin| is_known(settings, origin));
    if let Some(origin) = origin.and_then(|origin| HeaderValue::from_str(origin).ok()) {
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        answer.insert(
            header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        );
        answer.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("etag, retry-after, x-request-id"),
        );
    }
}

//! The GraphiQL page: the bundle that `web/` builds, embedded in the binary and served under its own policy.
//! async-graphql's page is not used, because it loads its parts from a CDN.

use std::borrow::Cow;
use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::read::GzDecoder;
use poem::http::{HeaderMap, StatusCode, header};
use poem::web::headers::{ETag, HeaderMapExt as _, IfNoneMatch};
use poem::{Body, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::config::Introspection;
use crate::viewer::{Permission, Viewer};

/// Monaco puts style elements into the page and takes no nonce, hence the inline styles, on this page only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    font-src 'self' data:; img-src 'self' data:; worker-src 'self'; connect-src 'self'; base-uri 'none'; \
    object-src 'none'; form-action 'none'; frame-ancestors 'none'";

const NOT_BUILT: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>Portico without GraphiQL</title>
<h1>This binary was built without GraphiQL</h1>
<p>Build the page, then the gateway (Node.js 18 or later):</p>
<pre>npm --prefix web ci
npm --prefix web run build
cargo build</pre>
<p>Nothing else is missing: the graph answers at <code>/graphql</code>, and
<a href=\"/schema.graphql\">/schema.graphql</a> is its schema.</p>
";

const NOT_PERMITTED: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>Portico: no access to the schema</title>
<h1>Your roles do not include reading the schema</h1>
<p>GraphiQL shows the whole schema, for which this gateway asks the permission <code>schema.read</code>. An
administrator of your organisation can give you a role that has it.</p>
";

/// Where a person who is not signed in goes first. This is a page and not the graph, which never redirects.
const SIGN_IN: &str = "/saml/login?return_to=/graphiql";

/// Empty when `web/` has not been built.
#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
pub(crate) struct Bundle;

/// What `GET /graphiql` answers. GraphiQL is for whoever may read the schema, which is all that it shows by itself.
pub(crate) fn open<B: RustEmbed>(
    viewer: Option<&Viewer>,
    introspection: Introspection,
    request: &HeaderMap,
) -> Response {
    match (introspection, viewer) {
        (Introspection::Nobody, _) => StatusCode::NOT_FOUND.into(),
        (Introspection::Everyone | Introspection::Permitted, None) => redirect(SIGN_IN),
        (Introspection::Permitted, Some(viewer)) if !viewer.may(Permission::ReadSchema) => {
            notice(StatusCode::FORBIDDEN, NOT_PERMITTED)
        }
        (Introspection::Everyone | Introspection::Permitted, Some(_)) => page::<B>(request),
    }
}

/// What `GET /` answers: the one page there is.
pub(crate) fn landing(introspection: Introspection) -> Response {
    match introspection {
        Introspection::Nobody => StatusCode::NOT_FOUND.into(),
        Introspection::Everyone | Introspection::Permitted => redirect("/graphiql"),
    }
}

fn redirect(target: &'static str) -> Response {
    Response::builder()
        .status(StatusCode::FOUND)
        .header(header::LOCATION, target)
        .header(header::CACHE_CONTROL, "no-store")
        .finish()
}

fn notice(status: StatusCode, text: &'static str) -> Response {
    Response::builder()
        .status(status)
        .content_type("text/html; charset=utf-8")
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        .header(header::CACHE_CONTROL, "no-store")
        .body(text)
}

/// The page itself. It carries nothing about the person who opens it.
fn page<B: RustEmbed>(request: &HeaderMap) -> Response {
    let Some(file) = B::get("index.html") else {
        return notice(StatusCode::NOT_FOUND, NOT_BUILT);
    };
    let Some(tag) = entity_tag(&file) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into();
    };
    let fresh = request
        .typed_get::<IfNoneMatch>()
        .is_some_and(|known| !known.precondition_passes(&tag));
    let response = Response::builder()
        .content_type("text/html; charset=utf-8")
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        .header(header::CACHE_CONTROL, "no-cache")
        .typed_header(tag);
    if fresh {
        response.status(StatusCode::NOT_MODIFIED).finish()
    } else {
        response.body(body(file))
    }
}

/// A script, style, font or picture of the page. Its name holds a digest of its content.
pub(crate) fn asset<B: RustEmbed>(name: &str, request: &HeaderMap) -> Response {
    let path = format!("assets/{name}");
    let response = Response::builder()
        .content_type(content_type(name))
        .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable");
    if let Some(file) = B::get(&path) {
        return response.body(body(file));
    }
    let Some(packed) = B::get(&format!("{path}.gz")) else {
        return StatusCode::NOT_FOUND.into();
    };
    let response = response.header(header::VARY, header::ACCEPT_ENCODING);
    if accepts_gzip(request) {
        return response
            .header(header::CONTENT_ENCODING, "gzip")
            .body(body(packed));
    }
    let mut unpacked = Vec::new();
    match GzDecoder::new(packed.data.as_ref()).read_to_end(&mut unpacked) {
        Ok(_) => response.body(unpacked),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into(),
    }
}

fn body(file: EmbeddedFile) -> Body {
    match file.data {
        Cow::Borrowed(bytes) => bytes.into(),
        Cow::Owned(bytes) => bytes.into(),
    }
}

fn entity_tag(file: &EmbeddedFile) -> Option<ETag> {
    format!(
        "\"{}\"",
        URL_SAFE_NO_PAD.encode(file.metadata.sha256_hash())
    )
    .parse()
    .ok()
}

fn accepts_gzip(request: &HeaderMap) -> bool {
    request
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|coding| coding.split_once(';').unwrap_or((coding, "")))
        .any(|(coding, weight)| coding.trim().eq_ignore_ascii_case("gzip") && !refuses(weight))
}

/// A weight of zero means "not this one" (RFC 9110, section 12.4.2).
fn refuses(weight: &str) -> bool {
    weight
        .trim()
        .strip_prefix("q=")
        .is_some_and(|q| q.parse() == Ok(0.0))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("ttf") => "font/ttf",
        Some("txt") => "text/plain; charset=utf-8",
        Some(_) | None => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests;

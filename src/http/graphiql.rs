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

/// Empty when `web/` has not been built.
#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
pub(crate) struct Bundle;

/// The page itself. It carries nothing about the person who opens it.
pub(crate) fn page<B: RustEmbed>(request: &HeaderMap) -> Response {
    let Some(file) = B::get("index.html") else {
        return Response::builder()
            .status(StatusCode::NOT_FOUND)
            .content_type("text/html; charset=utf-8")
            .header(header::CONTENT_SECURITY_POLICY, POLICY)
            .header(header::CACHE_CONTROL, "no-store")
            .body(NOT_BUILT);
    };
    let Some(tag) = entity_tag(&file) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into();
    };
    let fresh = request.typed_get::<IfNoneMatch>().is_some_and(|known| !known.precondition_passes(&tag));
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
        return response.header(header::CONTENT_ENCODING, "gzip").body(body(packed));
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
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(file.metadata.sha256_hash())).parse().ok()
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
    weight.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0))
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
mod tests {
    use super::*;

    /// A bundle of one page, one packed script and one picture.
    #[derive(RustEmbed)]
    #[folder = "tests/fixtures/graphiql"]
    struct Built;

    #[derive(RustEmbed)]
    #[folder = "tests/fixtures/graphiql/absent"]
    #[allow_missing = true]
    struct NotBuilt;

    const SCRIPT: &str = "console.log('portico');\n";

    fn asking(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    async fn bytes(response: Response) -> Vec<u8> {
        response.into_body().into_vec().await.unwrap()
    }

    #[tokio::test]
    async fn the_page_is_served_under_its_policy_and_revalidated() {
        let response = page::<Built>(&HeaderMap::new());

        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(response.header("content-security-policy"), Some(POLICY));
        assert_eq!(response.header("cache-control"), Some("no-cache"));
        assert!(bytes(response).await.starts_with(b"<!doctype html>"));
    }

    #[test]
    fn the_policy_allows_scripts_from_here_only() {
        assert!(!POLICY.contains("unsafe-eval") && !POLICY.contains("blob:") && !POLICY.contains("http"));
        assert!(POLICY.starts_with("default-src 'none'; script-src 'self'; style-src "));
        assert!(!POLICY.contains("  "));
    }

    #[tokio::test]
    async fn a_known_page_is_not_sent_again() {
        let tag = page::<Built>(&HeaderMap::new()).header("etag").unwrap().to_owned();

        let response = page::<Built>(&asking(header::IF_NONE_MATCH, &tag));

        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(response.header("etag"), Some(tag.as_str()));
        assert!(bytes(response).await.is_empty());
    }

    #[test]
    fn a_changed_page_is_sent_again() {
        let response = page::<Built>(&asking(header::IF_NONE_MATCH, "\"another\""));

        assert_eq!(response.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn a_binary_without_the_bundle_says_how_to_build_it() {
        let response = page::<NotBuilt>(&HeaderMap::new());

        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        let text = String::from_utf8(bytes(response).await).unwrap();
        assert!(text.contains("npm --prefix web run build"), "{text}");
    }

    #[tokio::test]
    async fn a_packed_asset_goes_out_as_it_is_to_a_client_that_unpacks() {
        let response = asset::<Built>("page-1.js", &asking(header::ACCEPT_ENCODING, "br, gzip;q=0.5"));

        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.header("content-encoding"), Some("gzip"));
        assert_eq!(response.header("vary"), Some("accept-encoding"));
        assert_eq!(response.header("content-type"), Some("text/javascript; charset=utf-8"));
        assert_eq!(response.header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert_eq!(bytes(response).await.get(..2), Some([0x1f, 0x8b].as_slice()));
    }

    #[tokio::test]
    async fn a_packed_asset_is_unpacked_for_a_client_that_does_not() {
        for request in [HeaderMap::new(), asking(header::ACCEPT_ENCODING, "gzip;q=0, br")] {
            let response = asset::<Built>("page-1.js", &request);

            assert_eq!(response.header("content-encoding"), None);
            assert_eq!(bytes(response).await, SCRIPT.as_bytes());
        }
    }

    #[tokio::test]
    async fn a_small_asset_is_served_as_it_is() {
        let response = asset::<Built>("icon-1.svg", &asking(header::ACCEPT_ENCODING, "gzip"));

        assert_eq!(response.header("content-encoding"), None);
        assert_eq!(response.header("content-type"), Some("image/svg+xml"));
        assert!(bytes(response).await.starts_with(b"<svg"));
    }

    #[test]
    fn only_assets_are_reached_by_name() {
        for name in ["nothing.js", "../index.html", ""] {
            let status = asset::<Built>(name, &HeaderMap::new()).status();

            assert_eq!(status, StatusCode::NOT_FOUND, "{name}");
        }
    }
}

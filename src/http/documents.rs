//! `/documents/{id}`: the bytes of a document come by PUT and go by GET, each by a signed link and as somebody who is
//! signed in.

use std::io::ErrorKind;

use futures_util::StreamExt as _;
use poem::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use poem::{Body, Request, Response};
use tokio::io::AsyncReadExt as _;

use super::credentials::Credentials;
use super::edge::{Correlation, Edge};
use super::error::HttpError;
use super::graphql::{afford, locale, viewer};
use super::guard;
use super::media::Media;
use super::pages::Page;
use crate::documents::{self, Document, Presented, Transfer};
use crate::graphql::answer::Frame;
use crate::i18n::{self, Locale};
use crate::ids::{DocumentId, Tagged as _};

/// What a transfer takes from the organisation's budget of the minute: as much as a list of fifty rows.
const UPLOAD_COST: u32 = 50;
const DOWNLOAD_COST: u32 = 10;
/// A file that somebody sent is shown by no browser in our name, whatever is in it.
const POLICY: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

pub(super) async fn serve(edge: &Edge, mut request: Request) -> Response {
    let (correlation, method) = (Correlation::of(&request), request.method().clone());
    let headers = request.headers().clone();
    let answer = if method == Method::PUT {
        upload(edge, &mut request, &correlation).await
    } else if method == Method::GET {
        download(edge, &request).await
    } else {
        Err(HttpError::Method {
            allowed: "GET, PUT",
        })
    };
    answer.unwrap_or_else(|error| {
        edge.metrics.record_rejection(error.reason());
        let mut response = refuse(&error, &headers, &correlation);
        if error.ends_a_session() {
            edge.callers.take_back(response.headers_mut());
        }
        if method == Method::PUT {
            // The rest of a body that nobody wants is not waited for.
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        response
    })
}

async fn upload(
    edge: &Edge,
    request: &mut Request,
    correlation: &Correlation,
) -> Result<Response, HttpError> {
    let credentials = Credentials::read(request.headers(), edge.callers.cookie_name());
    guard::check(
        &edge.settings,
        request.method(),
        request.headers(),
        &credentials,
    )
    .map_err(HttpError::Blocked)?;
    let viewer = viewer(edge, credentials).await?;
    let presented = presented(request)?;
    afford(edge, &viewer, UPLOAD_COST).await?;
    let app = &edge.app;
    let who = (&viewer, &*correlation.0);
    let mut transfer = documents::open_upload(&app.db, who, (&presented, &app.files)).await?;
    expect_length(request.headers(), &transfer)?;
    let mut chunks = request.take_body().into_bytes_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| {
            if error.kind() == ErrorKind::TimedOut {
                HttpError::TooSlow
            } else {
                HttpError::bad("The body ended before it was complete.")
            }
        })?;
        transfer.write(&chunk).await?;
    }
    transfer.finish().await?;
    Ok(StatusCode::NO_CONTENT.into())
}

/// Nobody sends twenty megabytes to learn that they are the wrong ones.
fn expect_length(headers: &HeaderMap, transfer: &Transfer) -> Result<(), HttpError> {
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<i64>().ok());
    match length {
        Some(length) => Ok(transfer.expect_size(length)?),
        None => Ok(()),
    }
}

/// Reading changes nothing, so a link may lead here from anywhere; it opens nothing for whoever is not signed in.
async fn download(edge: &Edge, request: &Request) -> Result<Response, HttpError> {
    let credentials = Credentials::read(request.headers(), edge.callers.cookie_name());
    let viewer = viewer(edge, credentials).await?;
    let presented = presented(request)?;
    afford(edge, &viewer, DOWNLOAD_COST).await?;
    let app = &edge.app;
    let found = documents::open_download(&app.db, &viewer, (&presented, &app.files)).await?;
    let size = u64::try_from(found.document.file.size).unwrap_or(0);
    Ok(Response::builder()
        .content_type(found.document.file.kind.media_type())
        .header(header::CONTENT_LENGTH, size)
        .header(header::CONTENT_DISPOSITION, disposition(&found.document))
        .header(header::CACHE_CONTROL, "private, no-store")
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        )
        .body(Body::from_async_read(found.file.take(size))))
}

/// What the address says; an address of another form was not made by us.
fn presented(request: &Request) -> Result<Presented, HttpError> {
    let invalid = || HttpError::bad("This is not an address of a document.");
    let id = request.uri().path().strip_prefix("/documents/");
    let document = id.and_then(DocumentId::parse).ok_or_else(invalid)?;
    let query = request.uri().query().unwrap_or_default();
    let (mut expires, mut signature) = (None, None);
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "expires" => expires = value.parse().ok(),
            "signature" => signature = Some(value.into_owned()),
            _ => return Err(invalid()),
        }
    }
    Ok(Presented {
        document,
        expires: expires.ok_or_else(invalid)?,
        signature: signature.ok_or_else(invalid)?,
    })
}

/// The name twice: in plain letters for old programs, and whole (RFC 6266).
fn disposition(document: &Document) -> String {
    let name = &document.file.file_name;
    let plain: String = name
        .chars()
        .map(|letter| match letter {
            '.' | '-' | '_' => letter,
            letter if letter.is_ascii_alphanumeric() => letter,
            _ => '_',
        })
        .collect();
    format!(
        "attachment; filename=\"{plain}\"; filename*=UTF-8''{}",
        encoded(name)
    )
}

fn encoded(name: &str) -> String {
    use std::fmt::Write as _;
    name.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

/// A page for whoever followed a link in a browser, JSON for programs.
fn refuse(error: &HttpError, asked: &HeaderMap, correlation: &Correlation) -> Response {
    let wants_page = asked
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|accept| accept.contains("text/html"));
    if !wants_page {
        let frame = Frame {
            correlation_id: &correlation.0,
            locale: locale(asked),
            cost: None,
        };
        return error.respond(Media::GraphqlResponse, frame);
    }
    let (reason, params) = match error {
        HttpError::Refused(refusal) => (refusal.reason.0, refusal.params.clone()),
        HttpError::Unauthenticated { .. } => ("SIGN_IN_REQUIRED", [].into()),
        HttpError::CallerUnknown => ("SESSION_UNKNOWN", [].into()),
        HttpError::Limited { .. } => ("RATE_LIMITED", [].into()),
        HttpError::Internal(code) => (code.as_str(), [].into()),
        HttpError::Method { .. }
        | HttpError::ContentType
        | HttpError::NotAcceptable
        | HttpError::Blocked(_)
        | HttpError::Forbidden
        | HttpError::TooLarge { .. }
        | HttpError::TooSlow
        | HttpError::Bad(_) => ("DOCUMENT_LINK_INVALID", [].into()),
    };
    let sentence = |locale| i18n::sentence(reason, &params, locale);
    let values = minijinja::context! {
        chinese => sentence(Locale::ZhCn),
        english => sentence(Locale::En),
        reference => &*correlation.0,
    };
    Page::Document.respond(error.status(), values)
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn a_name_is_encoded_whole() {
        assert_eq!(encoded("验收 (1).pdf"), "%E9%AA%8C%E6%94%B6%20%281%29.pdf");
        assert_eq!(encoded("a\"b'c;d%.txt"), "a%22b%27c%3Bd%25.txt");
    }
}

//! Why a request got no answer of an endpoint, and the answer that it gets instead.
//!
//! All of them have the form of a GraphQL answer, so that a client needs one reader only.

use poem::http::{HeaderName, HeaderValue, StatusCode, header};
use poem::{Body, Response};

use super::guard::Blocked;
use super::media::Media;
use crate::error::{Code, Failure, Refusal};
use crate::graphql::answer::{Answer, Failed, Frame, Outcome};
use crate::graphql::gate::RequestCode;

/// How long a client waits before it tries again when a dependency is down.
pub(super) const RETRY_AFTER_SECONDS: u64 = 2;

#[derive(Debug)]
pub(super) enum HttpError {
    Method {
        allowed: &'static str,
    },
    ContentType,
    NotAcceptable,
    Blocked(Blocked),
    /// Not signed in, or not any more.
    Unauthenticated {
        login_url: String,
        /// A cookie was shown for it.
        session_ended: bool,
    },
    /// Who asks cannot be found out now. The cookie stays.
    CallerUnknown,
    Forbidden,
    TooLarge {
        maximum: usize,
    },
    TooSlow,
    Bad(String),
    Limited {
        retry_after_seconds: u64,
    },
    /// A use case said no.
    Refused(Box<Refusal>),
    /// Ours; it was logged.
    Internal(Code),
}

impl From<Failure> for HttpError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusals) => Self::Refused(Box::new(refusals.first)),
            Failure::Internal(error) => {
                let code = error.code();
                tracing::error!(code = code.as_str(), error = %error, "a request failed inside");
                Self::Internal(code)
            }
        }
    }
}

impl HttpError {
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::Bad(message.into())
    }

    /// Whether the browser may forget its cookie.
    pub(super) fn ends_a_session(&self) -> bool {
        matches!(
            self,
            Self::Unauthenticated {
                session_ended: true,
                ..
            }
        )
    }

    /// Fixed words for the metrics, and the code that a client's developer reads.
    pub(super) fn reason(&self) -> &'static str {
        self.status_and_reason().1
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status_and_reason().0
    }

    fn status_and_reason(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Method { .. } => (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED"),
            Self::ContentType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE"),
            Self::NotAcceptable => (StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE"),
            Self::Blocked(_) => (StatusCode::FORBIDDEN, "CSRF_BLOCKED"),
            Self::Unauthenticated { .. } => {
                (StatusCode::UNAUTHORIZED, Code::Unauthenticated.as_str())
            }
            Self::CallerUnknown => (StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable.as_str()),
            Self::Forbidden => (StatusCode::FORBIDDEN, Code::Forbidden.as_str()),
            Self::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "BODY_TOO_SLOW"),
            Self::Bad(_) => (StatusCode::BAD_REQUEST, RequestCode::BadRequest.as_str()),
            Self::Limited { .. } => (StatusCode::TOO_MANY_REQUESTS, Code::Limited.as_str()),
            Self::Refused(refusal) => (status(refusal.code), refusal.reason.0),
            Self::Internal(code) => (status(*code), code.as_str()),
        }
    }

    pub(super) fn respond(&self, media: Media, frame: Frame<'_>) -> Response {
        let (status, _) = self.status_and_reason();
        let answer = Answer::failed(Outcome::Refused, self.failed(), frame);
        let mut response = respond(status, media, answer.body);
        if let Some((name, value)) = self.header() {
            response.headers_mut().insert(name, value);
        }
        response
    }

    /// What a person can mend is said in their language; the rest is for the developer of the client.
    fn failed(&self) -> Failed {
        let of_client = |text: &str| Failed::of_client(self.reason(), text);
        match self {
            Self::Unauthenticated { login_url, .. } => {
                Failed::new(Code::Unauthenticated, "SIGN_IN_REQUIRED")
                    .with("loginUrl", login_url.as_str())
            }
            Self::CallerUnknown => Failed::new(Code::Unavailable, "SESSION_UNKNOWN"),
            Self::Limited {
                retry_after_seconds,
            } => Failed::new(Code::Limited, "RATE_LIMITED")
                .with("retryAfterSeconds", *retry_after_seconds),
            Self::Method { allowed } => of_client(&format!("Use {allowed} for this request.")),
            Self::ContentType => of_client(
                "The Content-Type must be application/json, in UTF-8 and without an encoding.",
            ),
            Self::NotAcceptable => of_client(
                "The Accept header allows neither application/graphql-response+json nor application/json.",
            ),
            Self::Blocked(blocked) => of_client(blocked.message()),
            Self::Forbidden => of_client("Your roles do not give the permission schema.read."),
            Self::TooLarge { maximum } => {
                of_client(&format!("The body has more than {maximum} bytes."))
            }
            Self::TooSlow => of_client("The body did not arrive in time."),
            Self::Bad(message) => of_client(message),
            Self::Refused(refusal) => Failed::refused(refusal),
            Self::Internal(code) => Failed::new(*code, code.as_str()),
        }
    }

    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        let fixed = HeaderValue::from_static;
        match self {
            Self::Method { allowed } => Some((header::ALLOW, fixed(allowed))),
            Self::Unauthenticated { .. } => {
                Some((header::WWW_AUTHENTICATE, fixed("Bearer realm=\"portico\"")))
            }
            Self::CallerUnknown => Some((header::RETRY_AFTER, RETRY_AFTER_SECONDS.into())),
            Self::Limited {
                retry_after_seconds,
            } => Some((header::RETRY_AFTER, (*retry_after_seconds).into())),
            // Whoever sends too slowly must not go on sending.
            Self::TooSlow => Some((header::CONNECTION, fixed("close"))),
            Self::Refused(refusal) if refusal.code == Code::Unavailable => {
                Some((header::RETRY_AFTER, RETRY_AFTER_SECONDS.into()))
            }
            Self::Internal(Code::Unavailable) => {
                Some((header::RETRY_AFTER, RETRY_AFTER_SECONDS.into()))
            }
            Self::ContentType
            | Self::NotAcceptable
            | Self::Blocked(_)
            | Self::Forbidden
            | Self::TooLarge { .. }
            | Self::Bad(_)
            | Self::Refused(_)
            | Self::Internal(_) => None,
        }
    }
}

fn status(code: Code) -> StatusCode {
    match code {
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::Forbidden => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::InvalidInput => StatusCode::UNPROCESSABLE_ENTITY,
        Code::Conflict | Code::Precondition => StatusCode::CONFLICT,
        Code::Limited => StatusCode::TOO_MANY_REQUESTS,
        Code::Timeout | Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

pub(super) fn respond(status: StatusCode, media: Media, body: impl Into<Body>) -> Response {
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, media.content_type())
        .body(body)
}

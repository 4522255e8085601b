//! Why a document was turned away before anything ran.

use async_graphql::Pos;

/// Longest message a client is shown; a parser may otherwise echo the whole document.
const MESSAGE_BYTES: usize = 500;

/// What a client may know of a request error. Part of the API: codes are never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestCode {
    BadRequest,
    ParseFailed,
    ValidationFailed,
    OperationUnknown,
    InvalidInput,
    TooComplex,
    IntrospectionDisabled,
}

impl RequestCode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "BAD_REQUEST",
            Self::ParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::ValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::OperationUnknown => "OPERATION_RESOLUTION_FAILURE",
            Self::InvalidInput => "INVALID_INPUT",
            Self::TooComplex => "QUERY_TOO_COMPLEX",
            Self::IntrospectionDisabled => "INTROSPECTION_DISABLED",
        }
    }
}

/// A limit that was passed: its name in [`super::Limits`], what was asked and what is admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    pub limit: &'static str,
    pub requested: u64,
    pub maximum: u64,
}

/// One fault of a request, in words for the developer of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestError {
    pub code: RequestCode,
    pub message: String,
    pub locations: Vec<Pos>,
    pub exceeded: Option<Exceeded>,
}

impl RequestError {
    pub fn new(code: RequestCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: truncated(message.into()),
            locations: Vec::new(),
            exceeded: None,
        }
    }

    pub(super) fn at(mut self, position: Pos) -> Self {
        self.locations.push(position);
        self
    }

    pub(super) fn exceeded(limit: &'static str, requested: u64, maximum: u64) -> Self {
        let message = format!("The limit `{limit}` is {maximum}; this request has {requested}.");
        Self {
            exceeded: Some(Exceeded {
                limit,
                requested,
                maximum,
            }),
            ..Self::new(RequestCode::TooComplex, message)
        }
    }
}

/// Refuses what is above `maximum`.
pub(super) fn within(
    limit: &'static str,
    requested: u64,
    maximum: u64,
) -> Result<(), RequestError> {
    if requested > maximum {
        return Err(RequestError::exceeded(limit, requested, maximum));
    }
    Ok(())
}

/// A length as a counter. No length here reaches 2^64.
pub(super) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Cuts at a character boundary, so that the answer stays readable UTF-8.
pub(crate) fn truncated(mut message: String) -> String {
    const ELLIPSIS: &str = "…";
    if message.len() > MESSAGE_BYTES {
        let end = message.floor_char_boundary(MESSAGE_BYTES - ELLIPSIS.len());
        message.truncate(end);
        message.push_str(ELLIPSIS);
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_500_bytes_is_left_alone_and_one_more_is_cut() {
        assert_eq!(truncated("a".repeat(500)), "a".repeat(500));
        assert_eq!(truncated("a".repeat(501)).len(), 500);
    }

    #[test]
    fn a_message_is_cut_between_characters() {
        let cut = truncated("合".repeat(400));

        assert!(cut.len() <= 500);
        assert!(cut.ends_with("合…"));
    }
}

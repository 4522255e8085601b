//! What a GraphQL answer looks like, and what of an error may stand in it.
//!
//! Errors that carry a code of ours were written for the client. Any other text may be the database's or
//! a driver's: it is logged here, once, and the client reads that something went wrong.

use std::collections::BTreeMap;

use async_graphql::{PathSegment, Pos, Response, ServerError, Value};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::gate::{Cost, RequestCode, RequestError, truncated};
use crate::error::{Code, Refusal};
use crate::i18n::{self, Locale};

/// More errors than this are not read by anybody, and an invalid document can have thousands.
const MOST_ERRORS: usize = 20;
/// How async-graphql begins its sentences about a value that it could not read from the input.
const UNREADABLE_INPUT: [&str; 2] = ["Failed to parse \"", "Expected input type \""];

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Ok,
    /// Executed, with errors in some fields.
    Errors,
    /// Not executed, by the client's fault.
    Refused,
    Timeout,
    /// Executed, and a dependency was missing for all of it.
    Unavailable,
    Panic,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Errors => "errors",
            Self::Refused => "refused",
            Self::Timeout => "timeout",
            Self::Unavailable => "unavailable",
            Self::Panic => "panic",
        }
    }
}

/// An answer, ready to be sent.
#[derive(Debug)]
pub struct Answer {
    pub outcome: Outcome,
    pub body: Vec<u8>,
}

/// What every answer carries beside its data.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    pub correlation_id: &'a str,
    pub locale: Locale,
    pub cost: Option<Cost>,
}

impl Answer {
    /// The request cannot be executed: no `data`, since there was no execution.
    pub fn refused(errors: &[RequestError], frame: Frame<'_>) -> Self {
        Self::new(
            Outcome::Refused,
            None,
            errors.iter().map(refusal).collect(),
            frame,
        )
    }

    /// There is no data, for one reason.
    pub fn failed(outcome: Outcome, failed: Failed, frame: Frame<'_>) -> Self {
        let mut extensions = failed.extensions;
        extensions.insert("code".into(), failed.code.into());
        let message = match failed.message {
            Message::Reason(reason) => sentence(reason, &BTreeMap::new(), frame.locale),
            Message::Refusal(refusal) => sentence(refusal.reason.0, &refusal.params, frame.locale),
            Message::Text(text) => truncated(text),
        };
        let error = ErrorBody {
            message,
            locations: Vec::new(),
            path: Vec::new(),
            extensions,
        };
        Self::new(outcome, None, vec![error], frame)
    }

    /// What async-graphql answered.
    pub(super) fn executed(response: Response, frame: Frame<'_>) -> Self {
        let Response { data, errors, .. } = response;
        // Errors of validation have no path; whatever happens in execution has one.
        let is_request_error = matches!(data, Value::Null)
            && !errors.is_empty()
            && errors.iter().all(|error| error.path.is_empty());
        if is_request_error {
            let errors = errors.into_iter().map(invalid).collect();
            return Self::new(Outcome::Refused, None, errors, frame);
        }
        let errors: Vec<ErrorBody> = errors
            .into_iter()
            .map(|error| shown(error, frame))
            .collect();
        let outcome = if errors.is_empty() {
            Outcome::Ok
        } else if is_empty(&data) && errors.iter().all(ErrorBody::is_unavailable) {
            Outcome::Unavailable
        } else {
            Outcome::Errors
        };
        Self::new(outcome, Some(data), errors, frame)
    }

    fn new(
        outcome: Outcome,
        data: Option<Value>,
        mut errors: Vec<ErrorBody>,
        frame: Frame<'_>,
    ) -> Self {
        errors.truncate(MOST_ERRORS);
        let extensions = Extensions {
            correlation_id: frame.correlation_id,
            cost: frame.cost.map(
                |Cost { requested, maximum }| json!({ "requested": requested, "maximum": maximum }),
            ),
        };
        let body = Body {
            errors,
            data,
            extensions,
        };
        match serde_json::to_vec(&body) {
            Ok(body) => Self { outcome, body },
            Err(error) => {
                tracing::error!(%error, correlation_id = frame.correlation_id, "an answer could not be written");
                Self {
                    outcome: Outcome::Panic,
                    body:
                        br#"{"errors":[{"message":"INTERNAL","extensions":{"code":"INTERNAL"}}]}"#
                            .to_vec(),
                }
            }
        }
    }
}

/// Why a whole request got no data.
#[derive(Debug, Clone)]
pub struct Failed {
    code: &'static str,
    message: Message,
    extensions: Map<String, Json>,
}

#[derive(Debug, Clone)]
enum Message {
    /// For the person: the catalogue's sentence for this reason.
    Reason(&'static str),
    /// The same, with the values that the refusal has for it.
    Refusal(Box<Refusal>),
    /// For the developer of the client, in English.
    Text(String),
}

impl Failed {
    pub fn new(code: Code, reason: &'static str) -> Self {
        Self {
            code: code.as_str(),
            message: Message::Reason(reason),
            extensions: Map::new(),
        }
    }

    /// What a use case refused, with its reason for programs.
    pub fn refused(refusal: &Refusal) -> Self {
        Self {
            code: refusal.code.as_str(),
            message: Message::Refusal(Box::new(refusal.clone())),
            extensions: Map::new(),
        }
        .with("reason", refusal.reason.0)
    }

    /// The fault of a client's program, which no person can mend.
    pub fn of_client(code: &'static str, text: impl Into<String>) -> Self {
        Self {
            code,
            message: Message::Text(text.into()),
            extensions: Map::new(),
        }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.extensions.insert(name.into(), value.into());
        self
    }
}

/// In the order in which a person wants to read it.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ErrorBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    extensions: Extensions<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Extensions<'a> {
    correlation_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<Json>,
}

#[derive(Serialize)]
struct ErrorBody {
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Pos>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    path: Vec<PathSegment>,
    extensions: Map<String, Json>,
}

impl ErrorBody {
    fn is_unavailable(&self) -> bool {
        let code = self.extensions.get("code");
        code.is_some_and(|code| code == Code::Unavailable.as_str())
    }
}

/// Whether the client got nothing that it asked for.
fn is_empty(data: &Value) -> bool {
    match data {
        Value::Null => true,
        Value::Object(fields) => fields.values().all(|value| *value == Value::Null),
        Value::Number(_)
        | Value::String(_)
        | Value::Boolean(_)
        | Value::Binary(_)
        | Value::Enum(_)
        | Value::List(_) => false,
    }
}

/// An error of the gate.
fn refusal(error: &RequestError) -> ErrorBody {
    let mut extensions = coded(error.code.as_str());
    if let Some(passed) = error.exceeded {
        let numbers = json!({ "requested": passed.requested, "maximum": passed.maximum });
        extensions.insert("limit".into(), passed.limit.into());
        if passed.limit == "cost" {
            extensions.insert("cost".into(), numbers);
        } else {
            extensions.insert("requested".into(), passed.requested.into());
            extensions.insert("maximum".into(), passed.maximum.into());
        }
    }
    ErrorBody {
        message: error.message.clone(),
        locations: error.locations.clone(),
        path: Vec::new(),
        extensions,
    }
}

/// An error of async-graphql's validation: about the client's document and nothing else.
fn invalid(error: ServerError) -> ErrorBody {
    ErrorBody {
        message: truncated(error.message),
        locations: error.locations,
        path: Vec::new(),
        extensions: coded(RequestCode::ValidationFailed.as_str()),
    }
}

/// An error of a field, or what the client may know of it.
fn shown(error: ServerError, frame: Frame<'_>) -> ErrorBody {
    let given = error
        .extensions
        .as_ref()
        .and_then(|values| serde_json::to_value(values).ok());
    let (message, extensions) = match given {
        Some(Json::Object(extensions)) if extensions.contains_key("code") => {
            (error.message, extensions)
        }
        _ if UNREADABLE_INPUT
            .iter()
            .any(|start| error.message.starts_with(start)) =>
        {
            (truncated(error.message), coded(Code::InvalidInput.as_str()))
        }
        _ => {
            tracing::error!(
                correlation_id = frame.correlation_id,
                error = error.message,
                "a field failed with an error that is not for clients"
            );
            let code = Code::Internal.as_str();
            (sentence(code, &BTreeMap::new(), frame.locale), coded(code))
        }
    };
    ErrorBody {
        message,
        locations: error.locations,
        path: error.path,
        extensions,
    }
}

fn coded(code: &str) -> Map<String, Json> {
    Map::from_iter([("code".to_owned(), code.into())])
}

/// The catalogue's sentence; the reason itself where a translator forgot it.
fn sentence(reason: &str, params: &BTreeMap<&'static str, String>, locale: Locale) -> String {
    let sentence = i18n::sentence(reason, params, locale);
    sentence.unwrap_or_else(|| reason.to_owned())
}

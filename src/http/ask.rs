//! A GraphQL request as it comes over HTTP: a JSON body, or the parameters of a URL.

use poem::Body;
use poem::error::ReadBodyError;
use serde_json::{Map, Value as Json};
use std::io::ErrorKind;

use super::error::HttpError;

/// Arrays and objects inside each other. The document has the same bound.
const JSON_DEPTH: usize = 64;

/// What the client asks for. Whether it may is not known yet.
#[derive(Debug, PartialEq)]
pub(super) struct Asked {
    pub(super) query: String,
    pub(super) operation_name: Option<String>,
    pub(super) variables: Map<String, Json>,
}

/// Reads a body of at most `limit` bytes.
pub(super) async fn body(body: Body, limit: usize) -> Result<Vec<u8>, HttpError> {
    body.into_bytes_limit(limit)
        .await
        .map(|bytes| bytes.to_vec())
        .map_err(|error| match error {
            ReadBodyError::PayloadTooLarge => HttpError::TooLarge { maximum: limit },
            ReadBodyError::Io(error) if error.kind() == ErrorKind::TimedOut => HttpError::TooSlow,
            ReadBodyError::Io(_) | ReadBodyError::Utf8(_) | ReadBodyError::BodyHasBeenTaken => {
                HttpError::bad("The body could not be read.")
            }
        })
}

impl Asked {
    pub(super) fn from_body(bytes: &[u8]) -> Result<Self, HttpError> {
        match json(bytes)? {
            Json::Object(members) => Self::from_members(members),
            Json::Array(_) => Err(HttpError::bad(
                "Batches are not served: send one operation per request.",
            )),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
                Err(HttpError::bad("The body must be a JSON object."))
            }
        }
    }

    pub(super) fn from_url(query: &str) -> Result<Self, HttpError> {
        let mut members = Map::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = match name.as_ref() {
                "query" | "operationName" => Json::String(value.into_owned()),
                // An empty parameter is one that was left out.
                "variables" | "extensions" if value.is_empty() => Json::Null,
                "variables" | "extensions" => json(value.as_bytes())?,
                _ => continue,
            };
            if members.insert(name.to_string(), value).is_some() {
                return Err(HttpError::bad(format!("`{name}` is given twice.")));
            }
        }
        Self::from_members(members)
    }

    fn from_members(mut members: Map<String, Json>) -> Result<Self, HttpError> {
        let mut take = |name: &str| members.remove(name).unwrap_or(Json::Null);
        let Json::String(query) = take("query") else {
            return Err(HttpError::bad("`query` must be a string."));
        };
        let operation_name = match take("operationName") {
            Json::Null => None,
            Json::String(name) => Some(name),
            Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
                return Err(HttpError::bad("`operationName` must be a string."));
            }
        };
        let variables = object(take("variables"), "variables")?;
        object(take("extensions"), "extensions")?;
        Ok(Self {
            query,
            operation_name,
            variables,
        })
    }
}

fn object(value: Json, name: &str) -> Result<Map<String, Json>, HttpError> {
    match value {
        Json::Null => Ok(Map::new()),
        Json::Object(members) => Ok(members),
        Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => {
            Err(HttpError::bad(format!("`{name}` must be an object.")))
        }
    }
}

fn json(bytes: &[u8]) -> Result<Json, HttpError> {
    if depth(bytes) > JSON_DEPTH {
        return Err(HttpError::bad(format!(
            "The JSON is nested more than {JSON_DEPTH} levels deep."
        )));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        // Only the place: the parser's sentence may repeat what was sent.
        HttpError::bad(format!(
            "Not JSON at line {}, column {}.",
            error.line(),
            error.column()
        ))
    })
}

/// How deep the brackets are nested, strings left out.
fn depth(bytes: &[u8]) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                open += 1;
                deepest = deepest.max(open);
            }
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_four_levels_are_read_and_one_more_is_not() {
        let nested = |lists: usize| {
            format!(
                r#"{{"query":"{{","variables":{{"a":{}{}}}}}"#,
                "[".repeat(lists),
                "]".repeat(lists)
            )
        };

        assert!(Asked::from_body(nested(62).as_bytes()).is_ok());
        assert!(Asked::from_body(nested(63).as_bytes()).is_err());
        assert!(Asked::from_body("[".repeat(500_000).as_bytes()).is_err());
    }

    #[test]
    fn brackets_in_strings_are_text() {
        assert_eq!(depth(br#"{"a": "[[[[\"[[["}"#), 1);
    }

    #[test]
    fn a_url_gives_what_a_body_gives() {
        let from_url =
            Asked::from_url("query=%7Ba%7D&operationName=A&variables=%7B%22b%22%3A1%7D&other=1")
                .unwrap();
        let from_body = Asked::from_body(
            br#"{"query":"{a}","operationName":"A","variables":{"b":1},"other":[]}"#,
        )
        .unwrap();

        assert_eq!(from_url, from_body);
        assert!(Asked::from_url("query=%7Ba%7D&query=%7Bb%7D").is_err());
        assert!(Asked::from_url("operationName=A").is_err());
    }

    #[test]
    fn members_of_another_type_are_refused() {
        for body in [
            "",
            "null",
            "1",
            "\"a\"",
            "{}",
            "[]",
            r#"[{"query":"{a}"}]"#,
            r#"{"query":1}"#,
            r#"{"query":null}"#,
            r#"{"query":"{a}","variables":[]}"#,
            r#"{"query":"{a}","variables":"{}"}"#,
            r#"{"query":"{a}","operationName":1}"#,
            r#"{"query":"{a}","extensions":0}"#,
            r#"{"query":"{a}"} x"#,
        ] {
            assert!(Asked::from_body(body.as_bytes()).is_err(), "{body}");
        }
        assert!(
            Asked::from_body(
                br#"{"query":"{a}","variables":null,"operationName":null,"extensions":null}"#
            )
            .is_ok()
        );
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let _ = Asked::from_body(&bytes);
            let _ = Asked::from_url(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn what_a_url_says_is_read_as_it_was_written(query in "\\PC{0,40}", name in "[A-Za-z_]{1,8}") {
            let url = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("query", &query)
                .append_pair("operationName", &name)
                .append_pair("variables", "")
                .finish();
            let asked = Asked::from_url(&url).unwrap();
            proptest::prop_assert_eq!(asked.query, query);
            proptest::prop_assert_eq!(asked.operation_name, Some(name));
        }
    }
}

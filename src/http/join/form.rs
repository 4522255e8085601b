//! The forms that the page sends.

use std::collections::BTreeMap;

use openssl::sha::Sha256;
use poem::http::StatusCode;
use poem::{Request, Response};
use uuid::Uuid;

use crate::customers::{Accepting, ConsentGiven, Shown};
use crate::db::IdempotencyKey;
use crate::i18n::Locale;

/// A code, a key, an account and four versions.
const MAX_FORM: usize = 8 * 1024;

/// The fields of a form, each at most once.
pub(super) struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads the body, or answers what is wrong with it.
    pub(super) async fn read(request: &mut Request) -> Result<Self, Response> {
        let refused = |status: StatusCode| Response::builder().status(status).finish();
        let is_form = request.content_type().is_some_and(|kind| {
            let kind = kind.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
        });
        if !is_form {
            return Err(refused(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let body = request.take_body().into_bytes_limit(MAX_FORM).await;
        let body = body.map_err(|_| refused(StatusCode::PAYLOAD_TOO_LARGE))?;
        let mut fields = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(&body) {
            if fields
                .insert(name.into_owned(), value.into_owned())
                .is_some()
            {
                return Err(refused(StatusCode::BAD_REQUEST));
            }
        }
        Ok(Self(fields))
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// A version that is no number is one that nobody was shown.
    fn version(&self, name: &str) -> i32 {
        self.text(name).parse().unwrap_or(0)
    }

    /// The key that the page was given, for what it sends now: pressing twice associates once.
    pub(super) fn key(&self, code: &str) -> Option<IdempotencyKey> {
        let key: Uuid = self.text("key").parse().ok()?;
        let mut hash = Sha256::new();
        hash.update(code.as_bytes());
        for (name, value) in &self.0 {
            for part in [name, value] {
                hash.update(&part.len().to_be_bytes());
                hash.update(part.as_bytes());
            }
        }
        Some(IdempotencyKey {
            key,
            input_hash: hash.finish(),
        })
    }

    pub(super) fn accepting<'a>(&'a self, code: &'a str, locale: Locale) -> Accepting<'a> {
        let ticked = self.text("agree") == "yes";
        Accepting {
            token: code,
            account: self.text("account"),
            shown: Shown {
                notice: self.version("notice"),
                consent: ticked.then(|| ConsentGiven {
                    user_agreement: self.version("user_agreement"),
                    privacy_statement: self.version("privacy_statement"),
                    release: self.version("release"),
                }),
                locale,
            },
        }
    }
}

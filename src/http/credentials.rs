//! What a request shows to say who sends it, and who that is.

use futures_util::future::BoxFuture;
use poem::http::{HeaderMap, HeaderValue, header};
use secrecy::SecretString;

use crate::graphql::SessionChange;
use crate::viewer::Viewer;

/// What the request carries. A bearer token goes before a cookie, which is then not looked at.
#[derive(Debug, Clone)]
pub enum Credentials {
    Bearer(SecretString),
    Cookie(SecretString),
    None,
}

/// Who sent a request. Three answers, never two: a check that could not be made must sign nobody out.
#[derive(Debug, Clone)]
pub enum Caller {
    Known(Viewer),
    /// No credentials, or none that are valid.
    Nobody,
    /// It cannot be found out now.
    Unknown,
}

/// Finds out who sent a request.
pub trait Callers: Send + Sync + 'static {
    /// The cookie that holds the session.
    fn cookie_name(&self) -> &str;

    fn find(&self, credentials: Credentials) -> BoxFuture<'_, Caller>;

    /// Sets the cookie of a session that a mutation has made.
    fn hand_out(&self, change: &SessionChange, headers: &mut HeaderMap);

    /// Clears the cookie of a session that has ended.
    fn take_back(&self, headers: &mut HeaderMap);
}

impl Credentials {
    pub(super) fn read(headers: &HeaderMap, cookie_name: &str) -> Self {
        if let Some(token) = headers.get(header::AUTHORIZATION).and_then(bearer) {
            return Self::Bearer(token);
        }
        let cookies = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let pairs = cookies
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        let mut values = pairs
            .filter(|(name, _)| *name == cookie_name)
            .map(|(_, value)| value);
        match (values.next(), values.next()) {
            (Some(only), None) => Self::Cookie(only.into()),
            // One of two was planted by another host of this domain; nobody can tell which.
            (Some(_), Some(_)) | (None, _) => Self::None,
        }
    }
}

fn bearer(value: &HeaderValue) -> Option<SecretString> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().into())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn read(pairs: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        match Credentials::read(&headers, "session") {
            Credentials::Bearer(token) => format!("bearer {}", token.expose_secret()),
            Credentials::Cookie(token) => format!("cookie {}", token.expose_secret()),
            Credentials::None => "none".into(),
        }
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        assert_eq!(read(&[("cookie", "a=b; session=x=y; c=d")]), "cookie x=y");
        assert_eq!(
            read(&[("cookie", "a=b"), ("cookie", "session=x")]),
            "cookie x"
        );
        assert_eq!(read(&[("cookie", "other_session=x; sessions=y")]), "none");
        assert_eq!(read(&[("cookie", "session=x; session=x")]), "none");
    }

    #[test]
    fn a_bearer_token_goes_before_a_cookie() {
        assert_eq!(
            read(&[("cookie", "session=x"), ("authorization", "bearer t")]),
            "bearer t"
        );
        assert_eq!(
            read(&[("cookie", "session=x"), ("authorization", "Basic t")]),
            "cookie x"
        );
        assert_eq!(read(&[("authorization", "Bearer")]), "none");
    }
}

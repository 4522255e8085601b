//! The cookies that the gateway sets, and how it reads what browsers send back.

use poem::http::{HeaderMap, header};
use url::Url;

/// Whether cookies travel over TLS, and so which protection they can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieKind {
    /// `__Host-` cookies: no other host, path or plain connection can have set them.
    Secure,
    /// Plain HTTP on loopback, in development. Browsers refuse `Secure` there, and with it `SameSite=None`.
    Loopback,
}

/// A cookie of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// The session's token. Lax: people arrive from mails and from their identity provider.
    Session,
    /// Sign-ins that wait for an answer, which comes as a POST from another site: Lax would be left out of it.
    Pending,
}

impl CookieKind {
    pub fn of(public_url: &Url) -> Self {
        if public_url.scheme() == "https" {
            Self::Secure
        } else {
            Self::Loopback
        }
    }

    pub fn name(self, cookie: Cookie) -> &'static str {
        match (self, cookie) {
            (Self::Secure, Cookie::Session) => "__Host-portico_session",
            (Self::Secure, Cookie::Pending) => "__Host-portico_saml",
            (Self::Loopback, Cookie::Session) => "portico_session",
            (Self::Loopback, Cookie::Pending) => "portico_saml",
        }
    }

    /// The value of a cookie that a request carries. One that occurs twice was planted: it counts as absent.
    pub fn read(self, cookie: Cookie, headers: &HeaderMap) -> Option<&str> {
        let name = self.name(cookie);
        let mut values = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value);
        match (values.next(), values.next()) {
            (value, None) => value,
            (_, Some(_)) => None,
        }
    }

    /// A `Set-Cookie` that lasts until the browser is closed, or as long as the server says.
    pub fn set(self, cookie: Cookie, value: &str) -> String {
        format!("{}={value}; {}", self.name(cookie), self.attributes(cookie))
    }

    pub fn clear(self, cookie: Cookie) -> String {
        format!(
            "{}=; Max-Age=0; {}",
            self.name(cookie),
            self.attributes(cookie)
        )
    }

    fn attributes(self, cookie: Cookie) -> &'static str {
        match (self, cookie) {
            (Self::Secure, Cookie::Session) => "Path=/; Secure; HttpOnly; SameSite=Lax",
            (Self::Secure, Cookie::Pending) => "Path=/; Secure; HttpOnly; SameSite=None",
            (Self::Loopback, Cookie::Session | Cookie::Pending) => "Path=/; HttpOnly; SameSite=Lax",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &'static str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, header.parse().unwrap());
        CookieKind::Loopback
            .read(Cookie::Session, &headers)
            .map(str::to_owned)
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        assert_eq!(read("a=b; portico_session=x=y;c=d").as_deref(), Some("x=y"));
        assert_eq!(read("xportico_session=x; portico_sessio=y"), None);
        assert_eq!(read("portico_session=; b=c").as_deref(), Some(""));
    }

    #[test]
    fn a_cookie_that_occurs_twice_is_none() {
        assert_eq!(read("portico_session=x; portico_session=y"), None);
    }

    #[test]
    fn cookies_over_tls_belong_to_this_host_alone() {
        let session = CookieKind::Secure.set(Cookie::Session, "x");
        let pending = CookieKind::Secure.set(Cookie::Pending, "x");

        assert_eq!(
            session,
            "__Host-portico_session=x; Path=/; Secure; HttpOnly; SameSite=Lax"
        );
        assert!(pending.ends_with("Path=/; Secure; HttpOnly; SameSite=None"));
        assert!(
            CookieKind::Loopback
                .set(Cookie::Pending, "x")
                .ends_with("HttpOnly; SameSite=Lax")
        );
    }
}

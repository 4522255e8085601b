//! The cookies that the gateway sets, and how it reads what browsers send back.

use poem::http::{HeaderMap, header};
use url::Url;

/// Whether cookies travel over TLS, and so which protection they can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CookieKind {
    /// `__Host-` cookies: no other host, path or plain connection can have set them.
    Secure,
    /// Plain HTTP on loopback, in development. Browsers refuse `Secure` there, and with it `SameSite=None`. They send
    /// cookies to every port of a host, so the port is in the name: two clones do not sign each other out.
    Loopback { port: u16 },
}

/// A cookie of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cookie {
    /// The session's token. Lax: people arrive from mails and from their identity provider.
    Session,
    /// Sign-ins that wait for an answer, which comes as a POST from another site: Lax would be left out of it.
    Pending,
    /// The code of a partner's invitation, on the way through a sign-in. Lax: people come back from their identity
    /// provider.
    Join,
}

impl CookieKind {
    pub(super) fn of(public_url: &Url) -> Self {
        if public_url.scheme() == "https" {
            Self::Secure
        } else {
            let port = public_url.port_or_known_default().unwrap_or_default();
            Self::Loopback { port }
        }
    }

    pub(super) fn name(self, cookie: Cookie) -> String {
        let name = match cookie {
            Cookie::Session => "portico_session",
            Cookie::Pending => "portico_saml",
            Cookie::Join => "portico_join",
        };
        match self {
            Self::Secure => format!("__Host-{name}"),
            Self::Loopback { port } => format!("{name}_{port}"),
        }
    }

    /// The value of a cookie that a request carries. One that occurs twice was planted: it counts as absent.
    pub(super) fn read(self, cookie: Cookie, headers: &HeaderMap) -> Option<&str> {
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
    pub(super) fn set(self, cookie: Cookie, value: &str) -> String {
        format!("{}={value}; {}", self.name(cookie), self.attributes(cookie))
    }

    pub(super) fn clear(self, cookie: Cookie) -> String {
        format!(
            "{}=; Max-Age=0; {}",
            self.name(cookie),
            self.attributes(cookie)
        )
    }

    fn attributes(self, cookie: Cookie) -> &'static str {
        match (self, cookie) {
            (Self::Secure, Cookie::Session | Cookie::Join) => {
                "Path=/; Secure; HttpOnly; SameSite=Lax"
            }
            (Self::Secure, Cookie::Pending) => "Path=/; Secure; HttpOnly; SameSite=None",
            (Self::Loopback { .. }, Cookie::Session | Cookie::Pending | Cookie::Join) => {
                "Path=/; HttpOnly; SameSite=Lax"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOPBACK: CookieKind = CookieKind::Loopback { port: 8080 };

    fn read(header: &'static str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, header.parse().unwrap());
        LOOPBACK.read(Cookie::Session, &headers).map(str::to_owned)
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        assert_eq!(
            read("a=b; portico_session_8080=x=y;c=d").as_deref(),
            Some("x=y")
        );
        assert_eq!(
            read("xportico_session_8080=x; portico_session=y; portico_session_8081=z"),
            None
        );
        assert_eq!(read("portico_session_8080=; b=c").as_deref(), Some(""));
    }

    #[test]
    fn a_cookie_that_occurs_twice_is_none() {
        assert_eq!(read("portico_session_8080=x; portico_session_8080=y"), None);
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
            LOOPBACK
                .set(Cookie::Pending, "x")
                .ends_with("HttpOnly; SameSite=Lax")
        );
    }
}

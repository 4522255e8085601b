//! Where a person lands after signing in: a path of this origin and nothing else.

use url::Url;

/// Two of these and their request fit into a cookie several times.
const MAX_LENGTH: usize = 512;

/// A path of our own, with its query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnTo(String);

impl ReturnTo {
    /// The front page, for a sign-in that was not started from anywhere.
    pub fn home() -> Self {
        Self("/".to_owned())
    }

    /// `None` for other origins, in whatever disguise, and for the sign-in itself, which would begin anew.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        if !plain || text.len() > MAX_LENGTH || !text.starts_with('/') || text.starts_with("//") {
            return None;
        }
        let origin = Url::parse("https://portico.invalid/").ok()?;
        let target = origin.join(text).ok()?;
        let path = target.path();
        let ours = target.origin() == origin.origin() && !path.starts_with("//");
        let signs_in = path.starts_with("/saml/") || path.starts_with("/dev/iam/");
        (ours && !signs_in).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_our_own_is_taken_as_it_is() {
        for path in [
            "/",
            "/graphiql",
            "/a?b=c&d=/e#f",
            "/%2F/x",
            "/saml",
            "/a//b",
        ] {
            assert_eq!(ReturnTo::parse(path).unwrap().as_str(), path);
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for other in [
            "",
            "graphiql",
            "//evil.test",
            "///evil.test",
            "/\\evil.test",
            "/.//evil.test",
            "/x/..//evil.test",
            "\\\\evil.test",
            "https://evil.test/",
            "https:evil.test",
            "javascript:alert(1)",
            "/a\r\nSet-Cookie: x=y",
            "/a\tb",
            "/ä",
            " /a",
            "/saml/login?return_to=/",
            "/x/../saml/login",
            "/dev/iam/sso",
        ] {
            assert_eq!(ReturnTo::parse(other), None, "{other}");
        }
        assert_eq!(ReturnTo::parse(&format!("/{}", "a".repeat(512))), None);
    }
}

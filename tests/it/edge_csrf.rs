//! Every combination of method, content type, origin, fetch metadata, header and credentials, against a table that
//! states the rules of reliability.md 2.4 a second time and in another way.

use poem::http::{Method, StatusCode};

use crate::support::gateway::{ALLOWED_ORIGIN, Gateway, ORIGIN, request};

const SITES: [Option<&str>; 6] = [
    None,
    Some("same-origin"),
    Some("same-site"),
    Some("cross-site"),
    Some("none"),
    Some("strange"),
];
const ORIGINS: [Option<&str>; 4] = [
    None,
    Some(ORIGIN),
    Some(ALLOWED_ORIGIN),
    Some("https://evil.test"),
];
const CONTENT_TYPES: [Option<&str>; 3] = [None, Some("application/json"), Some("text/plain")];
const HEADERS: [Option<&str>; 4] = [
    None,
    Some("x-portico-csrf"),
    Some("apollo-require-preflight"),
    Some("x-other"),
];
const CREDENTIALS: [Option<(&str, &str)>; 3] = [
    None,
    Some(("cookie", "portico_session=service")),
    Some(("authorization", "Bearer service")),
];

#[derive(Debug, Clone, Copy)]
struct Case {
    is_post: bool,
    content_type: Option<&'static str>,
    site: Option<&'static str>,
    origin: Option<&'static str>,
    header: Option<&'static str>,
    credentials: Option<(&'static str, &'static str)>,
}

impl Case {
    fn all() -> Vec<Self> {
        let mut cases = Vec::new();
        for is_post in [true, false] {
            for content_type in CONTENT_TYPES {
                for site in SITES {
                    for origin in ORIGINS {
                        for header in HEADERS {
                            for credentials in CREDENTIALS {
                                cases.push(Self {
                                    is_post,
                                    content_type,
                                    site,
                                    origin,
                                    header,
                                    credentials,
                                });
                            }
                        }
                    }
                }
            }
        }
        cases
    }

    fn expected(self) -> StatusCode {
        if self.is_post && self.content_type != Some("application/json") {
            return StatusCode::UNSUPPORTED_MEDIA_TYPE;
        }
        let kind = self.credentials.map_or("none", |(name, _)| name);
        if kind == "authorization" {
            return StatusCode::OK;
        }
        let listed = matches!(self.origin, Some(ORIGIN | ALLOWED_ORIGIN));
        let believed = match (self.site, self.origin) {
            (Some("same-origin"), _) => true,
            (Some("none"), _) => !self.is_post,
            (Some(_), _) => listed,
            (None, Some(_)) => listed,
            (None, None) => kind == "none",
        };
        let shown = matches!(
            self.header,
            Some("x-portico-csrf" | "apollo-require-preflight")
        );
        match (believed, kind) {
            (false, _) => StatusCode::FORBIDDEN,
            (true, "none") => StatusCode::UNAUTHORIZED,
            (true, _) if shown => StatusCode::OK,
            (true, _) => StatusCode::FORBIDDEN,
        }
    }

    fn request(self) -> poem::Request {
        let mut headers = Vec::new();
        headers.extend(self.content_type.map(|value| ("content-type", value)));
        headers.extend(self.site.map(|value| ("sec-fetch-site", value)));
        headers.extend(self.origin.map(|value| ("origin", value)));
        headers.extend(self.header.map(|name| (name, "1")));
        headers.extend(self.credentials);
        if self.is_post {
            request(Method::POST, "/graphql", &headers).body(r#"{"query":"{__typename}"}"#)
        } else {
            request(Method::GET, "/graphql?query=%7B__typename%7D", &headers).finish()
        }
    }
}

#[tokio::test]
async fn every_combination_is_decided_as_the_table_says() {
    let gateway = Gateway::alone();
    let cases = Case::all();
    assert_eq!(cases.len(), 2 * 3 * 6 * 4 * 4 * 3);

    for case in cases {
        let answer = gateway.send(case.request()).await;

        assert_eq!(answer.status, case.expected(), "{case:?}: {}", answer.text);
        if answer.status == StatusCode::FORBIDDEN {
            assert_eq!(answer.code(), "CSRF_BLOCKED");
        }
        if answer.status != StatusCode::OK {
            assert!(answer.json().get("data").is_none());
        }
    }
}

#[tokio::test]
async fn two_origins_are_no_origin() {
    let headers = [
        ("content-type", "application/json"),
        ("origin", ORIGIN),
        ("origin", "https://evil.test"),
        ("cookie", "portico_session=service"),
        ("x-portico-csrf", "1"),
    ];

    let answer = Gateway::alone()
        .send(request(Method::POST, "/graphql", &headers).body("{}"))
        .await;

    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

//! Which representation a client wants, and which one it sends.

use poem::http::{HeaderMap, HeaderValue, header};

/// The representations of a GraphQL answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// The status says what became of the request.
    GraphqlResponse,
    /// The status says that there is an answer: 200 for whatever a GraphQL client handles itself.
    Json,
}

impl Media {
    pub(super) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }

    /// The heaviest one that the client accepts; `None` when it accepts neither.
    pub(super) fn negotiated(headers: &HeaderMap) -> Option<Self> {
        let ranges: Vec<Range> = headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(Range::parse)
            .collect();
        if !headers.contains_key(header::ACCEPT) {
            return Some(Self::Json);
        }
        let weight = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| ranges.iter().find(|range| range.name == *name))
                .map(|range| range.weight)
        };
        // Whoever does not name the newer type does not know it.
        let modern = weight(&["application/graphql-response+json"]).unwrap_or(0.0);
        let json = weight(&["application/json", "application/*", "*/*"]).unwrap_or(0.0);
        match (modern > 0.0, json > 0.0) {
            (true, _) if modern >= json => Some(Self::GraphqlResponse),
            (_, true) => Some(Self::Json),
            (true, false) => Some(Self::GraphqlResponse),
            (false, false) => None,
        }
    }
}

/// One entry of `Accept`.
struct Range {
    name: String,
    weight: f32,
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let name = parts
            .next()
            .filter(|name| name.contains('/'))?
            .to_ascii_lowercase();
        let mut weight = 1.0;
        for parameter in parts {
            if let Some(q) = parameter
                .strip_prefix("q=")
                .or_else(|| parameter.strip_prefix("Q="))
            {
                weight = q.trim().parse().ok()?;
            }
        }
        Some(Self { name, weight })
    }
}

/// Whether the body is JSON in UTF-8 and says so. Anything else can be sent by a form of another site.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(value)) = headers.get(header::CONTENT_TYPE).map(HeaderValue::to_str) else {
        return false;
    };
    let mut parts = value.split(';').map(str::trim);
    let is_json = parts
        .next()
        .is_some_and(|name| name.eq_ignore_ascii_case("application/json"));
    let mut charsets = parts
        .filter_map(|parameter| parameter.split_once('='))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    is_json
        && charsets.all(|(_, charset)| {
            charset
                .trim()
                .trim_matches('"')
                .eq_ignore_ascii_case("utf-8")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiated(accept: &str) -> Option<Media> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        Media::negotiated(&headers)
    }

    #[test]
    fn the_heavier_accepted_type_is_answered() {
        let modern = "application/graphql-response+json";
        for (accept, expected) in [
            (modern.to_owned(), Some(Media::GraphqlResponse)),
            (
                format!("{modern}, application/json;q=0.9"),
                Some(Media::GraphqlResponse),
            ),
            (
                format!("{modern}; charset=utf-8, application/json; charset=utf-8"),
                Some(Media::GraphqlResponse),
            ),
            (
                format!("{modern};q=0.1, application/json;q=0.9"),
                Some(Media::Json),
            ),
            (format!("{modern};q=0, */*;q=0.1"), Some(Media::Json)),
            ("application/json".into(), Some(Media::Json)),
            ("APPLICATION/JSON".into(), Some(Media::Json)),
            ("application/*".into(), Some(Media::Json)),
            ("*/*".into(), Some(Media::Json)),
            ("text/html, */*;q=0.8".into(), Some(Media::Json)),
            ("text/html".into(), None),
            ("application/json;q=0".into(), None),
            ("application/json;q=0, */*".into(), None),
            ("nonsense".into(), None),
            (String::new(), None),
        ] {
            assert_eq!(negotiated(&accept), expected, "{accept}");
        }
        assert_eq!(Media::negotiated(&HeaderMap::new()), Some(Media::Json));
    }

    #[test]
    fn only_json_in_utf_8_is_json() {
        let sent = |content_type: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
            is_json(&headers)
        };
        for accepted in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/json;charset=\"utf-8\"",
        ] {
            assert!(sent(accepted), "{accepted}");
        }
        for refused in [
            "text/plain",
            "application/json; charset=gbk",
            "multipart/form-data",
            "application/x-www-form-urlencoded",
            "application/jsonp",
            "",
        ] {
            assert!(!sent(refused), "{refused}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}

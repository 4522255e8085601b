//! Sentences for people, made from a reason and its parameters at the edge. Two languages, one file each per domain.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader as _, static_loader};

static_loader! {
    static CATALOGUE = {
        locales: "./src/i18n/locales",
        fallback_language: "zh-CN",
        // Isolation marks around values would end up in forms and logs.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Locale {
    #[default]
    ZhCn,
    En,
}

impl Locale {
    pub const ALL: [Self; 2] = [Self::ZhCn, Self::En];

    pub fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::En => "en",
        }
    }

    /// The first language of an `Accept-Language` header that we speak; Chinese when there is none.
    pub fn accepted(header: Option<&str>) -> Self {
        let mut wanted: Vec<(f32, Self)> =
            header.unwrap_or("").split(',').filter_map(wish).collect();
        wanted.sort_by(|left, right| right.0.total_cmp(&left.0));
        wanted
            .first()
            .map_or(Self::default(), |&(_, locale)| locale)
    }

    fn identifier(self) -> LanguageIdentifier {
        self.tag().parse().unwrap_or_default()
    }
}

/// One entry of the header, with its weight; a weight of zero is a refusal.
fn wish(entry: &str) -> Option<(f32, Locale)> {
    let mut parts = entry.split(';');
    let language = parts.next()?.trim().to_ascii_lowercase();
    let weight = parts.next().map_or(Some(1.0), |q| {
        q.trim().strip_prefix("q=")?.parse::<f32>().ok()
    })?;
    let locale = match language.split('-').next()? {
        "zh" => Locale::ZhCn,
        "en" => Locale::En,
        _ => return None,
    };
    (weight > 0.0).then_some((weight, locale))
}

/// The sentence of a reason: `PERMISSION_MISSING` stands in the catalogue as `permission-missing`.
pub fn sentence(
    reason: &str,
    params: &BTreeMap<&'static str, String>,
    locale: Locale,
) -> Option<String> {
    let key = reason.to_ascii_lowercase().replace('_', "-");
    let values: HashMap<Cow<'static, str>, FluentValue<'_>> = params
        .iter()
        .map(|(&name, value)| (Cow::Borrowed(name), FluentValue::from(value.as_str())))
        .collect();
    CATALOGUE.try_lookup_with_args(&locale.identifier(), &key, &values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_language_that_we_speak_is_taken() {
        assert_eq!(Locale::accepted(None), Locale::ZhCn);
        assert_eq!(Locale::accepted(Some("en-GB,en;q=0.9")), Locale::En);
        assert_eq!(
            Locale::accepted(Some("fr, en;q=0.5, zh;q=0.8")),
            Locale::ZhCn
        );
        assert_eq!(Locale::accepted(Some("en;q=0, zh;q=0.1")), Locale::ZhCn);
        assert_eq!(Locale::accepted(Some("de;q=oops;;,")), Locale::ZhCn);
    }

    #[test]
    fn a_sentence_differs_by_language_and_holds_its_values() {
        let params = BTreeMap::from([("permission", "opportunity.submit".to_owned())]);
        let english = sentence("PERMISSION_MISSING", &params, Locale::En).unwrap();
        let chinese = sentence("PERMISSION_MISSING", &params, Locale::ZhCn).unwrap();
        assert!(english.contains("opportunity.submit") && chinese.contains("opportunity.submit"));
        assert_ne!(english, chinese);
    }

    /// The catalogue refuses a key that stands twice, and with it every sentence there is.
    #[test]
    fn a_key_stands_in_one_file_of_a_language() {
        for language in ["zh-CN", "en"] {
            let folder = format!("{}/src/i18n/locales/{language}", env!("CARGO_MANIFEST_DIR"));
            let mut homes: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for file in std::fs::read_dir(folder).unwrap() {
                let file = file.unwrap();
                let name = file.file_name().to_string_lossy().into_owned();
                for line in std::fs::read_to_string(file.path()).unwrap().lines() {
                    let key = line.split_once(" =").map_or("", |(key, _)| key);
                    if !key.is_empty() && !key.starts_with(['#', ' ']) {
                        homes.entry(key.to_owned()).or_default().push(name.clone());
                    }
                }
            }
            homes.retain(|_, files| files.len() > 1);
            assert!(homes.is_empty(), "{language}: {homes:?}");
        }
    }
}

mod explained;

use std::collections::BTreeMap;

use crate::db::testing::TestDb;
use crate::i18n::{self, Locale};
use crate::rules::{Site, registry};

/// R-GEN-6: every row of the database is of a type that the code knows, and every type has rows for both sites.
#[tokio::test]
async fn r_gen_6_every_row_is_of_a_registered_type_and_every_type_has_rows() {
    let test = TestDb::new().await;
    let rows: Vec<(String, String, String, serde_json::Value)> =
        sqlx::query_as("SELECT name, site, programme, value FROM rules")
            .fetch_all(&mut test.connect("portico_owner").await)
            .await
            .unwrap();

    for (name, _, programme, value) in &rows {
        let kind = registry::find(name, programme);
        let kind = kind.unwrap_or_else(|| panic!("{name} of {programme} is no type"));
        assert_eq!(
            kind.read(&value.to_string()).as_ref(),
            Some(value),
            "{name}"
        );
    }
    for kind in registry::TYPES {
        for site in [Site::Cn, Site::Intl] {
            let has = |(name, on, programme, _): &(String, String, String, serde_json::Value)| {
                (&**name, &**on, &**programme) == (kind.name, site.as_str(), kind.programme)
            };
            assert!(
                rows.iter().any(has),
                "{} has no row for {site:?}",
                kind.name
            );
        }
    }
}

#[test]
fn every_type_has_an_example_that_it_reads_and_a_description_in_both_languages() {
    for kind in registry::TYPES {
        assert!(kind.read(kind.example).is_some(), "{}", kind.name);
        for locale in Locale::ALL {
            let key = registry::description_key(kind.name);
            assert!(
                i18n::sentence(&key, &BTreeMap::new(), locale).is_some(),
                "{key}"
            );
        }
    }
}

#[test]
fn a_value_of_another_form_or_that_cannot_be_is_refused() {
    let roles = registry::find("member.roles", "PORTAL").unwrap();
    for value in [
        "",
        "3",
        "[]",
        "null",
        "{}",
        r#"{"minimum": 1}"#,
        r#"{"minimum": 1, "maximum": "3"}"#,
        r#"{"minimum": 1, "maximum": 3, "extra": 1}"#,
        r#"{"minimum": 3, "maximum": 1}"#,
        r#"{"minimum": -1, "maximum": 1}"#,
    ] {
        assert_eq!(roles.read(value), None, "{value}");
    }
    let submission = registry::find("opportunity.submission", "CO_SELL").unwrap();
    for revenue in ["1", "\"x\"", "\"-1\""] {
        let value = format!(r#"{{"minimum_revenue": {revenue}, "round_limit": 3}}"#);
        assert_eq!(submission.read(&value), None, "{value}");
    }
    assert!(registry::find("member.roles", "CO_SELL").is_none());
}

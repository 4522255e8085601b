//! Every rule of the finished sections has a test that names it, in its function's name or in a doc line above it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The sections that are done, each with its number of rules. A section joins when its capability is finished.
const SECTIONS: &[(&str, u32)] = &[("OPP", 35), ("DED", 17), ("GEN", 10)];

/// The rules that are done of sections that are not: each joins with its capability.
const RULES: &[(&str, &[u32])] = &[("CUS", &[1, 2, 3, 4, 7, 8, 11])];

/// Every Rust file below a folder of the repository.
fn sources(folder: &str) -> Vec<String> {
    let mut folders: Vec<PathBuf> = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                // The sample below is no test of a rule.
                && !path.ends_with("it/rule_coverage.rs")
            {
                texts.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    texts
}

/// The rules that the tests of a file name.
fn named(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut above = String::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("///") {
            above.push_str(line);
            above.push('\n');
        } else if line.starts_with("#[") {
            is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        } else if let Some(name) = function(line) {
            if is_test {
                found.extend(spelled(&above, "R-", "-"));
                found.extend(spelled(name, "r_", "_"));
            }
            above.clear();
            is_test = false;
        } else if !line.starts_with("//") && !line.is_empty() {
            // The attributes of a test may fill several lines; anything else ends what stands above a function.
            if !is_test {
                above.clear();
            }
        }
    }
    found
}

fn function(line: &str) -> Option<&str> {
    let line = line.strip_prefix("async ").unwrap_or(line);
    line.strip_prefix("fn ")?.split(['(', '<']).next()
}

/// The rules in a text: `R-OPP-4` after `R-` with `-` between, `r_opp_4` after `r_` with `_`.
fn spelled(text: &str, begin: &str, between: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices(begin) {
        let mut parts = text[at + begin.len()..].splitn(2, between);
        let (Some(section), Some(rest)) = (parts.next(), parts.next()) else {
            continue;
        };
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if section.len() <= 4 && section.chars().all(char::is_alphabetic) && !digits.is_empty() {
            found.insert(format!("R-{}-{digits}", section.to_ascii_uppercase()));
        }
    }
    found
}

#[test]
fn every_rule_of_a_finished_section_is_named_by_a_test() {
    let texts = ["src", "tests"].into_iter().flat_map(sources);
    let held: BTreeSet<String> = texts.flat_map(|text| named(&text)).collect();
    let single = RULES.iter().flat_map(|(section, rules)| {
        let rules = rules.iter();
        rules.map(move |rule| format!("R-{section}-{rule}"))
    });
    let missing: Vec<String> = SECTIONS
        .iter()
        .flat_map(|(section, rules)| (1..=*rules).map(move |rule| format!("R-{section}-{rule}")))
        .chain(single)
        .filter(|rule| !held.contains(rule))
        .collect();
    assert!(missing.is_empty(), "no test names {}", missing.join(", "));
}

#[test]
fn a_rule_counts_only_where_a_test_names_it() {
    let text = "
        /// Holds R-OPP-4 and R-GEN-10.
        #[tokio::test]
        async fn r_opp_5_a_reason_is_needed() {}
        /// R-OPP-6 is only spoken of.
        fn helper() {}
        // R-OPP-7 in a comment
        #[test]
        fn something_else() {}
    ";
    let expected = ["R-GEN-10", "R-OPP-4", "R-OPP-5"].map(str::to_owned);
    assert_eq!(named(text), BTreeSet::from(expected));
}

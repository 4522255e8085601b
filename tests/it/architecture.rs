//! Which layer may mention which crate, how long a file may be, and other walls that the compiler does not keep.

use std::path::{Path, PathBuf};

/// Every source file below `src/`, with its path from there.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    found
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (
                path.strip_prefix(&root)
                    .unwrap()
                    .to_string_lossy()
                    .replace('\\', "/"),
                text,
            )
        })
        .collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The lines of a file without its comments and its unit tests.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    text[..end]
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(number, line)| (number + 1, line))
}

fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/") || path.ends_with("/testing.rs")
}

/// Fails with every place outside `allowed` whose code mentions `word`.
fn only_in(word: &str, allowed: impl Fn(&str) -> bool) {
    let mut offenders = Vec::new();
    for (path, text) in sources() {
        if allowed(&path) || is_test_file(&path) {
            continue;
        }
        for (number, line) in code(&text) {
            if line.contains(word) {
                offenders.push(format!("src/{path}:{number}: {}", line.trim()));
            }
        }
    }
    assert!(
        offenders.is_empty(),
        "`{word}` is used outside its layer:\n{}",
        offenders.join("\n")
    );
}

#[test]
fn sql_is_spoken_only_by_stores() {
    only_in("sqlx::", |path| {
        path.ends_with("store.rs")
            || path.contains("/store/")
            || path.starts_with("db/")
            || path.starts_with("seed/")
            // Connection strings are checked before anything connects.
            || path.starts_with("config/")
            // The operator's commands that work on a database before or beside the application.
            || path.starts_with("cli/")
            // The keyset clause that every list shares.
            || path == "paging.rs"
    });
}

#[test]
fn graphql_is_spoken_only_by_its_layer() {
    only_in("async_graphql", |path| {
        path.starts_with("graphql/")
            || path.ends_with("graphql.rs")
            || path.contains("/graphql/")
            || path == "http/graphql.rs"
    });
}

#[test]
fn http_is_spoken_only_by_its_layer() {
    only_in("poem::", |path| {
        path.starts_with("http/") || path == "app.rs"
    });
}

#[test]
fn samael_is_spoken_only_by_saml() {
    only_in("samael::", |path| path.starts_with("saml/"));
}

#[test]
fn only_the_configuration_reads_the_environment() {
    only_in("env::var", |path| {
        path.starts_with("config/") || path.starts_with("cli") || path.starts_with("db/embedded")
    });
}

#[test]
fn only_the_clock_and_the_ids_ask_for_time_and_chance() {
    only_in("Utc::now", |path| path == "clock.rs");
    only_in("Uuid::now_v7", |path| path == "ids.rs");
    only_in("Uuid::new_v4", |path| path == "ids.rs");
}

#[test]
fn no_sql_asks_for_the_time_but_the_one_that_opens_a_transaction() {
    // Rust's own `tx.now()` has a dot before it.
    for sql in [" now()", "(now()", ",now()"] {
        only_in(sql, |path| {
            path.starts_with("db/") || !path.ends_with("store.rs")
        });
    }
}

#[test]
fn sql_made_of_text_is_not_waved_through() {
    only_in("AssertSqlSafe", |path| path.starts_with("db/"));
}

#[test]
fn a_domain_reaches_another_only_by_its_public_face() {
    const DOMAINS: [&str; 8] = [
        "identity",
        "organisation",
        "catalogue",
        "customers",
        "resellers",
        "opportunities",
        "incentives",
        "inbox",
    ];
    // An arrow of decisions.md: a domain's service knows only those before it.
    for (rank, domain) in DOMAINS.iter().enumerate() {
        for later in &DOMAINS[rank + 1..] {
            let word = format!("crate::{later}");
            only_in(&word, |path| {
                !path.starts_with(&format!("{domain}/"))
                    || path.ends_with("graphql.rs")
                    || path.contains("/graphql/")
            });
        }
    }
}

#[test]
fn a_file_is_short_enough_to_be_read() {
    let long: Vec<String> = sources()
        .iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|&(_, lines)| lines > 400)
        .map(|(path, lines)| format!("src/{path} has {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn every_domain_has_the_same_six_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for domain in [
        "opportunities",
        "organisation",
        "organisation/members",
        "catalogue",
        "customers",
        "resellers",
        "incentives",
    ] {
        for part in ["mod", "model", "error", "service", "store", "graphql"] {
            let file = root.join(domain).join(format!("{part}.rs"));
            let folder = root.join(domain).join(part).join("mod.rs");
            assert!(
                file.exists() || folder.exists(),
                "src/{domain} lacks {part}"
            );
        }
    }
}

#[test]
fn every_reason_has_a_sentence_in_both_languages() {
    // A sentence that lacks one of its values is none: every name that any refusal gives a value is given here.
    let params: std::collections::BTreeMap<&'static str, String> = sources()
        .iter()
        .flat_map(|(_, text)| text.split(".with(\"").skip(1))
        .filter_map(|rest| rest.split('"').next())
        .map(|name| (&*name.to_owned().leak(), "7".to_owned()))
        .collect();
    let mut missing = Vec::new();
    for (path, text) in sources() {
        for (number, line) in code(&text) {
            // The domain's `Code`, not a `StatusCode`: `Code::Conflict, "TRY_AGAIN"`.
            for (start, _) in line.match_indices("Code::") {
                if line[..start].ends_with(char::is_alphanumeric) {
                    continue;
                }
                let Some(reason) = line[start..].split('"').nth(1) else {
                    continue;
                };
                let is_reason = reason.len() > 2
                    && reason.chars().all(|letter| {
                        letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_'
                    });
                if !is_reason {
                    continue;
                }
                for locale in portico::i18n::Locale::ALL {
                    if portico::i18n::sentence(reason, &params, locale).is_none() {
                        missing.push(format!("src/{path}:{number}: {reason} in {}", locale.tag()));
                    }
                }
            }
        }
    }
    assert!(
        missing.is_empty(),
        "reasons without a sentence:\n{}",
        missing.join("\n")
    );
}

/// R-GEN-6: a type of rule that operators cannot schedule, or that nothing asks, would be a number that looks like a
/// rule.
#[test]
fn r_gen_6_every_type_of_rule_is_registered_and_asked() {
    let sources = sources();
    let registry = &sources
        .iter()
        .find(|(path, _)| path == "rules/registry.rs")
        .unwrap()
        .1;
    let mut types = 0;
    for (path, text) in &sources {
        for (_, line) in code(text) {
            let Some(name) = line.trim().strip_prefix("impl Rule for ") else {
                continue;
            };
            let name = name.trim_end_matches([' ', '{', '}']);
            types += 1;
            let is_registered = registry.contains(&format!("of::<{name}>"))
                || registry.contains(&format!("::{name}>"));
            assert!(
                is_registered,
                "{name} of src/{path} is not in rules/registry.rs"
            );
            let is_asked = sources.iter().any(|(asker, text)| {
                asker != path
                    && !asker.starts_with("rules/")
                    && !is_test_file(asker)
                    && code(text).any(|(_, line)| line.contains(name) && !line.contains("use "))
            });
            assert!(is_asked, "nothing asks for {name}");
        }
    }
    assert!(types > 4);
}

#[test]
fn the_parser_below_async_graphql_guards_its_stack() {
    let lock =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).unwrap();
    let pest = lock
        .split("[[package]]")
        .find(|package| package.contains("name = \"pest\"\n"))
        .unwrap();
    let version = pest
        .split("version = \"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let parts: Vec<u32> = version
        .split('.')
        .map(|part| part.parse().unwrap())
        .collect();
    assert!(
        parts >= vec![2, 9, 5],
        "pest {version} has no guard of the native stack (reliability F17)"
    );
}

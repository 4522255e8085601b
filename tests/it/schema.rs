//! The contract: what `schema.graphql` says is what is served, and all of it is described.

use std::path::Path;

fn committed() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql"))
        .unwrap_or_default()
}

#[test]
fn the_committed_schema_is_the_schema_of_the_code() {
    let served = portico::graphql::sdl();
    assert!(
        committed() == served,
        "schema.graphql is not what the code serves; review the difference and renew it: portico schema print > schema.graphql"
    );
}

#[test]
fn the_query_that_graphiql_opens_with_is_admitted() {
    use portico::graphql::gate::{Ask, Gate, Limits};

    let text = include_str!("../../web/src/welcome.graphql");
    let gate = Gate::new(&portico::graphql::sdl(), Limits::default()).unwrap();
    let admitted = gate
        .admit(Ask {
            query: text,
            ..Ask::default()
        })
        .unwrap();
    assert!(
        admitted.cost.requested < admitted.cost.maximum / 10,
        "{:?}",
        admitted.cost
    );
}

#[test]
fn every_type_field_and_argument_is_described() {
    let mut bare = Vec::new();
    let mut described = false;
    let mut inside: Option<String> = None;
    let mut in_description = false;
    for line in committed().lines() {
        let text = line.trim();
        if in_description {
            in_description = !text.ends_with("\"\"\"");
            continue;
        }
        if text.starts_with("\"\"\"") {
            described = true;
            in_description = text.len() < 6 || !text.ends_with("\"\"\"");
            continue;
        }
        let is_definition = [
            "type ",
            "input ",
            "enum ",
            "union ",
            "interface ",
            "scalar ",
        ]
        .iter()
        .any(|word| text.starts_with(word));
        if is_definition {
            let name = text
                .split_whitespace()
                .nth(1)
                .unwrap_or_default()
                .to_owned();
            let is_library =
                ["PageInfo", "Query", "Mutation"].contains(&name.as_str()) || is_connection(&name);
            if !described && !is_library && !is_standard_scalar(&name) {
                bare.push(name.clone());
            }
            // A union stands on one line, or on several without a brace.
            inside = text.ends_with('{').then_some(name);
        } else if let Some(owner) = &inside
            && text.chars().next().is_some_and(char::is_alphabetic)
            && !described
            && !is_connection(owner)
            && !text.starts_with("schema")
            && owner != "PageInfo"
        {
            bare.push(format!(
                "{owner}.{}",
                text.split([':', '(', ' ']).next().unwrap_or_default()
            ));
        }
        if text == "}" {
            inside = None;
        }
        described = false;
    }
    assert!(
        bare.is_empty(),
        "without a description: {}",
        bare.join(", ")
    );
}

fn is_connection(name: &str) -> bool {
    name.ends_with("Connection") || name.ends_with("Edge")
}

fn is_standard_scalar(name: &str) -> bool {
    ["DateTime", "NaiveDate", "Date", "UUID"].contains(&name)
}

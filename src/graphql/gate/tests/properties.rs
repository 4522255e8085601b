//! Whatever a client sends, the gate answers.

use proptest::{collection::vec, prelude::*};

use super::*;

/// Pieces that make documents which are often nearly right.
fn document() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{"),
        Just("}"),
        Just("("),
        Just(")"),
        Just("["),
        Just("]"),
        Just("..."),
        Just(":"),
        Just("$"),
        Just("!"),
        Just("="),
        Just("@"),
        Just("\""),
        Just("\"\"\""),
        Just("\\"),
        Just("#"),
        Just("\n"),
        Just(","),
        Just("query"),
        Just("mutation"),
        Just("subscription"),
        Just("fragment F on Query"),
        Just("...F"),
        Just("on"),
        Just("members(first: 3)"),
        Just("nodes"),
        Just("organisation"),
        Just("id"),
        Just("__schema"),
        Just("echo(line: {name: \"a\"})"),
        Just("@include(if: $v)"),
        Just("Q($v: Boolean)"),
        Just("-1.5e9"),
        Just("合"),
        Just("\u{feff}"),
        Just("\u{0}"),
    ];
    vec(piece, 0..60).prop_map(|pieces| pieces.join(" "))
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        "\\PC{0,12}".prop_map(Json::from),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Json::from),
            vec(
                (
                    prop_oneof![
                        Just("name"),
                        Just("inner"),
                        Just("tags"),
                        Just("text"),
                        Just("x")
                    ],
                    inner
                ),
                0..4
            )
            .prop_map(|fields| fields
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_is_admitted_or_refused(text in any::<String>()) {
        let _ = admit(&text);
    }

    #[test]
    fn any_pieces_of_documents_are_admitted_or_refused(text in document()) {
        let _ = admit(&text);
    }

    #[test]
    fn any_variable_is_coerced_or_refused(value in json(), ty in prop_oneof![
        Just("Int"), Just("Float!"), Just("ID"), Just("[Line!]"), Just("Line"), Just("Search"), Just("Stage"),
        Just("DateTime"), Just("Unknown"), Just("[[String]!]"),
    ]) {
        let query = format!("query Q($v: {ty}) {{ echo(line: $v) }}");
        let first = admit_with(&query, serde_json::json!({ "v": value }));
        if let Ok(admitted) = first {
            // What was coerced once is accepted again unchanged.
            let again = serde_json::to_value(&admitted.variables).unwrap();
            let second = admit_with(&query, again).unwrap();
            prop_assert_eq!(admitted.variables, second.variables);
        }
    }

    #[test]
    fn work_is_linear_in_the_tokens(text in document()) {
        let (Ok(Admitted { work, .. }) | Err(Refused { work, .. })) = admit(&text);
        prop_assert!(work.nodes <= 3 * work.tokens, "{:?}", work);
    }
}

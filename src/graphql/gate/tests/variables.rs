use async_graphql::{Name, Value};
use serde_json::json;

use super::*;

/// The variable `$v` of type `ty`, after coercion.
fn coerced(ty: &str, given: Json) -> Result<Option<Value>, Vec<String>> {
    let query = format!("query Q($v: {ty}) {{ echo(text: $v) }}");
    match admit_with(&query, given) {
        Ok(admitted) => Ok(admitted.variables.get(&Name::new("v")).cloned()),
        Err(refused) => Err(refused
            .errors
            .into_iter()
            .map(|error| {
                assert_eq!(error.code, RequestCode::InvalidInput);
                error.message
            })
            .collect()),
    }
}

fn accepts(ty: &str, given: impl Into<Json>) -> bool {
    coerced(ty, json!({ "v": given.into() })).is_ok()
}

#[test]
fn int_holds_32_bits() {
    assert!(accepts("Int", json!(2_147_483_647)));
    assert!(accepts("Int", json!(-2_147_483_648_i64)));
    assert!(!accepts("Int", json!(2_147_483_648_i64)));
    assert!(!accepts("Int", json!(-2_147_483_649_i64)));
    assert_eq!(
        coerced("Int", json!({ "v": 3.0 })),
        Ok(Some(Value::from(3)))
    );
    for wrong in [
        json!(3.5),
        json!("3"),
        json!(true),
        json!({}),
        json!([1]),
        json!(1e300),
    ] {
        assert!(!accepts("Int", wrong));
    }
}

#[test]
fn float_string_boolean_and_id_take_what_the_specification_says() {
    assert!(accepts("Float", json!(1)) && accepts("Float", json!(1.5)));
    assert!(!accepts("Float", json!("1.5")));
    assert!(accepts("String", json!("a")) && !accepts("String", json!(1)));
    assert!(accepts("Boolean", json!(false)) && !accepts("Boolean", json!(0)));
    assert!(accepts("ID", json!("a")) && !accepts("ID", json!(1.5)));
    assert_eq!(coerced("ID", json!({ "v": 7 })), Ok(Some(Value::from("7"))));
}

#[test]
fn null_needs_a_nullable_type() {
    assert_eq!(
        coerced("String", json!({ "v": null })),
        Ok(Some(Value::Null))
    );
    assert!(!accepts("String!", json!(null)));
    assert!(!accepts("[String!]", json!(["a", null])));
    assert!(accepts("[String]!", json!([null])));
}

#[test]
fn an_absent_variable_takes_its_default_or_stays_absent_or_is_refused() {
    assert_eq!(coerced("Int = 4", json!({})), Ok(Some(Value::from(4))));
    assert_eq!(coerced("Int", json!({})), Ok(None));
    let error = coerced("Int!", json!({})).unwrap_err();
    assert_eq!(
        error,
        ["Variable \"$v\": a value of type \"Int!\" is required."]
    );
}

#[test]
fn what_is_not_declared_is_left_out() {
    let admitted = admit_with("{ __typename }", json!({ "other": 1 })).unwrap();

    assert!(admitted.variables.is_empty());
}

#[test]
fn a_single_value_is_a_list_of_one() {
    assert_eq!(
        coerced("[Int!]", json!({ "v": 1 })),
        Ok(Some(Value::List(vec![Value::from(1)])))
    );
    assert!(!accepts("[Int!]", json!("a")));
    assert!(!accepts("[[Int]]", json!([1, "a"])));
}

#[test]
fn enums_take_their_names_only() {
    assert!(accepts("Stage", json!("DRAFT")));
    for wrong in [json!("draft"), json!("OTHER"), json!(0)] {
        assert!(!accepts("Stage", wrong));
    }
}

#[test]
fn an_input_object_names_every_fault_with_its_path() {
    let line = json!({ "v": [{ "amount": "much", "inner": { "name": 1, "stage": "LOST" }, "colour": "red" }] });

    let faults = coerced("[Line!]!", line).unwrap_err();

    assert_eq!(
        faults,
        [
            "Variable \"$v[0].name\": a value is required.",
            "Variable \"$v[0].amount\": a number is required.",
            "Variable \"$v[0].colour\": \"Line\" has no such field.",
            "Variable \"$v[0].inner.name\": a string is required.",
            "Variable \"$v[0].inner.stage\": one of the values of the enum \"Stage\" is required.",
        ]
    );
}

#[test]
fn a_field_with_a_default_may_be_absent_but_a_list_may_not_be_an_object() {
    assert!(accepts("Line", json!({ "name": "a" })));
    assert!(!accepts("Line", json!("a")));
    assert!(!accepts("Line", json!({ "name": "a", "tags": { "a": 1 } })));
}

#[test]
fn one_of_takes_exactly_one_field_that_is_not_null() {
    assert!(accepts("Search", json!({ "text": "a" })));
    for wrong in [
        json!({}),
        json!({ "text": "a", "number": 1 }),
        json!({ "text": null }),
    ] {
        assert!(!accepts("Search", wrong));
    }
}

#[test]
fn custom_scalars_pass_untouched() {
    assert!(accepts("DateTime!", json!("not a moment")));
    assert!(accepts("UUID", json!({ "any": ["thing"] })));
}

#[test]
fn no_more_than_twenty_faults_are_listed() {
    let faults = coerced("[Int]", json!({ "v": vec!["x"; 100] })).unwrap_err();

    assert_eq!(faults.len(), 20);
}

use super::*;

/// `{ member { manager { … { id } } } }` with `depth` levels of fields.
fn deep(depth: usize) -> String {
    let levels = depth - 2;
    let (open, close) = ("manager { ".repeat(levels), "} ".repeat(levels));
    format!("{{ member(id: 1) {{ {open} id {close} }} }}")
}

fn repeated(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().join(" ")
}

#[test]
fn twelve_levels_are_admitted_and_thirteen_are_not() {
    assert!(admit(&deep(12)).is_ok());
    assert_eq!(exceeded(admit(&deep(13))), ("depth", 13, 12));
}

#[test]
fn fragments_do_not_hide_depth() {
    let query = |levels: usize| {
        let inner = deep(levels)
            .replace("{ member(id: 1) ", "")
            .replacen("} }", "}", 1);
        format!("{{ member(id: 1) {{ ...F }} }} fragment F on Member {inner}")
    };

    assert!(admit(&query(12)).is_ok());
    assert_eq!(exceeded(admit(&query(13))).0, "depth");
}

#[test]
fn thirty_aliases_are_admitted_and_one_more_is_not() {
    let query = |count| {
        format!(
            "{{ member(id: 1) {{ {} }} }}",
            repeated(count, |i| format!("a{i}: id"))
        )
    };

    assert!(admit(&query(30)).is_ok());
    assert_eq!(exceeded(admit(&query(31))), ("aliases", 31, 30));
}

#[test]
fn aliases_in_a_fragment_count_at_each_spread() {
    let query = "{ a: organisation { ...F } organisation { allMembers { organisation { ...F } } } } \
         fragment F on Organisation { b: id c: id }";
    let limits = |aliases| Limits {
        aliases,
        ..Limits::default()
    };

    assert!(gate_with(limits(5)).admit(ask(query)).is_ok());
    assert_eq!(
        exceeded(gate_with(limits(4)).admit(ask(query))),
        ("aliases", 5, 4)
    );
}

#[test]
fn twenty_root_fields_are_admitted_and_one_more_is_not() {
    let query = |count| {
        format!(
            "{{ {} ...F }} fragment F on Query {{ ... {{ __typename }} }}",
            "__typename ".repeat(count)
        )
    };

    assert!(admit(&query(19)).is_ok());
    assert_eq!(exceeded(admit(&query(20))), ("root_fields", 21, 20));
}

#[test]
fn five_root_mutations_are_admitted_and_one_more_is_not() {
    let query = |count| {
        format!(
            "mutation {{ {} }}",
            repeated(count, |i| format!("m{i}: change {{ __typename }}"))
        )
    };

    assert!(admit(&query(5)).is_ok());
    assert_eq!(exceeded(admit(&query(6))), ("root_mutations", 6, 5));
}

#[test]
fn a_subscription_selects_exactly_one_field() {
    assert!(admit("subscription { changed { id } }").is_ok());
    let error = only_error(admit("subscription { changed { id } other { id } }"));
    assert_eq!(error.code, RequestCode::ValidationFailed);
}

#[test]
fn five_directives_on_one_place_are_admitted_and_one_more_is_not() {
    for place in [
        "{ __typename D }",
        "query D { __typename }",
        "query Q($v: Int D) { __typename @include(if: $v) }",
        "{ ... D { __typename } }",
        "{ ...F D } fragment F on Query { __typename }",
        "{ ...F } fragment F on Query D { __typename }",
    ] {
        let query = |count| place.replace('D', &"@mark".repeat(count));

        assert!(admit(&query(5)).is_ok(), "{place}");
        assert_eq!(
            exceeded(admit(&query(6))),
            ("directives_on_one", 6, 5),
            "{place}"
        );
    }
}

#[test]
fn fifty_directives_are_admitted_and_one_more_is_not() {
    let query = |count| format!("{{ organisation {{ {} }} }}", "id @mark ".repeat(count));

    assert!(admit(&query(50)).is_ok());
    assert_eq!(exceeded(admit(&query(51))), ("directives", 51, 50));
}

#[test]
fn twenty_thousand_selections_after_expansion_are_admitted_and_one_more_is_not() {
    // 1 + 9 spreads of (1 + 2,220 fields) + rest
    let query = |rest: usize| {
        format!(
            "{{ organisation {{ {} {} }} }} fragment F on Organisation {{ {} }}",
            "...F ".repeat(9),
            "id ".repeat(rest),
            "id ".repeat(2_220),
        )
    };

    assert!(admit(&query(10)).is_ok());
    assert_eq!(exceeded(admit(&query(11))), ("selections", 20_001, 20_000));
}

#[test]
fn selections_of_all_operations_count_because_all_are_validated() {
    let limits = Limits {
        selections: 3,
        ..Limits::default()
    };
    let query = "query A { __typename } query B { organisation { id } viewer { __typename } }";

    let result = gate_with(limits).admit(Ask {
        operation_name: Some("A"),
        ..ask(query)
    });

    assert_eq!(exceeded(result), ("selections", 5, 3));
}

#[test]
fn fragments_that_contain_themselves_are_refused() {
    for fragments in [
        "fragment F on Query { ...F }",
        "fragment F on Query { ...G } fragment G on Query { organisation { __typename } ...F }",
        "fragment F on Query { ... on Query { ...G } } fragment G on Query { ...H } fragment H on Query { ...G }",
    ] {
        let error = only_error(admit(&format!("{{ ...F }} {fragments}")));

        assert_eq!(error.code, RequestCode::ValidationFailed, "{fragments}");
        assert!(error.message.contains("contains itself"));
    }
}

#[test]
fn a_cycle_that_no_operation_uses_is_refused_too() {
    let error = only_error(admit("{ __typename } fragment F on Query { ...F }"));

    assert_eq!(error.code, RequestCode::ValidationFailed);
}

#[test]
fn the_operation_is_chosen_by_name() {
    let named = |query, operation_name| {
        gate().admit(Ask {
            operation_name,
            ..ask(query)
        })
    };
    let two = "query A { __typename } mutation B { change { __typename } }";

    assert_eq!(
        named(two, Some("B")).unwrap().operation_name.as_deref(),
        Some("B")
    );
    assert!(named("query A { __typename }", None).is_ok());
    for (query, name) in [(two, None), (two, Some("C")), ("{ __typename }", Some("A"))] {
        assert_eq!(
            only_error(named(query, name)).code,
            RequestCode::OperationUnknown
        );
    }
}

#[test]
fn the_introspection_query_of_the_tools_is_admitted_although_it_is_deep() {
    let admitted = admit(include_str!("introspection.graphql")).unwrap();

    assert_eq!(admitted.cost.requested, 100);
    assert!(admitted.introspects);
    assert!(!admit("{ __typename }").unwrap().introspects);
}

#[test]
fn introspection_that_walks_in_circles_is_refused() {
    let circular = "{ __schema { types { fields { type { fields { name } } } } } }";
    assert_eq!(exceeded(admit(circular)), ("introspection_lists", 2, 1));

    let hidden = "{ __type(name: \"A\") { fields { type { ...F } } } } fragment F on __Type { possibleTypes { name } }";
    assert_eq!(exceeded(admit(hidden)), ("introspection_lists", 2, 1));
}

#[test]
fn introspection_is_no_excuse_for_another_deep_field() {
    let query = format!(
        "{{ __schema {{ description }} {}",
        deep(13).replacen('{', "", 1)
    );

    assert_eq!(exceeded(admit(&query)).0, "depth");
}

#[test]
fn one_schema_field_is_admitted_and_a_second_is_not() {
    assert!(admit("{ __schema { description } }").is_ok());
    assert_eq!(
        exceeded(admit(
            "{ __schema { description } b: __schema { description } }"
        )),
        ("introspection_schemas", 2, 1)
    );
}

#[test]
fn introspection_below_twenty_levels_is_refused() {
    let query = |levels: usize| {
        let (open, close) = ("ofType { ".repeat(levels - 1), "} ".repeat(levels - 1));
        format!("{{ __type(name: \"A\") {{ {open} name {close} }} }}")
    };

    assert!(admit(&query(20)).is_ok());
    assert_eq!(exceeded(admit(&query(21))), ("introspection_depth", 21, 20));
}

#[test]
fn a_large_variable_weighs_wherever_it_is_used() {
    let uses = |count| {
        format!(
            "query Q($t: String) {{ {} }}",
            repeated(count, |i| format!("a{i}: echo(text: $t)"))
        )
    };
    let text = "x".repeat(16 * 12_498); // weighs 12,500 with the argument that holds it

    assert!(admit_with(&uses(20), serde_json::json!({ "t": text })).is_ok());
    let more = admit_with(
        &uses(20),
        serde_json::json!({ "t": text + &"x".repeat(16) }),
    );
    assert_eq!(exceeded(more), ("values", 250_020, 250_000));
}

//! Documents made to be expensive: the counters show that they cost work linear in their length.

use std::fmt::Write as _;

use super::*;

/// `levels` fragments that each spread the next one `width` times.
fn fragment_bomb(levels: usize, width: usize, directive: &str) -> String {
    let mut query = String::from("{ organisation { ...F0 } }");
    for level in 0..levels {
        let spread = format!("...F{} {directive} ", level + 1).repeat(width);
        write!(query, " fragment F{level} on Organisation {{ {spread} }}").unwrap();
    }
    write!(query, " fragment F{levels} on Organisation {{ id }}").unwrap();
    query
}

#[test]
fn a_fragment_bomb_costs_one_visit_per_written_selection() {
    for (levels, width, directive) in [(31, 2, ""), (10, 10, ""), (31, 2, "@mark"), (29, 2, "")] {
        let refused = admit(&fragment_bomb(levels, width, directive)).unwrap_err();

        let written = 3 + (levels * width * (1 + usize::from(!directive.is_empty()))) as u64;
        assert_eq!(refused.errors[0].code, RequestCode::TooComplex);
        assert!(
            refused.work.nodes <= written,
            "{:?} of {written}",
            refused.work
        );
    }
}

#[test]
fn a_bomb_that_nothing_uses_is_refused_as_well() {
    let query = fragment_bomb(31, 2, "").replacen("...F0", "id", 1);

    assert_eq!(exceeded(admit(&query)).0, "selections");
}

#[test]
fn a_long_chain_of_fragments_is_refused_before_it_fills_the_stack() {
    assert!(admit(&fragment_bomb(29, 1, "")).is_ok());
    assert_eq!(exceeded(admit(&fragment_bomb(30, 1, ""))).0, "nesting");
    assert_eq!(exceeded(admit(&fragment_bomb(500, 1, ""))).0, "nesting");
}

#[test]
fn deep_values_and_selections_stop_at_the_sixty_fifth_bracket() {
    for part in ["{a", "[", "{a:", "{a(b:", "(", "{a(b:[{c:"] {
        for text in [
            part.repeat(10_000),
            format!("{{ echo(line: {} ) }}", part.repeat(5_000)),
        ] {
            let refused = admit(&text).unwrap_err();

            let passed = refused.errors[0].exceeded.unwrap();
            assert!(
                matches!(passed.limit, "brackets" | "text_bytes"),
                "{part}: {passed:?}"
            );
            assert_eq!(refused.work.nodes, 0);
        }
    }
}

#[test]
fn admitted_nesting_fits_a_small_stack() {
    let deepest = format!("{{ echo(text: {}{}) }}", "[".repeat(62), "]".repeat(62));
    let chain = fragment_bomb(29, 1, "");
    let variable = (0..63).fold(
        serde_json::json!("x"),
        |inner, _| serde_json::json!({ "inner": inner }),
    );

    let small = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
    let thread = small.spawn(move || {
        let gate = gate();
        gate.admit(ask(&deepest)).unwrap();
        gate.admit(ask(&chain)).unwrap();
        let variables = serde_json::from_value(serde_json::json!({ "l": variable })).unwrap();
        let query = "query Q($l: Line) { echo(line: $l) }";
        gate.admit(Ask {
            variables,
            ..ask(query)
        })
        .unwrap_err();
    });

    thread.unwrap().join().unwrap();
}

#[test]
fn ten_thousand_aliases_fields_or_directives_are_refused() {
    for part in ["a: __typename ", "__typename ", "@mark"] {
        let refused = admit(&format!("{{ __typename {} }}", part.repeat(10_000))).unwrap_err();

        assert_eq!(refused.errors[0].code, RequestCode::TooComplex);
        assert_eq!(refused.work.nodes, 0);
    }
}

#[test]
fn one_literal_in_a_fragment_is_weighed_once_and_counted_at_each_spread() {
    let list = "1,".repeat(1_000);
    let spreads = "...F ".repeat(300);
    let query = format!("{{ {spreads} }} fragment F on Query {{ echo(lines: [{list}]) }}");
    let limits = Limits {
        root_fields: 1_000,
        aliases: 1_000,
        ..Limits::default()
    };

    let refused = gate_with(limits).admit(ask(&query)).unwrap_err();

    assert_eq!(refused.errors[0].exceeded.unwrap().limit, "values");
    assert!(refused.work.nodes < 1_400, "{:?}", refused.work);
}

#[test]
fn the_parser_is_new_enough_to_guard_its_stack() {
    let lock = include_str!("../../../../Cargo.lock");
    let (_, rest) = lock.split_once("name = \"pest\"\nversion = \"").unwrap();
    let version: Vec<u32> = rest
        .split_once('"')
        .unwrap()
        .0
        .split('.')
        .map(|part| part.parse().unwrap())
        .collect();

    assert!(
        version >= vec![2, 9, 5],
        "pest {version:?} overflows the native stack"
    );
}

#[test]
fn the_parser_has_steps_left_for_the_largest_admitted_documents() {
    let limits = Limits {
        root_fields: 10_000,
        cost: u64::MAX,
        ..Limits::default()
    };
    let gate = gate_with(limits);
    for document in [
        format!("{{ {} }}", "organisation { history { id } } ".repeat(714)),
        format!(
            "{{ {} }}",
            "echo(line: {name: \"a\", tags: [\"b\"]}) ".repeat(312)
        ),
        format!("{{ echo(text: \"{}\") }}", "x".repeat(65_000)),
        format!("{{ __typename # {}\n }}", "x".repeat(65_000)),
        format!("{{ __typename {} }}", ",".repeat(65_000)),
    ] {
        let result = gate.admit(ask(&document));

        assert!(result.is_ok(), "{:?}", result.unwrap_err());
    }
}

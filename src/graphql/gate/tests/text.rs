use super::*;

#[test]
fn a_text_of_64_kib_is_admitted_and_one_byte_more_is_not() {
    let padded = |length: usize| format!("{{ viewer {{ __typename }} }}{}", " ".repeat(length));
    let rest = 65_536 - padded(0).len();

    assert!(admit(&padded(rest)).is_ok());
    assert_eq!(
        exceeded(admit(&padded(rest + 1))),
        ("text_bytes", 65_537, 65_536)
    );
}

#[test]
fn five_thousand_tokens_are_admitted_and_one_more_is_not() {
    let fields = |count: usize| format!("{{ organisation {{ {} }} }}", "id ".repeat(count));

    assert_eq!(admit(&fields(4_995)).unwrap().work.tokens, 5_000);
    assert_eq!(exceeded(admit(&fields(4_996))), ("tokens", 5_001, 5_000));
}

#[test]
fn every_kind_of_token_counts_once_and_what_is_ignored_not_at_all() {
    let query = "\u{feff}query Q($a: [Int!]! = [1, -2.5e+3]) @mark(text: \"a \\\" b\") { # {{{{ comment\r\n\
        ...F, a: echo(text: \"\"\"block { \\\"\"\" } \"\"\") }\n fragment F on Query { __typename }";

    let work = admit(query).unwrap().work;

    assert_eq!(work.tokens, 43);
}

#[test]
fn brackets_in_strings_and_comments_do_not_open_anything() {
    let open = "[{(".repeat(100);
    let query =
        format!("{{ a: echo(text: \"{open}\") b: echo(text: \"\"\"{open}\"\"\") # {open}\n }}");

    assert!(admit(&query).is_ok());
}

#[test]
fn sixty_four_open_brackets_are_admitted_and_one_more_is_not() {
    let nested = |depth: usize| {
        let lists = depth - 2;
        format!(
            "{{ echo(text: {}{}) }}",
            "[".repeat(lists),
            "]".repeat(lists)
        )
    };

    assert!(admit(&nested(64)).is_ok());
    assert_eq!(exceeded(admit(&nested(65))), ("brackets", 65, 64));
}

#[test]
fn an_input_field_given_twice_is_refused_at_any_level() {
    for query in [
        "{ echo(line: {name: \"a\", name: \"b\"}) }",
        "{ echo(lines: [{name: \"a\", inner: {name: \"b\", count: 1, name: \"c\"}}]) }",
        "query Q($l: Line = {name: \"a\", count: 1, count: 2}) { echo(line: $l) }",
        "{ __typename @mark(text: {a: 1, a: 1}) }",
    ] {
        let error = only_error(admit(query));

        assert_eq!(error.code, RequestCode::ValidationFailed, "{query}");
        assert!(
            error
                .message
                .starts_with("There can be only one input field named")
        );
    }
}

#[test]
fn the_same_name_in_two_input_objects_or_as_aliases_is_no_duplicate() {
    let query = "{ a: echo(lines: [{name: \"a\"}, {name: \"b\", inner: {name: \"c\"}}]) a: echo(text: \"t\") }";

    assert!(admit(query).is_ok());
}

#[test]
fn a_syntax_error_says_where_and_does_not_repeat_the_document() {
    let error = only_error(admit("{ organisation { secretWord( } }"));

    assert_eq!(error.code, RequestCode::ParseFailed);
    assert!(
        error.message.starts_with("Syntax error: expected"),
        "{}",
        error.message
    );
    assert!(!error.message.contains("secretWord"));
    assert_eq!(error.locations[0].line, 1);
}

#[test]
fn texts_that_the_parser_cannot_read_are_refused_as_such() {
    for query in [
        "",
        "{",
        "}",
        "{ a(b: 1e999) }",
        "{ a(b: \"",
        "\"\"\"",
        "{ a } }",
        "type A { b: C }",
        "\u{0}",
    ] {
        assert_eq!(
            only_error(admit(query)).code,
            RequestCode::ParseFailed,
            "{query:?}"
        );
    }
}

use super::*;

fn cost(query: &str) -> u64 {
    admit(query).unwrap().cost.requested
}

#[test]
fn objects_cost_one_and_scalars_nothing() {
    assert_eq!(cost("{ __typename }"), 0);
    assert_eq!(cost("{ echo(text: \"a\") }"), 0);
    assert_eq!(cost("{ organisation { id } }"), 1);
    assert_eq!(
        cost("{ member(id: 1) { name manager { name organisation { id } } } }"),
        3
    );
}

#[test]
fn a_page_multiplies_its_edges_by_first_or_last() {
    // connection + 7 × (edge + node), the page info once
    assert_eq!(
        cost("{ members(first: 7) { edges { node { id } } } }"),
        1 + 7 * 2
    );
    assert_eq!(
        cost("{ members(last: 7) { nodes { id } pageInfo { hasNextPage } totalCount } }"),
        1 + 7 + 1
    );
}

#[test]
fn a_page_without_a_size_costs_the_schemas_default_or_ours() {
    assert_eq!(
        cost("{ organisation { members { nodes { id } } } }"),
        1 + 1 + 5
    );
    assert_eq!(cost("{ members { nodes { id } } }"), 1 + 20);
    assert_eq!(cost("{ members(first: null) { nodes { id } } }"), 1 + 20);
}

#[test]
fn sizes_come_from_variables_and_their_defaults() {
    let query = "query Q($n: Int = 3) { members(first: $n) { nodes { id } } }";

    assert_eq!(cost(query), 1 + 3);
    let given = admit_with(query, serde_json::json!({ "n": 9 })).unwrap();
    assert_eq!(given.cost.requested, 1 + 9);
}

#[test]
fn plain_lists_cost_their_first_their_keys_or_ten() {
    assert_eq!(cost("{ organisation { allMembers { id } } }"), 1 + 10);
    assert_eq!(cost("{ organisation { history(first: 4) { id } } }"), 1 + 4);
    assert_eq!(cost("{ nodes(ids: [1, 2, 3]) { id } }"), 3);
    let keys = serde_json::json!({ "ids": ["a", "b"] });
    let given = admit_with("query Q($ids: [ID!]!) { nodes(ids: $ids) { id } }", keys).unwrap();
    assert_eq!(given.cost.requested, 2);
}

#[test]
fn fragments_cost_what_they_stand_for() {
    let spread = "{ members(first: 7) { ...P } } fragment P on MemberConnection { nodes { ...M } } \
        fragment M on Member { manager { id } }";
    assert_eq!(cost(spread), 1 + 7 * 2);
    assert_eq!(
        cost("{ viewer { ... on Member { manager { id } } ... { __typename } } }"),
        2
    );
}

#[test]
fn one_fragment_on_a_page_costs_by_the_size_at_each_spread() {
    let query = "{ a: members(first: 2) { ...P } b: members(first: 50) { ...P } } \
        fragment P on MemberConnection { nodes { id } }";

    assert_eq!(cost(query), 1 + 2 + 1 + 50);
}

#[test]
fn a_mutation_costs_ten_more() {
    assert_eq!(cost("mutation { change { member { id } } }"), 10 + 1 + 1);
}

#[test]
fn ten_thousand_are_admitted_and_one_more_is_not() {
    let query = |more: &str| format!("{{ members(first: 9999) {{ nodes {{ id }} }} {more} }}");

    assert_eq!(cost(&query("")), 10_000);
    assert_eq!(
        exceeded(admit(&query("organisation { id }"))),
        ("cost", 10_001, 10_000)
    );
}

#[test]
fn pages_inside_pages_multiply_and_cannot_overflow() {
    let three = "{ members(first: 100) { nodes { organisation { members(first: 100) { nodes { organisation { \
        members(first: 100) { nodes { id } } } } } } } } }";
    assert_eq!(
        exceeded(admit(three)).1,
        1 + 100 * (1 + 1 + 1 + 100 * (1 + 1 + 1 + 100))
    );

    let huge = three.replace("100", "9000000000000000000");
    assert_eq!(exceeded(admit(&huge)).1, u64::MAX);
}

#[test]
fn only_the_chosen_operation_is_priced() {
    let query = "query A { organisation { id } } query B { members(first: 100) { nodes { id } } }";

    let admitted = gate()
        .admit(Ask {
            operation_name: Some("A"),
            ..ask(query)
        })
        .unwrap();

    assert_eq!(admitted.cost.requested, 1);
}

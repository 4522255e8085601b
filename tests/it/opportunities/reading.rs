//! One opportunity and lists of them: who sees what, in which order, at what cost.

use chrono::TimeDelta;

use super::*;
use crate::support::app::NOW;

const LIST: &str = "query($where: OpportunityWhere, $sort: OpportunitySort, $first: Int, $after: String, $last: Int,
    $before: String) { opportunities(where: $where, sort: $sort, first: $first, after: $after, last: $last,
    before: $before) { nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

fn names(answer: &crate::support::person::Answer) -> Vec<&str> {
    let nodes = answer.at("/opportunities/nodes").as_array().unwrap().iter();
    nodes.map(|node| node["name"].as_str().unwrap()).collect()
}

impl World {
    /// Drafts of these names, a minute apart.
    async fn drafts(&self, names: &[&str]) {
        let mut owner = self.app.owner().await;
        let mut at = NOW.parse().unwrap();
        for name in names {
            let draft = an_opportunity(self.partner(), self.seller.member)
                .named(name)
                .at(at);
            draft.insert(&mut owner).await;
            at += TimeDelta::minutes(1);
        }
    }
}

#[tokio::test]
async fn what_the_viewer_may_not_read_is_null_like_what_nobody_has() {
    let world = World::new().await;
    let (draft, submitted) = (
        world.opportunity("DRAFT").await,
        world.opportunity("UNDER_REVIEW").await,
    );
    let random = fresh::<OpportunityId>().global();
    let finance = world
        .app
        .member(world.partner(), "finance", &["FINANCE"])
        .await;
    let stranger = world.app.stranger("li").await;
    let query = "query($id: ID!) { opportunity(id: $id) { name } node(id: $id) { id } }";
    let nothing = json!({ "opportunity": null, "node": null });

    for (caller, ids) in [
        (&world.rival, vec![&draft, &submitted, &random]),
        (&world.reviewer, vec![&draft, &random]),
        (&finance, vec![&draft, &submitted]),
        (&stranger, vec![&draft, &submitted]),
    ] {
        for id in ids {
            assert_eq!(
                caller.ask(query, json!({ "id": id })).await.at(""),
                &nothing
            );
        }
    }
    for (caller, id) in [(&world.seller, &draft), (&world.reviewer, &submitted)] {
        assert_eq!(
            caller
                .ask(query, json!({ "id": id }))
                .await
                .text("/node/id"),
            **id
        );
    }
}

#[tokio::test]
async fn nodes_come_in_the_order_of_their_ids_and_one_statement_per_kind() {
    let world = World::new().await;
    let (first, second) = (
        world.opportunity("DRAFT").await,
        world.opportunity("UNDER_REVIEW").await,
    );
    let ids = json!([
        second,
        "nothing",
        world.seller.member.global(),
        world.partner().global(),
        first
    ]);
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
    world
        .seller
        .ask("{ viewer { __typename } }", json!({}))
        .await
        .at("/viewer");
    let before = world.app.app.db.statements();

    let answer = world.seller.ask(query, json!({ "ids": ids })).await;

    let expected = json!([
        { "__typename": "Opportunity", "id": second },
        null,
        { "__typename": "Member", "id": world.seller.member.global() },
        { "__typename": "Organisation", "id": world.partner().global() },
        { "__typename": "Opportunity", "id": first },
    ]);
    assert_eq!(answer.at("/nodes"), &expected);
    let statements = world.app.app.db.statements() - before;
    assert_eq!(
        statements, 7,
        "one for the scope, one for each kind, one for the deadlines, and two for the site's access policy (R-OPP-2)"
    );
    let too_many = json!({ "ids": vec!["opp_"; 101] });
    let answer = world.seller.ask(query, too_many).await.body;
    assert_eq!(answer["errors"][0]["extensions"]["reason"], "TOO_MANY_IDS");
}

#[tokio::test]
async fn a_list_goes_on_by_cursors_in_both_directions() {
    let world = World::new().await;
    world.drafts(&["C", "A", "E", "B", "D"]).await;
    let by_name = json!({ "field": "NAME", "direction": "ASCENDING" });

    let first = world
        .seller
        .ask(LIST, json!({ "sort": by_name, "first": 2 }))
        .await;
    assert_eq!(names(&first), ["A", "B"]);
    assert_eq!(first.at("/opportunities/pageInfo/hasNextPage"), true);
    let end = first.text("/opportunities/pageInfo/endCursor");
    let second = world
        .seller
        .ask(LIST, json!({ "sort": by_name, "first": 10, "after": end }))
        .await;
    assert_eq!(names(&second), ["C", "D", "E"]);
    assert_eq!(second.at("/opportunities/pageInfo/hasPreviousPage"), true);
    let start = second.text("/opportunities/pageInfo/startCursor");
    let back = world
        .seller
        .ask(LIST, json!({ "sort": by_name, "last": 1, "before": start }))
        .await;
    assert_eq!(names(&back), ["B"]);
    let newest = world.seller.ask(LIST, json!({ "first": 2 })).await;
    assert_eq!(
        names(&newest),
        ["D", "B"],
        "the newest first, unless sorted otherwise"
    );

    for (variables, reason) in [
        (json!({ "first": 2, "after": end }), "CURSOR_INVALID"),
        (
            json!({ "sort": by_name, "first": 2, "after": "e30.e30" }),
            "CURSOR_INVALID",
        ),
        (json!({ "first": 0 }), "PAGE_SIZE_INVALID"),
        (json!({ "first": 101 }), "PAGE_SIZE_INVALID"),
        (json!({ "first": 1, "last": 1 }), "PAGE_SIZE_INVALID"),
    ] {
        let answer = world.seller.ask(LIST, variables).await.body;
        assert_eq!(
            answer["errors"][0]["extensions"]["reason"], reason,
            "{answer:#}"
        );
    }
}

#[tokio::test]
async fn filters_narrow_and_combine() {
    let world = World::new().await;
    world.drafts(&["A", "B"]).await;
    world.opportunity("UNDER_REVIEW").await;
    let list = async |filter: Value| {
        let sort = json!({ "field": "NAME", "direction": "ASCENDING" });
        world
            .seller
            .ask(LIST, json!({ "where": filter, "sort": sort, "first": 10 }))
            .await
    };
    for (filter, expected) in [
        (json!({}), vec!["A", "B", "核心系统上云"]),
        (
            json!({ "reviewState": ["UNDER_REVIEW"] }),
            vec!["核心系统上云"],
        ),
        (
            json!({ "createdAt": { "since": "2026-11-23T02:01:00Z" } }),
            vec!["B"],
        ),
        (
            json!({ "createdAt": { "since": "2026-11-23T02:00:00Z", "before": "2026-11-23T02:01:00Z" } }),
            vec!["A"],
        ),
        (
            json!({ "updatedSince": "2026-11-23T02:00:00Z" }),
            vec!["A", "B"],
        ),
        (json!({ "expectedRevenue": { "currency": "USD" } }), vec![]),
        (
            json!({ "expectedRevenue": { "currency": "CNY", "from": "500000", "to": "500000" } }),
            vec!["A", "B", "核心系统上云"],
        ),
        (
            json!({ "customerNameContains": "户公" }),
            vec!["A", "B", "核心系统上云"],
        ),
        (json!({ "customerNameContains": "%" }), vec![]),
        (json!({ "ownerId": world.rival.member.global() }), vec![]),
        (
            json!({ "not": { "reviewState": ["DRAFT"] } }),
            vec!["核心系统上云"],
        ),
        (
            json!({ "or": [{ "reviewState": ["UNDER_REVIEW"] }, { "updatedSince": "2026-11-23T02:01:00Z" }] }),
            vec!["B", "核心系统上云"],
        ),
        (
            json!({ "and": [{ "reviewState": ["DRAFT"] }, { "origin": "VENDOR" }] }),
            vec![],
        ),
    ] {
        assert_eq!(names(&list(filter.clone()).await), expected, "{filter}");
    }
}

#[tokio::test]
async fn a_filter_that_nests_too_deep_or_is_too_long_is_refused() {
    let world = World::new().await;
    for filter in [
        json!({ "not": { "not": { "not": { "not": { "origin": "PARTNER" } } } } }),
        json!({ "or": vec![json!({ "origin": "PARTNER" }); 21] }),
    ] {
        let answer = world
            .seller
            .ask(LIST, json!({ "where": filter }))
            .await
            .body;
        assert_eq!(
            answer["errors"][0]["extensions"]["reason"], "FILTER_TOO_LARGE",
            "{answer:#}"
        );
    }
}

#[tokio::test]
async fn the_vendor_lists_everybodys_opportunities_but_drafts() {
    let world = World::new().await;
    world.drafts(&["A"]).await;
    world.opportunity("UNDER_REVIEW").await;
    let query = "{ opportunities(first: 10) { totalCount totalCountIsCapped nodes { reviewState organisation { name } } } }";
    let answer = world.reviewer.ask(query, json!({})).await;
    let expected = json!({
        "totalCount": 1, "totalCountIsCapped": false,
        "nodes": [{ "reviewState": "UNDER_REVIEW", "organisation": { "name": "伙伴" } }]
    });
    assert_eq!(answer.at("/opportunities"), &expected);
    assert!(
        names(&world.rival.ask(LIST, json!({ "first": 10 })).await).is_empty(),
        "R-OPP-31"
    );
}

#[tokio::test]
async fn edges_cost_one_statement_each_and_the_count_one_when_selected() {
    let world = World::new().await;
    let cost = async |query: &str| {
        let before = world.app.app.db.statements();
        world
            .seller
            .ask(query, json!({}))
            .await
            .at("/opportunities");
        world.app.app.db.statements() - before
    };
    let plain = "{ opportunities(first: 10) { nodes { name } } }";
    let counted = "{ opportunities(first: 10) { totalCount nodes { name } } }";
    let edges = "{ opportunities(first: 10) { nodes { owner { name } organisation { name } } } }";
    world.drafts(&["A"]).await;
    cost(plain).await;
    let of_one = [cost(plain).await, cost(counted).await, cost(edges).await];
    world.drafts(&["B", "C", "D"]).await;
    let of_four = [cost(plain).await, cost(counted).await, cost(edges).await];
    assert_eq!(of_four, of_one);
    // The count asks for the site's access policy anew, in two statements (R-OPP-2).
    assert_eq!((of_one[1] - of_one[0], of_one[2] - of_one[0]), (3, 2));
}

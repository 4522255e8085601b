//! What stands in whose way, and what waits for nobody, through `POST /graphql`.

use super::*;

/// R-OPP-35: what was refused as often as it may be is in nobody's court, in no list of what waits and in no inbox.
#[tokio::test]
async fn r_opp_35_what_cannot_be_submitted_again_waits_for_nobody() {
    let world = World::new().await;
    let (mended, used_up) = (
        world.opportunity("REVIEW_REJECTED").await,
        world.opportunity("REVIEW_REJECTED").await,
    );
    for (id, rounds) in [(&mended, 2), (&used_up, 3)] {
        sqlx::query(
            "UPDATE opportunities SET refused_rounds = $2, review_round = $2 WHERE id = $1",
        )
        .bind(OpportunityId::parse(id).unwrap().0)
        .bind(rounds)
        .execute(&mut world.app.owner().await)
        .await
        .unwrap();
    }
    let query = "query($used: ID!, $mended: ID!) {
        inbox(scope: ORGANISATION) { nodes { object { id } } }
        opportunities(where: { waitingOn: PARTNER }) { totalCount nodes { id } }
        used: opportunity(id: $used) { reviewProgress { courtOf } }
        mended: opportunity(id: $mended) { reviewProgress { courtOf } } }";
    let answer = world
        .seller
        .ask(query, json!({ "used": used_up, "mended": mended }))
        .await;

    assert_eq!(
        answer.at("/inbox/nodes"),
        &json!([{ "object": { "id": mended } }])
    );
    let waiting = json!({ "totalCount": 1, "nodes": [{ "id": mended }] });
    assert_eq!(answer.at("/opportunities"), &waiting);
    assert_eq!(answer.at("/used/reviewProgress/courtOf"), &Value::Null);
    assert_eq!(answer.at("/mended/reviewProgress/courtOf"), "PARTNER");
}

const FLAGS: &str = "{ opportunities(where: { reviewState: [UNDER_VALIDATION] }, first: 50) { nodes { id
    permission(action: VALIDATION_APPROVE) { allowed blockers { removableBy permission error { code reason message } } }
    transitions { to allowed } } } }";

/// R-OPP-24: for a validator the flag of each deal of a page foretells the duplicate, in as many statements as for one.
#[tokio::test]
async fn r_opp_24_the_flags_of_a_page_foretell_the_duplicates() {
    let world = World::new().await;
    let vendor = world.reviewer.organisation;
    let validator = world.app.member(vendor, "bd", &["VENDOR_BD"]).await;
    let mut owner = world.app.owner().await;
    let mut costs = Vec::new();
    for pairs in [1, 11] {
        for _ in 0..pairs {
            let later = world.opportunity("UNDER_VALIDATION").await;
            let first = an_opportunity(world.rival.organisation, world.rival.member)
                .state("VALIDATED")
                .insert(&mut owner)
                .await;
            sqlx::query(
                "UPDATE opportunities SET customer_keys = ARRAY[($1::uuid)::text] WHERE id IN ($1, $2)",
            )
            .bind(first.0)
            .bind(OpportunityId::parse(&later).unwrap().0)
            .execute(&mut owner)
            .await
            .unwrap();
        }
        validator.ask(FLAGS, json!({})).await;
        let before = world.app.app.db.statements();
        let answer = validator.ask(FLAGS, json!({})).await;
        costs.push(world.app.app.db.statements() - before);
        let nodes = answer
            .at("/opportunities/nodes")
            .as_array()
            .unwrap()
            .clone();
        assert_eq!(nodes.len(), if pairs == 1 { 1 } else { 12 });
        for node in nodes {
            let flag = &node["permission"];
            assert_eq!(flag["allowed"], false);
            assert_eq!(flag["blockers"][0]["error"]["reason"], "PO_DUPLICATE");
            assert_eq!(flag["blockers"][0]["removableBy"], "VIEWER");
            let moves = node["transitions"].as_array().unwrap();
            let validated = moves.iter().find(|it| it["to"] == "VALIDATED").unwrap();
            assert_eq!(validated["allowed"], false);
        }
    }
    // Which loads of a kind meet in one batch is left to chance; a statement for each deal would add eleven.
    assert!(costs[1] < costs[0] + 6, "{costs:?}");

    // A reviewer validates too, and cancels nothing.
    let reviewer = world.reviewer.ask(FLAGS, json!({})).await;
    let blocker = reviewer.at("/opportunities/nodes/0/permission/blockers/0");
    assert_eq!(blocker["error"]["reason"], "PO_DUPLICATE");
    assert_eq!(blocker["removableBy"], "VENDOR");
    assert_eq!(blocker["permission"], "opportunity.cancel");
}

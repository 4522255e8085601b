//! What an account manager sees who is nothing else: what is assigned to him, in every list, look-up, count and change.

use portico::ids::{OpportunityId, ResellerId, Tagged as _};
use serde_json::{Value, json};

use crate::support::app::{Caller, TestApp, reasons};
use crate::support::builders::{a_partner, a_reseller, an_opportunity};

const LISTS: &str = "{
    opportunities(first: 50, sort: { field: NAME, direction: ASCENDING }) { nodes { name } totalCount }
    resellers(first: 50) { nodes { organisation { name } } totalCount }
    inbox(first: 50, scope: ORGANISATION) { nodes { object { ... on Opportunity { name } } } } }";

struct World {
    app: TestApp,
    admin: Caller,
    manager: Caller,
    /// Assigned to the manager, and not.
    resellers: [ResellerId; 2],
    companies: [String; 2],
    /// The manager's own; a colleague's through the manager's reseller; through the other one; through none.
    deals: Vec<OpportunityId>,
}

async fn world() -> World {
    let app = TestApp::start().await;
    let mut owner = app.owner().await;
    let distributor = a_partner("总经销").insert(&mut owner).await;
    let admin = app.member(distributor, "admin", &["SYSTEM_ADMIN"]).await;
    let manager = app
        .member(distributor, "manager", &["ACCOUNT_MANAGER"])
        .await;
    let mine = a_partner("甲").insert(&mut owner).await;
    let other = a_partner("乙").insert(&mut owner).await;
    let resellers = [
        a_reseller(&mut owner, mine, distributor).await,
        a_reseller(&mut owner, other, distributor).await,
    ];
    sqlx::query("UPDATE resellers SET account_manager_id = $2 WHERE id = $1")
        .bind(resellers[0].0)
        .bind(manager.member.0)
        .execute(&mut owner)
        .await
        .unwrap();
    let of = |member| an_opportunity(distributor, member).state("REVIEW_REJECTED");
    let deals = vec![
        of(manager.member).named("1").insert(&mut owner).await,
        of(admin.member)
            .named("2")
            .through(resellers[0])
            .insert(&mut owner)
            .await,
        of(admin.member)
            .named("3")
            .through(resellers[1])
            .insert(&mut owner)
            .await,
        of(admin.member).named("4").insert(&mut owner).await,
    ];
    World {
        app,
        admin,
        manager,
        resellers,
        companies: [mine.global(), other.global()],
        deals,
    }
}

async fn lists(caller: &Caller) -> (Vec<String>, Vec<String>, [i64; 2], Vec<String>) {
    let seen = caller.ask(LISTS, json!({})).await;
    let texts = |list: &str, text: &str| -> Vec<String> {
        let nodes = seen.at(list).as_array().unwrap().iter();
        let texts = nodes.filter_map(|node| node.pointer(text));
        let mut texts: Vec<String> = texts
            .map(|text| text.as_str().unwrap().to_owned())
            .collect();
        texts.sort();
        texts
    };
    (
        texts("/opportunities/nodes", "/name"),
        texts("/resellers/nodes", "/organisation/name"),
        ["/opportunities/totalCount", "/resellers/totalCount"]
            .map(|count| seen.at(count).as_i64().unwrap()),
        texts("/inbox/nodes", "/object/name"),
    )
}

/// R-ORG-7: lists, counts and the inbox of an account manager hold what is assigned to him.
#[tokio::test]
async fn r_org_7_an_account_managers_lists_and_counts_hold_what_is_his() {
    let world = world().await;

    let (deals, resellers, counts, inbox) = lists(&world.manager).await;

    assert_eq!(deals, ["1", "2"]);
    assert_eq!(resellers, ["甲"]);
    assert_eq!(counts, [2, 1]);
    assert_eq!(inbox, ["1"], "what waits on a colleague is the colleague's");
    let (deals, resellers, counts, _) = lists(&world.admin).await;
    assert_eq!((deals.len(), resellers.len(), counts), (4, 2, [4, 2]));
}

/// R-ORG-7: what is not assigned to an account manager answers like what nobody has, to reads and to changes.
#[tokio::test]
async fn r_org_7_what_is_not_his_answers_like_an_unknown_id() {
    let world = world().await;
    let node = async |id: String| {
        let query = "query($id: ID!) { node(id: $id) { id } }";
        let found = world.manager.ask(query, json!({ "id": id })).await;
        !found.at("/node").is_null()
    };
    let mut seen = Vec::new();
    for deal in &world.deals {
        seen.push(node(deal.global()).await);
    }
    assert_eq!(seen, [true, true, false, false]);
    assert!(node(world.resellers[0].global()).await);
    assert!(!node(world.resellers[1].global()).await);
    assert!(node(world.companies[0].clone()).await);
    assert!(
        !node(world.companies[1].clone()).await,
        "the company behind a relation that is not his"
    );

    let hidden = world.deals[3].global();
    let unknown = "opp_AAAAAAAAAAAAAAAAAAAAAA";
    let mut answers = Vec::new();
    for id in [hidden.as_str(), unknown] {
        let input = json!({ "opportunityId": id, "expectedVersion": "v1", "ownerId": world.manager.member.global() });
        let answer = world
            .manager
            .change("opportunityAssignOwner", "opportunity { id }", input)
            .await;
        answers.push(answer);
    }
    assert_eq!(reasons(&answers[0]), ["OPPORTUNITY_NOT_FOUND"]);
    assert_eq!(answers[0], answers[1]);
    let entries = "SELECT count(*) FROM timeline_entries";
    assert_eq!(world.app.count(entries).await, 0);
}

/// R-ORG-8: any role beside it opens everything, in a session that runs, and taking it away closes it again.
#[tokio::test]
async fn r_org_8_a_second_role_opens_everything_within_a_second() {
    let world = world().await;
    let give = async |roles: Value, version: &str| {
        let input = json!({ "memberId": world.manager.member.global(), "roles": roles, "expectedVersion": version });
        let changed = world
            .admin
            .change("memberRolesChange", "member { version }", input)
            .await;
        assert_eq!(reasons(&changed), [""; 0], "{changed:#}");
    };
    let sees = async |deals: usize| {
        let started = std::time::Instant::now();
        while lists(&world.manager).await.0.len() != deals {
            assert!(started.elapsed().as_millis() < 1_000, "not {deals} deals");
            tokio::task::yield_now().await;
        }
    };

    give(json!(["ACCOUNT_MANAGER", "FINANCE"]), "v1").await;
    sees(4).await;
    give(json!(["ACCOUNT_MANAGER"]), "v2").await;
    sees(2).await;
}

//! Resellers as a client of the graph meets them.

use portico::ids::{OrganisationId, ResellerId, Tagged as _};
use serde_json::{Value, json};

use crate::support::app::{Caller, TestApp, reasons};
use crate::support::builders::{a_member, a_partner, a_reseller, the_vendor};

const ASSIGN: &str = "resellerAccountManagerAssign";
const WITHDRAW: &str = "resellerAccountManagerWithdraw";
const RESELLER: &str = "reseller { id version accountManager { id name } }";
const ONE: &str = "query($id: ID!) { reseller(id: $id) { number state businessArea endedAt
    organisation { name } distributor { name } accountManager { name email roles } } node(id: $id) { id } }";

struct World {
    app: TestApp,
    /// Administrator of the distributor.
    distributor: Caller,
    /// Account manager of the distributor.
    manager: Caller,
    company: OrganisationId,
    reseller: ResellerId,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let mut owner = app.owner().await;
        let organisation = a_partner("华北总经销").insert(&mut owner).await;
        let company = a_partner("长河云").insert(&mut owner).await;
        let distributor = app.member(organisation, "admin", &["SYSTEM_ADMIN"]).await;
        let manager = app
            .member(organisation, "manager", &["ACCOUNT_MANAGER"])
            .await;
        let reseller = a_reseller(&mut owner, company, organisation).await;
        Self {
            app,
            distributor,
            manager,
            company,
            reseller,
        }
    }

    fn assignment(&self, account_manager: &str, version: &str) -> Value {
        json!({
            "resellerId": self.reseller.global(),
            "accountManagerId": account_manager,
            "expectedVersion": version,
        })
    }

    async fn assign(&self, caller: &Caller, version: &str) -> Value {
        let input = self.assignment(&self.manager.member.global(), version);
        caller.change(ASSIGN, RESELLER, input).await
    }

    async fn is_unchanged(&self) -> bool {
        self.app.count("SELECT max(version) FROM resellers").await == 1
            && self
                .app
                .count("SELECT count(*) FROM timeline_entries")
                .await
                == 0
    }
}

#[tokio::test]
async fn r_res_10_the_distributor_assigns_and_withdraws_the_account_manager() {
    let world = World::new().await;

    let assigned = world.assign(&world.distributor, "v1").await;
    assert_eq!(reasons(&assigned), [""; 0], "{assigned:#}");
    assert_eq!(assigned["reseller"]["accountManager"]["name"], "manager");
    assert_eq!(assigned["reseller"]["version"], "v2");

    let input = json!({ "resellerId": world.reseller.global(), "expectedVersion": "v2" });
    let withdrawn = world.distributor.change(WITHDRAW, RESELLER, input).await;
    assert_eq!(reasons(&withdrawn), [""; 0], "{withdrawn:#}");
    assert!(withdrawn["reseller"]["accountManager"].is_null());
    let entries = "SELECT count(*) FROM timeline_entries";
    assert_eq!(world.app.count(entries).await, 2);
}

#[tokio::test]
async fn the_same_key_assigns_once() {
    let world = World::new().await;
    let key = uuid::Uuid::from_u128(77);
    let input = world.assignment(&world.manager.member.global(), "v1");

    let caller = &world.distributor;
    let first = caller
        .change_under(key, ASSIGN, RESELLER, input.clone())
        .await;
    let again = caller.change_under(key, ASSIGN, RESELLER, input).await;
    let other = world.assignment(&world.distributor.member.global(), "v1");
    let reused = caller.change_under(key, ASSIGN, RESELLER, other).await;

    assert_eq!(
        (&first["replayed"], &again["replayed"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(first["reseller"], again["reseller"]);
    assert_eq!(reasons(&reused), ["IDEMPOTENCY_KEY_REUSED"]);
    let entries = "SELECT count(*) FROM timeline_entries";
    assert_eq!(world.app.count(entries).await, 1);
}

#[tokio::test]
async fn the_reseller_sees_the_one_person_named_for_it_and_not_the_rest_of_that_company() {
    let world = World::new().await;
    world.assign(&world.distributor, "v1").await;
    let reseller = world
        .app
        .member(world.company, "own", &["SYSTEM_ADMIN"])
        .await;

    let id = world.reseller.global();
    let seen = reseller.ask(ONE, json!({ "id": id })).await;
    assert_eq!(seen.text("/reseller/organisation/name"), "长河云");
    assert_eq!(seen.text("/reseller/distributor/name"), "华北总经销");
    assert_eq!(seen.text("/reseller/accountManager/name"), "manager");
    assert_ne!(
        seen.text("/reseller/accountManager/email"),
        "manager@partner.example"
    );
    assert!(seen.at("/reseller/accountManager/roles").is_null());
    assert_eq!(seen.text("/node/id"), id);

    let administrator = world.distributor.member.global();
    let hidden = reseller
        .ask(
            "query($id: ID!) { node(id: $id) { id } }",
            json!({ "id": administrator }),
        )
        .await;
    assert!(hidden.at("/node").is_null());
}

#[tokio::test]
async fn r_res_9_a_foreign_reseller_answers_like_an_unknown_one() {
    let world = World::new().await;
    let mut owner = world.app.owner().await;
    let rival = a_partner("华南总经销").insert(&mut owner).await;
    let rival = world.app.member(rival, "rival", &["SYSTEM_ADMIN"]).await;

    let foreign = rival
        .ask(ONE, json!({ "id": world.reseller.global() }))
        .await;
    let unknown = rival
        .ask(ONE, json!({ "id": "rsl_AAAAAAAAAAAAAAAAAAAAAA" }))
        .await;
    assert_eq!(foreign.body["data"], unknown.body["data"]);
    assert!(foreign.at("/reseller").is_null());

    let foreign = world.assign(&rival, "v1").await;
    let mut input = world.assignment(&world.manager.member.global(), "v1");
    input["resellerId"] = json!("rsl_AAAAAAAAAAAAAAAAAAAAAA");
    let unknown = rival.change(ASSIGN, RESELLER, input).await;
    assert_eq!(foreign, unknown);
    assert_eq!(reasons(&foreign), ["RESELLER_NOT_FOUND"]);
    assert!(world.is_unchanged().await);
}

#[tokio::test]
async fn neither_the_reseller_nor_the_vendor_nor_a_plain_operator_assigns() {
    let world = World::new().await;
    let mut owner = world.app.owner().await;
    let vendor = the_vendor().insert(&mut owner).await;
    let vendor = world.app.member(vendor, "vendor", &["VENDOR_ADMIN"]).await;
    let reseller = world
        .app
        .member(world.company, "own", &["SYSTEM_ADMIN"])
        .await;
    let distributor = world.distributor.organisation;
    let operator = world
        .app
        .member(distributor, "operator", &["OPERATOR"])
        .await;

    let by_reseller = world.assign(&reseller, "v1").await;
    let by_vendor = world.assign(&vendor, "v1").await;
    let by_operator = world.assign(&operator, "v1").await;

    assert_eq!(reasons(&by_reseller), ["RESELLER_NOT_FOUND"]);
    assert_eq!(reasons(&by_vendor), ["PERMISSION_MISSING"]);
    assert_eq!(reasons(&by_operator), ["PERMISSION_MISSING"]);
    assert!(world.is_unchanged().await);
}

#[tokio::test]
async fn r_res_11_the_candidate_is_an_active_account_manager_of_the_distributor() {
    let world = World::new().await;
    let mut owner = world.app.owner().await;
    let distributor = world.distributor.organisation;
    let disabled = a_member(distributor, "gone")
        .roles(&["ACCOUNT_MANAGER"])
        .disabled()
        .insert(&mut owner)
        .await;
    let outsider = a_member(world.company, "outsider")
        .roles(&["ACCOUNT_MANAGER"])
        .insert(&mut owner)
        .await;

    for (candidate, reason) in [
        (disabled.global(), "ACCOUNT_MANAGER_DISABLED"),
        (outsider.global(), "ACCOUNT_MANAGER_UNKNOWN"),
        (
            world.distributor.member.global(),
            "ACCOUNT_MANAGER_ROLE_MISSING",
        ),
        (world.reseller.global(), "ACCOUNT_MANAGER_UNKNOWN"),
        ("nonsense".to_owned(), "ACCOUNT_MANAGER_UNKNOWN"),
    ] {
        let input = world.assignment(&candidate, "v1");
        let refused = world.distributor.change(ASSIGN, RESELLER, input).await;
        assert_eq!(reasons(&refused), [reason]);
        assert_eq!(refused["errors"][0]["path"], json!(["accountManagerId"]));
        assert!(refused["reseller"].is_null());
    }
    assert!(world.is_unchanged().await);
}

#[tokio::test]
async fn a_stale_version_is_a_conflict() {
    let world = World::new().await;
    for version in ["v0", "v2", "1", ""] {
        let refused = world.assign(&world.distributor, version).await;
        assert_eq!(reasons(&refused), ["VERSION_CONFLICT"], "{version}");
        assert_eq!(refused["errors"][0]["__typename"], "VersionConflict");
    }
    assert!(world.is_unchanged().await);
}

#[tokio::test]
async fn r_org_21_the_manager_of_a_reseller_cannot_be_disabled_before_a_successor_is_there() {
    let world = World::new().await;
    world.assign(&world.distributor, "v1").await;

    let input = json!({ "memberId": world.manager.member.global(), "expectedVersion": "v1" });
    let refused = world
        .distributor
        .change("memberDisable", "member { id }", input)
        .await;

    assert_eq!(reasons(&refused).len(), 1, "{refused:#}");
    let active = "SELECT count(*) FROM members WHERE state = 'ACTIVE'";
    assert_eq!(world.app.count(active).await, 2);
}

#[tokio::test]
async fn a_list_is_filtered_sorted_and_paged_with_a_fixed_number_of_statements() {
    let world = World::new().await;
    let mut owner = world.app.owner().await;
    let distributor = world.distributor.organisation;
    for name in ["甲云", "乙云", "River One", "River Two"] {
        let company = a_partner(name).insert(&mut owner).await;
        a_reseller(&mut owner, company, distributor).await;
    }
    let query = "query($where: ResellerWhere, $first: Int, $after: String) {
        resellers(where: $where, sort: { field: NAME, direction: ASCENDING }, first: $first, after: $after) {
            totalCount pageInfo { hasNextPage endCursor } nodes { organisation { name } accountManager { name } } } }";

    let first = world.distributor.ask(query, json!({ "first": 2 })).await;
    assert_eq!(first.at("/resellers/totalCount"), &json!(5));
    assert_eq!(
        first.text("/resellers/nodes/0/organisation/name"),
        "River One"
    );
    let cursor = first.text("/resellers/pageInfo/endCursor");
    let before = world.app.app.db.statements();
    let second = world
        .distributor
        .ask(query, json!({ "first": 3, "after": cursor }))
        .await;
    let statements = world.app.app.db.statements() - before;
    assert_eq!(second.at("/resellers/pageInfo/hasNextPage"), &json!(false));
    assert_eq!(second.at("/resellers/nodes").as_array().unwrap().len(), 3);
    // The scope, the page, the count and the companies; nobody is assigned.
    assert_eq!(statements, 4);

    let river = world
        .distributor
        .ask(query, json!({ "where": { "nameContains": "river" } }))
        .await;
    assert_eq!(river.at("/resellers/totalCount"), &json!(2));
    let ended = world
        .distributor
        .ask(query, json!({ "where": { "state": ["ENDED"] } }))
        .await;
    assert_eq!(ended.at("/resellers/totalCount"), &json!(0));
}

#[tokio::test]
async fn a_cursor_of_another_sort_and_a_page_too_large_are_refused() {
    let world = World::new().await;
    let by_name =
        "{ resellers(sort: { field: NAME, direction: ASCENDING }) { pageInfo { endCursor } } }";
    let cursor = world
        .distributor
        .ask(by_name, json!({}))
        .await
        .text("/resellers/pageInfo/endCursor");
    let query = "query($after: String, $first: Int) { resellers(after: $after, first: $first) { nodes { id } } }";

    for (variables, reason) in [
        (json!({ "after": cursor }), "CURSOR_INVALID"),
        (json!({ "after": "x" }), "CURSOR_INVALID"),
        (json!({ "first": 0 }), "PAGE_SIZE_INVALID"),
        (json!({ "first": 101 }), "PAGE_SIZE_INVALID"),
    ] {
        let answer = world.distributor.ask(query, variables).await.body;
        assert_eq!(answer["errors"][0]["extensions"]["reason"], reason);
    }
}

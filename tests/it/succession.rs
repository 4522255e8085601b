//! What a member holds passes on in the same step that takes the member away, or the step is refused with the list.

use portico::ids::{MemberId, OpportunityId, ResellerId, Tagged as _};
use serde_json::{Value, json};

use crate::support::app::{Caller, TestApp, reasons};
use crate::support::builders::{a_member, a_partner, a_reseller, an_opportunity};

const MEMBER: &str = "member { state roles version }";
const DUTIES: &str = "... on MemberHasDuties { duties { kind count objectIds } }";

/// A member with something of every kind in hand.
struct World {
    app: TestApp,
    admin: Caller,
    goer: MemberId,
    deals: Vec<OpportunityId>,
    reseller: ResellerId,
    directed: Vec<MemberId>,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let mut owner = app.owner().await;
        let distributor = a_partner("总经销").insert(&mut owner).await;
        let admin = app.member(distributor, "admin", &["SYSTEM_ADMIN"]).await;
        let goer = a_member(distributor, "goer")
            .roles(&["ACCOUNT_MANAGER_DIRECTOR", "OPERATOR"])
            .insert(&mut owner)
            .await;
        let of = || an_opportunity(distributor, goer);
        let deals = vec![
            of().insert(&mut owner).await,
            of().state("UNDER_REVIEW").insert(&mut owner).await,
            of().state("VALIDATED").insert(&mut owner).await,
        ];
        let company = a_partner("长河云").insert(&mut owner).await;
        let reseller = a_reseller(&mut owner, company, distributor).await;
        let mut directed = Vec::new();
        for name in ["m1", "m2"] {
            let manager = a_member(distributor, name).roles(&["ACCOUNT_MANAGER"]);
            directed.push(manager.insert(&mut owner).await);
        }
        for (sql, id) in [
            (
                "UPDATE resellers SET account_manager_id = $2 WHERE id = $1",
                reseller.0,
            ),
            (
                "UPDATE members SET director_id = $2 WHERE id = $1",
                directed[0].0,
            ),
            (
                "UPDATE members SET director_id = $2 WHERE id = $1",
                directed[1].0,
            ),
        ] {
            let query = sqlx::query(sql).bind(id).bind(goer.0);
            query.execute(&mut owner).await.unwrap();
        }
        sqlx::query("UPDATE organisations SET main_account_id = $2 WHERE id = $1")
            .bind(distributor.0)
            .bind(admin.member.0)
            .execute(&mut owner)
            .await
            .unwrap();
        Self {
            app,
            admin,
            goer,
            deals,
            reseller,
            directed,
        }
    }

    async fn colleague(&self, name: &str, roles: &[&'static str]) -> String {
        let colleague = a_member(self.admin.organisation, name).roles(roles);
        colleague.insert(&mut self.app.owner().await).await.global()
    }

    async fn disable(&self, handover: Value) -> Value {
        let input = json!({ "memberId": self.goer.global(), "expectedVersion": "v1", "handover": handover });
        let selection = format!("{MEMBER} errors {{ {DUTIES} }}");
        self.admin.change("memberDisable", &selection, input).await
    }

    async fn change_roles(&self, roles: Value, handover: Value) -> Value {
        let input = json!({ "memberId": self.goer.global(), "expectedVersion": "v1", "roles": roles, "handover": handover });
        let selection = format!("{MEMBER} errors {{ {DUTIES} }}");
        self.admin
            .change("memberRolesChange", &selection, input)
            .await
    }

    /// Who holds what: owners of the deals, the reseller's account manager, the directors.
    async fn held(&self) -> Vec<Option<String>> {
        let ids: Vec<uuid::Uuid> = self.deals.iter().map(|id| id.0).collect();
        let directed: Vec<uuid::Uuid> = self.directed.iter().map(|id| id.0).collect();
        sqlx::query_scalar(
            "SELECT (SELECT account_name FROM members WHERE id = held.by) FROM (
                 SELECT 1 AS kind, id, owner_member_id AS by FROM opportunities WHERE id = ANY($1)
                 UNION ALL SELECT 2, id, account_manager_id FROM resellers
                 UNION ALL SELECT 3, id, director_id FROM members WHERE id = ANY($2)
             ) AS held ORDER BY kind, id",
        )
        .bind(&ids)
        .bind(&directed)
        .fetch_all(&mut self.app.owner().await)
        .await
        .unwrap()
    }

    async fn entries(&self) -> i64 {
        self.app
            .count("SELECT count(*) FROM timeline_entries")
            .await
    }
}

fn to(member: &str) -> Value {
    json!({ "to": { "memberId": member } })
}

fn nobody() -> Value {
    json!({ "to": { "nobody": "UNASSIGN" } })
}

fn of(duty: &str, mut whom: Value) -> Value {
    whom["duty"] = json!(duty);
    whom
}

/// R-ORG-21: without a successor nothing happens, and the refusal lists every object.
#[tokio::test]
async fn r_org_21_who_holds_something_does_not_go_and_the_refusal_lists_it() {
    let world = World::new().await;
    let before = world.held().await;

    let refused = world.disable(Value::Null).await;
    let partly = world
        .disable(json!([of("MANAGED_RESELLERS", nobody())]))
        .await;

    assert_eq!(reasons(&refused), ["MEMBER_HAS_DUTIES"]);
    let duties = refused["errors"][0]["duties"].as_array().unwrap();
    let kinds: Vec<(&str, i64)> = duties
        .iter()
        .map(|duty| {
            (
                duty["kind"].as_str().unwrap(),
                duty["count"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        kinds,
        [
            ("managedResellers", 1),
            ("openOpportunities", 3),
            ("directedAccountManagers", 2)
        ]
    );
    assert_eq!(duties[0]["objectIds"], json!([world.reseller.global()]));
    let listed: Vec<&str> = duties[1]["objectIds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap())
        .collect();
    assert!(
        world
            .deals
            .iter()
            .all(|deal| listed.contains(&deal.global().as_str()))
    );
    assert_eq!(reasons(&partly), ["MEMBER_HAS_DUTIES"]);
    assert_eq!(partly["errors"][0]["duties"].as_array().unwrap().len(), 2);
    assert_eq!(world.held().await, before);
    assert_eq!(world.entries().await, 0);
    assert_eq!(world.app.count("SELECT max(version) FROM members").await, 1);
}

/// R-ORG-21: everything passes in one step, each thing with an entry of its own.
#[tokio::test]
async fn r_org_21_successors_take_everything_over_in_one_step() {
    let world = World::new().await;
    let operator = world.colleague("operator", &["OPERATOR"]).await;
    let manager = world.colleague("manager", &["ACCOUNT_MANAGER"]).await;
    let director = world
        .colleague("director", &["ACCOUNT_MANAGER_DIRECTOR"])
        .await;
    let handover = json!([
        to(&operator),
        of("MANAGED_RESELLERS", to(&manager)),
        of("DIRECTED_ACCOUNT_MANAGERS", to(&director)),
    ]);

    let disabled = world.disable(handover).await;

    assert_eq!(reasons(&disabled), [""; 0], "{disabled:#}");
    assert_eq!(disabled["member"]["state"], "DISABLED");
    let names = [
        "operator", "operator", "operator", "manager", "director", "director",
    ];
    assert_eq!(world.held().await, names.map(|name| Some(name.to_owned())));
    assert_eq!(world.entries().await, 7, "six things and the member");
    let reasoned =
        "SELECT count(*) FROM timeline_entries WHERE object_kind = 'opp' AND reason = 'SUCCESSION'
        AND action = 'opportunity.owner_assigned' AND object_version = 2";
    assert_eq!(world.app.count(reasoned).await, 3);
}

/// R-ORG-21: UNASSIGN leaves deals to whoever answers for the organisation, and the rest to nobody.
#[tokio::test]
async fn r_org_21_unassigned_deals_are_the_main_accounts_and_the_rest_is_nobodys() {
    let world = World::new().await;

    let disabled = world.disable(json!([nobody()])).await;

    assert_eq!(reasons(&disabled), [""; 0], "{disabled:#}");
    let admin = Some("admin".to_owned());
    let held = [admin.clone(), admin.clone(), admin, None, None, None];
    assert_eq!(world.held().await, held);
    assert_eq!(world.entries().await, 7);
}

/// R-ORG-21: a successor who cannot do it, is disabled, another organisation's or the same member is refused, and nothing
/// of what was handed over before him stays so.
#[tokio::test]
async fn r_org_21_an_unfit_successor_is_refused_and_nothing_changes() {
    let world = World::new().await;
    let mut owner = world.app.owner().await;
    let before = world.held().await;
    let rival = a_partner("对手").insert(&mut owner).await;
    let stranger = a_member(rival, "rob").insert(&mut owner).await.global();
    let gone = a_member(world.admin.organisation, "gone")
        .roles(&["OPERATOR"])
        .disabled();
    let gone = gone.insert(&mut owner).await.global();
    let finance = world.colleague("finance", &["FINANCE"]).await;
    let operator = world.colleague("operator", &["OPERATOR"]).await;
    let itself = world.goer.global();

    for (successor, reason) in [
        (&stranger, "SUCCESSOR_UNKNOWN"),
        (&gone, "SUCCESSOR_UNKNOWN"),
        (&itself, "SUCCESSOR_UNKNOWN"),
        (&finance, "ACCOUNT_MANAGER_ROLE_MISSING"),
    ] {
        let refused = world.disable(json!([to(successor)])).await;
        assert_eq!(reasons(&refused), [reason]);
        assert_eq!(refused["errors"][0]["path"], json!(["handover"]));
    }
    // The resellers pass before the director's people, whom an operator cannot direct.
    let mixed = json!([to(&operator), of("MANAGED_RESELLERS", nobody())]);
    assert_eq!(
        reasons(&world.disable(mixed).await),
        ["DIRECTOR_ROLE_MISSING"]
    );

    assert_eq!(world.held().await, before);
    assert_eq!(world.entries().await, 0);
}

/// R-ORG-9 and R-ORG-21: with the director's role goes what only a director does, and nothing else.
#[tokio::test]
async fn r_org_9_taking_the_directors_role_leaves_his_account_managers_to_another_or_to_nobody() {
    let world = World::new().await;
    let keeps = json!(["ACCOUNT_MANAGER", "OPERATOR"]);

    let refused = world.change_roles(keeps.clone(), Value::Null).await;
    let changed = world.change_roles(keeps, json!([nobody()])).await;

    assert_eq!(reasons(&refused), ["MEMBER_HAS_DUTIES"]);
    assert_eq!(
        refused["errors"][0]["duties"][0]["kind"],
        "directedAccountManagers"
    );
    assert_eq!(reasons(&changed), [""; 0], "{changed:#}");
    let goer = Some("goer".to_owned());
    let held = [goer.clone(), goer.clone(), goer.clone(), goer, None, None];
    assert_eq!(
        world.held().await,
        held,
        "what the remaining roles allow stays"
    );

    let director = world
        .colleague("director", &["ACCOUNT_MANAGER_DIRECTOR"])
        .await;
    let assign = async |member: &str, director: Value, version: &str| {
        let input =
            json!({ "memberId": member, "directorId": director, "expectedVersion": version });
        let selection = "member { version director { name } }";
        world
            .admin
            .change("memberDirectorAssign", selection, input)
            .await
    };
    let manager = world.directed[0].global();
    let assigned = assign(&manager, json!(director), "v2").await;
    assert_eq!(
        assigned["member"],
        json!({ "version": "v3", "director": { "name": "director" } })
    );
    assert_eq!(
        reasons(&assign(&manager, json!(world.goer.global()), "v3").await),
        ["DIRECTOR_ROLE_MISSING"]
    );
    assert_eq!(
        reasons(&assign(&director, json!(director), "v1").await),
        ["NOT_ACCOUNT_MANAGER"]
    );
    let filter = json!({ "id": director });
    let found = "query($id: ID!) { members(where: { directorId: $id }) { nodes { name } } }";
    let found = world.admin.ask(found, filter).await;
    assert_eq!(found.at("/members/nodes"), &json!([{ "name": "m1" }]));

    let input = json!({ "memberId": manager, "expectedVersion": "v3", "roles": ["FINANCE"] });
    let demoted = world
        .admin
        .change("memberRolesChange", "member { director { name } }", input)
        .await;
    assert_eq!(
        demoted["member"],
        json!({ "director": null }),
        "only an account manager has a director"
    );
}

/// R-ORG-21: whoever signs in as nobody any more does nothing any more.
#[tokio::test]
async fn r_org_21_a_link_is_not_taken_from_who_holds_something() {
    let world = World::new().await;
    let sales = world
        .app
        .member(world.admin.organisation, "sales", &["OPERATOR"])
        .await;
    let deal = an_opportunity(world.admin.organisation, sales.member)
        .insert(&mut world.app.owner().await)
        .await;
    let unlink = async |handover: Value| {
        let input = json!({ "memberId": sales.member.global(), "expectedVersion": "v1", "handover": handover });
        world
            .admin
            .change("memberUnlink", "member { isLinked }", input)
            .await
    };

    assert_eq!(reasons(&unlink(Value::Null).await), ["MEMBER_HAS_DUTIES"]);
    let unlinked = unlink(json!([nobody()])).await;
    assert_eq!(
        unlinked["member"],
        json!({ "isLinked": false }),
        "{unlinked:#}"
    );
    let owner: uuid::Uuid =
        sqlx::query_scalar("SELECT owner_member_id FROM opportunities WHERE id = $1")
            .bind(deal.0)
            .fetch_one(&mut world.app.owner().await)
            .await
            .unwrap();
    assert_eq!(owner, world.admin.member.0);
}

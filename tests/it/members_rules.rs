//! What a member keeps, and what customers see of the organisation.

use portico::ids::Tagged as _;
use serde_json::{Value, json};

use crate::support::app::{Caller, TestApp, reasons};
use crate::support::builders::{a_member, a_partner, the_vendor};

struct World {
    app: TestApp,
    admin: Caller,
    finance: Caller,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let partner = a_partner("伙伴").insert(&mut app.owner().await).await;
        Self {
            admin: app.member(partner, "ada", &["SYSTEM_ADMIN"]).await,
            finance: app.member(partner, "fay", &["FINANCE"]).await,
            app,
        }
    }
}

/// R-ORG-10: while the vendor reviews the qualification the role stays; the vendor's table says when that is over.
#[tokio::test]
async fn r_org_10_a_role_whose_qualification_is_under_review_is_not_taken_away() {
    let world = World::new().await;
    let mut owner = world.app.owner().await;
    let vendor = the_vendor().insert(&mut owner).await;
    let vic = world.app.member(vendor, "vic", &["VENDOR_ADMIN"]).await;
    let number: String = sqlx::query_scalar("SELECT number FROM organisations WHERE id = $1")
        .bind(world.admin.organisation.0)
        .fetch_one(&mut owner)
        .await
        .unwrap();
    let import = async |state: &str| {
        let csv =
            format!("organisation,account_name,role,state\n{number},sam,SA_SPECIALIST,{state}\n");
        let input = json!({ "kind": "QUALIFICATION_REVIEWS", "csv": csv });
        vic.change("factsImport", "added changed", input).await
    };
    let sam = a_member(world.admin.organisation, "sam")
        .roles(&["SA_SPECIALIST", "OPERATOR"])
        .insert(&mut owner)
        .await;
    let change = async |version: &str, roles: Value| {
        let input = json!({ "memberId": sam.global(), "expectedVersion": version, "roles": roles });
        world
            .admin
            .change("memberRolesChange", "member { roles }", input)
            .await
    };

    assert_eq!(import("UNDER_REVIEW").await["added"], 1);
    let locked = change("v1", json!(["OPERATOR"])).await;
    assert_eq!(reasons(&locked), ["ROLE_LOCKED"]);
    assert_eq!(
        world
            .app
            .count("SELECT count(*) FROM member_roles WHERE role = 'SA_SPECIALIST'")
            .await,
        1
    );
    let other = change("v1", json!(["SA_SPECIALIST", "FINANCE"])).await;
    assert_eq!(reasons(&other), [""; 0], "another role may go: {other:#}");
    assert_eq!(import("DECIDED").await["changed"], 1);
    assert_eq!(reasons(&change("v2", json!(["FINANCE"])).await), [""; 0]);
}

/// R-ORG-11: no mutation takes one, and no role of the application may write the column.
#[tokio::test]
async fn r_org_11_an_account_name_is_never_changed() {
    let sdl = portico::graphql::sdl();
    let inputs = sdl.split("\ninput ").skip(1);
    let fields = inputs.map(|input| input.split_once("\n}").unwrap().0);
    let of_members = fields.filter(|input| input.starts_with("Member"));
    let named: Vec<&str> = of_members
        .filter(|input| input.contains("accountName"))
        .filter_map(|input| input.split_whitespace().next())
        .collect();
    assert_eq!(named, ["MemberInviteInput"], "only an invitation gives one");
    let world = World::new().await;
    for role in ["portico_app", "portico_staff"] {
        let allowed = sqlx::query_scalar::<_, bool>(
            "SELECT has_column_privilege($1, 'members', 'account_name', 'UPDATE')",
        )
        .bind(role)
        .fetch_one(&mut world.app.owner().await)
        .await
        .unwrap();
        assert!(!allowed, "{role}");
    }
}

/// R-ORG-18: one's own name and number; the mutation names no member, so that it can be about nobody else.
#[tokio::test]
async fn r_org_18_a_member_edits_his_own_profile_and_no_mutation_edits_anothers() {
    let world = World::new().await;
    let update = async |input: Value| {
        let selection = "member { name mobile version }";
        world
            .finance
            .change("memberProfileUpdate", selection, input)
            .await
    };

    let updated =
        update(json!({ "name": "费伊", "mobile": "+86 13900000000", "expectedVersion": "v1" }))
            .await;
    assert_eq!(
        updated["member"],
        json!({ "name": "费伊", "mobile": "+86 13900000000", "version": "v2" })
    );
    let kept = update(json!({ "expectedVersion": "v2" })).await;
    assert_eq!(
        kept["member"]["version"], "v2",
        "nothing is written for nothing"
    );
    let removed = update(json!({ "mobile": null, "expectedVersion": "v2" })).await;
    assert_eq!(removed["member"]["mobile"], Value::Null);
    let wrong = update(json!({ "name": " ", "mobile": "call me", "expectedVersion": "v3" })).await;
    assert_eq!(reasons(&wrong), ["NAME_INVALID", "MOBILE_INVALID"]);
    assert_eq!(
        reasons(&update(json!({ "name": "X", "expectedVersion": "v1" })).await),
        ["VERSION_CONFLICT"]
    );
    let stranger = world.app.stranger("li").await;
    let refused = stranger
        .change(
            "memberProfileUpdate",
            "member { id }",
            json!({ "name": "X", "expectedVersion": "v1" }),
        )
        .await;
    assert_eq!(reasons(&refused), ["MEMBERS_ONLY"]);
    assert_eq!(
        world
            .app
            .count("SELECT count(*) FROM timeline_entries")
            .await,
        2
    );
    assert_eq!(
        world
            .app
            .count("SELECT count(*) FROM members WHERE name = 'ada' AND version = 1")
            .await,
        1
    );
    let sdl = portico::graphql::sdl();
    let (_, rest) = sdl.split_once("input MemberProfileUpdateInput {").unwrap();
    let (fields, _) = rest.split_once("\n}").unwrap();
    assert!(!fields.contains("memberId"), "R-ORG-18");
}

/// R-ORG-15: five at most; while there are none the administrator is shown.
#[tokio::test]
async fn r_org_15_customers_see_at_most_five_contacts_or_the_administrator() {
    let world = World::new().await;
    let shown = async || {
        let query =
            "{ organisation { customerContacts { name phone email contact { id version } } } }";
        let shown = world.finance.ask(query, json!({})).await;
        shown
            .at("/organisation/customerContacts")
            .as_array()
            .unwrap()
            .clone()
    };
    let nobody = shown().await;
    assert_eq!(nobody.len(), 1);
    assert_eq!(nobody[0]["name"], "ada");
    assert_eq!(
        nobody[0]["email"], "ada@partner.example",
        "for customers in full"
    );
    assert_eq!(nobody[0]["contact"], Value::Null);

    let add = async |by: &Caller, input: Value| {
        by.change("customerContactAdd", "contact { id version }", input)
            .await
    };
    for number in 0..5 {
        let input = json!({ "name": format!("Desk {number}"), "phone": "4008-123" });
        assert_eq!(reasons(&add(&world.admin, input).await), [""; 0]);
    }
    assert_eq!(
        reasons(&add(&world.admin, json!({ "name": "Desk 5", "phone": "123" })).await),
        ["TOO_MANY_CUSTOMER_CONTACTS"]
    );
    assert_eq!(
        reasons(&add(&world.finance, json!({ "name": "Mine", "phone": "123" })).await),
        ["PERMISSION_MISSING"]
    );
    assert_eq!(
        reasons(&add(&world.admin, json!({ "name": "", "email": "x" })).await),
        ["NAME_INVALID", "EMAIL_INVALID"]
    );
    assert_eq!(
        reasons(&add(&world.admin, json!({ "name": "No way" })).await),
        ["CONTACT_WAY_REQUIRED"]
    );
    let desks = shown().await;
    assert_eq!(desks.len(), 5);

    let one = &desks[0]["contact"];
    let update = json!({ "customerContactId": one["id"], "expectedVersion": "v1", "name": "Night desk", "email": "night@x.example" });
    let updated = world
        .admin
        .change(
            "customerContactUpdate",
            "contact { name phone }",
            update.clone(),
        )
        .await;
    assert_eq!(
        updated["contact"],
        json!({ "name": "Night desk", "phone": null })
    );
    let rival = a_partner("对手").insert(&mut world.app.owner().await).await;
    let rob = world.app.member(rival, "rob", &["SYSTEM_ADMIN"]).await;
    assert_eq!(
        reasons(
            &rob.change("customerContactUpdate", "contact { id }", update)
                .await
        ),
        ["CUSTOMER_CONTACT_NOT_FOUND"]
    );
    for (place, desk) in desks.iter().enumerate() {
        let version = if place == 0 { "v2" } else { "v1" };
        let input =
            json!({ "customerContactId": desk["contact"]["id"], "expectedVersion": version });
        let removed = world
            .admin
            .change("customerContactRemove", "contact { isRemoved }", input)
            .await;
        assert_eq!(removed["contact"], json!({ "isRemoved": true }));
    }
    assert_eq!(shown().await, nobody);
    let versions = "SELECT sum(version)::bigint FROM customer_contacts";
    assert_eq!(
        world.app.count(versions).await,
        world
            .app
            .count("SELECT count(*) FROM timeline_entries")
            .await
    );
}

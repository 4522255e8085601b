//! Roles: the published list of permissions, preset roles, and those that an organisation makes itself.

use std::time::Instant;

use portico::ids::Tagged as _;
use serde_json::{Value, json};

use crate::support::app::{Caller, TestApp, reasons};
use crate::support::builders::{a_member, a_partner, the_vendor};

const ROLE: &str =
    "role { id name state permissions version viewerPermissions { canRetire { allowed } } }";

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

async fn create(by: &Caller, name: &str, permissions: &[&str]) -> Value {
    let input = json!({ "name": name, "permissions": permissions });
    by.change("roleCreate", ROLE, input).await
}

async fn give(by: &Caller, member: &Caller, version: &str, roles: Value, customs: Value) -> Value {
    let input = json!({ "memberId": member.member.global(), "expectedVersion": version, "roles": roles, "customRoleIds": customs });
    by.change(
        "memberRolesChange",
        "member { roles customRoles { name } version }",
        input,
    )
    .await
}

/// R-ORG-12: ten active ones, unlike in name; retired ones count no more.
#[tokio::test]
async fn r_org_12_an_organisation_makes_ten_roles_of_its_own_and_retires_them() {
    let world = World::new().await;
    let mut made = Vec::new();
    for number in 0..10 {
        let payload = create(&world.admin, &format!("Role {number}"), &["member.read"]).await;
        assert_eq!(reasons(&payload), [""; 0], "{payload:#}");
        made.push(payload["role"].clone());
    }

    let eleventh = create(&world.admin, "Role 10", &["member.read"]).await;
    assert_eq!(reasons(&eleventh), ["TOO_MANY_CUSTOM_ROLES"]);
    assert_eq!(eleventh["errors"][0]["__typename"], "QuotaExceeded");
    let twice = create(&world.admin, "role 3", &["member.read"]).await;
    assert_eq!(reasons(&twice), ["ROLE_NAME_TAKEN"]);
    let by_finance = create(&world.finance, "Mine", &["member.read"]).await;
    assert_eq!(reasons(&by_finance), ["PERMISSION_MISSING"]);

    let given = give(
        &world.admin,
        &world.finance,
        "v1",
        json!([]),
        json!([made[0]["id"]]),
    )
    .await;
    assert_eq!(
        given["member"]["customRoles"],
        json!([{ "name": "Role 0" }]),
        "{given:#}"
    );
    let retire = async |role: &Value| {
        let input = json!({ "roleId": role["id"], "expectedVersion": role["version"] });
        world.admin.change("roleRetire", ROLE, input).await
    };
    assert_eq!(reasons(&retire(&made[0]).await), ["ROLE_IN_USE"]);
    let retired = retire(&made[1]).await;
    assert_eq!(retired["role"]["state"], "RETIRED");
    assert_eq!(
        retired["role"]["viewerPermissions"]["canRetire"]["allowed"],
        false
    );
    assert_eq!(reasons(&retire(&retired["role"]).await), ["ROLE_RETIRED"]);
    let unknown = give(
        &world.admin,
        &world.finance,
        "v2",
        json!(["FINANCE"]),
        json!([made[1]["id"]]),
    )
    .await;
    assert_eq!(reasons(&unknown), ["CUSTOM_ROLE_UNKNOWN"]);
    assert_eq!(
        reasons(&create(&world.admin, "Role 1", &["member.read"]).await),
        [""; 0]
    );
    let versions = "SELECT (SELECT sum(version) FROM custom_roles)::bigint + 1";
    assert_eq!(
        world.app.count(versions).await,
        world
            .app
            .count("SELECT count(*) FROM timeline_entries")
            .await
    );
}

/// R-ORG-12: a role is its organisation's alone.
#[tokio::test]
async fn another_organisations_role_answers_like_an_unknown_one() {
    let world = World::new().await;
    let rival = a_partner("对手").insert(&mut world.app.owner().await).await;
    let rob = world.app.member(rival, "rob", &["SYSTEM_ADMIN"]).await;
    let role = create(&world.admin, "Ours", &["member.read"]).await["role"].take();
    let mut answers = Vec::new();
    for id in [role["id"].as_str().unwrap(), "rol_AAAAAAAAAAAAAAAAAAAAAA"] {
        let input = json!({ "roleId": id, "expectedVersion": "v1", "name": "X", "permissions": ["member.read"] });
        answers.push(rob.change("roleUpdate", ROLE, input).await);
        let seen = rob
            .ask(
                "query($id: ID!) { node(id: $id) { id } }",
                json!({ "id": id }),
            )
            .await;
        assert_eq!(seen.at("/node"), &Value::Null);
    }
    assert_eq!(reasons(&answers[0]), ["ROLE_NOT_FOUND"]);
    assert_eq!(answers[0], answers[1]);
    let own = world.app.member(rival, "rik", &["FINANCE"]).await;
    let given = give(&rob, &own, "v1", json!(["FINANCE"]), json!([role["id"]])).await;
    assert_eq!(reasons(&given), ["CUSTOM_ROLE_UNKNOWN"]);
}

/// R-ORG-13: preset roles are shown like the others and changed by nobody, by hand neither.
#[tokio::test]
async fn r_org_13_a_preset_role_is_not_edited() {
    let world = World::new().await;
    let roles = "{ roles { id name preset viewerPermissions { canUpdate { allowed blockers { error { reason } } } } } }";
    let roles = world.admin.ask(roles, json!({})).await;
    let roles = roles.at("/roles").as_array().unwrap();
    assert_eq!(roles.len(), 6);
    let manager = roles
        .iter()
        .find(|role| role["preset"] == "ACCOUNT_MANAGER")
        .unwrap();
    assert_eq!(
        manager["viewerPermissions"]["canUpdate"]["blockers"][0]["error"]["reason"],
        "ROLE_IS_PRESET"
    );

    let update = json!({ "roleId": manager["id"], "expectedVersion": "v1", "name": "Mine", "permissions": ["member.read"] });
    let updated = world.admin.change("roleUpdate", ROLE, update).await;
    let retire = json!({ "roleId": manager["id"], "expectedVersion": "v1" });
    let retired = world.admin.change("roleRetire", ROLE, retire).await;

    assert_eq!(reasons(&updated), ["ROLE_IS_PRESET"]);
    assert_eq!(reasons(&retired), ["ROLE_IS_PRESET"]);
    let writable =
        "SELECT count(*) FROM information_schema.role_table_grants WHERE table_name = 'roles'
        AND grantee IN ('portico_app', 'portico_staff', 'PUBLIC') AND privilege_type <> 'SELECT'";
    assert_eq!(world.app.count(writable).await, 0);
}

/// R-ORG-14: the preset account manager opens consumption, and neither vouchers nor bills; the database holds it.
#[tokio::test]
async fn r_org_14_an_account_manager_reads_consumption_and_no_vouchers_or_bills() {
    let world = World::new().await;
    let roles = world
        .admin
        .ask("{ roles { preset permissions } }", json!({}))
        .await;
    let roles = roles.at("/roles").as_array().unwrap();
    let manager = roles
        .iter()
        .find(|role| role["preset"] == "ACCOUNT_MANAGER")
        .unwrap();
    let may = |permission: &str| {
        manager["permissions"]
            .as_array()
            .unwrap()
            .contains(&json!(permission))
    };

    assert!(may("consumption.read"));
    assert!(!may("voucher.manage") && !may("bill.read"));
    for change in [
        "UPDATE roles SET permissions = permissions || '{bill.read}' WHERE code = 'ACCOUNT_MANAGER'",
        "UPDATE roles SET permissions = array_remove(permissions, 'consumption.read') WHERE code = 'ACCOUNT_MANAGER'",
    ] {
        let refused = sqlx::query(change)
            .execute(&mut world.app.owner().await)
            .await
            .unwrap_err();
        let constraint = refused.as_database_error().unwrap().constraint();
        assert_eq!(constraint, Some("roles_account_manager"));
    }
}

/// The list is what the program checks, each with the organisations whose roles can hold it.
#[tokio::test]
async fn the_list_of_permissions_is_published_with_who_can_hold_each() {
    let world = World::new().await;
    let list = world
        .admin
        .ask("{ permissions { code description heldBy } }", json!({}))
        .await;
    let list = list.at("/permissions").as_array().unwrap().clone();
    let of = |code: &str| list.iter().find(|one| one["code"] == code).unwrap()["heldBy"].clone();

    assert_eq!(of("opportunity.review"), json!(["VENDOR"]));
    assert_eq!(of("opportunity.submit"), json!(["PARTNER", "CUSTOMER"]));
    assert_eq!(of("member.read"), json!(["VENDOR", "PARTNER", "CUSTOMER"]));
    assert!(
        list.iter()
            .all(|one| one["description"].as_str().unwrap() != one["code"].as_str().unwrap())
    );
    let review = create(&world.admin, "Reviewer", &["opportunity.review"]).await;
    assert_eq!(reasons(&review), ["ROLE_PERMISSION_NOT_OFFERED"]);
    assert_eq!(
        world.app.count("SELECT count(*) FROM custom_roles").await,
        0
    );
}

/// A custom role gives its maker's colleagues nothing that the maker lacks, and a manager of members who is no
/// administrator gives no role that is more than he has.
#[tokio::test]
async fn nobody_gives_what_he_has_not_got() {
    let world = World::new().await;
    let vendor = the_vendor().insert(&mut world.app.owner().await).await;
    let vic = world.app.member(vendor, "vic", &["VENDOR_ADMIN"]).await;
    let refused = create(&vic, "Pays", &["opportunity.validate"]).await;
    assert_eq!(reasons(&refused), ["ROLE_PERMISSION_NOT_YOURS"]);

    let hr = create(&world.admin, "HR", &["member.read", "member.manage"]).await["role"].take();
    let made = give(
        &world.admin,
        &world.finance,
        "v1",
        json!([]),
        json!([hr["id"]]),
    )
    .await;
    assert_eq!(reasons(&made), [""; 0]);
    let fay = world
        .app
        .signed_in(
            world.finance.identity,
            world.finance.organisation,
            world.finance.member,
        )
        .await;
    let colleague = world
        .app
        .member(fay.organisation, "col", &["OPERATOR"])
        .await;
    let up = give(&fay, &colleague, "v1", json!(["SYSTEM_ADMIN"]), json!([])).await;
    assert_eq!(reasons(&up), ["ROLE_BEYOND_OWN"]);
    let himself = give(
        &fay,
        &world.finance,
        "v2",
        json!(["SYSTEM_ADMIN"]),
        json!([]),
    )
    .await;
    assert_eq!(reasons(&himself), ["ROLE_BEYOND_OWN"]);
    let more = json!({ "roleId": hr["id"], "expectedVersion": "v1", "name": "HR", "permissions": ["opportunity.submit"] });
    let more = fay.change("roleUpdate", ROLE, more).await;
    assert_eq!(reasons(&more), ["ROLE_PERMISSION_NOT_YOURS"]);
    let invite = json!({ "email": "new@x.example", "name": "N", "accountName": "new", "roles": ["SYSTEM_ADMIN"] });
    let invited = fay.change("memberInvite", "acceptUrl", invite).await;
    assert_eq!(reasons(&invited), ["ROLE_BEYOND_OWN"]);
    let second = a_member(fay.organisation, "second");
    let second = second.insert(&mut world.app.owner().await).await;
    let other = world.app.stranger("other-self").await;
    let link = json!({ "memberId": second.global(), "identityId": other.identity.global(), "expectedVersion": "v1" });
    let linked = fay
        .change("memberLink", "member { id }", link.clone())
        .await;
    assert_eq!(
        reasons(&linked),
        ["MEMBER_BEYOND_OWN"],
        "he could be that identity"
    );
    let linked = world
        .admin
        .change("memberLink", "member { id }", link)
        .await;
    assert_eq!(reasons(&linked), [""; 0], "{linked:#}");
    let same = give(
        &fay,
        &colleague,
        "v1",
        json!(["OPERATOR"]),
        json!([hr["id"]]),
    )
    .await;
    assert_eq!(reasons(&same), [""; 0], "what he has he gives: {same:#}");
}

/// R-ORG-4 and R-ORG-5: custom roles count among the three, and none stands beside the administrator's.
#[tokio::test]
async fn r_org_4_custom_roles_count_among_the_three() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.push(create(&world.admin, name, &["member.read"]).await["role"]["id"].take());
    }
    let four = give(
        &world.admin,
        &world.finance,
        "v1",
        json!(["FINANCE"]),
        json!(ids),
    )
    .await;
    assert_eq!(reasons(&four), ["TOO_MANY_ROLES"]);
    let none = give(&world.admin, &world.finance, "v1", json!([]), json!([])).await;
    assert_eq!(reasons(&none), ["ROLE_REQUIRED"]);
    let beside = give(
        &world.admin,
        &world.finance,
        "v1",
        json!(["SYSTEM_ADMIN"]),
        json!([ids[0]]),
    )
    .await;
    assert_eq!(reasons(&beside), ["ADMINISTRATOR_ROLE_ALONE"]);
    let three = give(&world.admin, &world.finance, "v1", json!([]), json!(ids)).await;
    assert_eq!(three["member"]["roles"], json!([]), "{three:#}");
    assert_eq!(three["member"]["customRoles"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_changed_role_changes_what_members_of_live_sessions_may_do_within_a_second() {
    let world = World::new().await;
    let role = create(&world.admin, "Sales", &["member.read"]).await["role"].take();
    give(
        &world.admin,
        &world.finance,
        "v1",
        json!([]),
        json!([role["id"]]),
    )
    .await;
    let reads = async |expected: bool| {
        let started = Instant::now();
        let list = "{ opportunities(first: 1) { nodes { id } } }";
        while world.finance.ask(list, json!({})).await.body["data"]["opportunities"].is_object()
            != expected
        {
            assert!(started.elapsed().as_millis() < 1_000, "not within a second");
            tokio::task::yield_now().await;
        }
    };
    reads(false).await;

    let input = json!({ "roleId": role["id"], "expectedVersion": "v1", "name": "Sales", "permissions": ["member.read", "opportunity.read"] });
    let updated = world.admin.change("roleUpdate", ROLE, input).await;

    assert_eq!(updated["role"]["version"], "v2", "{updated:#}");
    reads(true).await;
    let input = json!({ "roleId": role["id"], "expectedVersion": "v2", "name": "Sales", "permissions": ["member.read"] });
    world.admin.change("roleUpdate", ROLE, input).await;
    reads(false).await;
    let workers = a_member(world.admin.organisation, "x")
        .insert(&mut world.app.owner().await)
        .await;
    assert_ne!(workers, world.finance.member);
}

/// R-ORG-8: a custom role beside the account manager's opens everything too.
#[tokio::test]
async fn r_org_8_a_custom_role_beside_the_account_managers_opens_everything() {
    let world = World::new().await;
    let manager = world
        .app
        .member(world.admin.organisation, "man", &["ACCOUNT_MANAGER"])
        .await;
    let deal =
        crate::support::builders::an_opportunity(world.admin.organisation, world.admin.member);
    deal.insert(&mut world.app.owner().await).await;
    let role = create(&world.admin, "Extra", &["member.read"]).await["role"].take();
    let count = "{ opportunities(first: 5) { totalCount } }";
    assert_eq!(
        manager
            .ask(count, json!({}))
            .await
            .at("/opportunities/totalCount"),
        0
    );

    give(
        &world.admin,
        &manager,
        "v1",
        json!(["ACCOUNT_MANAGER"]),
        json!([role["id"]]),
    )
    .await;

    let started = Instant::now();
    while manager
        .ask(count, json!({}))
        .await
        .at("/opportunities/totalCount")
        != 1
    {
        assert!(started.elapsed().as_millis() < 1_000, "not within a second");
        tokio::task::yield_now().await;
    }
}

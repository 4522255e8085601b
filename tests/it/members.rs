//! Members through the graph: who sees what of a person, and inviting, accepting, linking and disabling end to end.

use chrono::TimeDelta;
use portico::ids::{IdSource, MemberId, Tagged as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{Caller, TestApp, reasons};
use crate::support::builders::{a_member, a_partner, an_opportunity, the_vendor};

/// A partner's administrator and a colleague from its finance department.
async fn a_partner_with(app: &TestApp) -> (Caller, Caller) {
    let partner = a_partner("伙伴").insert(&mut app.owner().await).await;
    (
        app.member(partner, "admin", &["SYSTEM_ADMIN"]).await,
        app.member(partner, "finance", &["FINANCE"]).await,
    )
}

fn about(member: MemberId) -> Value {
    json!({ "memberId": member.global(), "expectedVersion": "v1" })
}

async fn invited(admin: &Caller, email: &str) -> Value {
    let input =
        json!({ "email": email, "name": "李华", "accountName": "lihua", "roles": ["OPERATOR"] });
    let selection =
        "acceptUrl invitation { id state email roles sentAt expiresAt version invitedBy { name } }";
    admin.change("memberInvite", selection, input).await
}

fn token(payload: &Value) -> String {
    let url = payload["acceptUrl"].as_str().unwrap();
    url.split_once('#').unwrap().1.to_owned()
}

async fn accept(caller: &Caller, token: &str) -> Value {
    caller
        .change(
            "memberInvitationAccept",
            "memberId organisationId",
            json!({ "token": token }),
        )
        .await
}

#[tokio::test]
async fn colleagues_see_masked_addresses_and_who_manages_members_sees_them_whole() {
    let app = TestApp::start().await;
    let (admin, finance) = a_partner_with(&app).await;
    let list = "{ members(sort: { field: NAME }) { nodes { name email mobile } } }";

    let to_finance = finance.ask(list, json!({})).await;
    let to_admin = admin.ask(list, json!({})).await;

    let masked = json!([
        { "name": "admin", "email": "ad***@partner.example", "mobile": "+86138****0000" },
        { "name": "finance", "email": "finance@partner.example", "mobile": "+8613800000000" },
    ]);
    assert_eq!(*to_finance.at("/members/nodes"), masked, "R-GEN-3");
    assert_eq!(
        to_admin.text("/members/nodes/1/email"),
        "finance@partner.example"
    );
}

#[tokio::test]
async fn members_are_found_by_state_role_and_name() {
    let app = TestApp::start().await;
    let (admin, _) = a_partner_with(&app).await;
    a_member(admin.organisation, "gone")
        .roles(&["OPERATOR"])
        .disabled()
        .insert(&mut app.owner().await)
        .await;
    let found = async |condition: &str| {
        let list = format!("{{ members(where: {{ {condition} }}) {{ nodes {{ name }} }} }}");
        admin
            .ask(&list, json!({}))
            .await
            .at("/members/nodes")
            .clone()
    };

    assert_eq!(
        found("state: [DISABLED]").await,
        json!([{ "name": "gone" }])
    );
    assert_eq!(
        found("role: [FINANCE, OPERATOR], state: [ACTIVE]").await,
        json!([{ "name": "finance" }])
    );
    assert_eq!(
        found(r#"nameContains: "DMI""#).await,
        json!([{ "name": "admin" }])
    );
}

#[tokio::test]
async fn an_invited_stranger_is_a_member_in_the_next_query() {
    let app = TestApp::start().await;
    let (admin, _) = a_partner_with(&app).await;
    let mut stranger = app.stranger("li").await;
    let who =
        "{ viewer { __typename ... on Member { name roles isLinked organisation { name } } } }";
    assert_eq!(
        stranger
            .ask(who, json!({}))
            .await
            .text("/viewer/__typename"),
        "FederatedIdentity"
    );

    let sent = invited(&admin, "LI@partner.example").await;
    let accepting = "mutation($input: MemberInvitationAcceptInput!) {
        memberInvitationAccept(input: $input) { memberId organisationId errors { reason } replayed } }";
    let input = json!({ "token": token(&sent), "idempotencyKey": Uuid::now_v7().to_string() });
    let accepted = stranger
        .ask_and_keep(accepting, json!({ "input": input }))
        .await;
    let accepted = accepted.at("/memberInvitationAccept").clone();

    assert_eq!(sent["invitation"]["state"], "OPEN");
    assert_eq!(sent["invitation"]["invitedBy"]["name"], "admin");
    assert_eq!(accepted["organisationId"], admin.organisation.global());
    let viewer = stranger.ask(who, json!({})).await;
    let member = json!({ "__typename": "Member", "name": "李华", "roles": ["OPERATOR"], "isLinked": true,
        "organisation": { "name": "伙伴" } });
    assert_eq!(*viewer.at("/viewer"), member, "R-ORG-2");
    let list = "{ memberInvitations { nodes { state member { name } } } }";
    let listed = admin.ask(list, json!({})).await;
    assert_eq!(
        *listed.at("/memberInvitations/nodes/0"),
        json!({ "state": "ACCEPTED", "member": { "name": "李华" } })
    );
}

#[tokio::test]
async fn the_secret_of_an_invitation_is_told_once() {
    let app = TestApp::start().await;
    let (admin, _) = a_partner_with(&app).await;
    let input = json!({ "email": "li@x.example", "name": "李华", "accountName": "lihua", "roles": ["OPERATOR"] });
    let (key, selection) = (Uuid::now_v7(), "acceptUrl invitation { id }");

    let first = admin
        .change_under(key, "memberInvite", selection, input.clone())
        .await;
    let again = admin
        .change_under(key, "memberInvite", selection, input)
        .await;

    assert!(
        first["acceptUrl"]
            .as_str()
            .unwrap()
            .starts_with(app.base.as_str())
    );
    assert_eq!(again["acceptUrl"], Value::Null);
    assert_eq!(
        (&again["replayed"], &again["invitation"]),
        (&json!(true), &first["invitation"])
    );
}

#[tokio::test]
async fn an_invitation_is_refused_with_every_fault_and_its_place() {
    let app = TestApp::start().await;
    let (admin, _) = a_partner_with(&app).await;
    let input = json!({ "email": "nonsense", "name": "", "accountName": "admin", "roles": ["VENDOR_ADMIN"] });

    let refused = admin.change("memberInvite", "acceptUrl", input).await;

    let faults: Vec<_> = refused["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| {
            (
                error["reason"].as_str().unwrap(),
                error["path"][0].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        faults,
        [
            ("EMAIL_INVALID", "email"),
            ("NAME_INVALID", "name"),
            ("ROLE_NOT_OFFERED", "roles"),
            ("ACCOUNT_NAME_TAKEN", "accountName"),
        ]
    );
    assert_eq!(refused["acceptUrl"], Value::Null);
    assert_eq!(app.count("SELECT count(*) FROM invitations").await, 0);
}

#[tokio::test]
async fn an_invitation_of_another_address_or_time_is_refused() {
    let app = TestApp::start().await;
    let (admin, finance) = a_partner_with(&app).await;
    let link = token(&invited(&admin, "li@partner.example").await);
    let (li, other) = (app.stranger("li").await, app.stranger("wang").await);

    assert_eq!(
        reasons(&accept(&other, &link).await),
        ["INVITATION_FOR_ANOTHER_PERSON"]
    );
    assert_eq!(
        reasons(&accept(&li, "no token").await),
        ["INVITATION_UNKNOWN"]
    );
    let newer = token(&invited(&admin, "Li@partner.example").await);
    assert_eq!(reasons(&accept(&li, &link).await), ["INVITATION_REVOKED"]);
    let refused = finance
        .change(
            "memberInvite",
            "acceptUrl",
            json!({ "email": "a@b", "name": "a", "accountName": "a", "roles": [] }),
        )
        .await;
    assert_eq!(reasons(&refused), ["PERMISSION_MISSING"]);
    app.clock.advance(TimeDelta::days(7));
    let late = app.stranger("late").await;
    assert_eq!(
        reasons(&accept(&late, &newer).await),
        ["INVITATION_EXPIRED"]
    );
    assert_eq!(
        app.count("SELECT count(*) FROM members WHERE account_name = 'lihua'")
            .await,
        0
    );
}

#[tokio::test]
async fn a_revoked_invitation_says_so_in_the_list_and_to_the_invited() {
    let app = TestApp::start().await;
    let (admin, _) = a_partner_with(&app).await;
    let sent = invited(&admin, "li@partner.example").await;
    let input = json!({ "invitationId": sent["invitation"]["id"], "expectedVersion": sent["invitation"]["version"] });

    let revoked = admin
        .change("memberInvitationRevoke", "invitation { state }", input)
        .await;

    assert_eq!(revoked["invitation"]["state"], "REVOKED");
    let li = app.stranger("li").await;
    assert_eq!(
        reasons(&accept(&li, &token(&sent)).await),
        ["INVITATION_REVOKED"]
    );
}

#[tokio::test]
async fn a_disabled_members_session_ends_and_the_member_stays() {
    let app = TestApp::start().await;
    let (admin, finance) = a_partner_with(&app).await;
    assert_eq!(
        finance
            .ask("{ viewer { __typename } }", json!({}))
            .await
            .status,
        200
    );

    let disabled = admin
        .change(
            "memberDisable",
            "member { state isLinked version }",
            about(finance.member),
        )
        .await;

    assert_eq!(
        disabled["member"],
        json!({ "state": "DISABLED", "isLinked": false, "version": "v2" })
    );
    // Within a second by promise; the copies are dropped when the notification comes.
    let started = std::time::Instant::now();
    while finance
        .ask("{ viewer { __typename } }", json!({}))
        .await
        .status
        != 401
    {
        assert!(
            started.elapsed().as_millis() < 1_000,
            "the session outlived its member"
        );
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn lost_roles_are_lost_within_a_second() {
    let app = TestApp::start().await;
    let (admin, _) = a_partner_with(&app).await;
    let other = app
        .member(admin.organisation, "bea", &["SYSTEM_ADMIN"])
        .await;
    assert!(
        other
            .ask("{ memberInvitations { nodes { id } } }", json!({}))
            .await
            .at("/memberInvitations")
            .is_object()
    );
    let mut input = about(other.member);
    input["roles"] = json!(["FINANCE"]);

    let changed = admin
        .change("memberRolesChange", "member { roles }", input)
        .await;

    assert_eq!(changed["member"]["roles"], json!(["FINANCE"]));
    let started = std::time::Instant::now();
    while other
        .ask("{ memberInvitations { nodes { id } } }", json!({}))
        .await
        .body["data"]["memberInvitations"]
        .is_object()
    {
        assert!(
            started.elapsed().as_millis() < 1_000,
            "the role outlived the change"
        );
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_administrator_links_an_identity_and_takes_the_link_away() {
    let app = TestApp::start().await;
    let (admin, _) = a_partner_with(&app).await;
    let member = a_member(admin.organisation, "oz")
        .roles(&["OPERATOR"])
        .insert(&mut app.owner().await)
        .await;
    let stranger = app.stranger("oz-at-iam").await;
    let mut input = about(member);
    input["identityId"] = json!(stranger.identity.global());

    let linked = admin
        .change("memberLink", "member { isLinked version }", input)
        .await;

    assert_eq!(
        linked["member"],
        json!({ "isLinked": true, "version": "v2" })
    );
    let input = json!({ "memberId": member.global(), "expectedVersion": "v2" });
    let unlinked = admin
        .change("memberUnlink", "member { isLinked }", input)
        .await;
    assert_eq!(unlinked["member"]["isLinked"], json!(false));
}

#[tokio::test]
async fn another_organisations_ids_answer_like_random_ones_and_change_nothing() {
    let app = TestApp::start().await;
    let (_, foreign) = a_partner_with(&app).await;
    let mut owner = app.owner().await;
    let rival = a_partner("对手").insert(&mut owner).await;
    let vendor = the_vendor().insert(&mut owner).await;
    let callers = [
        app.member(rival, "rob", &["SYSTEM_ADMIN"]).await,
        app.member(vendor, "vic", &["VENDOR_ADMIN"]).await,
    ];

    for caller in &callers {
        for (mutation, extra) in [
            ("memberDisable", json!({})),
            ("memberUnlink", json!({})),
            ("memberRolesChange", json!({ "roles": ["FINANCE"] })),
            (
                "memberLink",
                json!({ "identityId": foreign.identity.global() }),
            ),
        ] {
            let mut answers = Vec::new();
            for id in [
                foreign.member.global(),
                IdSource.fresh::<MemberId>().global(),
                "mem_x".to_owned(),
            ] {
                let mut input = json!({ "memberId": id, "expectedVersion": "v1" });
                input
                    .as_object_mut()
                    .unwrap()
                    .extend(extra.as_object().unwrap().clone());
                answers.push(caller.change(mutation, "member { id }", input).await);
            }
            assert_eq!(reasons(&answers[0]), ["MEMBER_NOT_FOUND"], "{mutation}");
            assert!(
                answers.iter().all(|answer| *answer == answers[0]),
                "{mutation}"
            );
        }
    }
    assert_eq!(app.count("SELECT count(*) FROM timeline_entries").await, 0);
    assert_eq!(
        app.count("SELECT count(*) FROM members WHERE version <> 1")
            .await,
        0
    );
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let app = TestApp::start().await;
    let (admin, _) = a_partner_with(&app).await;
    let mut input = about(admin.member);
    input["roles"] = json!(["FINANCE"]);

    let demoted = admin
        .change("memberRolesChange", "member { id }", input)
        .await;
    let disabled = admin
        .change("memberDisable", "member { id }", about(admin.member))
        .await;

    assert_eq!(reasons(&demoted), ["LAST_ADMINISTRATOR"]);
    assert_eq!(reasons(&disabled), ["OWN_MEMBERSHIP"]);
    assert_eq!(
        disabled["errors"][0]["message"],
        "You cannot disable or unlink yourself. Ask another administrator."
    );
}

#[tokio::test]
async fn r_org_21_the_owner_of_an_open_opportunity_keeps_the_right_to_work_on_it() {
    let app = TestApp::start().await;
    let (admin, _) = a_partner_with(&app).await;
    let sales = app.member(admin.organisation, "sales", &["OPERATOR"]).await;
    let deal = an_opportunity(admin.organisation, sales.member)
        .state("UNDER_REVIEW")
        .insert(&mut app.owner().await)
        .await;
    let mut to_finance = about(sales.member);
    to_finance["roles"] = json!(["FINANCE"]);
    let mut to_manager = about(sales.member);
    to_manager["roles"] = json!(["ACCOUNT_MANAGER"]);

    let disabled = admin
        .change("memberDisable", "member { id }", about(sales.member))
        .await;
    let demoted = admin
        .change("memberRolesChange", "member { id }", to_finance)
        .await;
    let moved = admin
        .change("memberRolesChange", "member { id }", to_manager)
        .await;

    assert_eq!(reasons(&disabled), ["MEMBER_HAS_DUTIES"]);
    assert_eq!(reasons(&demoted), ["MEMBER_HAS_DUTIES"]);
    assert_eq!(reasons(&moved), [""; 0], "a role that still works on deals");

    sqlx::query("UPDATE opportunities SET review_state = 'VALIDATED', progress_stage = 'DELIVERED', reviewed_at = submitted_at, settled_at = submitted_at WHERE id = $1")
        .bind(deal.0)
        .execute(&mut app.owner().await)
        .await
        .unwrap();
    let mut later = about(sales.member);
    later["expectedVersion"] = json!("v2");
    let disabled = admin.change("memberDisable", "member { id }", later).await;
    assert_eq!(reasons(&disabled), [""; 0], "a delivered deal holds nobody");
}

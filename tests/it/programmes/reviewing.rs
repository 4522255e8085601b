//! The vendor decides: who may, what changes at that instant, and who is told.

use serde_json::{Value, json};

use super::{World, blockers, decide, join, of, offer};
use crate::support::app::reasons;

fn because(mut input: Value, reason: &str) -> Value {
    input["reason"] = json!(reason);
    input
}

/// R-PRG-3: from the approval on a reseller and no customer.
#[tokio::test]
async fn r_prg_3_whoever_joined_the_solution_providers_is_a_reseller_and_no_customer() {
    let world = World::new().await;
    assert_eq!(world.shop().await, (true, vec![], "CUSTOMER".to_owned()));
    let applied = world.apply().await;
    assert_eq!(
        world.shop().await.2,
        "CUSTOMER",
        "an application makes no reseller"
    );

    let approved = decide(&world.reviewer, "Approve", of(&applied)).await;

    assert_eq!(reasons(&approved), [""; 0]);
    let membership = &approved["membership"];
    assert_eq!(
        (
            &membership["state"],
            &membership["tier"],
            &membership["validUntil"]
        ),
        (&json!("ACTIVE"), &json!("PREFERRED"), &json!("2027-11-23"))
    );
    let csp = vec!["CSP_MEMBER".to_owned()];
    assert_eq!(world.shop().await, (false, csp, "RESELLER".to_owned()));
}

/// R-PRG-17: from the application on, and no longer than until it is refused or withdrawn.
#[tokio::test]
async fn r_prg_17_buying_is_closed_from_the_application_and_open_when_it_is_refused_or_withdrawn() {
    let world = World::new().await;
    let applied = world.apply().await;
    let application = vec!["CSP_APPLICATION".to_owned()];
    assert_eq!(
        world.shop().await,
        (false, application.clone(), "CUSTOMER".to_owned())
    );

    let silent = decide(&world.reviewer, "Reject", because(of(&applied), " ")).await;
    assert_eq!(reasons(&silent), ["REASON_REQUIRED"], "R-GEN-4");
    let refused = decide(
        &world.reviewer,
        "Reject",
        because(of(&applied), "No sales team yet."),
    )
    .await;
    assert_eq!(
        (
            &refused["membership"]["state"],
            &refused["membership"]["reason"]
        ),
        (&json!("REJECTED"), &json!("No sales team yet."))
    );
    assert!(world.shop().await.0);

    let again = world.apply().await;
    assert_eq!(
        again["id"], applied["id"],
        "one record tells the whole history"
    );
    assert!(again["reason"].is_null());
    assert_eq!(world.shop().await.1, application);
    let withdrawn = decide(&world.admin, "Withdraw", of(&again)).await;
    assert_eq!(withdrawn["membership"]["state"], "WITHDRAWN");
    assert!(world.shop().await.0);
    let late = decide(&world.reviewer, "Approve", of(&withdrawn["membership"])).await;
    assert_eq!(reasons(&late), ["APPLICATION_NOT_PENDING"]);
}

#[tokio::test]
async fn an_application_is_the_vendors_to_decide_once_and_its_own_partners_to_withdraw() {
    let world = World::new().await;
    let applied = world.apply().await;
    let before = world.written().await;
    let input = of(&applied);

    let own = decide(&world.admin, "Approve", input.clone()).await;
    assert_eq!(reasons(&own), ["PERMISSION_MISSING"]);
    let rivals = decide(&world.rival, "Withdraw", input.clone()).await;
    assert_eq!(reasons(&rivals), ["PROGRAMME_MEMBERSHIP_NOT_FOUND"]);
    let mut stale = input.clone();
    stale["expectedVersion"] = json!("v9");
    let stale = decide(&world.reviewer, "Approve", stale).await;
    assert_eq!(reasons(&stale), ["VERSION_CONFLICT"]);
    assert_eq!(world.written().await, before);
    assert_eq!(
        reasons(&join(&world.admin, "CSP").await),
        ["PROGRAMME_APPLICATION_PENDING"]
    );

    let (approved, refused) = tokio::join!(
        decide(&world.reviewer, "Approve", input.clone()),
        decide(&world.vendor_admin, "Reject", because(input, "No"))
    );
    let lost = [reasons(&approved).len(), reasons(&refused).len()];
    assert_eq!(lost.iter().sum::<usize>(), 1, "{approved} {refused}");
}

/// R-PRG-4: what is asked of who applies is asked again of who is approved.
#[tokio::test]
async fn r_prg_4_an_approval_is_refused_when_the_account_became_something_else_meanwhile() {
    let world = World::new().await;
    let applied = world.apply().await;
    world.enrol("DISTRIBUTOR", "ACTIVE").await;

    let refused = decide(&world.reviewer, "Approve", of(&applied)).await;

    assert_eq!(reasons(&refused), ["DISTRIBUTION_JOINED"]);
    assert_eq!(
        blockers(&offer(&world.admin, "CSP").await)[0],
        "PROGRAMME_APPLICATION_PENDING"
    );
}

const INBOX: &str =
    "{ inbox(scope: ORGANISATION, first: 20) { nodes { kind title object { __typename } } } }";

/// R-GEN-5: the queue knows the application, and the main account the decision.
#[tokio::test]
async fn an_application_waits_in_the_vendors_inbox_and_its_decision_reaches_the_main_account() {
    let world = World::new().await;
    let applied = world.apply().await;
    let waits = world.vendor_admin.ask(INBOX, json!({})).await;
    let nodes = waits.at("/inbox/nodes").as_array().unwrap().clone();
    let item = nodes
        .iter()
        .find(|one| one["kind"] == "REVIEW_PROGRAMME_APPLICATION")
        .unwrap();
    assert_eq!(item["object"]["__typename"], "ProgrammeMembership");
    assert!(
        world
            .admin
            .ask(INBOX, json!({}))
            .await
            .at("/inbox/nodes")
            .as_array()
            .unwrap()
            .is_empty()
    );

    let refused = because(of(&applied), "No sales team yet.");
    decide(&world.reviewer, "Reject", refused).await;
    assert_eq!(world.app.app.tick().await, [""; 0]);

    let told = world
        .admin
        .ask(
            "{ notices(first: 5) { nodes { kind message reason } } }",
            json!({}),
        )
        .await;
    assert_eq!(told.text("/notices/nodes/0/kind"), "PROGRAMME_REJECTED");
    assert_eq!(told.text("/notices/nodes/0/reason"), "No sales team yet.");
    assert!(told.text("/notices/nodes/0/message").contains("CSP"));
    let waits = world.vendor_admin.ask(INBOX, json!({})).await;
    assert_eq!(
        waits.at("/inbox/nodes").as_array().unwrap().len(),
        nodes.len() - 1
    );
}

/// What an operator sends is written as a whole or not at all.
#[tokio::test]
async fn what_the_vendor_states_of_accounts_is_imported_as_a_table() {
    let world = World::new().await;
    let number: String = sqlx::query_scalar("SELECT number FROM organisations WHERE id = $1")
        .bind(world.partner().0)
        .fetch_one(&mut world.app.owner().await)
        .await
        .unwrap();
    let head = "organisation,real_name,credit_code,flags,manager_name,manager_contact\n";
    let import = |rows: String| {
        let input = json!({ "kind": "ACCOUNTS", "csv": format!("{head}{rows}") });
        world
            .vendor_admin
            .change("factsImport", "added changed unchanged", input)
    };

    let wrong = import(format!("{number},COMPANY,,EMAIL;ARREARS,Wen,\n")).await;
    assert_eq!(
        reasons(&wrong),
        [
            "FACT_WORD_UNKNOWN",
            "FACT_WORD_UNKNOWN",
            "FACT_CELL_REQUIRED"
        ]
    );
    assert_eq!(blockers(&offer(&world.admin, "CSP").await), [""; 0]);
    let row = format!("{number},ENTERPRISE,9133,EMAIL_BOUND;ARREARS,Wen,wen@vendor.example\n");
    let changed = import(row.clone()).await;
    assert_eq!(
        (&changed["changed"], &changed["added"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(import(row).await["unchanged"], 1);
    assert_eq!(blockers(&offer(&world.admin, "CSP").await), ["IN_ARREARS"]);
    let entries = "SELECT count(*) FROM timeline_entries WHERE action = 'account.imported'";
    assert_eq!(world.app.count(entries).await, 1);
}

/// R-GEN-2: one entry for each version that is made.
#[tokio::test]
async fn every_step_of_a_programme_writes_its_entry() {
    let world = World::new().await;
    let applied = world.apply().await;
    decide(&world.admin, "Withdraw", of(&applied)).await;
    let again = world.apply().await;
    decide(&world.reviewer, "Reject", because(of(&again), "No")).await;
    let third = world.apply().await;
    decide(&world.reviewer, "Approve", of(&third)).await;
    let learning = json!({ "path": "LEARNING" });
    super::invite(&world.reviewer, world.partner(), learning.clone()).await;
    let open = super::invite(&world.reviewer, world.partner(), learning.clone()).await;
    let invitation = &open["invitation"];
    let revoke = json!({ "programmeInvitationId": invitation["id"], "expectedVersion": invitation["version"] });
    world
        .reviewer
        .change("programmeInvitationRevoke", "invitation { id }", revoke)
        .await;
    super::invite(&world.reviewer, world.partner(), learning).await;
    super::choose(&world.admin, "LEARNING").await;

    let written: Vec<String> = sqlx::query_scalar(
        "SELECT concat_ws(' ', object_kind, object_version, action, from_state, to_state) FROM timeline_entries
         WHERE organisation_id = $1 ORDER BY id",
    )
    .bind(world.partner().0)
    .fetch_all(&mut world.app.owner().await)
    .await
    .unwrap();

    assert_eq!(
        written,
        [
            "prg 1 programme.applied NONE UNDER_REVIEW",
            "prg 2 programme.withdrawn UNDER_REVIEW WITHDRAWN",
            "prg 3 programme.applied WITHDRAWN UNDER_REVIEW",
            "prg 4 programme.rejected UNDER_REVIEW REJECTED",
            "prg 5 programme.applied REJECTED UNDER_REVIEW",
            "prg 6 programme.approved UNDER_REVIEW ACTIVE",
            "pgi 1 programme_invitation.sent",
            "pgi 2 programme_invitation.revoked SENT REVOKED",
            "pgi 1 programme_invitation.sent",
            "pgi 2 programme_invitation.revoked SENT REVOKED",
            "pgi 1 programme_invitation.sent",
            "pgi 2 programme_invitation.accepted SENT ACCEPTED",
            "pth 1 path.joined NONE ACTIVE",
        ]
    );
}

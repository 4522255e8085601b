//! Why not: what objects say of the viewer's possibilities, what a frozen organisation may do, and the hint of the other
//! site. Two tests read the contract itself, so that a new mutation or object cannot be forgotten.

use std::collections::BTreeSet;

use portico::ids::Tagged as _;
use serde_json::{Value, json};

use crate::support::app::{Caller, TestApp, reasons};
use crate::support::builders::{OrganisationBuilder, a_member, a_partner, the_vendor};
use crate::support::contract::Contract;

/// What a person does for himself; no organisation has a say in it.
const PERSONAL: [&str; 8] = [
    "customerInvitationAccept",
    "dedicatedPersonInvitationAccept",
    "dedicatedPersonLeave",
    "memberInvitationAccept",
    "sessionActAs",
    "sessionEnd",
    "sessionEndAll",
    "siteHintDismiss",
];

/// Every role of a partner at once: whatever is refused then is refused for another reason than a permission.
const ALL_ROLES: [&str; 6] = [
    "SYSTEM_ADMIN",
    "FINANCE",
    "ACCOUNT_MANAGER",
    "ACCOUNT_MANAGER_DIRECTOR",
    "SA_SPECIALIST",
    "OPERATOR",
];

#[test]
fn every_object_that_a_mutation_names_tells_what_the_viewer_may_do() {
    let contract = Contract::read();
    let mut silent = BTreeSet::new();
    let mut told = BTreeSet::new();
    for mutation in contract.fields("Mutation") {
        for field in &contract.input(&mutation).1.fields {
            let name = field.node.name.node.as_str();
            let Some(object) = name.strip_suffix("Id").or_else(|| name.strip_suffix("Ids")) else {
                continue;
            };
            let object = object[..1].to_uppercase() + &object[1..];
            // An invitation is called after what it makes.
            let object = match object.as_str() {
                "Invitation" => "MemberInvitation".to_owned(),
                _ => object,
            };
            let fields = contract.fields(&object);
            // An offering is the vendor's fact and no mutation's own subject.
            if fields.is_empty() || object == "Offering" {
                continue;
            }
            if fields.contains("viewerPermissions") {
                told.insert(object);
            } else {
                silent.insert(object);
            }
        }
    }

    assert!(silent.is_empty(), "without viewerPermissions: {silent:?}");
    let least = [
        "Customer",
        "CustomerInvitation",
        "Member",
        "MemberInvitation",
        "Organisation",
        "Reseller",
    ];
    assert!(
        least.iter().all(|object| told.contains(*object)),
        "{told:?}"
    );
}

/// R-GEN-9: over all mutations of the contract.
#[tokio::test]
async fn r_gen_9_a_frozen_organisation_does_what_the_rule_set_lists_and_nothing_else() {
    let app = TestApp::start().await;
    let partner = a_partner("冻结伙伴")
        .frozen()
        .insert(&mut app.owner().await)
        .await;
    let caller = app.member(partner, "ada", &ALL_ROLES).await;
    let listed: Value = sqlx::query_scalar(
        "SELECT value FROM rules WHERE name = 'organisation.frozen' AND site = 'CN'",
    )
    .fetch_one(&mut app.owner().await)
    .await
    .unwrap();
    let contract = Contract::read();
    let written =
        "SELECT (SELECT count(*) FROM timeline_entries) + (SELECT count(*) FROM opportunities)
        + (SELECT count(*) FROM invitations)";
    let before = app.count(written).await;

    let mut frozen = 0;
    for mutation in contract.fields("Mutation") {
        if PERSONAL.contains(&mutation.as_str()) {
            continue;
        }
        let (name, input) = contract.input(&mutation);
        let input = contract.object(input);
        let query = format!(
            "mutation($input: {name}!) {{ {mutation}(input: $input) {{ errors {{ reason }} }} }}"
        );
        let answer = caller.ask(&query, json!({ "input": input })).await;
        let payload = answer.at(&format!("/{mutation}")).clone();
        let reasons = reasons(&payload);
        let first = reasons.first().copied().unwrap_or("DONE");
        let is_listed = listed["allowed"]
            .as_array()
            .unwrap()
            .contains(&json!(mutation));
        match first {
            // The vendor's alone.
            "PERMISSION_MISSING" => {}
            "SANDBOX_ONLY" => {}
            _ => assert_eq!(
                first == "ORGANISATION_FROZEN",
                !is_listed,
                "{mutation}: {payload}"
            ),
        }
        frozen += u32::from(first == "ORGANISATION_FROZEN");
    }

    assert!(frozen > 8, "{frozen}");
    assert_eq!(app.count(written).await, before);
    let read = caller
        .ask(
            "{ organisation { state freeze { cause release } } viewer { ... on Member { name } } }",
            json!({}),
        )
        .await;
    assert_eq!(read.text("/organisation/state"), "FROZEN");
    assert_eq!(
        read.text("/organisation/freeze/release"),
        "The bills are paid."
    );
}

#[tokio::test]
async fn every_name_that_the_rule_set_leaves_open_is_a_mutation() {
    let app = TestApp::start().await;
    let listed: Vec<Value> =
        sqlx::query_scalar("SELECT value FROM rules WHERE name = 'organisation.frozen'")
            .fetch_all(&mut app.owner().await)
            .await
            .unwrap();
    let mutations = Contract::read().fields("Mutation");

    for rule in listed {
        for name in rule["allowed"].as_array().unwrap() {
            let name = name.as_str().unwrap();
            assert!(mutations.contains(name), "{name} is no mutation");
        }
    }
}

const FLAGS: &str = "query { members(first: 50) { nodes { name
    viewerPermissions { canDisable { action allowed blockers { removableBy permission error { reason message }
        askMembers { name } } } }
    transitions { action to allowed requiredFields dueUntil } } } }";

fn flag<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let nodes = answer.as_array().unwrap();
    let node = nodes.iter().find(|node| node["name"] == name).unwrap();
    &node["viewerPermissions"]["canDisable"]
}

#[tokio::test]
async fn a_flag_says_what_stands_in_the_way_and_whom_to_ask_with_a_fixed_number_of_statements() {
    let app = TestApp::start().await;
    let mut owner = app.owner().await;
    let partner = a_partner("伙伴").insert(&mut owner).await;
    let admin = app.member(partner, "ada", &["SYSTEM_ADMIN"]).await;
    let finance = app.member(partner, "fay", &["FINANCE"]).await;

    // What a process reads once is read.
    admin.ask(FLAGS, json!({})).await;
    let before = app.app.db.statements();
    let of_admin = admin.ask(FLAGS, json!({})).await;
    let small = app.app.db.statements() - before;
    for number in 0..20 {
        let name = format!("m{number}");
        a_member(partner, &name)
            .roles(&["OPERATOR"])
            .insert(&mut owner)
            .await;
    }
    let before = app.app.db.statements();
    admin.ask(FLAGS, json!({})).await;
    let large = app.app.db.statements() - before;
    let of_finance = finance.ask(FLAGS, json!({})).await;

    assert_eq!(small, large);
    let nodes = of_admin.at("/members/nodes");
    assert_eq!(flag(nodes, "fay")["allowed"], true);
    assert_eq!(
        flag(nodes, "ada")["blockers"][0]["error"]["reason"],
        "OWN_MEMBERSHIP"
    );
    let refused = &flag(of_finance.at("/members/nodes"), "m1")["blockers"][0];
    assert_eq!(refused["error"]["reason"], "PERMISSION_MISSING");
    assert_eq!(refused["removableBy"], "COLLEAGUE");
    assert_eq!(refused["permission"], "member.manage");
    assert_eq!(refused["askMembers"], json!([{ "name": "ada" }]));
    let fay = nodes
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["name"] == "fay")
        .unwrap();
    assert_eq!(fay["transitions"][0]["to"], "DISABLED");
}

async fn version_of(caller: &Caller, id: &str) -> Value {
    let query = "query($id: ID!) { organisation(id: $id) { version } }";
    caller
        .ask(query, json!({ "id": id }))
        .await
        .at("/organisation/version")
        .clone()
}

/// R-GEN-9: the vendor freezes and releases, and nobody else.
#[tokio::test]
async fn r_gen_9_the_vendor_freezes_with_a_cause_and_releases() {
    let app = TestApp::start().await;
    let mut owner = app.owner().await;
    let vendor = the_vendor().insert(&mut owner).await;
    let partner = a_partner("伙伴").insert(&mut owner).await;
    let vendors = app.member(vendor, "vic", &["VENDOR_ADMIN"]).await;
    let admin = app.member(partner, "ada", &["SYSTEM_ADMIN"]).await;
    let id = partner.global();
    let freeze = json!({ "organisationId": id, "cause": "Bills are overdue.", "release": "They are paid.",
        "expectedVersion": version_of(&vendors, &id).await });

    let own = admin
        .change(
            "organisationFreeze",
            "organisation { state }",
            freeze.clone(),
        )
        .await;
    let unsaid = json!({ "organisationId": id, "cause": " ", "release": "", "expectedVersion": freeze["expectedVersion"] });
    let unsaid = vendors
        .change("organisationFreeze", "organisation { state }", unsaid)
        .await;
    let frozen = vendors
        .change(
            "organisationFreeze",
            "organisation { state }",
            freeze.clone(),
        )
        .await;
    let invite =
        json!({ "email": "li@x.example", "name": "Li", "accountName": "li", "roles": ["FINANCE"] });
    let refused = admin
        .change("memberInvite", "invitation { id }", invite.clone())
        .await;

    assert_eq!(reasons(&own), ["PERMISSION_MISSING"]);
    assert_eq!(
        reasons(&unsaid),
        ["FREEZE_CAUSE_INVALID", "FREEZE_RELEASE_INVALID"]
    );
    assert_eq!(frozen["organisation"]["state"], "FROZEN");
    assert_eq!(refused["errors"][0]["__typename"], "OrganisationFrozen");
    let message = refused["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("Bills are overdue.") && message.contains("They are paid."));

    let release =
        json!({ "organisationId": id, "expectedVersion": version_of(&vendors, &id).await });
    let released = vendors
        .change(
            "organisationRelease",
            "organisation { state freeze { cause } }",
            release,
        )
        .await;
    let invited = admin
        .change("memberInvite", "invitation { id }", invite)
        .await;

    assert_eq!(
        released["organisation"],
        json!({ "state": "ACTIVE", "freeze": null })
    );
    assert_eq!(reasons(&invited), [""; 0]);
}

const HINT: &str = "{ viewer { ... on Member { siteHint { site reason message url } } } }";

/// R-GEN-10: until the person dismisses it, in whatever browser.
#[tokio::test]
async fn r_gen_10_an_account_of_another_site_is_told_so_until_the_person_dismisses_it() {
    let settings =
        "programme.site = \"INTL\"\nprogramme.sites.cn.url = \"https://partner.example.cn\"\n";
    let app = TestApp::with(settings).await;
    let mut owner = app.owner().await;
    let partner = a_partner("伙伴").insert(&mut owner).await;
    let ada = app.member(partner, "ada", &["SYSTEM_ADMIN"]).await;
    let bea = app.member(partner, "bea", &["FINANCE"]).await;

    let told = ada.ask(HINT, json!({})).await;
    let dismissed = ada
        .change("siteHintDismiss", "", json!({ "site": "CN" }))
        .await;
    let again = ada
        .change("siteHintDismiss", "", json!({ "site": "CN" }))
        .await;
    let elsewhere = app.signed_in(ada.identity, partner, ada.member).await;

    let hint = told.at("/viewer/siteHint");
    assert_eq!(
        (hint["site"].as_str(), hint["reason"].as_str()),
        (Some("CN"), Some("ACCOUNT_OF_OTHER_SITE"))
    );
    assert_eq!(hint["url"], "https://partner.example.cn/");
    assert_eq!(reasons(&dismissed), [""; 0]);
    assert_eq!(reasons(&again), [""; 0]);
    assert_eq!(
        app.count("SELECT count(*) FROM site_hint_dismissals").await,
        1
    );
    assert_eq!(
        elsewhere.ask(HINT, json!({})).await.at("/viewer/siteHint"),
        &Value::Null
    );
    assert_eq!(
        bea.ask(HINT, json!({})).await.text("/viewer/siteHint/site"),
        "CN"
    );
}

#[tokio::test]
async fn r_gen_10_an_account_of_the_visited_site_is_told_nothing() {
    let app = TestApp::start().await;
    let partner = OrganisationBuilder::insert(a_partner("伙伴"), &mut app.owner().await).await;
    let ada = app.member(partner, "ada", &["SYSTEM_ADMIN"]).await;

    assert_eq!(
        ada.ask(HINT, json!({})).await.at("/viewer/siteHint"),
        &Value::Null
    );
}

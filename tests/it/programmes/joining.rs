//! What keeps an account from joining, all of it at once, and what joining records.

use portico::ids::Tagged as _;
use serde_json::{Value, json};

use super::{World, account, blockers, choose, enrol, invite, join, offer};
use crate::support::app::reasons;
use crate::support::builders::a_partner;

/// R-PRG-1, R-PRG-2: what is missing is told together, each with what to do, by the flag as by the mutation.
#[tokio::test]
async fn r_prg_1_the_solution_provider_programme_asks_for_real_name_email_and_network() {
    let world = World::new().await;
    world.state("NONE", &[]).await;
    world
        .execute("DELETE FROM programme_memberships WHERE organisation_id = $1 AND programme = 'NETWORK'")
        .await;
    let before = world.written().await;
    let expected = [
        "ENTERPRISE_REAL_NAME_REQUIRED",
        "EMAIL_NOT_BOUND",
        "NETWORK_NOT_JOINED",
    ];

    let told = offer(&world.admin, "CSP").await;
    let refused = join(&world.admin, "CSP").await;

    assert_eq!(reasons(&refused), expected);
    assert_eq!(blockers(&told), expected);
    assert_eq!(told["canJoin"]["allowed"], false);
    assert_eq!(world.written().await, before);
    for (blocker, refusal) in told["canJoin"]["blockers"]
        .as_array()
        .unwrap()
        .iter()
        .zip(refused["errors"].as_array().unwrap())
    {
        assert_eq!(blocker["removableBy"], "VIEWER");
        assert_eq!(blocker["error"]["message"], refusal["message"]);
    }

    world.state("ENTERPRISE", &["EMAIL_BOUND"]).await;
    assert_eq!(
        blockers(&offer(&world.admin, "CSP").await),
        ["NETWORK_NOT_JOINED"]
    );
    assert_eq!(reasons(&join(&world.admin, "NETWORK").await), [""; 0]);
    assert_eq!(blockers(&offer(&world.admin, "CSP").await), [""; 0]);
}

/// R-PRG-2: the ten causes of domain.md 3.2, each its own reason, all at once.
#[tokio::test]
async fn r_prg_2_each_of_the_ten_causes_has_its_own_reason_and_all_are_told_together() {
    let world = World::new().await;
    let mut owner = world.app.owner().await;
    let flags = [
        "EMAIL_BOUND",
        "RESOURCES",
        "ARREARS",
        "CONSUMPTION",
        "OTHER_PARTNER",
        "ENTERPRISE_MEMBER",
        "PRE_REGISTERED",
    ];
    let enterprise = Some("91330000TEST000001");
    account(
        &mut owner,
        world.partner(),
        ("PERSONAL_PENDING", &flags),
        enterprise,
    )
    .await;
    let sister = a_partner("同一企业的另一账号").insert(&mut owner).await;
    account(&mut owner, sister, ("ENTERPRISE", &[]), enterprise).await;
    enrol(&mut owner, sister, ("CSP", "UNDER_REVIEW")).await;
    world.enrol("DISTRIBUTOR", "ACTIVE").await;
    assert_eq!(reasons(&choose(&world.admin, "SOFTWARE").await), [""; 0]);
    let before = world.written().await;

    let refused = join(&world.admin, "CSP").await;

    let expected = [
        "ENTERPRISE_REAL_NAME_REQUIRED",
        "ENTERPRISE_ACCOUNT_JOINED",
        "PATH_JOINED",
        "DISTRIBUTION_JOINED",
        "PERSONAL_REAL_NAME",
        "RESOURCES_PROVISIONED",
        "IN_ARREARS",
        "HAS_CONSUMPTION",
        "ASSOCIATED_WITH_PARTNER",
        "ENTERPRISE_MEMBER",
        "PRE_REGISTERED",
    ];
    assert_eq!(reasons(&refused), expected);
    assert_eq!(blockers(&offer(&world.admin, "CSP").await), expected);
    assert_eq!(world.written().await, before);

    // In another business area the enterprise may have another solution provider.
    sqlx::query("UPDATE organisations SET business_area = '华南' WHERE id = $1")
        .bind(sister.0)
        .execute(&mut owner)
        .await
        .unwrap();
    let elsewhere = offer(&world.admin, "CSP").await;
    assert!(!blockers(&elsewhere).contains(&"ENTERPRISE_ACCOUNT_JOINED"));
}

/// R-PRG-4: whichever comes first excludes the other.
#[tokio::test]
async fn r_prg_4_an_account_is_never_solution_provider_and_distributor() {
    let world = World::new().await;
    let distributor = json!({ "programme": "DISTRIBUTOR" });
    invite(&world.reviewer, world.partner(), distributor).await;
    world.enrol("CSP", "ACTIVE").await;
    assert_eq!(
        reasons(&join(&world.admin, "DISTRIBUTOR").await),
        ["CSP_JOINED"]
    );

    world.enrol("CSP", "EXPIRED").await;
    world.enrol("DISTRIBUTOR", "UNDER_REVIEW").await;
    assert_eq!(
        reasons(&join(&world.admin, "CSP").await),
        ["DISTRIBUTION_JOINED"]
    );
}

/// R-PRG-5, R-PRG-16: without an invitation it is refused, with whom to ask; with one it counts once, and in time.
#[tokio::test]
async fn r_prg_5_what_is_by_invitation_is_joined_with_a_valid_one_alone() {
    let mut world = World::new().await;
    for path in ["SYSTEM_INTEGRATOR", "LEARNING", "DISTRIBUTOR"] {
        assert_eq!(
            reasons(&choose(&world.admin, path).await),
            ["NOT_INVITED"],
            "{path}"
        );
    }
    world.state("ENTERPRISE", &["EMAIL_BOUND"]).await;
    let refused = join(&world.admin, "CCOE").await;
    assert_eq!(reasons(&refused), ["NOT_INVITED", "SERVICE_PATH_REQUIRED"]);
    let rivals = invite(
        &world.reviewer,
        world.rival.organisation,
        json!({ "path": "LEARNING" }),
    );
    assert_eq!(reasons(&rivals.await), [""; 0]);
    assert_eq!(
        reasons(&choose(&world.admin, "LEARNING").await),
        ["NOT_INVITED"],
        "another's"
    );

    let learning = json!({ "path": "LEARNING" });
    let first = invite(&world.reviewer, world.partner(), learning.clone()).await;
    assert_eq!(first["invitation"]["state"], "SENT");
    let second = invite(&world.reviewer, world.partner(), learning.clone()).await;
    let revoke = |invitation: &Value| json!({ "programmeInvitationId": invitation["id"], "expectedVersion": invitation["version"] });
    let older = world
        .reviewer
        .change("programmeInvitationRevoke", "invitation { state }", {
            let mut input = revoke(&first["invitation"]);
            input["expectedVersion"] = json!("v2");
            input
        })
        .await;
    assert_eq!(
        reasons(&older),
        ["PROGRAMME_INVITATION_CLOSED"],
        "the newer one voided it"
    );
    let revoked = world
        .reviewer
        .change(
            "programmeInvitationRevoke",
            "invitation { state }",
            revoke(&second["invitation"]),
        )
        .await;
    assert_eq!(revoked["invitation"]["state"], "REVOKED");
    assert_eq!(
        reasons(&choose(&world.admin, "LEARNING").await),
        ["NOT_INVITED"],
        "taken back"
    );

    let third = invite(&world.reviewer, world.partner(), learning.clone()).await;
    let expires: chrono::DateTime<chrono::Utc> = third["invitation"]["expiresAt"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    world.pass(expires - world.app.now()).await;
    assert_eq!(
        reasons(&choose(&world.admin, "LEARNING").await),
        ["NOT_INVITED"],
        "too late"
    );
    invite(&world.reviewer, world.partner(), learning).await;
    let month = chrono::TimeDelta::days(30) - chrono::TimeDelta::seconds(1);
    world.pass(month).await;
    let chosen = choose(&world.admin, "LEARNING").await;
    assert_eq!(reasons(&chosen), [""; 0], "in its last second");
    assert_eq!(chosen["membership"]["stage"], "SELECTED");
    world
        .execute("UPDATE path_memberships SET state = 'EXITED', version = version + 1 WHERE organisation_id = $1 AND path = 'LEARNING'")
        .await;
    assert_eq!(
        reasons(&choose(&world.admin, "LEARNING").await),
        ["NOT_INVITED"],
        "one use"
    );

    let unneeded = invite(
        &world.reviewer,
        world.partner(),
        json!({ "programme": "CSP" }),
    )
    .await;
    assert_eq!(reasons(&unneeded), ["INVITATION_NOT_NEEDED"]);
    let both = json!({ "programme": "CCOE", "path": "LEARNING" });
    assert_eq!(
        reasons(&invite(&world.reviewer, world.partner(), both).await),
        ["ONE_TARGET"]
    );
    let unknown = invite(
        &world.reviewer,
        world.reviewer.organisation,
        json!({ "path": "LEARNING" }),
    );
    assert_eq!(reasons(&unknown.await), ["ORGANISATION_NOT_FOUND"]);
    let own = invite(&world.admin, world.partner(), json!({ "path": "LEARNING" })).await;
    assert_eq!(reasons(&own), ["PERMISSION_MISSING"]);
}

/// R-PRG-6: two accounts of one company, one after the other and both at once.
#[tokio::test]
async fn r_prg_6_a_second_account_of_the_company_cannot_choose_the_service_path() {
    let world = World::new().await;
    let mut owner = world.app.owner().await;
    let enterprise = Some("91330000TEST000002");
    for organisation in [world.partner(), world.rival.organisation] {
        account(&mut owner, organisation, ("ENTERPRISE", &[]), enterprise).await;
    }

    let (one, other) = tokio::join!(
        choose(&world.admin, "SERVICE"),
        choose(&world.rival, "SERVICE")
    );

    let mut outcomes = [reasons(&one), reasons(&other)];
    outcomes.sort();
    assert_eq!(outcomes, [vec![], vec!["ENTERPRISE_ON_PATH"]]);
    let count = "SELECT count(*) FROM path_memberships WHERE path = 'SERVICE'";
    assert_eq!(world.app.count(count).await, 1);
    // Another path is open to both.
    assert_eq!(reasons(&choose(&world.admin, "SOFTWARE").await), [""; 0]);
    assert_eq!(reasons(&choose(&world.rival, "SOFTWARE").await), [""; 0]);
}

/// R-PRG-15: what is ticked is recorded with version, person and time, and the right begins at that instant.
#[tokio::test]
async fn r_prg_15_joining_needs_network_commitment_and_agreement_and_gives_its_right_at_once() {
    let world = World::new().await;
    world
        .execute("DELETE FROM programme_memberships WHERE organisation_id = $1")
        .await;
    let deal = json!({ "name": "A deal" });
    let create = |deal: Value| {
        world
            .admin
            .change("opportunityCreate", "opportunity { id }", deal)
    };
    assert_eq!(reasons(&create(deal.clone()).await), ["PCE_NOT_JOINED"]);
    assert_eq!(
        reasons(&join(&world.admin, "CO_SELL").await),
        ["NETWORK_NOT_JOINED"]
    );
    assert_eq!(
        reasons(&choose(&world.admin, "SOFTWARE").await),
        ["NETWORK_NOT_JOINED"]
    );
    assert_eq!(reasons(&join(&world.admin, "NETWORK").await), [""; 0]);

    let before = world.written().await;
    let unticked = json!({ "programme": "CO_SELL", "agreementVersion": 7, "isCommitmentConfirmed": false, "isAgreementAccepted": false });
    let unticked = world
        .admin
        .change("programmeJoin", "membership { id }", unticked)
        .await;
    assert_eq!(
        reasons(&unticked),
        [
            "COMMITMENT_NOT_CONFIRMED",
            "AGREEMENT_NOT_ACCEPTED",
            "AGREEMENT_OUTDATED"
        ]
    );
    assert_eq!(world.written().await, before);

    let joined = join(&world.admin, "CO_SELL").await;
    assert_eq!(joined["membership"]["state"], "ACTIVE");
    let signature = &joined["membership"]["signature"];
    assert_eq!(
        (
            &signature["agreement"],
            &signature["version"],
            &signature["signedBy"]["name"]
        ),
        (&json!("CO_SELL"), &json!(1), &json!("ada"))
    );
    let at: chrono::DateTime<chrono::Utc> =
        signature["signedAt"].as_str().unwrap().parse().unwrap();
    assert_eq!(at, world.app.now());
    assert_eq!(reasons(&create(deal).await), [""; 0]);
    assert_eq!(
        reasons(&join(&world.admin, "CO_SELL").await),
        ["ALREADY_JOINED"]
    );
}

/// R-PRG-16: the ecosystem manager when there is one, else the vendor's desk; in both languages.
#[tokio::test]
async fn r_prg_16_what_only_the_vendor_lifts_says_whom_to_ask() {
    let world = World::new().await;
    let asked = |offer: &Value| offer["canJoin"]["blockers"][0]["error"].clone();

    let desk = asked(&offer(&world.admin, "CCOE").await);
    assert_eq!(desk["__typename"], "VendorHelpNeeded");
    assert_eq!(desk["contact"], "partners@vendor.example");
    world
        .execute("UPDATE account_facts SET manager_name = '温予宁', manager_contact = '+8657100000000' WHERE organisation_id = $1")
        .await;
    let manager = asked(&offer(&world.admin, "CCOE").await);
    assert_eq!(
        (&manager["contactName"], &manager["contact"]),
        (&json!("温予宁"), &json!("+8657100000000"))
    );
    let message = manager["message"].as_str().unwrap();
    assert!(
        message.contains("温予宁") && message.contains("+8657100000000"),
        "{message}"
    );
    let own = world
        .admin
        .ask(
            "{ organisation { ecosystemManager { name contact } } }",
            json!({}),
        )
        .await;
    assert_eq!(own.text("/organisation/ecosystemManager/name"), "温予宁");
}

#[tokio::test]
async fn joining_is_the_administrators_and_reading_the_organisations_own() {
    let world = World::new().await;
    let before = world.written().await;

    assert_eq!(
        reasons(&join(&world.finance, "MARKETPLACE_SELLER").await),
        ["PERMISSION_MISSING"]
    );
    assert_eq!(
        reasons(&join(&world.reviewer, "MARKETPLACE_SELLER").await),
        ["PERMISSION_MISSING"]
    );
    assert_eq!(
        blockers(&offer(&world.finance, "MARKETPLACE_SELLER").await),
        ["PERMISSION_MISSING"]
    );
    assert_eq!(world.written().await, before);

    let of_partner = json!({ "id": world.partner().global() });
    let rivals = world.rival.ask(super::OFFERS, of_partner.clone()).await;
    assert!(rivals.at("/programmes").is_null());
    let to_vendor = world
        .vendor_admin
        .ask(super::OFFERS, of_partner.clone())
        .await;
    assert_eq!(to_vendor.at("/programmes").as_array().unwrap().len(), 8);
    let shop = "query($id: ID!) { organisation(id: $id) { identity } }";
    let rivals = world.rival.ask(shop, of_partner.clone()).await;
    assert!(rivals.at("/organisation").is_null());
}

//! What the partner does with a customer: who looks after it, what is read of it, and its end.

use super::*;

const ASSIGN: &str = "customerAccountManagerAssign";
const WITHDRAW: &str = "customerAccountManagerWithdraw";
const CUSTOMER: &str = "customer { version accountManager { name } }";

fn assignment(customer: &str, manager: &Caller, version: &str) -> Value {
    json!({ "customerId": customer, "accountManagerId": manager.member.global(), "expectedVersion": version })
}

#[tokio::test]
async fn an_account_manager_is_assigned_and_withdrawn_and_both_parties_read_the_history() {
    let world = World::new().await;
    let manager = world
        .app
        .member(world.partner, "mia", &["ACCOUNT_MANAGER"])
        .await;
    let finance = world.app.member(world.partner, "fay", &["FINANCE"]).await;
    let (id, person) = world.associated("haiyue").await;

    let wrong = world
        .admin
        .change(ASSIGN, CUSTOMER, assignment(&id, &finance, "v1"))
        .await;
    let foreign = world
        .admin
        .change(ASSIGN, CUSTOMER, assignment(&id, &world.rivals_admin, "v1"))
        .await;
    let by_rival = world
        .rivals_admin
        .change(ASSIGN, CUSTOMER, assignment(&id, &manager, "v1"))
        .await;
    let by_manager = manager
        .change(ASSIGN, CUSTOMER, assignment(&id, &manager, "v1"))
        .await;
    assert_eq!(reasons(&wrong), ["ACCOUNT_MANAGER_ROLE_MISSING"]);
    assert_eq!(reasons(&foreign), ["ACCOUNT_MANAGER_UNKNOWN"]);
    assert_eq!(reasons(&by_rival), ["CUSTOMER_NOT_FOUND"]);
    assert_eq!(reasons(&by_manager), ["PERMISSION_MISSING"]);

    let assigned = world
        .admin
        .change(ASSIGN, CUSTOMER, assignment(&id, &manager, "v1"))
        .await;
    assert_eq!(reasons(&assigned), [""; 0], "{assigned:#}");
    assert_eq!(assigned["customer"]["accountManager"]["name"], "mia");
    let twice = world
        .admin
        .change(ASSIGN, CUSTOMER, assignment(&id, &manager, "v2"))
        .await;
    assert_eq!(reasons(&twice), ["CUSTOMER_MANAGER_ALREADY_ASSIGNED"]);
    let own = world.only_customer(&person).await;
    assert_eq!(
        own["accountManager"]["name"], "mia",
        "the customer sees who looks after it"
    );

    let withdraw = json!({ "customerId": id, "expectedVersion": "v2" });
    let withdrawn = world.admin.change(WITHDRAW, CUSTOMER, withdraw).await;
    assert!(
        withdrawn["customer"]["accountManager"].is_null(),
        "{withdrawn:#}"
    );
    let again = json!({ "customerId": id, "expectedVersion": "v3" });
    let again = world.admin.change(WITHDRAW, CUSTOMER, again).await;
    assert_eq!(reasons(&again), ["CUSTOMER_MANAGER_NOT_ASSIGNED"]);
    let history = "query($id: ID!) { customer(id: $id) { timeline(first: 9) { nodes { action onBehalfOf { name } } } } }";
    for reader in [&world.admin, &person, &world.vendors_admin] {
        let seen = reader.ask(history, json!({ "id": id })).await;
        let nodes = seen
            .at("/customer/timeline/nodes")
            .as_array()
            .unwrap()
            .clone();
        let actions: Vec<&str> = nodes
            .iter()
            .map(|it| it["action"].as_str().unwrap())
            .collect();
        assert_eq!(
            actions,
            [
                "customer.account_manager_withdrawn",
                "customer.account_manager_assigned",
                "customer.associated"
            ]
        );
        assert_eq!(nodes[0]["onBehalfOf"]["name"], "蓝岭伙伴");
    }
    assert_eq!(
        world
            .rivals_admin
            .ask(history, json!({ "id": id }))
            .await
            .at("/customer"),
        &Value::Null
    );
}

/// R-ORG-7, R-ORG-8.
#[tokio::test]
async fn r_org_7_an_account_manager_sees_his_customers_and_r_org_8_with_another_role_all() {
    let world = World::new().await;
    let only = world
        .app
        .member(world.partner, "mia", &["ACCOUNT_MANAGER"])
        .await;
    let both = world
        .app
        .member(world.partner, "max", &["ACCOUNT_MANAGER", "OPERATOR"])
        .await;
    let (mine, _) = world.associated("mine").await;
    let (other, _) = world.associated("other").await;
    world
        .admin
        .change(ASSIGN, CUSTOMER, assignment(&mine, &only, "v1"))
        .await;
    world
        .admin
        .change(ASSIGN, CUSTOMER, assignment(&other, &both, "v1"))
        .await;

    let seen = world.only_customer(&only).await;
    assert_eq!(seen["id"], mine.as_str());
    let one = "query($id: ID!) { customer(id: $id) { id } node(id: $id) { id } }";
    let foreign = only.ask(one, json!({ "id": other })).await;
    assert_eq!(
        (foreign.at("/customer"), foreign.at("/node")),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        both.ask(LIST, json!({})).await.at("/customers/totalCount"),
        &json!(2)
    );
    // R-ORG-21: who looks after customers cannot go before somebody else does.
    let leave =
        json!({ "memberId": only.member.global(), "expectedVersion": "v1", "reason": "left" });
    let refused = world
        .admin
        .change("memberDisable", "__typename", leave)
        .await;
    assert_eq!(reasons(&refused), ["MEMBER_HAS_DUTIES"]);
    assert!(
        refused["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("managedCustomers")
    );
}

/// R-CUS-8: the administrator alone, with a reason, and not twice within three months.
#[tokio::test]
async fn r_cus_8_only_the_administrator_ends_a_relation_with_a_reason_and_once_in_three_months() {
    let world = World::new().await;
    let director = world
        .app
        .member(world.partner, "dee", &["ACCOUNT_MANAGER_DIRECTOR"])
        .await;
    let (first, mut person) = world.associated("haiyue").await;
    let before = world.everything().await;
    let without = json!({ "customerId": first, "reason": " ", "expectedVersion": "v1" });

    assert_eq!(
        reasons(&world.dissociate(&director, &first, "v1").await),
        ["PERMISSION_MISSING"]
    );
    assert_eq!(
        reasons(&world.dissociate(&person, &first, "v1").await),
        ["PERMISSION_MISSING"]
    );
    assert_eq!(
        reasons(&world.dissociate(&world.vendors_admin, &first, "v1").await),
        ["PERMISSION_MISSING"]
    );
    assert_eq!(
        reasons(&world.dissociate(&world.rivals_admin, &first, "v1").await),
        ["CUSTOMER_NOT_FOUND"]
    );
    let without = world
        .admin
        .change("customerDissociate", "__typename", without)
        .await;
    assert_eq!(reasons(&without), ["DISSOCIATION_REASON_REQUIRED"]);
    assert_eq!(world.everything().await, before);

    let ended = world.dissociate(&world.admin, &first, "v1").await;
    assert_eq!(reasons(&ended), [""; 0], "{ended:#}");
    assert_eq!(ended["customer"]["state"], "DISSOCIATED");
    assert_eq!(
        reasons(&world.dissociate(&world.admin, &first, "v2").await),
        ["CUSTOMER_DISSOCIATED"]
    );
    let kept = world.only_customer(&world.admin).await;
    assert_eq!(kept["dissociationReason"], "合同到期", "history is kept");
    // The customer is free for another partner, and the same organisation goes on.
    let theirs = world.invite_by(&world.rivals_admin, "REFERRAL").await;
    let second = world.join(&mut person, &theirs, "haiyue-CLOUD").await;
    assert_ne!(first, second);
    assert_eq!(
        world
            .app
            .count("SELECT count(*) FROM organisations WHERE kind = 'CUSTOMER'")
            .await,
        1
    );

    let flag = "query($id: ID!) { customer(id: $id) { viewerPermissions { canDissociate { allowed
        blockers { until error { reason message } removableBy } } } } }";
    let told = world.rivals_admin.ask(flag, json!({ "id": second })).await;
    let blocker = told
        .at("/customer/viewerPermissions/canDissociate/blockers/0")
        .clone();
    assert_eq!(blocker["error"]["reason"], "DISSOCIATED_TOO_OFTEN");
    assert_eq!(
        blocker["until"], "2027-02-23T02:00:00+00:00",
        "three months by the calendar"
    );
    assert!(
        blocker["error"]["message"]
            .as_str()
            .unwrap()
            .contains("2027-02-23")
    );
    let until = "2027-02-23T02:00:00Z"
        .parse::<chrono::DateTime<chrono::Utc>>()
        .unwrap();
    world
        .app
        .clock
        .advance(until - world.app.now() - chrono::TimeDelta::microseconds(1));
    let rival = world
        .app
        .member(world.rivals_admin.organisation, "rita", &["SYSTEM_ADMIN"])
        .await;
    assert_eq!(
        reasons(&world.dissociate(&rival, &second, "v1").await),
        ["DISSOCIATED_TOO_OFTEN"]
    );
    world.app.clock.advance(chrono::TimeDelta::microseconds(1));
    assert_eq!(
        reasons(&world.dissociate(&rival, &second, "v1").await),
        [""; 0]
    );
}

/// R-CUS-8: whatever a role gives, it does not make an administrator; a machine is none either.
#[tokio::test]
async fn r_cus_8_a_role_with_the_permission_is_no_administrator() {
    let world = World::new().await;
    let (id, _) = world.associated("haiyue").await;
    let operator = world.app.member(world.partner, "oz", &["OPERATOR"]).await;
    sqlx::query("UPDATE roles SET permissions = permissions || '{customer.dissociate}' WHERE code = 'OPERATOR'")
        .execute(&mut world.app.owner().await)
        .await
        .unwrap();
    let before = world.everything().await;

    let refused = world.dissociate(&operator, &id, "v1").await;
    let flag = "query($id: ID!) { customer(id: $id) { viewerPermissions { canDissociate { allowed
        blockers { error { reason } } } } } }";
    let told = operator.ask(flag, json!({ "id": id })).await;

    assert_eq!(reasons(&refused), ["ADMINISTRATOR_REQUIRED"]);
    let told = told.at("/customer/viewerPermissions/canDissociate").clone();
    assert_eq!(
        told["blockers"][0]["error"]["reason"],
        "ADMINISTRATOR_REQUIRED"
    );
    assert_eq!(world.everything().await, before);
}

/// R-CUS-9, as far as the vendor's facts go: every blocker at once, for the flag and the mutation alike.
#[tokio::test]
async fn what_the_vendor_says_of_the_account_blocks_the_end_and_the_flag_says_so() {
    let world = World::new().await;
    let (id, _) = world.associated("haiyue").await;
    sqlx::query(
        "UPDATE vendor_accounts SET status = 'FROZEN', circumstances = '{UNPAID_BILLS,VALID_RESERVED_INSTANCE,
             SUPPORT_PLAN,UNPAID_ORDERS,MASTER_WITH_INDEPENDENT_MEMBERS,CREDIT_ACCOUNT}'",
    )
    .execute(&mut world.app.owner().await)
    .await
    .unwrap();
    let expected = [
        "DISSOCIATION_ACCOUNT_FROZEN",
        "DISSOCIATION_DEBT",
        "DISSOCIATION_RESERVED_INSTANCE",
        "DISSOCIATION_INDEPENDENT_MEMBERS",
        "DISSOCIATION_SUPPORT_PLAN",
        "DISSOCIATION_UNPAID_ORDERS",
    ];
    let before = world.everything().await;

    let refused = world.dissociate(&world.admin, &id, "v1").await;
    let flag = "query($id: ID!) { customer(id: $id) { transitions { action to allowed }
        viewerPermissions { canDissociate { blockers { error { reason } removableBy } } } } }";
    let told = world.admin.ask(flag, json!({ "id": id })).await;

    assert_eq!(reasons(&refused), expected);
    let blockers = told
        .at("/customer/viewerPermissions/canDissociate/blockers")
        .as_array()
        .unwrap();
    let of_flag: Vec<&str> = blockers
        .iter()
        .map(|it| it["error"]["reason"].as_str().unwrap())
        .collect();
    assert_eq!(of_flag, expected);
    assert_eq!(
        told.at("/customer/transitions/0"),
        &json!({ "action": "customerDissociate", "to": "DISSOCIATED", "allowed": false })
    );
    assert_eq!(world.everything().await, before);
    // Who may not end it at all is not told of the customer's debts.
    let manager = world.app.member(world.partner, "max", &["OPERATOR"]).await;
    let told = manager.ask(flag, json!({ "id": id })).await;
    let blockers = told
        .at("/customer/viewerPermissions/canDissociate/blockers")
        .as_array()
        .unwrap();
    assert_eq!(blockers.len(), 1);
    assert_eq!(blockers[0]["error"]["reason"], "PERMISSION_MISSING");
}

/// R-GEN-3: masked, revealed per field with a purpose, and recorded where the reader's organisation finds it.
#[tokio::test]
async fn r_gen_3_a_customers_number_is_revealed_once_and_the_reading_is_recorded() {
    let world = World::new().await;
    let person = world.app.stranger("anna").await;
    world.holds(person.identity, "anna", "PERSONAL").await;
    let invited = world.invite().await;
    let accepted = accept(&person, acceptance(&invited.token, "anna-PERSONAL", true)).await;
    let id = accepted["customerId"].as_str().unwrap();
    let key = uuid::Uuid::now_v7();
    let input = json!({ "customerId": id, "fields": ["MOBILE"], "purpose": "Call back" });

    let shown = world
        .admin
        .change_under(key, "customerReveal", "email mobile", input.clone())
        .await;
    let again = world
        .admin
        .change_under(key, "customerReveal", "email mobile", input.clone())
        .await;
    let foreign = world
        .rivals_admin
        .change("customerReveal", "mobile", input.clone())
        .await;
    let operator = world.app.member(world.partner, "oz", &["OPERATOR"]).await;
    let refused = operator
        .change("customerReveal", "mobile", input.clone())
        .await;
    let purposeless = json!({ "customerId": id, "fields": [], "purpose": " " });
    let purposeless = world
        .admin
        .change("customerReveal", "mobile", purposeless)
        .await;

    assert_eq!(
        (&shown["mobile"], &shown["email"]),
        (&json!("13812345678"), &Value::Null)
    );
    assert_eq!(
        (&again["mobile"], &again["replayed"]),
        (&Value::Null, &json!(true))
    );
    assert_eq!(reasons(&foreign), ["CUSTOMER_NOT_FOUND"]);
    assert_eq!(reasons(&refused), ["PERMISSION_MISSING"]);
    assert_eq!(
        reasons(&purposeless),
        ["REVEAL_FIELDS_REQUIRED", "REVEAL_PURPOSE_REQUIRED"]
    );
    let history =
        "query($id: ID!) { customer(id: $id) { timeline(first: 9) { nodes { action reason } } } }";
    let seen = world.admin.ask(history, json!({ "id": id })).await;
    let nodes = seen.at("/customer/timeline/nodes").as_array().unwrap();
    assert!(
        nodes.contains(&json!({ "action": "personal.revealed", "reason": "Call back" })),
        "{nodes:#?}"
    );
}

#[tokio::test]
async fn a_list_is_filtered_and_takes_a_fixed_number_of_statements() {
    let world = World::new().await;
    let (first, _) = world.associated("alpha").await;
    world.associated("beta").await;
    let manager = world
        .app
        .member(world.partner, "mia", &["ACCOUNT_MANAGER"])
        .await;
    world
        .admin
        .change(ASSIGN, CUSTOMER, assignment(&first, &manager, "v1"))
        .await;
    for (filter, expected) in [
        (json!({ "nameContains": "ALPH" }), 1),
        (json!({ "nameContains": "\u{0}" }), 0),
        (json!({ "accountId": "beta-CLOUD" }), 1),
        (json!({ "hasAccountManager": false }), 1),
        (json!({ "accountManagerId": manager.member.global() }), 1),
        (json!({ "accountKind": ["PERSONAL"] }), 0),
        (
            json!({ "associationType": ["REFERRAL"], "state": ["ASSOCIATED"] }),
            2,
        ),
        (json!({ "state": ["DISSOCIATED"] }), 0),
    ] {
        let list = world.admin.ask(LIST, json!({ "where": filter })).await;
        assert_eq!(
            list.at("/customers/totalCount"),
            &json!(expected),
            "{filter}"
        );
        assert_eq!(
            list.at("/customers/nodes").as_array().unwrap().len(),
            expected,
            "{filter}"
        );
    }
    let full = LIST.replace(
        "consent {",
        "viewerPermissions { canDissociate { allowed } } consent {",
    );
    world.admin.ask(&full, json!({})).await;
    let before = world.app.app.db.statements();
    world.admin.ask(&full, json!({})).await;
    let two = world.app.app.db.statements() - before;
    for name in ["c", "d", "e", "f"] {
        world.associated(name).await;
    }
    let before = world.app.app.db.statements();
    world.admin.ask(&full, json!({})).await;
    assert_eq!(world.app.app.db.statements() - before, two);
}

#[tokio::test]
async fn the_partner_is_told_of_the_association_the_customer_of_its_end_and_the_inbox_asks_for_a_manager()
 {
    let world = World::new().await;
    let (id, person) = world.associated("haiyue").await;
    let inbox = "{ inbox(scope: ORGANISATION) { nodes { kind action object { id } title } } }";
    let waits = world.admin.ask(inbox, json!({})).await;
    assert_eq!(
        waits.at("/inbox/nodes/0/kind"),
        "ASSIGN_CUSTOMER_ACCOUNT_MANAGER"
    );
    assert_eq!(waits.at("/inbox/nodes/0/object/id"), id.as_str());
    world.dissociate(&world.admin, &id, "v1").await;
    assert_eq!(
        world.admin.ask(inbox, json!({})).await.at("/inbox/nodes"),
        &json!([])
    );

    assert_eq!(world.app.app.tick().await, [""; 0]);

    let notices = "{ notices(first: 9) { nodes { kind message } } }";
    let told = world.admin.ask(notices, json!({})).await;
    assert_eq!(told.at("/notices/nodes/0/kind"), "CUSTOMER_ASSOCIATED");
    let told = person.ask(notices, json!({})).await;
    assert_eq!(told.at("/notices/nodes/0/kind"), "CUSTOMER_DISSOCIATED");
    assert!(told.text("/notices/nodes/0/message").contains("CUS-2026-"));
}

#[tokio::test]
async fn accounts_arrive_by_the_vendors_import_whole_or_not_at_all() {
    let world = World::new().await;
    let person = world.app.stranger("anna").await;
    let head = "account,name,kind,site,status,country,issuer,subject,email,mobile,circumstances\n";
    let good = format!(
        "{head}A-1,anna,CLOUD,CN,ACTIVE,CN,https://iam.example,anna,,,UNPAID_BILLS;SUPPORT_PLAN\n"
    );
    let bad = format!(
        "{head}A-1,anna,CLOUD,CN,ACTIVE,CN,https://iam.example,anna,,=1,UNPAID;SUPPORT_PLAN\n"
    );
    let import = |csv: String| {
        let admin = &world.vendors_admin;
        async move {
            let input = json!({ "kind": "CUSTOMER_ACCOUNTS", "csv": csv });
            admin
                .change("factsImport", "added changed unchanged", input)
                .await
        }
    };

    let refused = import(bad).await;
    assert_eq!(
        reasons(&refused),
        ["FACT_CELL_IS_FORMULA", "FACT_WORD_UNKNOWN"]
    );
    assert_eq!(
        world
            .app
            .count("SELECT count(*) FROM vendor_accounts")
            .await,
        0
    );
    let added = import(good.clone()).await;
    let again = import(good.clone()).await;
    let changed = import(good.replace("ACTIVE", "FROZEN")).await;
    assert_eq!(
        (&added["added"], &again["unchanged"], &changed["changed"]),
        (&json!(1), &json!(1), &json!(1))
    );
    let invited = world.invite().await;
    let offer = person.ask(OFFER, json!({ "token": invited.token })).await;
    assert_eq!(
        offer.at("/customerOffer/accounts/0/causes/0/reason"),
        "CUSTOMER_UNPAID_BILLS"
    );
    // A partner has no way to ask who holds which account.
    let import = json!({ "kind": "CUSTOMER_ACCOUNTS", "csv": good });
    let own = world.admin.change("factsImport", "added", import).await;
    assert_eq!(reasons(&own), ["PERMISSION_MISSING"]);
}

/// R-GEN-2: one entry for each version that any change here makes.
#[tokio::test]
async fn customers_write_one_entry_for_each_version() {
    let world = World::new().await;
    let manager = world
        .app
        .member(world.partner, "mia", &["ACCOUNT_MANAGER"])
        .await;
    let (id, _) = world.associated("haiyue").await;
    world
        .admin
        .change(ASSIGN, CUSTOMER, assignment(&id, &manager, "v1"))
        .await;
    let withdraw = json!({ "customerId": id, "expectedVersion": "v2" });
    world.admin.change(WITHDRAW, CUSTOMER, withdraw).await;
    world.dissociate(&world.admin, &id, "v3").await;
    let invited = world.invite().await;
    for (mutation, version) in [
        ("customerInvitationResend", "v1"),
        ("customerInvitationRevoke", "v2"),
    ] {
        let input = json!({ "customerInvitationId": invited.id, "expectedVersion": version });
        let done = world.admin.change(mutation, "__typename", input).await;
        assert_eq!(reasons(&done), [""; 0]);
    }

    // The new organisation and its member have their entries too; those of the builders have none.
    let versions = "SELECT ((SELECT sum(version) FROM customers) + (SELECT sum(version) FROM customer_invitations)
        + (SELECT sum(version) FROM organisations WHERE kind = 'CUSTOMER')
        + (SELECT sum(members.version) FROM members JOIN organisations ON organisations.id = organisation_id
           WHERE kind = 'CUSTOMER'))::bigint";
    let entries = world
        .app
        .count("SELECT count(*) FROM timeline_entries")
        .await;
    assert_eq!(entries, 4 + 2 + 3 + 1 + 1);
    assert_eq!(world.app.count(versions).await, entries);
}

//! Accepting an invitation: which account, with which consent, and what stops it.

use super::*;

/// R-CUS-1: nothing more than the account is needed.
#[tokio::test]
async fn r_cus_1_a_cloud_account_is_associated_in_one_step() {
    let world = World::new().await;
    let (id, person) = world.associated("haiyue").await;

    let seen = world.only_customer(&world.admin).await;
    assert_eq!(seen["id"], id.as_str());
    assert_eq!(
        (
            &seen["state"],
            &seen["associationType"],
            &seen["noticeVersion"]
        ),
        (&json!("ASSOCIATED"), &json!("REFERRAL"), &json!(1))
    );
    assert_eq!(
        seen["account"],
        json!({ "accountId": "haiyue-CLOUD", "name": "haiyue", "kind": "CLOUD", "status": null, "country": null,
            "email": null, "mobile": null })
    );
    assert!(seen["consent"].is_null(), "nothing was released");
    assert_eq!(seen["invitation"]["state"], "ACCEPTED");
    assert_eq!(
        seen["organisation"],
        json!({ "name": "haiyue", "kind": "CUSTOMER" })
    );

    // The customer's own people see their partner, and nothing of another customer.
    world.associated("other").await;
    let own = world.only_customer(&person).await;
    assert_eq!(own["partner"]["name"], "蓝岭伙伴");
    assert!(
        own["invitation"].is_null(),
        "the label is the partner's own"
    );
    let viewer = "{ viewer { __typename ... on Member { name organisation { kind mainAccount { name } } } } }";
    let viewer = person.ask(viewer, json!({})).await;
    assert_eq!(viewer.text("/viewer/organisation/kind"), "CUSTOMER");
    assert_eq!(
        viewer.text("/viewer/organisation/mainAccount/name"),
        "haiyue"
    );
    assert!(
        world
            .rivals_admin
            .ask(LIST, json!({}))
            .await
            .at("/customers/nodes")
            == &json!([])
    );
    let all = world.vendors_admin.ask(LIST, json!({})).await;
    assert_eq!(all.at("/customers/totalCount"), &json!(2));
}

/// R-CUS-2, R-CUS-3: without the tick nothing; with it one row with versions, the six attributes, time and person.
#[tokio::test]
async fn r_cus_2_a_personal_account_needs_the_consent_and_r_cus_3_it_is_kept() {
    let world = World::new().await;
    let person = world.app.stranger("anna").await;
    world.holds(person.identity, "anna", "PERSONAL").await;
    let invited = world.invite().await;
    let before = world.everything().await;

    let untouched = accept(&person, acceptance(&invited.token, "anna-PERSONAL", false)).await;
    let mut older = acceptance(&invited.token, "anna-PERSONAL", true);
    older["consent"]["releaseVersion"] = json!(0);
    let older = accept(&person, older).await;
    let mut unread = acceptance(&invited.token, "anna-PERSONAL", true);
    unread["noticeVersion"] = json!(7);
    let unread = accept(&person, unread).await;

    assert_eq!(reasons(&untouched), ["CONSENT_REQUIRED"]);
    assert_eq!(untouched["errors"][0]["path"], json!(["consent"]));
    assert_eq!(untouched["remedy"], "CORRECT");
    assert_eq!(reasons(&older), ["CONSENT_OUTDATED"]);
    assert_eq!(reasons(&unread), ["CONSENT_OUTDATED"]);
    assert_eq!(world.everything().await, before);

    let accepted = accept(&person, acceptance(&invited.token, "anna-PERSONAL", true)).await;
    assert_eq!(reasons(&accepted), [""; 0], "{accepted:#}");
    for reader in [&world.admin, &world.vendors_admin] {
        let seen = world.only_customer(reader).await;
        assert_eq!(
            seen["consent"],
            json!({ "userAgreementVersion": 1, "privacyStatementVersion": 1, "releaseVersion": 1,
                "attributes": ["ACCOUNT_NAME", "MOBILE", "EMAIL", "COUNTRY", "ACCOUNT_ID", "ACCOUNT_STATUS"],
                "language": "en", "givenAt": "2026-11-23T02:00:00+00:00", "givenBy": person.identity.global() })
        );
        assert_eq!(seen["account"]["mobile"], "138****5678", "R-GEN-3");
        assert_eq!(seen["account"]["email"], "an***@mail.example");
        assert_eq!(
            (&seen["account"]["country"], &seen["account"]["status"]),
            (&json!("CN"), &json!("ACTIVE"))
        );
    }
    // Nobody of the application can change or remove it.
    let more = "SELECT count(*) FROM information_schema.role_table_grants WHERE table_name = 'customer_consents'
        AND grantee IN ('portico_app', 'portico_staff', 'PUBLIC') AND privilege_type NOT IN ('SELECT', 'INSERT')";
    assert_eq!(world.app.count(more).await, 0);
}

/// R-CUS-3: the sentence names exactly what is released, in both languages.
#[tokio::test]
async fn r_cus_3_the_one_sentence_names_exactly_the_six_attributes() {
    let world = World::new().await;
    let person = world.buyer("haiyue").await;
    let invited = world.invite().await;
    let offer = person.ask(OFFER, json!({ "token": invited.token })).await;
    let attributes = offer.at("/customerOffer/attributes").as_array().unwrap();
    assert_eq!(attributes.len(), 6);
    let sentence = offer.text("/customerOffer/release/text");
    for named in [
        "account name",
        "mobile number",
        "e-mail address",
        "country or region of registration",
        "account identifier",
        "account status",
    ] {
        assert_eq!(sentence.matches(named).count(), 1, "{named}");
    }
    assert!(sentence.contains("User Agreement") && sentence.contains("Privacy Statement"));
    let chinese: String =
        sqlx::query_scalar("SELECT text_zh FROM consent_texts WHERE kind = 'ATTRIBUTE_RELEASE'")
            .fetch_one(&mut world.app.owner().await)
            .await
            .unwrap();
    let named = chinese.split_once('：').unwrap().1.trim_end_matches('。');
    assert_eq!(
        named.split('、').collect::<Vec<_>>(),
        [
            "账号名",
            "手机号",
            "电子邮箱",
            "注册国家或地区",
            "账号标识",
            "账号状态"
        ]
    );
}

/// R-CUS-11: both accounts of one name are offered, the cloud account first and chosen, with the reason.
#[tokio::test]
async fn r_cus_11_of_two_accounts_of_one_name_the_cloud_account_is_chosen() {
    let world = World::new().await;
    let person = world.app.stranger("anna").await;
    world.holds(person.identity, "Anna", "PERSONAL").await;
    world.holds(person.identity, "anna", "CLOUD").await;
    world.holds(person.identity, "aaa", "PERSONAL").await;
    let invited = world.invite().await;

    let offer = person.ask(OFFER, json!({ "token": invited.token })).await;

    let accounts = offer.at("/customerOffer/accounts").as_array().unwrap();
    let told: Vec<(&str, &str, bool)> = accounts
        .iter()
        .map(|it| {
            (
                it["name"].as_str().unwrap(),
                it["kind"].as_str().unwrap(),
                it["preselected"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("anna", "CLOUD", true),
            ("Anna", "PERSONAL", false),
            ("aaa", "PERSONAL", false)
        ]
    );
    let because = accounts[0]["preselectedBecause"].as_str().unwrap();
    assert!(because.contains("anna"), "{because}");
    assert!(accounts[1]["preselectedBecause"].is_null());
    assert_eq!(offer.text("/customerOffer/partnerName"), "蓝岭伙伴");
}

/// R-CUS-7: each cause has its own reason and sentence, is told to the customer and kept for the partner; another link
/// does not help.
#[tokio::test]
async fn r_cus_7_each_cause_of_an_account_has_its_message_and_leaves_nothing_but_its_record() {
    let always = [
        ("SPECIAL_CONTRACT", "CUSTOMER_SPECIAL_CONTRACT"),
        ("UNPAID_BILLS", "CUSTOMER_UNPAID_BILLS"),
        ("CUSTODY_SUB_ACCOUNT", "CUSTOMER_CUSTODY_SUB_ACCOUNT"),
        ("PARTNER_OR_APPLYING", "CUSTOMER_IS_PARTNER"),
        (
            "PREREGISTERED_BY_VENDOR",
            "CUSTOMER_PREREGISTERED_BY_VENDOR",
        ),
        ("IN_SUBSIDY_PROGRAMME", "CUSTOMER_IN_SUBSIDY_PROGRAMME"),
        ("CONSUMER_CLOUD_USER", "CUSTOMER_CONSUMER_CLOUD_USER"),
    ];
    let in_resale = [
        (
            "PROFESSIONAL_SERVICE_CONTRACT",
            "CUSTOMER_PROFESSIONAL_SERVICE",
        ),
        ("VALID_RESERVED_INSTANCE", "CUSTOMER_RESERVED_INSTANCE"),
        ("ENTERPRISE_MEMBER", "CUSTOMER_ENTERPRISE_MEMBER"),
        (
            "MASTER_WITH_NON_CUSTODY_MEMBERS",
            "CUSTOMER_MASTER_WITH_MEMBERS",
        ),
        ("CREDIT_ACCOUNT", "CUSTOMER_CREDIT_ACCOUNT"),
    ];
    let world = World::new().await;
    for (circumstance, reason) in always.into_iter().chain(in_resale) {
        let person = world.app.stranger(circumstance).await;
        let name = circumstance.to_lowercase();
        world
            .holds_with(person.identity, &name, ("CLOUD", "CN"), &[circumstance])
            .await;
        let invited = world.invite_by(&world.admin, "RESALE").await;
        let refused = accept(
            &person,
            acceptance(&invited.token, &format!("{name}-CLOUD"), false),
        )
        .await;
        assert_eq!(reasons(&refused), [reason]);
        assert_eq!(refused["remedy"], "NOT_POSSIBLE");
        let message = refused["errors"][0]["message"].as_str().unwrap();
        assert!(message.len() > 30 && message != reason, "{message}");
        // In the referral model the second half is no cause.
        let invited = world.invite().await;
        let referral = accept(
            &person,
            acceptance(&invited.token, &format!("{name}-CLOUD"), false),
        )
        .await;
        let expected: &[&str] = if always.iter().any(|it| it.1 == reason) {
            &[reason]
        } else {
            &[]
        };
        assert_eq!(reasons(&referral), expected);
    }
    let made = "SELECT count(*) FROM customers";
    assert_eq!(world.app.count(made).await, 5);
    let organisations = "SELECT count(*) FROM organisations WHERE kind = 'CUSTOMER'";
    assert_eq!(world.app.count(organisations).await, 5);
}

#[tokio::test]
async fn r_cus_7_all_causes_are_told_at_once_and_the_partner_sees_the_last_attempt() {
    let world = World::new().await;
    let person = world.app.stranger("anna").await;
    world
        .holds_with(
            person.identity,
            "anna",
            ("CLOUD", "INTL"),
            &["UNPAID_BILLS", "SUPPORT_PLAN"],
        )
        .await;
    let invited = world.invite().await;
    let input = acceptance(&invited.token, "anna-CLOUD", false);

    let refused = accept(&person, input.clone()).await;
    let again = accept(&person, input.clone()).await;

    let causes = ["CUSTOMER_OF_OTHER_SITE", "CUSTOMER_UNPAID_BILLS"];
    assert_eq!(reasons(&refused), causes);
    assert_eq!(reasons(&again), causes);
    let query = "query($id: ID!) { node(id: $id) { ... on CustomerInvitation { state version
        lastRefusal { at causes { reason } } timeline(first: 5) { nodes { action } } } } }";
    let seen = world.admin.ask(query, json!({ "id": invited.id })).await;
    assert_eq!(
        seen.at("/node/state"),
        "OPEN",
        "the customer can mend it and try again"
    );
    assert_eq!(seen.at("/node/lastRefusal/causes/1/reason"), causes[1]);
    let actions: Vec<&str> = seen
        .at("/node/timeline/nodes")
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        [
            "customer_invitation.attempt_refused",
            "customer_invitation.sent"
        ]
    );

    sqlx::query("UPDATE vendor_accounts SET site = 'CN', circumstances = '{}'")
        .execute(&mut world.app.owner().await)
        .await
        .unwrap();
    let accepted = accept(&person, input).await;
    assert_eq!(reasons(&accepted), [""; 0]);
}

#[tokio::test]
async fn an_account_of_somebody_else_or_of_nobody_is_unknown_alike() {
    let world = World::new().await;
    let (person, other) = (world.buyer("anna").await, world.buyer("other").await);
    let invited = world.invite().await;
    let before = world.everything().await;

    let of_other = accept(&person, acceptance(&invited.token, "other-CLOUD", false)).await;
    let of_nobody = accept(&person, acceptance(&invited.token, "nobody", false)).await;

    assert_eq!(reasons(&of_other), ["CUSTOMER_ACCOUNT_UNKNOWN"]);
    assert_eq!(of_other["errors"], of_nobody["errors"]);
    assert_eq!(world.everything().await, before);
    let offer = person.ask(OFFER, json!({ "token": invited.token })).await;
    assert_eq!(
        offer
            .at("/customerOffer/accounts")
            .as_array()
            .unwrap()
            .len(),
        1
    );
    drop(other);
}

#[tokio::test]
async fn a_repeated_acceptance_answers_the_same_customer() {
    let world = World::new().await;
    let mut person = world.buyer("anna").await;
    let invited = world.invite().await;
    let key = uuid::Uuid::now_v7();
    let query = "mutation($input: CustomerInvitationAcceptInput!) { customerInvitationAccept(input: $input) {
        customerId replayed errors { reason } } }";
    let mut input = acceptance(&invited.token, "anna-CLOUD", false);
    input["idempotencyKey"] = json!(key);

    let first = person.ask_and_keep(query, json!({ "input": input })).await;
    let again = person.ask(query, json!({ "input": input })).await;

    assert_eq!(
        first.at("/customerInvitationAccept/replayed"),
        &json!(false)
    );
    assert_eq!(again.at("/customerInvitationAccept/replayed"), &json!(true));
    assert_eq!(
        first.at("/customerInvitationAccept/customerId"),
        again.at("/customerInvitationAccept/customerId")
    );
}

/// R-CUS-4: of two partners' invitations that are accepted at once, one wins, every time.
#[tokio::test]
async fn r_cus_4_of_two_partners_that_are_accepted_at_once_one_wins() {
    let world = World::new().await;
    for round in 0..12 {
        let name = format!("race{round}");
        let person = world.buyer(&name).await;
        let ours = world.invite().await;
        let theirs = world.invite_by(&world.rivals_admin, "RESALE").await;
        let account = format!("{name}-CLOUD");

        let (one, other) = tokio::join!(
            accept(&person, acceptance(&ours.token, &account, false)),
            accept(&person, acceptance(&theirs.token, &account, false))
        );

        let won = [&one, &other]
            .iter()
            .filter(|it| reasons(it).is_empty())
            .count();
        assert_eq!(won, 1, "{one:#} {other:#}");
        let lost = [&one, &other]
            .into_iter()
            .find(|it| !reasons(it).is_empty())
            .unwrap();
        assert!(
            // The session was renewed by the winner, or the loser came to the account after it.
            ["CUSTOMER_HAS_PARTNER", "SESSION_ENDED"].contains(&reasons(lost)[0]),
            "{lost:#}"
        );
    }
    let partners = "SELECT count(*) FROM (SELECT account_id FROM customers GROUP BY 1 HAVING count(*) = 1) one";
    assert_eq!(world.app.count(partners).await, 12);
    let organisations = "SELECT count(*) FROM organisations WHERE kind = 'CUSTOMER'";
    assert_eq!(world.app.count(organisations).await, 12);
}

/// R-CUS-4: whoever has a partner is nobody else's customer, however late the other link is opened.
#[tokio::test]
async fn r_cus_4_a_customer_of_one_partner_is_not_anothers() {
    let world = World::new().await;
    let (_, person) = world.associated("anna").await;
    let theirs = world.invite_by(&world.rivals_admin, "REFERRAL").await;
    let ours = world.invite().await;

    let refused = accept(&person, acceptance(&theirs.token, "anna-CLOUD", false)).await;
    let twice = accept(&person, acceptance(&ours.token, "anna-CLOUD", false)).await;

    assert_eq!(reasons(&refused), ["CUSTOMER_HAS_PARTNER"]);
    assert_eq!(reasons(&twice), ["CUSTOMER_ALREADY_ASSOCIATED"]);
    assert_eq!(world.app.count("SELECT count(*) FROM customers").await, 1);
    let message = refused["errors"][0]["message"].as_str().unwrap();
    assert!(
        !message.contains("蓝岭"),
        "who the other partner is concerns nobody"
    );
}

//! The partner's side of an invitation: made, sent again, taken back, and what its link is worth.

use super::*;

#[tokio::test]
async fn the_link_and_its_picture_are_told_once_and_the_secret_is_kept_as_a_digest() {
    let world = World::new().await;
    let key = uuid::Uuid::now_v7();
    let input = json!({ "associationType": "RESALE", "label": "海岳公司" });
    let selection = "joinUrl qrCodeSvg invitation { id state label associationType expiresAt invitedBy { name } }";

    let first = world
        .admin
        .change_under(key, "customerInvite", selection, input.clone())
        .await;
    let again = world
        .admin
        .change_under(key, "customerInvite", selection, input)
        .await;

    assert_eq!(reasons(&first), [""; 0], "{first:#}");
    let link = first["joinUrl"].as_str().unwrap();
    let token = link.split_once("/join#").unwrap().1;
    assert_eq!(token.len(), 43);
    assert!(first["qrCodeSvg"].as_str().unwrap().contains("<svg"));
    assert_eq!(
        (&again["replayed"], &again["joinUrl"], &again["qrCodeSvg"]),
        (&json!(true), &Value::Null, &Value::Null)
    );
    assert_eq!(
        first["invitation"]["expiresAt"], "2026-11-30T02:00:00+00:00",
        "seven days, by the rule set"
    );
    assert_eq!(first["invitation"]["invitedBy"]["name"], "admin");
    let kept: String =
        sqlx::query_scalar("SELECT string_agg(t::text, ' ') FROM customer_invitations t")
            .fetch_one(&mut world.app.owner().await)
            .await
            .unwrap();
    assert!(!kept.contains(token));
}

/// R-CUS-7: what is wrong with a link has its reason and is mended by another invitation.
#[tokio::test]
async fn r_cus_7_a_link_that_is_no_good_says_why_and_allows_another_invitation() {
    let world = World::new().await;
    let person = world.buyer("anna").await;
    let revise = |id: &str| json!({ "customerInvitationId": id, "expectedVersion": "v1" });
    let answer = |token: String| {
        let person = &person;
        async move { accept(person, acceptance(&token, "anna-CLOUD", false)).await }
    };

    let unknown = answer("A".repeat(43)).await;
    let revoked = world.invite().await;
    let taken = world
        .admin
        .change(
            "customerInvitationRevoke",
            "invitation { state }",
            revise(&revoked.id),
        )
        .await;
    assert_eq!(taken["invitation"]["state"], "REVOKED");
    let revoked = answer(revoked.token).await;
    let older = world.invite().await;
    let resent = world
        .admin
        .change(
            "customerInvitationResend",
            "joinUrl invitation { state version }",
            revise(&older.id),
        )
        .await;
    let newer = resent["joinUrl"]
        .as_str()
        .unwrap()
        .split_once('#')
        .unwrap()
        .1
        .to_owned();
    let voided = answer(older.token).await;
    world
        .app
        .clock
        .advance(chrono::TimeDelta::days(7) - chrono::TimeDelta::microseconds(1));
    // Sessions do not last as long as links.
    let nobody = (
        OrganisationId(uuid::Uuid::nil()),
        portico::ids::MemberId(uuid::Uuid::nil()),
    );
    let late = world
        .app
        .signed_in(person.identity, nobody.0, nobody.1)
        .await;
    let (identity, member) = (world.admin.identity, world.admin.member);
    let admin = world.app.signed_in(identity, world.partner, member).await;
    let in_time = late.ask(OFFER, json!({ "token": newer })).await;
    assert!(in_time.body["errors"].is_null(), "{:#}", in_time.body);
    world.app.clock.advance(chrono::TimeDelta::microseconds(1));
    let expired = accept(&late, acceptance(&newer, "anna-CLOUD", false)).await;

    for (refused, reason) in [
        (&unknown, "CUSTOMER_LINK_UNKNOWN"),
        (&revoked, "CUSTOMER_LINK_REVOKED"),
        (&voided, "CUSTOMER_LINK_UNKNOWN"),
        (&expired, "CUSTOMER_LINK_EXPIRED"),
    ] {
        assert_eq!(reasons(refused), [reason]);
        assert_eq!(refused["remedy"], "INVITE_AGAIN", "{reason}");
    }
    assert_eq!(world.app.count("SELECT count(*) FROM customers").await, 0);
    // The expired one is sent again, and its new link works.
    let again = json!({ "customerInvitationId": older.id, "expectedVersion": "v2" });
    let again = admin
        .change("customerInvitationResend", "joinUrl", again)
        .await;
    let newest = again["joinUrl"]
        .as_str()
        .unwrap()
        .split_once('#')
        .unwrap()
        .1
        .to_owned();
    let accepted = accept(&late, acceptance(&newest, "anna-CLOUD", false)).await;
    assert_eq!(reasons(&accepted), [""; 0], "{accepted:#}");
    let other = world.buyer("other").await;
    let used = accept(&other, acceptance(&newest, "other-CLOUD", false)).await;
    assert_eq!(reasons(&used), ["CUSTOMER_LINK_USED"]);
    assert_eq!(used["remedy"], "INVITE_AGAIN");
}

#[tokio::test]
async fn of_two_people_with_one_link_one_is_associated() {
    let world = World::new().await;
    let invited = world.invite().await;
    let (one, other) = (world.buyer("one").await, world.buyer("other").await);

    let (first, second) = tokio::join!(
        accept(&one, acceptance(&invited.token, "one-CLOUD", false)),
        accept(&other, acceptance(&invited.token, "other-CLOUD", false))
    );

    let mut refused: Vec<&str> = reasons(&first);
    refused.extend(reasons(&second));
    assert_eq!(refused, ["CUSTOMER_LINK_USED"]);
    assert_eq!(world.app.count("SELECT count(*) FROM customers").await, 1);
}

#[tokio::test]
async fn another_partners_invitation_answers_like_an_unknown_one_and_an_answered_one_stays() {
    let world = World::new().await;
    let invited = world.invite().await;
    let revise =
        |id: &str, version: &str| json!({ "customerInvitationId": id, "expectedVersion": version });
    let before = world.everything().await;

    for mutation in ["customerInvitationResend", "customerInvitationRevoke"] {
        let of_foreign = world
            .rivals_admin
            .change(mutation, "__typename", revise(&invited.id, "v1"))
            .await;
        let of_unknown = world
            .rivals_admin
            .change(mutation, "__typename", revise("cin_AAAA", "v1"))
            .await;
        assert_eq!(reasons(&of_foreign), ["CUSTOMER_INVITATION_NOT_FOUND"]);
        assert_eq!(of_foreign["errors"], of_unknown["errors"]);
        let stale = world
            .admin
            .change(mutation, "__typename", revise(&invited.id, "v9"))
            .await;
        assert_eq!(reasons(&stale), ["VERSION_CONFLICT"]);
    }
    assert_eq!(world.everything().await, before);
    let list = "{ customerInvitations { totalCount nodes { id } } }";
    assert_eq!(
        world
            .rivals_admin
            .ask(list, json!({}))
            .await
            .at("/customerInvitations/totalCount"),
        &json!(0)
    );
    let vendors = world.vendors_admin.ask(list, json!({})).await;
    assert!(vendors.body["data"]["customerInvitations"].is_null());

    let mut person = world.buyer("anna").await;
    world.join(&mut person, &invited, "anna-CLOUD").await;
    for mutation in ["customerInvitationResend", "customerInvitationRevoke"] {
        let answered = world
            .admin
            .change(mutation, "__typename", revise(&invited.id, "v2"))
            .await;
        assert_eq!(reasons(&answered), ["CUSTOMER_INVITATION_ACCEPTED"]);
    }
    let states = "query($state: [CustomerInvitationState!]) { customerInvitations(state: $state) { totalCount
        nodes { state customer { number } viewerPermissions { canRevoke { allowed blockers { error { reason } } } } } } }";
    let open = world
        .admin
        .ask(states, json!({ "state": ["OPEN", "EXPIRED"] }))
        .await;
    assert_eq!(open.at("/customerInvitations/totalCount"), &json!(0));
    let accepted = world
        .admin
        .ask(states, json!({ "state": ["ACCEPTED"] }))
        .await;
    assert!(
        accepted
            .at("/customerInvitations/nodes/0/customer/number")
            .is_string()
    );
    assert_eq!(
        accepted
            .at("/customerInvitations/nodes/0/viewerPermissions/canRevoke/blockers/0/error/reason"),
        "CUSTOMER_INVITATION_ACCEPTED"
    );
}

#[tokio::test]
async fn who_may_not_invite_does_not_and_a_label_is_one_line() {
    let world = World::new().await;
    let finance = world.app.member(world.partner, "fay", &["FINANCE"]).await;
    let input = |label: &str| json!({ "associationType": "REFERRAL", "label": label });
    for (caller, label, reason) in [
        (&finance, "海岳", "PERMISSION_MISSING"),
        (&world.vendors_admin, "海岳", "PERMISSION_MISSING"),
        (&world.admin, "", "LABEL_INVALID"),
        (&world.admin, "a\nb", "LABEL_INVALID"),
        (&world.admin, &"x".repeat(101), "LABEL_INVALID"),
    ] {
        let refused = caller
            .change("customerInvite", "__typename", input(label))
            .await;
        assert_eq!(reasons(&refused), [reason]);
    }
    assert_eq!(
        world
            .app
            .count("SELECT count(*) FROM customer_invitations")
            .await,
        0
    );
    let flag = "{ canInviteCustomer { allowed blockers { error { reason } } } }";
    assert_eq!(
        finance
            .ask(flag, json!({}))
            .await
            .at("/canInviteCustomer/allowed"),
        &json!(false)
    );
    assert_eq!(
        world
            .admin
            .ask(flag, json!({}))
            .await
            .at("/canInviteCustomer/allowed"),
        &json!(true)
    );
}

#[tokio::test]
async fn a_partner_that_is_frozen_meanwhile_takes_no_customer() {
    let world = World::new().await;
    let person = world.buyer("anna").await;
    let invited = world.invite().await;
    sqlx::query("UPDATE organisations SET state = 'FROZEN', frozen_reason = 'Bills', frozen_release = 'Paid' WHERE id = $1")
        .bind(world.partner.0)
        .execute(&mut world.app.owner().await)
        .await
        .unwrap();
    let before = world.everything().await;

    let refused = accept(&person, acceptance(&invited.token, "anna-CLOUD", false)).await;

    assert_eq!(reasons(&refused), ["INVITING_PARTNER_INACTIVE"]);
    assert_eq!(refused["remedy"], "INVITE_AGAIN");
    assert_eq!(world.everything().await, before);
}

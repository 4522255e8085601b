//! Accepting, what keeps a person from it, and the consent (R-DED-5 to R-DED-8).

use super::*;

async fn refused(world: &World, person: &Individual, name: &str) -> Vec<&'static str> {
    let (_, token) = sent_by(world, &world.admin, name).await;
    let before = world.everything().await;
    let refused = reasons(accept(world, &person.viewer(), &token).await);
    assert_eq!(world.everything().await, before);
    refused
}

async fn on_international_site(world: &World) {
    let site = "UPDATE organisations SET site = 'INTL' WHERE id = $1";
    world.change_behind(&[site], world.partner.0).await;
}

#[tokio::test]
async fn r_ded_5_the_holder_of_an_enterprise_account_is_refused_on_both_sites() {
    let world = World::new().await;
    let person = individual(&world, "corp", "ENTERPRISE").await;
    assert_eq!(
        refused(&world, &person, "corp").await,
        ["INVITEE_ENTERPRISE"]
    );
    on_international_site(&world).await;
    assert_eq!(
        refused(&world, &person, "corp").await,
        ["INVITEE_ENTERPRISE"]
    );
}

#[tokio::test]
async fn r_ded_7_an_account_without_a_real_name_is_refused_on_the_china_site_only() {
    let world = World::new().await;
    let person = individual(&world, "anon", "NONE").await;
    assert_eq!(
        refused(&world, &person, "anon").await,
        ["INVITEE_NOT_REALNAME"]
    );

    on_international_site(&world).await;
    let (_, token) = sent_by(&world, &world.admin, "anon").await;
    assert!(accept(&world, &person.viewer(), &token).await.is_ok());
}

#[tokio::test]
async fn r_ded_7_the_account_is_looked_at_when_it_is_accepted_and_not_when_it_was_invited() {
    let world = World::new().await;
    let person = individual(&world, "anon", "NONE").await;
    let (_, token) = sent_by(&world, &world.admin, "anon").await;
    let named = "UPDATE personal_accounts SET real_name = 'PERSONAL' WHERE id = $1";
    world.change_behind(&[named], person.account.0).await;

    assert!(accept(&world, &person.viewer(), &token).await.is_ok());
}

#[tokio::test]
async fn r_ded_6_who_is_associated_with_another_partner_is_refused_until_that_ends() {
    let world = World::new().await;
    let (person, ours) = bound(&world, "lihua").await;
    let (_, token) = sent_by(&world, &world.rivals_admin, "lihua").await;
    let before = world.everything().await;

    let refused = accept(&world, &person.viewer(), &token).await;
    assert_eq!(reasons(refused), ["INVITEE_OTHER_PARTNER"]);
    assert_eq!(world.everything().await, before);

    let unbind = Unbind {
        target: target(ours),
    };
    world.apply(&world.admin.viewer(), &unbind).await.unwrap();
    assert!(accept(&world, &person.viewer(), &token).await.is_ok());
}

/// R-DED-6: two partners' links, accepted at once.
#[tokio::test]
async fn r_ded_6_of_two_partners_at_once_one_gets_the_person() {
    for round in 0..10 {
        let world = World::new().await;
        let name = format!("lihua{round}");
        let person = individual(&world, &name, "PERSONAL").await;
        let (_, ours) = sent_by(&world, &world.admin, &name).await;
        let (_, theirs) = sent_by(&world, &world.rivals_admin, &name).await;
        let viewer = person.viewer();

        let both = tokio::join!(
            accept(&world, &viewer, &ours),
            accept(&world, &viewer, &theirs)
        );

        let lost = match both {
            (Ok(_), lost @ Err(_)) | (lost @ Err(_), Ok(_)) => lost,
            both => panic!("one of them: {both:?}"),
        };
        assert_eq!(reasons(lost), ["INVITEE_OTHER_PARTNER"]);
        let bound = "SELECT count(*) FROM dedicated_personnel WHERE state = 'BOUND'";
        assert_eq!(world.count(bound).await, 1);
    }
}

/// R-DED-6: not even a statement by hand makes two.
#[tokio::test]
async fn r_ded_6_the_database_keeps_a_person_from_two_partners() {
    let world = World::new().await;
    let (person, _) = bound(&world, "lihua").await;
    let second = sqlx::query(
        "INSERT INTO dedicated_personnel (organisation_id, id, identity_id, state)
         VALUES ($1, gen_random_uuid(), $2, 'BOUND')",
    )
    .bind(world.rival.0)
    .bind(person.signed_in.identity.0)
    .execute(&mut world.owner().await)
    .await;
    let error = second.unwrap_err();
    let constraint = error
        .as_database_error()
        .and_then(|error| error.constraint());
    assert_eq!(constraint, Some("dedicated_personnel_one_partner"));
}

#[tokio::test]
async fn a_link_in_other_hands_is_worth_nothing() {
    let world = World::new().await;
    individual(&world, "lihua", "PERSONAL").await;
    let thief = individual(&world, "thief", "PERSONAL").await;
    let (person, token) = sent_by(&world, &world.admin, "lihua").await;
    let visitor = Viewer::Federated(world.visitor(None).await);
    let others = [thief.viewer(), world.finance.viewer(), visitor];
    let before = world.everything().await;

    for viewer in others {
        let refused = accept(&world, &viewer, &token).await;
        assert_eq!(reasons(refused), ["INVITATION_FOR_ANOTHER_ACCOUNT"]);
        let own = Found::Own(person.id);
        let own = Accept::prepare(&world.db, &viewer, &own, (1, "en"))
            .await
            .unwrap();
        assert_eq!(
            reasons(world.apply(&viewer, &own).await),
            ["DEDICATED_PERSON_NOT_FOUND"]
        );
    }
    for token in ["", "x", &"A".repeat(43)] {
        let refused = accept(&world, &thief.viewer(), token).await;
        assert_eq!(reasons(refused), ["INVITATION_UNKNOWN"]);
    }
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn r_ded_8_accepting_records_which_words_were_agreed_to_when_and_what_is_shared() {
    let world = World::new().await;
    let person = individual(&world, "lihua", "PERSONAL").await;
    let (invited, token) = sent_by(&world, &world.admin, "lihua").await;
    assert_eq!(
        read(&world, &world.admin.viewer(), invited.id)
            .await
            .unwrap()
            .profile,
        None
    );
    let found = Found::Token(token.clone());
    let viewer = person.viewer();
    let older = Accept::prepare(&world.db, &viewer, &found, (0, "zh-CN"))
        .await
        .unwrap();
    let before = world.everything().await;

    assert_eq!(
        reasons(world.apply(&viewer, &older).await),
        ["PERSONNEL_CONSENT_OUTDATED"]
    );
    assert_eq!(world.everything().await, before);
    let current = Accept::prepare(&world.db, &viewer, &found, (1, "zh-CN"))
        .await
        .unwrap();
    world.apply(&viewer, &current).await.unwrap();

    let row: (Uuid, String, i32, String, Vec<String>, chrono::DateTime<chrono::Utc>) = sqlx::query_as(
        "SELECT identity_id, text_id, text_version, locale, attributes, at FROM personnel_consents WHERE kind = 'GIVEN'",
    )
    .fetch_one(&mut world.owner().await)
    .await
    .unwrap();
    let shared = [
        "name",
        "accountName",
        "mobile",
        "email",
        "learningRecords",
        "examRecords",
        "certificateRecords",
    ];
    assert_eq!(row.0, person.signed_in.identity.0);
    assert_eq!(
        (row.1.as_str(), row.2, row.3.as_str()),
        ("personnel.sharing", 1, "zh-CN")
    );
    assert_eq!(row.4, shared);
    assert_eq!(row.5, world.now());
    let profile = read(&world, &world.admin.viewer(), invited.id)
        .await
        .unwrap()
        .profile
        .unwrap();
    assert_eq!(profile.account_name.as_deref(), Some("lihua"));
    assert_eq!(profile.email.as_deref(), Some("lihua@home.example"));
}

/// Consents are never changed: the application's roles may only add.
#[tokio::test]
async fn r_ded_8_a_consent_cannot_be_changed_or_removed() {
    let world = World::new().await;
    let rights = "SELECT count(*) FROM information_schema.role_table_grants
        WHERE table_name = 'personnel_consents' AND grantee IN ('portico_app', 'portico_staff')
          AND privilege_type NOT IN ('SELECT', 'INSERT')";
    assert_eq!(world.count(rights).await, 0);
}

#[tokio::test]
async fn a_frozen_organisation_takes_nobody_in() {
    let world = World::new().await;
    let person = individual(&world, "lihua", "PERSONAL").await;
    let (_, token) = sent_by(&world, &world.admin, "lihua").await;
    world.freeze(world.partner).await;
    let before = world.everything().await;

    assert_eq!(
        reasons(accept(&world, &person.viewer(), &token).await),
        ["ORGANISATION_FROZEN"]
    );
    assert_eq!(world.everything().await, before);
}

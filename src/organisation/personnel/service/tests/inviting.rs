//! Inviting and sending again (R-DED-1 to R-DED-4).

use chrono::TimeDelta;

use super::*;
use crate::viewer::Permission;

/// R-DED-1: whoever else has everything but this permission invites and unbinds nobody, nor does the vendor or a machine.
#[tokio::test]
async fn r_ded_1_only_the_administrator_invites_and_unbinds() {
    let world = World::new().await;
    let (_, person) = bound(&world, "lihua").await;
    individual(&world, "wangfang", "PERSONAL").await;
    let all = Permission::ALL.iter().copied();
    let others: Vec<Permission> = all
        .filter(|it| *it != Permission::InvitePersonnel)
        .collect();
    let viewers = [
        world.finance.with(&others),
        vendor_of(&world).await,
        Viewer::Federated(world.visitor(None).await),
    ];
    let before = world.everything().await;

    for viewer in &viewers {
        let (name, target) = (by_name("wangfang"), target(person));
        let invited = reasons(world.apply(viewer, &name).await);
        let unbound = reasons(world.apply(viewer, &Unbind { target }).await);
        assert!(
            matches!(invited[0], "PERMISSION_MISSING" | "NOT_A_MEMBER"),
            "{invited:?}"
        );
        assert!(
            matches!(unbound[0], "PERMISSION_MISSING" | "NOT_A_MEMBER"),
            "{unbound:?}"
        );
    }
    assert_eq!(world.everything().await, before);
}

/// R-DED-1: among the roles of a partner it is the administrator's alone.
#[tokio::test]
async fn r_ded_1_no_other_role_has_the_permission() {
    let world = World::new().await;
    let holders = "SELECT count(*) FROM roles WHERE 'personnel.invite' = ANY(permissions)";
    let admins = "SELECT count(*) FROM roles WHERE 'personnel.invite' = ANY(permissions) AND code = 'SYSTEM_ADMIN'";
    assert_eq!(
        (world.count(holders).await, world.count(admins).await),
        (1, 1)
    );
}

#[tokio::test]
async fn a_person_is_found_by_number_address_and_name_and_the_token_is_kept_as_a_digest() {
    let world = World::new().await;
    let found = [
        Invitee::Mobile("138 0000 0000".to_owned()),
        Invitee::Email("LiHua@Home.example".to_owned()),
        Invitee::AccountName("LIHUA".to_owned()),
    ];
    individual(&world, "lihua", "PERSONAL").await;

    let mut persons = Vec::new();
    for invitee in found {
        let change = invite(invitee);
        let applied = world.apply(&world.admin.viewer(), &change).await.unwrap();
        let Invited::Sent(written) = applied.outcome else {
            panic!("one account");
        };
        persons.push(written.id);
        let token = change.token.text();
        assert!(!world.everything().await.contains(token.expose_secret()));
    }
    assert!(persons.iter().all(|id| *id == persons[0]));
}

#[tokio::test]
async fn of_several_accounts_the_administrator_picks_one_and_no_other_can_be_named() {
    let world = World::new().await;
    let shared = "family@home.example";
    let one = account(&world, ("anna", shared, "8613900000001"), "PERSONAL").await;
    let two = account(&world, ("bert", shared, "8613900000002"), "PERSONAL").await;
    let stranger = individual(&world, "carl", "PERSONAL").await;
    let family = |account| Invite {
        account,
        ..invite(Invitee::Email(shared.to_owned()))
    };
    let before = world.count("SELECT count(*) FROM personnel_sendings").await;
    let viewer = world.admin.viewer();

    let asked = world.apply(&viewer, &family(None)).await.unwrap().outcome;
    let foreign = world.apply(&viewer, &family(Some(stranger.account))).await;

    assert_eq!(asked, Invited::Choose(vec![one.account, two.account]));
    assert_eq!(reasons(foreign), ["INVITEE_AMBIGUOUS"]);
    assert_eq!(
        world.count("SELECT count(*) FROM personnel_sendings").await,
        before
    );

    let picked = world
        .apply(&viewer, &family(Some(two.account)))
        .await
        .unwrap()
        .outcome;
    let Invited::Sent(written) = picked else {
        panic!("picked")
    };
    let own = read(&world, &two.viewer(), written.id).await;
    assert_eq!(own.unwrap().state, PersonState::Invited);
    assert_eq!(read(&world, &one.viewer(), written.id).await, None);
}

#[tokio::test]
async fn who_is_unknown_is_answered_alike_and_nothing_is_told_of_anybody() {
    let world = World::new().await;
    individual(&world, "lihua", "PERSONAL").await;
    let viewer = world.admin.viewer();
    let before = world.everything().await;

    for invitee in [
        Invitee::AccountName("nobody".to_owned()),
        // A part of a name, an address or a number is nobody's.
        Invitee::AccountName("lihu".to_owned()),
        Invitee::AccountName("li%".to_owned()),
        Invitee::Email("lihua@home.exampl".to_owned()),
        Invitee::Mobile("1380000000".to_owned()),
    ] {
        let refused = world.apply(&viewer, &invite(invitee)).await;
        assert_eq!(reasons(refused), ["INVITEE_NOT_FOUND"]);
    }
    let unreadable = world
        .apply(&viewer, &invite(Invitee::Email("x".to_owned())))
        .await;
    assert_eq!(reasons(unreadable), ["INVITEE_INVALID"]);
    assert_eq!(world.everything().await, before);
}

/// The sendings of the administrator so far, made in the past of the day.
async fn used(world: &World, count: i64) {
    let (person, _) = sent_by(world, &world.admin, "lihua").await;
    sqlx::query(
        "INSERT INTO personnel_sendings (organisation_id, sent_by, sent_on, ordinal, person_id, token_hash, sent_at)
         SELECT $1, $2, ($5 AT TIME ZONE 'Asia/Shanghai')::date, n, $3, sha256(n::text::bytea), $5
         FROM generate_series(2, $4) AS n",
    )
    .bind(world.partner.0)
    .bind(world.admin.member.0)
    .bind(person.id.0)
    .bind(count)
    .bind(world.now() - TimeDelta::minutes(1))
    .execute(&mut world.owner().await)
    .await
    .unwrap();
}

/// R-DED-2: the hundredth is sent, the next one is not, a resend counts, another administrator has a day of his own, and
/// midnight of the programme zone begins a new one.
#[tokio::test]
async fn r_ded_2_an_administrator_sends_at_most_a_hundred_a_day() {
    let world = World::new().await;
    individual(&world, "lihua", "PERSONAL").await;
    individual(&world, "wangfang", "PERSONAL").await;
    used(&world, 99).await;
    let (hundredth, _) = sent_by(&world, &world.admin, "wangfang").await;
    let before = world.everything().await;

    let again = Resend {
        target: target(hundredth),
        token: RandomToken::fresh().unwrap(),
    };
    assert_eq!(
        reasons(world.apply(&world.admin.viewer(), &again).await),
        ["INVITE_DAILY_LIMIT"]
    );
    let unknown = world.apply(&world.admin.viewer(), &by_name("nobody")).await;
    assert_eq!(
        reasons(unknown),
        ["INVITE_DAILY_LIMIT"],
        "nothing is looked up beyond the limit"
    );
    assert_eq!(world.everything().await, before);

    let colleague = world.person(world.partner, &[R::SystemAdmin], "eve").await;
    let (resent, _) = sent_by(&world, &colleague, "wangfang").await;

    // 2026-11-24T15:59:59.999999Z is the last instant of that day in the programme zone.
    let last: chrono::DateTime<chrono::Utc> = "2026-11-24T15:59:59.999999Z".parse().unwrap();
    world.clock.advance(last - world.now());
    let again = Resend {
        target: target(resent),
        token: RandomToken::fresh().unwrap(),
    };
    assert_eq!(
        reasons(world.apply(&world.admin.viewer(), &again).await),
        ["INVITE_DAILY_LIMIT"]
    );
    world.clock.advance(TimeDelta::microseconds(1));
    assert!(world.apply(&world.admin.viewer(), &again).await.is_ok());
}

/// R-DED-2: of many at once as many are sent as the day has left.
#[tokio::test]
async fn r_ded_2_many_invitations_at_once_never_exceed_the_day() {
    let world = World::new().await;
    individual(&world, "lihua", "PERSONAL").await;
    for number in 0..8 {
        individual(&world, &format!("person{number}"), "PERSONAL").await;
    }
    used(&world, 97).await;
    let viewer = world.admin.viewer();
    let changes: Vec<Invite> = (0..8).map(|n| by_name(&format!("person{n}"))).collect();

    let sent = futures_util::future::join_all(changes.iter().map(|it| world.apply(&viewer, it)));
    let (sent, refused): (Vec<_>, Vec<_>) = sent.await.into_iter().partition(Result::is_ok);

    assert_eq!((sent.len(), refused.len()), (3, 5));
    for refused in refused {
        assert_eq!(reasons(refused), ["INVITE_DAILY_LIMIT"]);
    }
    assert_eq!(
        world.count("SELECT count(*) FROM personnel_sendings").await,
        100
    );
}

/// R-DED-3: a resend voids the older link; each link is good for one acceptance.
#[tokio::test]
async fn r_ded_3_a_newer_invitation_voids_the_older_link_and_each_is_used_once() {
    let world = World::new().await;
    let person = individual(&world, "lihua", "PERSONAL").await;
    let (first, older) = sent_by(&world, &world.admin, "lihua").await;
    let again = Resend {
        target: target(first),
        token: RandomToken::fresh().unwrap(),
    };
    world.apply(&world.admin.viewer(), &again).await.unwrap();
    let newer = again.token.text();
    let before = world.everything().await;

    assert_eq!(
        reasons(accept(&world, &person.viewer(), &older).await),
        ["INVITATION_REVOKED"]
    );
    assert_eq!(world.everything().await, before);
    assert!(
        accept(&world, &person.viewer(), newer.expose_secret())
            .await
            .is_ok()
    );
    let twice = accept(&world, &person.viewer(), newer.expose_secret()).await;
    assert_eq!(reasons(twice), ["INVITATION_USED"]);
}

/// R-DED-3: the last instant of the seven days and the one after, with the link and from the person's own page.
#[tokio::test]
async fn r_ded_3_an_invitation_is_good_for_seven_days_to_the_instant() {
    let world = World::new().await;
    let punctual = individual(&world, "lihua", "PERSONAL").await;
    let late = individual(&world, "wangfang", "PERSONAL").await;
    let (_, in_time) = sent_by(&world, &world.admin, "lihua").await;
    let (person, too_late) = sent_by(&world, &world.admin, "wangfang").await;
    world
        .clock
        .advance(TimeDelta::days(7) - TimeDelta::microseconds(1));

    assert!(accept(&world, &punctual.viewer(), &in_time).await.is_ok());
    world.clock.advance(TimeDelta::microseconds(1));
    let before = world.everything().await;

    assert_eq!(
        reasons(accept(&world, &late.viewer(), &too_late).await),
        ["INVITATION_EXPIRED"]
    );
    let found = Found::Own(person.id);
    let own = Accept::prepare(&world.db, &late.viewer(), &found, (1, "en"))
        .await
        .unwrap();
    assert_eq!(
        reasons(world.apply(&late.viewer(), &own).await),
        ["INVITATION_EXPIRED"]
    );
    assert_eq!(world.everything().await, before);
    assert_eq!(state(&world, person.id).await, PersonState::Expired);
}

/// R-DED-4: who did not answer in time and who has gone is invited again, and it is the same record.
#[tokio::test]
async fn r_ded_4_expired_and_unbound_persons_are_invited_again() {
    let world = World::new().await;
    let late = individual(&world, "wangfang", "PERSONAL").await;
    let (first, _) = sent_by(&world, &world.admin, "wangfang").await;
    world.clock.advance(TimeDelta::days(8));

    let (second, token) = sent_by(&world, &world.admin, "wangfang").await;
    let accepted = accept(&world, &late.viewer(), &token)
        .await
        .unwrap()
        .outcome;
    let busy = world
        .apply(&world.admin.viewer(), &by_name("wangfang"))
        .await;
    let unbind = Unbind {
        target: target(accepted),
    };
    let gone = world
        .apply(&world.admin.viewer(), &unbind)
        .await
        .unwrap()
        .outcome;
    let resend = Resend {
        target: target(gone),
        token: RandomToken::fresh().unwrap(),
    };
    world.apply(&world.admin.viewer(), &resend).await.unwrap();
    let token = resend.token.text();
    let back = accept(&world, &late.viewer(), token.expose_secret())
        .await
        .unwrap()
        .outcome;

    assert_eq!(reasons(busy), ["INVITEE_ALREADY_ASSOCIATED"]);
    assert!(first.id == second.id && second.id == back.id);
    assert_eq!(state(&world, back.id).await, PersonState::Bound);
    let consents = "SELECT count(*) FROM personnel_consents WHERE kind = 'GIVEN'";
    assert_eq!(world.count(consents).await, 2);
}

#[tokio::test]
async fn another_organisations_person_is_not_found_whatever_is_tried() {
    let world = World::new().await;
    let (_, person) = bound(&world, "lihua").await;
    let (rival, target) = (world.rivals_admin.viewer(), target(person));
    let path = Some(DedicatedPath::Service);
    let documents = vec![document(&world, world.rival).await];
    let join = "INSERT INTO path_memberships (organisation_id, id, path, stage, state)
        VALUES ($1, gen_random_uuid(), 'SERVICE', 'ROLE_VALIDATED', 'ACTIVE')";
    world.change_behind(&[join], world.rival.0).await;
    let before = world.everything().await;
    let missing = ["DEDICATED_PERSON_NOT_FOUND"];

    assert_eq!(read(&world, &rival, person.id).await, None);
    let resend = Resend {
        target,
        token: RandomToken::fresh().unwrap(),
    };
    assert_eq!(reasons(world.apply(&rival, &resend).await), missing);
    assert_eq!(
        reasons(world.apply(&rival, &Unbind { target }).await),
        missing
    );
    let edit = (target, record::RecordEdit::default());
    let update = Update::prepare(&world.db, &rival, edit).await.unwrap();
    assert_eq!(reasons(world.apply(&rival, &update).await), missing);
    let leave = Leave::prepare(&world.db, &rival, target).await.unwrap();
    assert_eq!(reasons(world.apply(&rival, &leave).await), missing);
    let cancel = Cancel {
        target,
        reason: "x".to_owned(),
        documents: documents.clone(),
    };
    assert_eq!(reasons(world.apply(&rival, &cancel).await), missing);
    assert_eq!(
        reasons(world.apply(&rival, &CancelWithdraw { target }).await),
        missing
    );
    let reveal = RevealPerson {
        person: person.id,
        fields: vec![PersonalField::Email],
        purpose: "x".to_owned(),
    };
    assert_eq!(reasons(world.apply(&rival, &reveal).await), missing);
    assert_eq!(world.everything().await, before);

    let apply = Apply {
        path,
        items: vec![ApplyItem { target, documents }],
    };
    let results = world.apply(&rival, &apply).await.unwrap().outcome;
    assert_eq!(told(&results[0]), missing);
}

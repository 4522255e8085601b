//! Unbinding and leaving, and what is left to read (R-DED-9, R-DED-14, R-DED-15, R-DED-17).

use super::super::super::model::{EndedBy, Profile};
use super::*;

/// What the partner's people read of a person, in every way there is.
async fn everything_told(world: &World, id: PersonId) -> String {
    let viewer = world.admin.viewer();
    let snapshot = world.db.snapshot(viewer.read_scope());
    let person = read(world, &viewer, id).await;
    let filter = Filter {
        organisation: Some(world.partner),
        states: None,
    };
    let window = Window::First {
        count: 50,
        after: None,
    };
    let sort = Sort {
        name: "CHANGED_AT",
        column: "changed_at",
        direction: crate::paging::Direction::Descending,
    };
    let listed = list(&viewer, &snapshot, (&filter, sort, &window))
        .await
        .unwrap();
    let listed: Vec<DedicatedPerson> = listed.items.into_iter().map(|it| it.person).collect();
    let records = records(&viewer, &snapshot, &[id]).await.unwrap();
    // The history, as the partner's transactions see it, personal values beside it included.
    let mut app = world.test.connect("portico_app").await;
    let mut own = sqlx::Connection::begin(&mut app).await.unwrap();
    sqlx::query("SELECT set_config('portico.organisation_id', $1, true)")
        .bind(world.partner.0.to_string())
        .execute(&mut *own)
        .await
        .unwrap();
    let history: Option<String> = sqlx::query_scalar(
        "SELECT concat_ws('|', (SELECT string_agg(t::text, ',') FROM timeline_entries t WHERE object_kind = 'ded'),
             (SELECT string_agg(v::text, ',') FROM timeline_personal_values v),
             (SELECT string_agg(r::text, ',') FROM personnel_records r),
             (SELECT string_agg(c::text, ',') FROM personnel_consents c))",
    )
    .fetch_one(&mut *own)
    .await
    .unwrap();
    format!("{person:?} {listed:?} {records:?} {history:?}")
}

/// Everything that identifies or describes the person.
const PRIVATE: [&str; 7] = [
    "李lihua",
    "lihua@home.example",
    "8613800000000",
    "lihua",
    "杭州",
    "HCIE-778899",
    "架构师认证",
];

async fn recorded(world: &World) -> (Individual, Written) {
    let (person, placed) = placed(world, "lihua").await;
    let line = record::Line {
        name: "架构师认证".to_owned(),
        detail: Some("HCIE-778899".to_owned()),
        from: "2025-01-01".parse().unwrap(),
        until: None,
        document: None,
    };
    let edit = record::RecordEdit {
        lines: vec![(
            record::RecordKind::Certificate,
            vec![record::LineEdit { id: None, line }],
        )],
        ..record::RecordEdit::default()
    };
    let viewer = world.admin.viewer();
    let update = Update::prepare(&world.db, &viewer, (target(placed), edit))
        .await
        .unwrap();
    (person, world.apply(&viewer, &update).await.unwrap().outcome)
}

#[tokio::test]
async fn r_ded_9_after_unbinding_nothing_of_the_person_is_the_partners_to_read() {
    let world = World::new().await;
    let (person, written) = recorded(&world).await;
    let shared = everything_told(&world, written.id).await;
    for private in PRIVATE {
        assert!(
            shared.contains(private),
            "{private} is shared while they are associated"
        );
    }

    let unbind = Unbind {
        target: target(written),
    };
    world.apply(&world.admin.viewer(), &unbind).await.unwrap();

    let told = everything_told(&world, written.id).await;
    for private in PRIVATE {
        assert!(!told.contains(private), "{private} in {told}");
    }
    let vendors = read(&world, &vendor_of(&world).await, written.id)
        .await
        .unwrap();
    assert_eq!((vendors.profile, vendors.invited_as), (None, None));
    // Nor is it when the person is only invited again.
    sent_by(&world, &world.admin, "lihua").await;
    let profile = read(&world, &world.admin.viewer(), written.id)
        .await
        .unwrap()
        .profile;
    assert_eq!(profile, None);
    // It is still the person's own.
    let own = read(&world, &person.viewer(), written.id).await.unwrap();
    let of_profile = |profile: Profile| profile.base_location;
    assert_eq!(own.profile.and_then(of_profile).as_deref(), Some("杭州"));
    let snapshot = world.db.snapshot(person.viewer().read_scope());
    let own = records(&person.viewer(), &snapshot, &[written.id])
        .await
        .unwrap();
    assert_eq!(own[&written.id].len(), 1);
}

/// R-DED-9: what was masked cannot be revealed any more either.
#[tokio::test]
async fn r_ded_9_after_unbinding_nothing_can_be_revealed() {
    let world = World::new().await;
    let (_, written) = bound(&world, "lihua").await;
    let reveal = RevealPerson {
        person: written.id,
        fields: vec![PersonalField::Email, PersonalField::Mobile],
        purpose: "Call back".to_owned(),
    };
    assert!(world.apply(&world.admin.viewer(), &reveal).await.is_ok());
    let unbind = Unbind {
        target: target(written),
    };
    world.apply(&world.admin.viewer(), &unbind).await.unwrap();
    let before = world.everything().await;

    let refused = world.apply(&world.admin.viewer(), &reveal).await;
    assert_eq!(reasons(refused), ["DEDICATED_PERSON_NOT_FOUND"]);
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn r_ded_14_a_dedicated_person_is_not_unbound() {
    let world = World::new().await;
    let (_, written) = dedicated(&world, "lihua").await;
    let before = world.everything().await;
    let unbind = Unbind {
        target: target(written),
    };
    let refused = world.apply(&world.admin.viewer(), &unbind).await;
    assert_eq!(reasons(refused), ["DEDICATED_MUST_CANCEL_FIRST"]);
    assert_eq!(world.everything().await, before);

    let written = cancelling(&world, written).await;
    let unbind = Unbind {
        target: target(written),
    };
    let refused = world.apply(&world.admin.viewer(), &unbind).await;
    assert_eq!(reasons(refused), ["DEDICATED_MUST_CANCEL_FIRST"]);
}

#[tokio::test]
async fn r_ded_15_the_partner_unbinds_after_the_vendor_agreed_to_cancel() {
    let world = World::new().await;
    let (_, written) = dedicated(&world, "lihua").await;
    let written = cancelling(&world, written).await;
    let written = decided(&world, written, Decision::Approve).await;

    let unbind = Unbind {
        target: target(written),
    };
    world.apply(&world.admin.viewer(), &unbind).await.unwrap();

    let person = read(&world, &world.admin.viewer(), written.id)
        .await
        .unwrap();
    assert_eq!(person.state, PersonState::Unbound);
    assert_eq!(person.ended, Some((world.now(), EndedBy::Partner)));
    let withdrawn = "SELECT count(*) FROM personnel_consents WHERE kind = 'WITHDRAWN'";
    assert_eq!(world.count(withdrawn).await, 1);
}

async fn leave(world: &World, person: &Individual, written: Written) -> Result<Written, Failure> {
    let viewer = person.viewer();
    let change = Leave::prepare(&world.db, &viewer, target(written)).await?;
    Ok(world.apply(&viewer, &change).await?.outcome)
}

#[tokio::test]
async fn r_ded_17_the_person_leaves_in_every_state_and_a_dedicated_status_ends_with_it() {
    let world = World::new().await;
    on_path(&world).await;
    let mut left = Vec::new();
    let (invited_person, invited) = (
        individual(&world, "invited", "PERSONAL").await,
        sent_by(&world, &world.admin, "invited").await.0,
    );
    left.push((invited_person, invited));
    left.push(bound(&world, "bound").await);
    let (person, written_now) = placed(&world, "applied").await;
    left.push((person, written(&applied(&world, written_now).await)));
    let (person, written_now) = placed(&world, "rejected").await;
    let under_review = written(&applied(&world, written_now).await);
    let no = Decision::Reject("No".to_owned());
    left.push((person, decided(&world, under_review, no).await));
    for (name, cancels) in [("dedicated", 0), ("cancelling", 1), ("cancelled", 2)] {
        let (person, written_now) = placed(&world, name).await;
        let under_review = written(&applied(&world, written_now).await);
        let mut now = decided(&world, under_review, Decision::Approve).await;
        if cancels >= 1 {
            now = cancelling(&world, now).await;
        }
        if cancels >= 2 {
            now = decided(&world, now, Decision::Approve).await;
        }
        left.push((person, now));
    }

    for (person, written) in left {
        let before = state(&world, written.id).await;
        let now = leave(&world, &person, written).await;
        let now = now.unwrap_or_else(|refused| panic!("from {before:?}: {refused:?}"));
        let person_now = read(&world, &person.viewer(), now.id).await.unwrap();
        assert_eq!(person_now.state, PersonState::Unbound, "{before:?}");
        assert_eq!(person_now.ended, Some((world.now(), EndedBy::Person)));
        let again = leave(&world, &person, now).await;
        assert_eq!(reasons(again), ["DEDICATED_PERSON_STATE"]);
    }
    let open = "SELECT count(*) FROM personnel_dedications WHERE until_at IS NULL";
    assert_eq!(world.count(open).await, 0);
    let pending = "SELECT count(*) FROM personnel_applications WHERE state = 'UNDER_REVIEW'";
    assert_eq!(world.count(pending).await, 0);
    let ended = "SELECT count(*) FROM personnel_applications WHERE state = 'ENDED'";
    assert_eq!(world.count(ended).await, 2);
}

/// R-DED-17: neither a freeze nor the end of the partner holds the person.
#[tokio::test]
async fn r_ded_17_the_person_leaves_a_frozen_and_a_closed_partner() {
    let world = World::new().await;
    let (one, first) = bound(&world, "lihua").await;
    let (two, second) = bound(&world, "wangfang").await;
    world.freeze(world.partner).await;
    assert!(leave(&world, &one, first).await.is_ok());
    let close = "UPDATE organisations SET state = 'CLOSED', frozen_reason = NULL, frozen_release = NULL WHERE id = $1";
    world.change_behind(&[close], world.partner.0).await;
    assert!(leave(&world, &two, second).await.is_ok());
}

/// What the person's page says of a frozen partner is what the mutations answer.
#[tokio::test]
async fn a_frozen_partner_keeps_the_person_from_writing_and_not_from_going() {
    let world = World::new().await;
    let (person, written) = bound(&world, "lihua").await;
    world.freeze(world.partner).await;
    let viewer = person.viewer();
    let snapshot = world.db.snapshot(viewer.read_scope());
    let own = own(&viewer, &snapshot).await.unwrap().remove(0);
    let verdict = |action| policy::verdict(action, (&viewer, own.relation), &own.person);

    let edit = (target(written), record::RecordEdit::default());
    let update = Update::prepare(&world.db, &viewer, edit).await.unwrap();
    let refused = reasons(world.apply(&viewer, &update).await);
    let told = verdict(Action::Update).blockers;
    assert_eq!(refused, [told[0].refusal.reason.0]);
    assert_eq!(refused, ["ORGANISATION_FROZEN"]);
    assert!(verdict(Action::Leave).is_allowed());
    assert!(leave(&world, &person, written).await.is_ok());
}

/// R-DED-17: claims keep what they have.
#[tokio::test]
async fn r_ded_17_what_was_claimed_for_the_person_stays_as_it_was() {
    let world = World::new().await;
    let (person, written) = dedicated(&world, "lihua").await;
    let incentive = "INSERT INTO incentives (organisation_id, id, number, variant, service_month, amount, currency, state,
             generated_at, due_until)
         SELECT organisation_id, id, 'INC-1', 'SERVICE_EXPERT', '2026-10-01', 30000, 'CNY', 'FINALISED', changed_at,
             changed_at FROM dedicated_personnel WHERE id = $1";
    let specialist = "INSERT INTO incentive_specialists (organisation_id, incentive_id, person_id)
         SELECT organisation_id, id, id FROM dedicated_personnel WHERE id = $1";
    world
        .change_behind(&[incentive, specialist], written.id.0)
        .await;
    let claims = "SELECT concat_ws('|', (SELECT string_agg(t::text, ',') FROM incentives t),
        (SELECT string_agg(t::text, ',') FROM incentive_specialists t))";
    let read_claims = async || -> String {
        let query = sqlx::query_scalar(claims);
        query.fetch_one(&mut world.owner().await).await.unwrap()
    };
    let before = read_claims().await;
    let dedicated_before = world.now();
    world.clock.advance(chrono::TimeDelta::days(1));

    leave(&world, &person, written).await.unwrap();

    assert_eq!(read_claims().await, before);
    let mut tx = world.db.snapshot(Scope::Own(world.partner));
    let held = read_dedicated_at(
        &tx,
        &[written.id],
        (dedicated_before, DedicatedPath::Service),
    )
    .await;
    assert_eq!(held.unwrap(), [written.id], "the past stays");
    tx = world.db.snapshot(Scope::Own(world.partner));
    let now = read_dedicated_at(&tx, &[written.id], (world.now(), DedicatedPath::Service)).await;
    assert_eq!(now.unwrap(), []);
}

#[tokio::test]
async fn nobody_leaves_in_anothers_name() {
    let world = World::new().await;
    let (_, written) = bound(&world, "lihua").await;
    let stranger = individual(&world, "stranger", "PERSONAL").await;
    let before = world.everything().await;

    let refused = leave(&world, &stranger, written).await;
    assert_eq!(reasons(refused), ["DEDICATED_PERSON_NOT_FOUND"]);
    for viewer in [world.admin.viewer(), vendor_of(&world).await] {
        let change = Leave::prepare(&world.db, &viewer, target(written))
            .await
            .unwrap();
        let refused = world.apply(&viewer, &change).await;
        assert_eq!(reasons(refused), ["DEDICATED_PERSON_NOT_FOUND"]);
    }
    assert_eq!(world.everything().await, before);
}

/// R-GEN-2: over every change there is, and nothing personal stands beside the entries (R-DED-9).
#[tokio::test]
async fn every_change_of_a_person_makes_one_version_and_one_entry() {
    let world = World::new().await;
    let admin = world.admin.viewer();
    let (person, mut now) = dedicated(&world, "lihua").await;
    let reveal = RevealPerson {
        person: now.id,
        fields: vec![PersonalField::Email],
        purpose: "Call back".to_owned(),
    };
    world.apply(&admin, &reveal).await.unwrap();
    now = cancelling(&world, now).await;
    let withdraw = CancelWithdraw {
        target: target(now),
    };
    now = world.apply(&admin, &withdraw).await.unwrap().outcome;
    now = cancelling(&world, now).await;
    now = decided(&world, now, Decision::Reject("No".to_owned())).await;
    let why = "Forged".to_owned();
    let disqualify = Disqualify {
        target: target(now),
        reason: why,
    };
    now = world
        .apply(&vendor_of(&world).await, &disqualify)
        .await
        .unwrap()
        .outcome;
    let unbind = Unbind {
        target: target(now),
    };
    now = world.apply(&admin, &unbind).await.unwrap().outcome;
    let resend = Resend {
        target: target(now),
        token: RandomToken::fresh().unwrap(),
    };
    world.apply(&admin, &resend).await.unwrap();
    let token = resend.token.text();
    now = accept(&world, &person.viewer(), token.expose_secret())
        .await
        .unwrap()
        .outcome;
    now = leave(&world, &person, now).await.unwrap();

    let entries = "SELECT count(*) FROM timeline_entries WHERE object_kind = 'ded'";
    assert_eq!(world.count(entries).await, now.version);
    let last = "SELECT max(object_version) FROM timeline_entries WHERE object_kind = 'ded'";
    assert_eq!(world.count(last).await, now.version);
    let moves = "SELECT count(DISTINCT action) FROM timeline_entries WHERE object_kind = 'ded'";
    assert_eq!(world.count(moves).await, 11);
    let reveals = "SELECT count(*) FROM timeline_entries WHERE object_kind = 'rvl'";
    assert_eq!(world.count(reveals).await, 1);
    let personal = "SELECT count(*) FROM timeline_personal_values";
    assert_eq!(world.count(personal).await, 0);
}

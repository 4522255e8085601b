//! Dedicated status: asked for, decided, cancelled, taken away (R-DED-10 to R-DED-13, R-DED-16).

use chrono::TimeDelta;

use super::*;

async fn apply(
    world: &World,
    path: Option<DedicatedPath>,
    written: Written,
) -> Result<Vec<ItemResult>, Failure> {
    let apply = Apply {
        path,
        items: vec![ApplyItem {
            target: target(written),
            documents: vec![document(world, world.partner).await],
        }],
    };
    Ok(world.apply(&world.admin.viewer(), &apply).await?.outcome)
}

#[tokio::test]
async fn r_ded_10_applying_needs_an_association_a_base_location_and_nothing_pending() {
    let world = World::new().await;
    on_path(&world).await;
    individual(&world, "invited", "PERSONAL").await;
    let (invited, _) = sent_by(&world, &world.admin, "invited").await;
    let (_, unplaced) = bound(&world, "unplaced").await;
    let (_, ready) = placed(&world, "ready").await;

    assert_eq!(
        told(&applied(&world, invited).await),
        ["DEDICATED_PERSON_NOT_BOUND"]
    );
    assert_eq!(
        told(&applied(&world, unplaced).await),
        ["BASE_LOCATION_MISSING"]
    );
    let pending = written(&applied(&world, ready).await);
    assert_eq!(
        told(&applied(&world, pending).await),
        ["APPLICATION_PENDING"]
    );
    assert_eq!(
        state(&world, pending.id).await,
        PersonState::ApplyUnderReview
    );
    let applications = "SELECT count(*) FROM personnel_applications";
    assert_eq!(world.count(applications).await, 1);
}

#[tokio::test]
async fn r_ded_10_the_partner_must_be_on_the_path() {
    let world = World::new().await;
    let (_, ready) = placed(&world, "ready").await;
    let before = world
        .count("SELECT count(*) FROM personnel_applications")
        .await;
    let service = Some(DedicatedPath::Service);

    assert_eq!(
        reasons(apply(&world, service, ready).await),
        ["PATH_NOT_HELD"]
    );
    on_path(&world).await;
    let learning = Some(DedicatedPath::Learning);
    assert_eq!(
        reasons(apply(&world, learning, ready).await),
        ["PATH_NOT_HELD"]
    );
    let left = "UPDATE path_memberships SET state = 'EXITED' WHERE organisation_id = $1";
    world.change_behind(&[left], world.partner.0).await;
    assert_eq!(
        reasons(apply(&world, service, ready).await),
        ["PATH_NOT_HELD"]
    );
    assert_eq!(
        world
            .count("SELECT count(*) FROM personnel_applications")
            .await,
        before
    );
}

#[tokio::test]
async fn r_ded_11_the_distribution_and_csp_programmes_have_no_dedicated_personnel() {
    let world = World::new().await;
    on_path(&world).await;
    let (_, ready) = placed(&world, "ready").await;
    assert_eq!(
        reasons(apply(&world, None, ready).await),
        ["PROGRAMME_HAS_NO_DEDICATED"]
    );
    assert_eq!(state(&world, ready.id).await, PersonState::Bound);
}

#[tokio::test]
async fn materials_are_complete_documents_of_the_partners_own() {
    let world = World::new().await;
    on_path(&world).await;
    let (_, ready) = placed(&world, "ready").await;
    let foreign = document(&world, world.rival).await;
    let own = document(&world, world.partner).await;
    for (documents, reason) in [
        (vec![], "MATERIALS_REQUIRED"),
        (vec![foreign], "DOCUMENT_NOT_FOUND"),
        (vec![own, foreign], "DOCUMENT_NOT_FOUND"),
    ] {
        let items = vec![ApplyItem {
            target: target(ready),
            documents,
        }];
        let apply = Apply {
            path: Some(DedicatedPath::Service),
            items,
        };
        let results = world
            .apply(&world.admin.viewer(), &apply)
            .await
            .unwrap()
            .outcome;
        assert_eq!(told(&results[0]), [reason]);
    }
    assert_eq!(state(&world, ready.id).await, PersonState::Bound);
}

/// One that is refused stops no other, and the same key answers the same again.
#[tokio::test]
async fn a_batch_has_a_result_for_each_person_and_answers_it_again() {
    let world = World::new().await;
    on_path(&world).await;
    let (_, ready) = placed(&world, "ready").await;
    let (_, unplaced) = bound(&world, "unplaced").await;
    let documents = vec![document(&world, world.partner).await];
    let item = |written| ApplyItem {
        target: target(written),
        documents: documents.clone(),
    };
    let apply = Apply {
        path: Some(DedicatedPath::Service),
        items: vec![item(unplaced), item(ready)],
    };
    let key = IdSource.fresh::<DocumentId>().0;
    let first = world
        .apply_under(key, &world.admin.viewer(), &apply)
        .await
        .unwrap();
    let again = world
        .apply_under(key, &world.admin.viewer(), &apply)
        .await
        .unwrap();

    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!(first.outcome, again.outcome);
    assert_eq!(told(&again.outcome[0]), ["BASE_LOCATION_MISSING"]);
    assert_eq!(again.outcome[1].id, ready.id);
    assert_eq!(state(&world, ready.id).await, PersonState::ApplyUnderReview);
}

#[tokio::test]
async fn the_vendor_decides_with_a_reason_and_the_partner_applies_again() {
    let world = World::new().await;
    on_path(&world).await;
    let (_, ready) = placed(&world, "ready").await;
    let pending = written(&applied(&world, ready).await);
    let vendor = vendor_of(&world).await;
    let decide = |decision, person| {
        Decide(vec![DecideItem {
            target: target(person),
            decision,
        }])
    };
    let silent = decide(Decision::Reject("  ".to_owned()), pending);
    let results = world.apply(&vendor, &silent).await.unwrap().outcome;
    assert_eq!(told(&results[0]), ["REASON_REQUIRED"]);

    let rejected = decided(&world, pending, Decision::Reject("No proof".to_owned())).await;
    let person = read(&world, &world.admin.viewer(), ready.id).await.unwrap();
    assert_eq!(person.state, PersonState::ApplyRejected);
    assert_eq!(person.decision_reason.as_deref(), Some("No proof"));
    let again = written(&applied(&world, rejected).await);
    decided(&world, again, Decision::Approve).await;

    assert_eq!(state(&world, ready.id).await, PersonState::Dedicated);
    let twice = decide(Decision::Approve, again);
    let results = world.apply(&vendor, &twice).await.unwrap().outcome;
    assert_eq!(told(&results[0]), ["VERSION_CONFLICT"]);
    let partner = world.apply(&world.admin.viewer(), &twice).await;
    assert_eq!(reasons(partner), ["PERMISSION_MISSING"]);
}

#[tokio::test]
async fn of_two_decisions_at_once_one_is_made() {
    let world = World::new().await;
    on_path(&world).await;
    for round in 0..20 {
        let (_, ready) = placed(&world, &format!("p{round}")).await;
        let pending = written(&applied(&world, ready).await);
        let decide = |decision| {
            Decide(vec![DecideItem {
                target: target(pending),
                decision,
            }])
        };
        let (yes, no) = (
            decide(Decision::Approve),
            decide(Decision::Reject("No".to_owned())),
        );
        let viewer = vendor_of(&world).await;

        let (one, other) = tokio::join!(world.apply(&viewer, &yes), world.apply(&viewer, &no));

        let results = [one.unwrap().outcome, other.unwrap().outcome].concat();
        let done = results
            .iter()
            .filter(|result| result.version.is_some())
            .count();
        assert_eq!(done, 1, "{results:?}");
    }
    let open = "SELECT count(*) FROM personnel_applications WHERE state = 'UNDER_REVIEW'";
    assert_eq!(world.count(open).await, 0);
}

#[tokio::test]
async fn r_ded_12_cancelling_needs_a_reason_and_a_file() {
    let world = World::new().await;
    let (_, person) = dedicated(&world, "lihua").await;
    let file = vec![document(&world, world.partner).await];
    let before = world.everything().await;
    for (reason, documents, refusal) in [
        ("", file.clone(), "CANCEL_REASON_REQUIRED"),
        (" \n", file.clone(), "CANCEL_REASON_REQUIRED"),
        ("Works elsewhere", vec![], "MATERIALS_REQUIRED"),
    ] {
        let reason = reason.to_owned();
        let cancel = Cancel {
            target: target(person),
            reason,
            documents,
        };
        assert_eq!(
            reasons(world.apply(&world.admin.viewer(), &cancel).await),
            [refusal]
        );
    }
    assert_eq!(world.everything().await, before);
    cancelling(&world, person).await;
    assert_eq!(
        state(&world, person.id).await,
        PersonState::CancelUnderReview
    );
}

#[tokio::test]
async fn r_ded_13_a_request_to_cancel_is_withdrawn_before_its_decision_and_not_after() {
    let world = World::new().await;
    let (_, person) = dedicated(&world, "lihua").await;
    let asked = cancelling(&world, person).await;
    let withdraw = CancelWithdraw {
        target: target(asked),
    };
    let back = world
        .apply(&world.admin.viewer(), &withdraw)
        .await
        .unwrap()
        .outcome;
    assert_eq!(state(&world, person.id).await, PersonState::Dedicated);
    let withdrawn = "SELECT count(*) FROM personnel_applications WHERE state = 'WITHDRAWN'";
    assert_eq!(world.count(withdrawn).await, 1);

    let asked = cancelling(&world, back).await;
    let agreed = decided(&world, asked, Decision::Approve).await;
    let before = world.everything().await;
    let late = CancelWithdraw {
        target: target(agreed),
    };
    assert_eq!(
        reasons(world.apply(&world.admin.viewer(), &late).await),
        ["DEDICATED_PERSON_STATE"]
    );
    assert_eq!(world.everything().await, before);
}

/// R-DED-16: from the vendor's approval until the end of the status, for the path, and for nobody else.
#[tokio::test]
async fn r_ded_16_a_person_is_dedicated_from_the_approval_until_the_end() {
    let world = World::new().await;
    let (_, person) = dedicated(&world, "lihua").await;
    let approved = world.now();
    world.clock.advance(TimeDelta::days(30));
    let asked = cancelling(&world, person).await;
    let instant = TimeDelta::microseconds(1);
    let held = async |at, path, scope: Scope| {
        let snapshot = world.db.snapshot(scope);
        let found = read_dedicated_at(&snapshot, &[person.id], (at, path)).await;
        !found.unwrap().is_empty()
    };
    let (own, service) = (Scope::Own(world.partner), DedicatedPath::Service);

    assert!(
        held(world.now(), service, own.clone()).await,
        "until the vendor agrees"
    );
    decided(&world, asked, Decision::Approve).await;
    let ended = world.now();

    assert!(held(approved, service, own.clone()).await);
    assert!(!held(approved - instant, service, own.clone()).await);
    assert!(held(ended - instant, service, own.clone()).await);
    assert!(!held(ended, service, own.clone()).await);
    assert!(!held(approved, DedicatedPath::Learning, own).await);
    assert!(held(approved, service, Scope::Vendor).await);
    assert!(!held(approved, service, Scope::Own(world.rival)).await);
}

#[tokio::test]
async fn the_vendor_disqualifies_with_a_reason_and_the_partner_may_apply_again() {
    let world = World::new().await;
    let (_, person) = dedicated(&world, "lihua").await;
    let asked = cancelling(&world, person).await;
    let vendor = vendor_of(&world).await;
    let silent = Disqualify {
        target: target(asked),
        reason: String::new(),
    };
    assert_eq!(
        reasons(world.apply(&vendor, &silent).await),
        ["REASON_REQUIRED"]
    );
    let why = Disqualify {
        target: target(asked),
        reason: "Forged proof".to_owned(),
    };
    let partner = world.apply(&world.admin.viewer(), &why).await;
    assert_eq!(reasons(partner), ["PERMISSION_MISSING"]);

    let now = world.apply(&vendor, &why).await.unwrap().outcome;

    let read_now = read(&world, &world.admin.viewer(), person.id)
        .await
        .unwrap();
    assert_eq!(read_now.state, PersonState::Disqualified);
    assert_eq!(read_now.decision_reason.as_deref(), Some("Forged proof"));
    let open = "SELECT count(*) FROM personnel_dedications WHERE until_at IS NULL";
    assert_eq!(world.count(open).await, 0);
    let pending = "SELECT count(*) FROM personnel_applications WHERE state = 'UNDER_REVIEW'";
    assert_eq!(world.count(pending).await, 0);
    assert!(applied(&world, now).await.version.is_some());
}

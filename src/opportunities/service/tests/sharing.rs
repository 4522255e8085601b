//! What the vendor shares, and the partner's answer in time, too late, or never.

use super::*;

/// Shared on Monday 23 November at 10:00 in Shanghai: the third working day after it ends with Thursday.
const DUE: &str = "2026-11-26T16:00:00Z";
const LAST_INSTANT: &str = "2026-11-26T15:59:59.999999Z";

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "both sides of one instant")]
async fn r_opp_3_r_opp_4_the_last_instant_accepts_and_the_next_is_too_late() {
    let world = World::new().await;
    let (first, second) = (world.shared().await, world.shared().await);
    let accept = |written: Written| Accept {
        target: written.target(),
        owner: None,
    };

    world.at(LAST_INSTANT);
    let accepted = world.apply(&world.seller(), &accept(first)).await.unwrap();
    assert_eq!(accepted.outcome.version, 2);
    let stored = world.stored(first.id).await;
    assert_eq!(stored.review.state(), ReviewState::Accepted);
    assert_eq!(stored.content.owner, world.seller);

    world.at(DUE);
    let now = world.read(&world.seller(), second.id).await;
    assert_eq!(now.review.state(), ReviewState::AutoRejected);
    // Whoever read it in time learns of the time-out, not of a version.
    let target = second.target();
    let newest = Written::from(&now).target();
    for late in [
        world
            .apply(
                &world.seller(),
                &Accept {
                    target: newest,
                    owner: None,
                },
            )
            .await,
        world
            .apply(
                &world.seller(),
                &Accept {
                    target,
                    owner: None,
                },
            )
            .await,
        world
            .apply(
                &world.seller(),
                &Reject {
                    target,
                    reason: "No".to_owned(),
                },
            )
            .await,
    ] {
        let Err(Failure::Refused(refused)) = late else {
            panic!("it is too late")
        };
        assert_eq!(refused.first.reason.0, "DEADLINE_PASSED");
        let Some(RefusalData::DeadlinePassed {
            due_until, outcome, ..
        }) = refused.first.data
        else {
            panic!("it says what happened instead")
        };
        assert_eq!((due_until, outcome), (DUE.parse().unwrap(), "AUTO_REJECT"));
    }
    assert_eq!(
        world.history(second.id).await.len(),
        1,
        "nothing was recorded"
    );
}

/// R-OPP-3: reads, counts and the version are the same before and after the job has run.
#[tokio::test]
async fn r_opp_3_what_is_read_does_not_wait_for_the_job() {
    let world = World::new().await;
    let shared = world.shared().await;
    let (pending, rejected) = (
        [ReviewState::PendingAcceptance],
        [ReviewState::AutoRejected],
    );
    assert_eq!(world.count_in(&world.seller(), &pending).await, 1);

    world.at(DUE);
    for viewer in [world.seller(), world.reviewer()] {
        assert_eq!(world.count_in(&viewer, &pending).await, 0);
        assert_eq!(world.count_in(&viewer, &rejected).await, 1);
    }
    let before = world.read(&world.seller(), shared.id).await;
    assert_eq!((world.tick().await, world.tick().await), (1, 0), "once");

    let after = world.read(&world.seller(), shared.id).await;
    assert_eq!(
        (after.review, after.version),
        (before.review, before.version)
    );
    assert_eq!(world.count_in(&world.seller(), &rejected).await, 1);
    let expected = [("opportunity.shared", 1), ("opportunity.auto_rejected", 2)];
    assert_eq!(
        world.history(shared.id).await,
        expected.map(|(action, version)| (action.to_owned(), version))
    );
    let mut owner = world.test.connect("portico_owner").await;
    let actor: String = sqlx::query_scalar(
        "SELECT actor FROM timeline_entries WHERE object_id = $1 AND object_version = 2",
    )
    .bind(shared.id.0)
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!(actor, "job:expire_deadlines");
}

#[tokio::test]
async fn r_opp_5_r_opp_6_it_is_rejected_once_and_with_a_reason() {
    let world = World::new().await;
    let shared = world.shared().await;
    let reject = |target, reason: &str| Reject {
        target,
        reason: reason.to_owned(),
    };
    for blank in ["", " \n "] {
        let refused = world
            .apply(&world.seller(), &reject(shared.target(), blank))
            .await;
        assert_eq!(refusals(refused), one("REASON_REQUIRED", "reason"));
    }
    assert_eq!(world.stored(shared.id).await.version, 1);

    let rejected = world
        .apply(
            &world.seller(),
            &reject(shared.target(), " Wrong customer "),
        )
        .await;
    let target = rejected.unwrap().outcome.target();
    assert_eq!(
        world.stored(shared.id).await.review.reason(),
        Some("Wrong customer")
    );
    let again = world.apply(&world.seller(), &reject(target, "Again")).await;
    assert_eq!(refusals(again), one("HO_NOT_PENDING", ""));
    let accept = Accept {
        target,
        owner: None,
    };
    assert_eq!(
        refusals(world.apply(&world.seller(), &accept).await),
        one("HO_NOT_PENDING", "")
    );
    world.at(DUE);
    assert_eq!(world.tick().await, 0, "what was answered does not expire");
}

#[tokio::test]
async fn r_opp_31_only_the_partner_it_was_shared_with_sees_and_answers_it() {
    let world = World::new().await;
    let shared = world.shared().await;
    assert!(!world.found(&world.rival(), shared.id).await);
    let accept = Accept {
        target: shared.target(),
        owner: None,
    };
    let unknown = one("OPPORTUNITY_NOT_FOUND", "opportunityId");
    assert_eq!(
        refusals(world.apply(&world.rival(), &accept).await),
        unknown
    );
    let missing = one("PERMISSION_MISSING", "");
    assert_eq!(
        refusals(world.apply(&world.reviewer(), &accept).await),
        missing
    );
    assert_eq!(world.stored(shared.id).await.version, 1);
}

#[tokio::test]
async fn the_vendor_shares_only_with_an_active_partner_that_has_somebody_to_answer() {
    let world = World::new().await;
    let share = |partner| Share {
        partner,
        content: ContentEdit {
            particulars: ParticularsEdit {
                offerings: Edit::Set(vec![RIVALS_OFFERING]),
                ..ParticularsEdit::default()
            },
            ..complete()
        },
    };
    let shared = world.apply(&world.reviewer(), &share(world.rival)).await;
    assert_eq!(
        refusals(shared),
        one("PARTNER_HAS_NO_OWNER", "organisationId")
    );
    world
        .run(
            "INSERT INTO member_roles (organisation_id, member_id, role)
             SELECT organisation_id, id, 'SYSTEM_ADMIN' FROM members WHERE id = $1",
            world.rivals_seller.0,
        )
        .await;
    world
        .apply(&world.reviewer(), &share(world.rival))
        .await
        .unwrap();
    for nobody in [world.vendor, IdSource.fresh()] {
        let shared = world.apply(&world.reviewer(), &share(nobody)).await;
        assert_eq!(refusals(shared), one("PARTNER_NOT_FOUND", "organisationId"));
    }
    let shared = world.apply(&world.seller(), &share(world.partner)).await;
    assert_eq!(refusals(shared), one("PERMISSION_MISSING", ""));
    assert_eq!(world.drafts().await, 1);
}

#[tokio::test]
async fn whoever_accepts_names_an_active_member_of_its_own() {
    let world = World::new().await;
    let shared = world.shared().await;
    world.grant_roles().await;
    let accept = |owner| Accept {
        target: shared.target(),
        owner: Some(owner),
    };
    for stranger in [world.rivals_seller, world.reviewer, IdSource.fresh()] {
        let refused = world.apply(&world.seller(), &accept(stranger)).await;
        assert_eq!(refusals(refused), one("OWNER_NOT_FOUND", "ownerId"));
    }
    assert_eq!(
        world.stored(shared.id).await.review,
        Review::PendingAcceptance
    );
    world
        .apply(&world.seller(), &accept(world.colleague))
        .await
        .unwrap();
    assert_eq!(world.stored(shared.id).await.content.owner, world.colleague);
}

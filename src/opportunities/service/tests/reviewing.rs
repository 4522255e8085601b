//! Submitting and reviewing: who may, in which order, and who comes second.

use super::*;

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one opportunity through two rounds")]
async fn a_partner_and_the_vendor_take_it_through_a_refused_and_a_passed_review() {
    let world = World::new().await;
    let submitted = world.submitted().await;
    let reject = ReviewReject {
        target: Target {
            id: submitted.id,
            expected_version: 2,
        },
        reason: " Too vague ".to_owned(),
    };
    world.apply(&world.reviewer(), &reject).await.unwrap();
    let refused = world.stored(submitted.id).await;
    assert_eq!(
        (refused.review.reason(), refused.refused_rounds),
        (Some("Too vague"), 1),
        "R-OPP-26"
    );

    world.clock.advance(chrono::TimeDelta::days(1));
    let update = Update {
        target: Target {
            id: submitted.id,
            expected_version: 3,
        },
        content: named("Clearer"),
    };
    world.apply(&world.seller(), &update).await.unwrap();
    let submit = Submit {
        target: Target {
            id: submitted.id,
            expected_version: 4,
        },
    };
    world.apply(&world.seller(), &submit).await.unwrap();
    let approve = ReviewApprove {
        target: Target {
            id: submitted.id,
            expected_version: 5,
        },
    };
    world.apply(&world.reviewer(), &approve).await.unwrap();

    let stored = world.stored(submitted.id).await;
    let at = now() + chrono::TimeDelta::days(1);
    let submission = Submission { round: 2, at };
    assert_eq!(
        stored.review,
        Review::UnderValidation {
            submission,
            reviewed_at: at
        },
        "R-OPP-14, R-OPP-35"
    );
    assert_eq!(
        (stored.refused_rounds, stored.updated_at, stored.version),
        (1, at, 6)
    );
    let actions = [
        ("opportunity.created", 1),
        ("opportunity.submitted", 2),
        ("opportunity.review_rejected", 3),
        ("opportunity.edited", 4),
        ("opportunity.submitted", 5),
        ("opportunity.review_approved", 6),
    ];
    assert_eq!(
        world.history(submitted.id).await,
        actions.map(|(action, version)| (action.to_owned(), version))
    );
}

#[tokio::test]
async fn another_organisations_opportunity_is_as_unknown_as_one_that_nobody_has() {
    let world = World::new().await;
    let draft = world.draft(complete()).await;
    let unknown = one("OPPORTUNITY_NOT_FOUND", "opportunityId");
    for id in [draft.id, IdSource.fresh(), OpportunityId(Uuid::nil())] {
        let update = Update {
            target: Target {
                id,
                expected_version: 1,
            },
            content: named("B"),
        };
        assert_eq!(
            refusals(world.apply(&world.rival(), &update).await),
            unknown,
            "R-OPP-31"
        );
        let submit = Submit {
            target: Target {
                id,
                expected_version: 1,
            },
        };
        assert_eq!(
            refusals(world.apply(&world.rival(), &submit).await),
            unknown
        );
        let approve = ReviewApprove {
            target: Target {
                id,
                expected_version: 1,
            },
        };
        assert_eq!(
            refusals(world.apply(&world.reviewer(), &approve).await),
            unknown,
            "a draft, R-OPP-10"
        );
    }
    assert_eq!(world.stored(draft.id).await.version, 1);
}

#[tokio::test]
async fn the_vendor_never_submits_and_the_partner_never_reviews() {
    let world = World::new().await;
    let submitted = world.submitted().await;
    let (id, expected_version) = (submitted.id, 2);
    let vendor = with_all_permissions(world.reviewer());
    let partner = with_all_permissions(world.seller());
    let content = named("A");
    let reason = "No".to_owned();
    let create = Create {
        content: content.clone(),
    };
    let update = Update {
        target: Target {
            id,
            expected_version,
        },
        content,
    };
    let submit = Submit {
        target: Target {
            id,
            expected_version,
        },
    };
    let approve = ReviewApprove {
        target: Target {
            id,
            expected_version,
        },
    };
    let reject = ReviewReject {
        target: Target {
            id,
            expected_version,
        },
        reason,
    };
    let missing = one("PERMISSION_MISSING", "");

    assert_eq!(refusals(world.apply(&vendor, &create).await), missing);
    assert_eq!(refusals(world.apply(&vendor, &update).await), missing);
    assert_eq!(refusals(world.apply(&vendor, &submit).await), missing);
    assert_eq!(
        refusals(world.apply(&partner, &approve).await),
        missing,
        "R-OPP-12"
    );
    assert_eq!(
        refusals(world.apply(&partner, &reject).await),
        missing,
        "R-OPP-12"
    );
    assert_eq!(world.stored(id).await.version, 2);
}

#[tokio::test]
async fn a_stale_version_is_refused_with_the_current_one() {
    let world = World::new().await;
    let submitted = world.submitted().await;
    let approve = ReviewApprove {
        target: Target {
            id: submitted.id,
            expected_version: 1,
        },
    };
    let Err(Failure::Refused(Refusals { first, .. })) =
        world.apply(&world.reviewer(), &approve).await
    else {
        panic!("a stale version is refused");
    };
    assert_eq!(
        (first.code, first.reason.0),
        (Code::Conflict, "VERSION_CONFLICT")
    );
    assert_eq!(
        first.data,
        Some(RefusalData::VersionConflict { current: 2 })
    );
    assert_eq!(world.history(submitted.id).await.len(), 2);
}

#[tokio::test]
async fn of_two_reviewers_who_decide_at_once_one_does_and_the_other_learns_of_it() {
    let world = World::new().await;
    let submitted = world.submitted().await;
    let (id, expected_version) = (submitted.id, 2);
    let second = IdSource.fresh();
    world.member(world.vendor, second).await;
    let colleague = viewer(second, world.vendor, OrganisationKind::Vendor);
    let reviewer = world.reviewer();
    let approve = ReviewApprove {
        target: Target {
            id,
            expected_version,
        },
    };
    let reject = ReviewReject {
        target: Target {
            id,
            expected_version,
        },
        reason: "No".to_owned(),
    };

    let (approved, rejected) = tokio::join!(
        world.apply(&reviewer, &approve),
        world.apply(&colleague, &reject)
    );

    assert_ne!(approved.is_ok(), rejected.is_ok());
    let loser = approved.and(rejected);
    assert_eq!(refusals(loser), one("VERSION_CONFLICT", "expectedVersion"));
    assert_eq!(world.history(id).await.len(), 3);
}

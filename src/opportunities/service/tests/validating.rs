//! The vendor's second check: its order, its deadline, and what becomes of the round.

use super::*;

/// Reviewed on Monday 23 November: the tenth working day after it is Monday 7 December.
const DUE: &str = "2026-12-07T16:00:00Z";
const LAST_INSTANT: &str = "2026-12-07T15:59:59.999999Z";

#[tokio::test]
async fn r_opp_14_validation_before_the_review_passed_is_refused() {
    let world = World::new().await;
    let submitted = world.submitted().await;
    let target = submitted.target();
    let early = world
        .apply(&world.reviewer(), &ValidationApprove { target })
        .await;
    assert_eq!(refusals(early), one("NOT_UNDER_VALIDATION", ""));
    let early = world
        .apply(
            &world.reviewer(),
            &ValidationReject {
                target,
                reason: "No".to_owned(),
            },
        )
        .await;
    assert_eq!(refusals(early), one("NOT_UNDER_VALIDATION", ""));
    assert_eq!(world.stored(submitted.id).await.version, 2);
}

#[tokio::test]
async fn r_opp_13_the_last_instant_validates_and_the_next_is_too_late() {
    let world = World::new().await;
    let (first, second) = (world.in_validation().await, world.in_validation().await);
    world.at(LAST_INSTANT);
    let target = first.target();
    world
        .apply(&world.reviewer(), &ValidationApprove { target })
        .await
        .unwrap();
    assert_eq!(
        world.stored(first.id).await.review.state(),
        ReviewState::Validated
    );

    world.at(DUE);
    let now = world.read(&world.reviewer(), second.id).await;
    assert_eq!(now.review.state(), ReviewState::ValidationRejected);
    assert!(now.review.is_timed_out() && now.review.reason().is_none());
    let target = Written::from(&now).target();
    let late = world
        .apply(&world.reviewer(), &ValidationApprove { target })
        .await;
    assert_eq!(refusals(late), one("DEADLINE_PASSED", ""));
    let late = world
        .apply(
            &world.reviewer(),
            &ValidationReject {
                target,
                reason: "No".to_owned(),
            },
        )
        .await;
    assert_eq!(refusals(late), one("DEADLINE_PASSED", ""));
    assert_eq!(
        world.history(second.id).await.len(),
        3,
        "nothing was recorded"
    );
}

/// R-OPP-35: a round that the vendor let pass is not counted, whether or not the job has recorded it.
#[tokio::test]
async fn r_opp_35_a_partner_submits_again_after_a_time_out_without_waiting_for_the_job() {
    for job_runs in [true, false] {
        let world = World::new().await;
        let waiting = world.in_validation().await;
        world.at(DUE);
        if job_runs {
            assert_eq!(world.tick().await, 1);
        }
        let target = Target {
            id: waiting.id,
            expected_version: 4,
        };

        let submitted = world
            .apply(&world.seller(), &Submit { target })
            .await
            .unwrap();

        assert_eq!(submitted.outcome.version, 5);
        let stored = world.stored(waiting.id).await;
        assert_eq!(stored.review.state(), ReviewState::UnderReview);
        assert_eq!((stored.refused_rounds, world.tick().await), (0, 0));
        let actions: Vec<String> = world
            .history(waiting.id)
            .await
            .into_iter()
            .map(|one| one.0)
            .collect();
        assert_eq!(
            actions[3..],
            ["opportunity.validation_timed_out", "opportunity.submitted"]
        );
        let snapshot = world.db.snapshot(world.seller().read_scope());
        let rounds = rounds(&world.seller(), &snapshot, &[waiting.id])
            .await
            .unwrap();
        let outcomes: Vec<_> = rounds
            .iter()
            .map(|round| (round.number, round.outcome))
            .collect();
        assert_eq!(
            outcomes,
            [(1, RoundOutcome::TimedOut), (2, RoundOutcome::Running)]
        );
    }
}

/// R-OPP-26, R-OPP-35: each refusal, in review or validation, is a round; the fourth submission is one too many.
#[tokio::test]
async fn r_opp_26_r_opp_35_three_refused_rounds_are_the_end() {
    let world = World::new().await;
    let mut target = world.in_validation().await.target();
    let reason = || "Not this one".to_owned();
    let reviewer = world.reviewer();
    let refused = world
        .apply(
            &reviewer,
            &ValidationReject {
                target,
                reason: reason(),
            },
        )
        .await;
    target = refused.unwrap().outcome.target();
    for _ in 0..2 {
        target = world
            .apply(&world.seller(), &Submit { target })
            .await
            .unwrap()
            .outcome
            .target();
        let refused = world
            .apply(
                &reviewer,
                &ReviewReject {
                    target,
                    reason: reason(),
                },
            )
            .await;
        target = refused.unwrap().outcome.target();
    }
    assert_eq!(
        refusals(world.apply(&world.seller(), &Submit { target }).await),
        one("ROUND_LIMIT", "")
    );
    let snapshot = world.db.snapshot(reviewer.read_scope());
    let rounds = rounds(&reviewer, &snapshot, &[target.id]).await.unwrap();
    let outcomes: Vec<_> = rounds.iter().map(|round| round.outcome).collect();
    assert_eq!(
        outcomes,
        [
            RoundOutcome::ValidationRejected,
            RoundOutcome::ReviewRejected,
            RoundOutcome::ReviewRejected
        ]
    );
    assert!(
        rounds
            .iter()
            .all(|round| round.reason.as_deref() == Some("Not this one"))
    );
    assert_eq!(rounds[0].reviewed.as_ref().unwrap().1, reviewer.actor());
}

#[tokio::test]
async fn r_opp_8_on_a_site_without_validation_the_review_settles_it() {
    let world = World::new().await;
    world
        .run(
            "UPDATE rules SET value = '{\"validation\": false, \"validation_working_days\": 10}'
             WHERE name = 'opportunity.checks' AND id <> $1",
            Uuid::nil(),
        )
        .await;
    let approved = world.in_validation().await;
    let stored = world.stored(approved.id).await;
    assert_eq!(stored.review.state(), ReviewState::Validated);
    assert_eq!(
        (stored.deadline, stored.review.settled_at()),
        (None, Some(now()))
    );
}

#[tokio::test]
async fn a_resubmission_says_what_differs_from_the_round_before() {
    let world = World::new().await;
    let submitted = world.submitted().await;
    let reason = "Unclear".to_owned();
    let target = submitted.target();
    let refused = world
        .apply(&world.reviewer(), &ReviewReject { target, reason })
        .await;
    let target = refused.unwrap().outcome.target();
    let content = ContentEdit {
        need: text("Something else"),
        decision_maker: text("Somebody else"),
        description: text("Moves the warehouse system into the cloud. "),
        ..ContentEdit::default()
    };
    let updated = world
        .apply(&world.seller(), &Update { target, content })
        .await
        .unwrap();
    let content = ContentEdit {
        customer_region: text("华北"),
        ..ContentEdit::default()
    };
    let target = updated.outcome.target();
    let updated = world
        .apply(&world.seller(), &Update { target, content })
        .await
        .unwrap();
    let content = ContentEdit {
        customer_region: text("华东"),
        ..ContentEdit::default()
    };
    let target = updated.outcome.target();
    let updated = world
        .apply(&world.seller(), &Update { target, content })
        .await
        .unwrap();
    let target = updated.outcome.target();
    world
        .apply(&world.seller(), &Submit { target })
        .await
        .unwrap();

    let snapshot = world.db.snapshot(world.reviewer().read_scope());
    let rounds = rounds(&world.reviewer(), &snapshot, &[target.id])
        .await
        .unwrap();
    let mut changed = rounds[1].changed.clone();
    changed.sort();
    assert_eq!(
        changed,
        ["decisionMaker", "need"],
        "what came back to what it was does not differ"
    );
    assert_eq!(rounds[0].content["need"], "A warehouse that is never down");
    assert!(
        !rounds[0].content.contains_key("decisionMaker"),
        "nothing of a person"
    );
    assert!(world.stored(target.id).await.edited.is_empty());
}

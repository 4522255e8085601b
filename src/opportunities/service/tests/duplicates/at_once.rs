//! Two callers at once, and whoever comes in the last instant.

use std::time::Duration;

use super::*;

const ROUNDS: usize = 25;

/// R-OPP-25: the vendor shares one need with two partners at once, many times: one of them gets it.
#[tokio::test]
async fn r_opp_25_of_two_shares_at_once_one_is_made() {
    let world = World::with_owners().await;
    for round in 0..ROUNDS {
        let customer = format!("客户 {round}");
        let (one, other) = (world.to_partner(&customer), world.to_rival(&customer));
        let (one, other) = tokio::join!(world.share(&one), world.share(&other));
        let (won, lost) = match (one, other) {
            (Ok(won), lost @ Err(_)) | (lost @ Err(_), Ok(won)) => (won.outcome, lost),
            both => panic!("one of them: {both:?}"),
        };
        assert_eq!(duplicate(lost), ("HO_SHARED_ALREADY", named_by(won)));
    }
}

/// R-OPP-25: a review passes while the vendor shares the same need, many times: one of the two stands, the other never.
#[tokio::test]
async fn r_opp_25_of_a_review_and_a_share_at_once_one_stands() {
    let world = World::with_owners().await;
    for round in 0..ROUNDS {
        let customer = format!("客户 {round}");
        let submitted = world.submitted_for(&customer).await;
        let approve = ReviewApprove {
            target: target(submitted),
        };
        let share = world.to_rival(&customer);
        let reviewer = world.reviewer();
        let (passed, shared) = if round % 2 == 0 {
            tokio::join!(world.apply(&reviewer, &approve), world.share(&share))
        } else {
            let (shared, passed) =
                tokio::join!(world.share(&share), world.apply(&reviewer, &approve));
            (passed, shared)
        };
        let passed = passed.unwrap().outcome;
        match (shared, world.validate(passed).await) {
            (Ok(shared), refused) => {
                let expected = ("PO_DUPLICATE", named_by(shared.outcome));
                assert_eq!(duplicate(refused), expected, "{round}");
            }
            (refused, Ok(validated)) => {
                let expected = ("HO_DUPLICATE", named_by(validated.outcome));
                assert_eq!(duplicate(refused), expected, "{round}");
            }
            both => panic!("one of them, in round {round}: {both:?}"),
        }
    }
}

/// R-OPP-8, R-OPP-25: the same where the review is the last check.
#[tokio::test]
async fn r_opp_25_without_a_validation_a_review_and_a_share_at_once_leave_one() {
    let world = World::with_owners().await;
    world.leave_validation_out(true).await;
    for round in 0..ROUNDS {
        let customer = format!("客户 {round}");
        let approve = ReviewApprove {
            target: target(world.submitted_for(&customer).await),
        };
        let (share, reviewer) = (world.to_rival(&customer), world.reviewer());
        let (passed, shared) = tokio::join!(world.apply(&reviewer, &approve), world.share(&share));
        match (passed, shared) {
            (Ok(passed), refused @ Err(_)) => {
                let expected = ("HO_DUPLICATE", named_by(passed.outcome));
                assert_eq!(duplicate(refused), expected, "{round}");
            }
            (refused @ Err(_), Ok(shared)) => {
                let expected = ("PO_DUPLICATE", named_by(shared.outcome));
                assert_eq!(duplicate(refused), expected, "{round}");
            }
            both => panic!("one of them, in round {round}: {both:?}"),
        }
    }
}

/// R-OPP-25: a review that began before the vendor shared and gets its turn after it is the later one, whatever its clock
/// says; so is one at the very same instant.
#[tokio::test]
async fn r_opp_25_the_turn_decides_what_two_clocks_cannot() {
    for minutes in [0, 5] {
        let world = World::with_owners().await;
        let submitted = world.submitted_for("长河物流").await;
        let mut tx = world.begun(&Scope::Vendor, &world.reviewer()).await;
        world.clock.advance(chrono::TimeDelta::minutes(minutes));
        let shared = world
            .share(&world.to_rival("长河物流"))
            .await
            .unwrap()
            .outcome;
        let approve = ReviewApprove {
            target: target(submitted),
        };
        let passed = approve.apply(&mut tx, &Scope::Vendor).await.unwrap();
        tx.commit().await.unwrap();
        let refused = world.validate(passed).await;
        assert_eq!(
            duplicate(refused),
            ("PO_DUPLICATE", named_by(shared)),
            "{minutes}"
        );
    }
}

/// R-OPP-4, R-OPP-25: whoever accepts in the last instant is waited for by a validation that begins after it.
#[tokio::test]
async fn r_opp_25_an_acceptance_in_the_last_instant_is_waited_for() {
    let world = World::with_owners().await;
    let shared = world
        .share(&world.to_rival("长河物流"))
        .await
        .unwrap()
        .outcome;
    let late = world.under_validation(&world.seller(), complete()).await;
    world.at("2026-11-26T15:59:59.999999Z");
    let own = Scope::Own(world.rival);
    let mut tx = world.begun(&own, &world.rival()).await;
    let accept = Accept {
        target: target(shared),
        owner: None,
    };
    accept.apply(&mut tx, &own).await.unwrap();
    world.at("2026-11-26T16:00:00Z");
    let commit = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        tx.commit().await.unwrap();
    };
    let (validated, ()) = tokio::join!(world.validate(late), commit);
    assert_eq!(duplicate(validated), ("PO_DUPLICATE", named_by(shared)));
}

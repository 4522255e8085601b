//! The vendor's queues and batches, who decides, who answers, and the vendor's own view.

use super::super::super::model::{Forecast, Side};
use super::*;

fn approve(target: Target) -> Item {
    Item {
        target,
        decision: Decision::Approve,
    }
}

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "five items, and each with its answer"
)]
async fn a_refused_item_of_a_batch_stops_no_other_and_a_replay_answers_the_same() {
    let world = World::new().await;
    let (first, second, third) = (
        world.submitted().await,
        world.submitted().await,
        world.draft(complete()).await,
    );
    let stale = Target {
        expected_version: 1,
        ..second.target()
    };
    let batch = ReviewDecide(vec![
        approve(third.target()),
        approve(stale),
        approve(first.target()),
        Item {
            target: second.target(),
            decision: Decision::Reject(" ".to_owned()),
        },
        Item {
            target: second.target(),
            decision: Decision::Reject("Too vague".to_owned()),
        },
    ]);
    let key = fresh_key();
    let mut seen = Vec::new();
    for replayed in [false, true] {
        let applied = world
            .db
            .apply(&world.reviewer(), "c-1", key, &batch)
            .await
            .unwrap();
        assert_eq!(applied.replayed, replayed);
        let answers: Vec<_> = applied
            .outcome
            .iter()
            .map(|result| {
                let reasons = result
                    .refusals()
                    .iter()
                    .map(|it| it.reason.0)
                    .collect::<Vec<_>>();
                (result.id, result.is_done(), reasons)
            })
            .collect();
        seen.push(answers);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(
        seen[0],
        [
            (third.id, false, vec!["OPPORTUNITY_NOT_FOUND"]),
            (second.id, false, vec!["VERSION_CONFLICT"]),
            (first.id, true, vec![]),
            (second.id, false, vec!["REASON_REQUIRED"]),
            (second.id, true, vec![]),
        ]
    );
    assert_eq!(
        world.stored(first.id).await.review.state(),
        ReviewState::UnderValidation
    );
    assert_eq!(
        world.stored(second.id).await.review.reason(),
        Some("Too vague")
    );
    assert_eq!(world.history(first.id).await.len(), 3);
}

#[tokio::test]
async fn a_batch_is_the_vendors_and_of_one_to_fifty_items() {
    let world = World::new().await;
    let item = approve(world.submitted().await.target());
    let refused = world
        .apply(&world.seller(), &ReviewDecide(vec![item.clone()]))
        .await;
    assert_eq!(refusals(refused), one("PERMISSION_MISSING", ""));
    for size in [0, 51] {
        let batch = ReviewDecide(vec![item.clone(); size]);
        assert_eq!(
            refusals(world.apply(&world.reviewer(), &batch).await),
            one("BATCH_SIZE", "items")
        );
        let batch = ValidationDecide(vec![item.clone(); size]);
        assert_eq!(
            refusals(world.apply(&world.reviewer(), &batch).await),
            one("BATCH_SIZE", "items")
        );
    }
    let fifty = world
        .apply(&world.reviewer(), &ReviewDecide(vec![item; 50]))
        .await
        .unwrap();
    assert_eq!(
        fifty
            .outcome
            .iter()
            .filter(|result| result.is_done())
            .count(),
        1
    );
}

#[tokio::test]
async fn only_somebody_of_the_vendors_who_decides_the_check_is_named_for_it() {
    let world = World::new().await;
    let target = world.submitted().await.target();
    let name = |reviewer| ReviewerAssign {
        target,
        reviewer: Some(reviewer),
    };
    for nobody in [world.reviewer, world.seller, IdSource.fresh()] {
        let refused = world.apply(&world.reviewer(), &name(nobody)).await;
        assert_eq!(refusals(refused), one("REVIEWER_NOT_FOUND", "reviewerId"));
    }
    world.grant_roles().await;
    let named = world
        .apply(&world.reviewer(), &name(world.reviewer))
        .await
        .unwrap();
    let mine = Filter {
        conditions: vec![
            Condition::Reviewer(world.reviewer),
            Condition::WaitingOn(Side::Vendor),
        ],
        ..Filter::default()
    };
    let snapshot = world.db.snapshot(Scope::Vendor);
    assert_eq!(count(&world.reviewer(), &snapshot, &mine).await.unwrap(), 1);
    let target = named.outcome.target();
    let withdrawn = ReviewerAssign {
        target,
        reviewer: None,
    };
    world.apply(&world.reviewer(), &withdrawn).await.unwrap();
    assert_eq!(world.stored(target.id).await.reviewer, None);
}

#[tokio::test]
async fn an_owner_is_an_active_colleague_whose_roles_work_on_opportunities() {
    let world = World::new().await;
    let target = world.submitted().await.target();
    let name = |owner| AssignOwner { target, owner };
    for stranger in [world.rivals_seller, world.reviewer, IdSource.fresh()] {
        let refused = world.apply(&world.seller(), &name(stranger)).await;
        assert_eq!(refusals(refused), one("OWNER_NOT_FOUND", "ownerId"));
    }
    let refused = world.apply(&world.seller(), &name(world.colleague)).await;
    assert_eq!(refusals(refused), one("OWNER_CANNOT_WRITE", "ownerId"));
    assert_eq!(world.stored(target.id).await.version, 2);
    world.grant_roles().await;
    world
        .apply(&world.seller(), &name(world.colleague))
        .await
        .unwrap();
    let stored = world.stored(target.id).await;
    assert_eq!((stored.content.owner, stored.version), (world.colleague, 3));
}

#[tokio::test]
async fn both_read_the_vendors_view_and_the_partner_nothing_that_is_internal() {
    let world = World::new().await;
    let target = world.validated().await.target();
    let edit = VendorViewEdit {
        next_step: text("Call the customer"),
        customer_owner: Edit::Set(world.reviewer),
        forecast: Edit::Set(Forecast::Commit),
        internal_note: text("They also talk to others"),
        ..VendorViewEdit::default()
    };
    let update = VendorViewUpdate { target, edit };
    assert_eq!(
        refusals(world.apply(&world.seller(), &update).await),
        one("PERMISSION_MISSING", "")
    );
    world.apply(&world.reviewer(), &update).await.unwrap();

    let views = async |viewer: &Viewer| {
        let snapshot = world.db.snapshot(viewer.read_scope());
        vendor_views(viewer, &snapshot, &[target.id]).await.unwrap()
    };
    let (vendors, partners) = (views(&world.reviewer()).await, views(&world.seller()).await);
    assert_eq!(vendors[0].forecast, Some(Forecast::Commit));
    assert_eq!(partners[0].next_step.as_deref(), Some("Call the customer"));
    assert_eq!(
        (partners[0].forecast, &partners[0].internal_note),
        (None, &None)
    );
    assert!(views(&world.rival()).await.is_empty());
    let mut app = world.test.connect("portico_app").await;
    let refused = sqlx::query("SELECT internal_note FROM opportunity_vendor_views")
        .execute(&mut app)
        .await;
    assert!(refused.is_err(), "the partner's role cannot even ask");
    let mut owner = world.test.connect("portico_owner").await;
    let details: serde_json::Value = sqlx::query_scalar(
        "SELECT details FROM timeline_entries WHERE object_id = $1 AND action = 'opportunity.vendor_view_updated'",
    )
    .bind(target.id.0)
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!(
        details,
        json!({ "changed": ["nextStep", "customerOwnerId"] })
    );
}

#[tokio::test]
async fn a_list_narrows_to_whose_turn_it_is_and_to_what_is_due() {
    let world = World::new().await;
    world.draft(complete()).await;
    world.submitted().await;
    world.in_validation().await;
    world.shared().await;
    let count_of = async |viewer: &Viewer, condition| {
        let filter = Filter {
            conditions: vec![condition],
            ..Filter::default()
        };
        let snapshot = world.db.snapshot(viewer.read_scope());
        count(viewer, &snapshot, &filter).await.unwrap()
    };
    let seller = world.seller();
    assert_eq!(
        count_of(&seller, Condition::WaitingOn(Side::Partner)).await,
        2
    );
    assert_eq!(
        count_of(&seller, Condition::WaitingOn(Side::Vendor)).await,
        2
    );
    for (days, due) in [(2, 0), (3, 1), (9, 1), (10, 2)] {
        assert_eq!(
            count_of(&seller, Condition::DueWithinWorkingDays(days)).await,
            due,
            "{days}"
        );
    }
    world.at("2026-11-26T16:00:00Z");
    assert_eq!(
        count_of(&seller, Condition::WaitingOn(Side::Partner)).await,
        1,
        "taken back"
    );
    assert_eq!(
        count_of(&seller, Condition::DueWithinWorkingDays(10)).await,
        1
    );
}

//! Drafts that go, deals that the vendor cancels, and deals that are lost.

use super::super::super::model::LossReason;
use super::*;

#[tokio::test]
async fn r_opp_10_a_deleted_draft_is_gone_for_everybody_and_its_row_says_nothing_of_people() {
    let world = World::new().await;
    let content = ContentEdit {
        external_reference: text("CRM-9"),
        ..complete()
    };
    let draft = world.draft(content.clone()).await;
    let target = draft.target();
    let unknown = one("OPPORTUNITY_NOT_FOUND", "opportunityId");
    for stranger in [world.rival(), world.reviewer()] {
        let refused = refusals(world.apply(&stranger, &Delete { target }).await);
        assert!(refused == unknown || refused == one("PERMISSION_MISSING", ""));
    }
    assert!(world.found(&world.seller(), draft.id).await);

    world
        .apply(&world.seller(), &Delete { target })
        .await
        .unwrap();

    assert!(!world.found(&world.seller(), draft.id).await);
    assert_eq!(
        world.count_in(&world.seller(), &[ReviewState::Draft]).await,
        0
    );
    let target = Target {
        expected_version: 2,
        ..target
    };
    for gone in [
        world.apply(&world.seller(), &Submit { target }).await,
        world.apply(&world.seller(), &Delete { target }).await,
    ] {
        assert_eq!(refusals(gone), unknown);
    }
    let mut owner = world.test.connect("portico_owner").await;
    let kept: (String, serde_json::Value) =
        sqlx::query_as("SELECT decision_maker, contacts FROM opportunities WHERE id = $1")
            .bind(draft.id.0)
            .fetch_one(&mut owner)
            .await
            .unwrap();
    assert_eq!(kept, (String::new(), json!([])));
    assert_eq!(world.history(draft.id).await.len(), 2, "history stays");
    world.draft(content).await;
}

#[tokio::test]
async fn r_opp_11_what_was_submitted_is_neither_edited_nor_deleted() {
    let world = World::new().await;
    let target = world.submitted().await.target();
    let not = one("PO_NOT_WITHDRAWABLE", "");
    assert_eq!(
        refusals(world.apply(&world.seller(), &Delete { target }).await),
        not
    );
    let reason = "No".to_owned();
    let refused = world
        .apply(&world.reviewer(), &ReviewReject { target, reason })
        .await;
    let target = refused.unwrap().outcome.target();
    assert_eq!(
        refusals(world.apply(&world.seller(), &Delete { target }).await),
        not,
        "what has been through the vendor's hands stays"
    );
}

#[tokio::test]
async fn r_opp_12_r_opp_34_the_vendor_cancels_what_is_settled_and_not_signed() {
    let world = World::new().await;
    let cancel = |target| Cancel {
        target,
        reason: "The customer withdrew".to_owned(),
    };
    let submitted = world.submitted().await;
    let early = world
        .apply(&world.reviewer(), &cancel(submitted.target()))
        .await;
    assert_eq!(refusals(early), one("OPPORTUNITY_NOT_CANCELLABLE", ""));
    let validated = world.validated().await;
    let by_partner = world
        .apply(&world.seller(), &cancel(validated.target()))
        .await;
    assert_eq!(refusals(by_partner), one("PERMISSION_MISSING", ""));
    for (stage, refused) in [
        ("SIGNED", true),
        ("DELIVERING", true),
        ("DELIVERED", true),
        ("NEGOTIATION", false),
    ] {
        let mut owner = world.test.connect("portico_owner").await;
        sqlx::query("UPDATE opportunities SET progress_stage = $2 WHERE id = $1")
            .bind(validated.id.0)
            .bind(stage)
            .execute(&mut owner)
            .await
            .unwrap();
        let answer = world
            .apply(&world.reviewer(), &cancel(validated.target()))
            .await;
        if refused {
            assert_eq!(refusals(answer), one("OPPORTUNITY_SIGNED", ""), "{stage}");
        } else {
            answer.unwrap();
        }
    }
    let stored = world.stored(validated.id).await;
    assert_eq!(stored.review.state(), ReviewState::CancelledByVendor);
    assert_eq!(
        stored.review.reason(),
        Some("The customer withdrew"),
        "R-GEN-4"
    );
    let target = Written::from(&stored).target();
    let again = world.apply(&world.reviewer(), &cancel(target)).await;
    assert_eq!(
        refusals(again),
        one("OPPORTUNITY_NOT_CANCELLABLE", ""),
        "it is final"
    );
}

#[tokio::test]
async fn a_lost_deal_is_over_for_both_sides() {
    let world = World::new().await;
    let target = world.validated().await.target();
    let lose = |target| Lose {
        target,
        reason: LossReason::Price,
        note: Some(" Too dear ".to_owned()),
    };
    let by_vendor = world.apply(&world.reviewer(), &lose(target)).await;
    assert_eq!(refusals(by_vendor), one("PERMISSION_MISSING", ""));
    let done = world.apply(&world.seller(), &lose(target)).await;
    let target = done.unwrap().outcome.target();
    let stored = world.stored(target.id).await;
    assert_eq!(
        stored.loss,
        Some((LossReason::Price, Some("Too dear".to_owned())))
    );
    assert_eq!(
        refusals(world.apply(&world.seller(), &lose(target)).await),
        one("PROGRESS_ENDED", "")
    );
    let reason = "No".to_owned();
    let cancelled = world
        .apply(&world.reviewer(), &Cancel { target, reason })
        .await;
    assert_eq!(refusals(cancelled), one("OPPORTUNITY_SIGNED", ""));
}

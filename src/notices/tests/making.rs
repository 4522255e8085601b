//! From the feed to notices: none lost, none double, to whom it concerns and nobody else.

use super::*;

/// R-GEN-5: review results go to the deal's owner and to whoever handed it in.
#[tokio::test]
async fn r_gen_5_a_review_result_is_told_to_the_owner_and_to_the_submitter_by_mail() {
    let deal = Deal::refused().await;

    deal.make(&deal.replica()).await;

    let told = [
        "colleague OPPORTUNITY_REVIEW_REJECTED",
        "owner OPPORTUNITY_REVIEW_REJECTED",
    ];
    assert_eq!(deal.notices().await, told);
    assert_eq!(
        deal.deliveries().await,
        ["colleague PENDING 0", "owner PENDING 0"]
    );
}

#[tokio::test]
async fn a_resubmission_is_told_to_the_assigned_reviewer_and_else_to_whoever_refused_it_last() {
    let mut deal = Deal::refused().await;
    deal.happen(deal.owner, "opportunity.submitted").await;
    // Whom it is assigned to stands in the entry; that it is no member of the vendor is no matter here.
    deal.happen(deal.reviewer, "opportunity.reviewer_assigned")
        .await;
    deal.happen(deal.owner, "opportunity.submitted").await;

    deal.make(&deal.replica()).await;

    let told = deal.notices().await;
    let resubmitted: Vec<&str> = told
        .iter()
        .filter_map(|told| told.strip_suffix(" OPPORTUNITY_RESUBMITTED"))
        .collect();
    assert_eq!(resubmitted, ["colleague", "reviewer"]);
    assert!(told.contains(&"colleague OPPORTUNITY_REVIEWER_ASSIGNED".to_owned()));
}

#[tokio::test]
async fn whoever_is_to_answer_for_a_deal_is_told() {
    let mut deal = Deal::new().await;
    deal.happen(deal.owner, "opportunity.owner_assigned").await;

    deal.make(&deal.replica()).await;

    assert_eq!(
        deal.notices().await,
        ["colleague OPPORTUNITY_OWNER_ASSIGNED"]
    );
    assert_eq!(deal.deliveries().await, [""; 0]);
}

#[tokio::test]
async fn nobody_is_told_what_they_did_themselves_and_a_disabled_member_nothing() {
    let mut deal = Deal::new().await;
    deal.happen(deal.colleague, "opportunity.submitted").await;
    deal.happen(deal.owner, "opportunity.progress_added").await;
    deal.execute(
        "UPDATE members SET state = 'DISABLED', disabled_at = $2 WHERE id = $1",
        &[deal.colleague.0],
    )
    .await;
    deal.happen(deal.reviewer, "opportunity.review_approved")
        .await;

    deal.make(&deal.replica()).await;

    assert_eq!(deal.notices().await, ["owner OPPORTUNITY_REVIEW_APPROVED"]);
}

#[tokio::test]
async fn a_shared_opportunity_is_told_to_the_owner_and_the_main_account_once_each() {
    let mut deal = Deal::new().await;
    deal.execute(
        "UPDATE organisations SET main_account_id = $2 WHERE id = $1 AND created_at <= $3",
        &[deal.partner.0, deal.colleague.0],
    )
    .await;
    deal.happen(deal.reviewer, "opportunity.shared").await;
    deal.happen(deal.owner, "opportunity.accepted").await;

    deal.make(&deal.replica()).await;

    let told = [
        "colleague OPPORTUNITY_SHARED",
        "owner OPPORTUNITY_SHARED",
        "reviewer OPPORTUNITY_ACCEPTED",
    ];
    assert_eq!(deal.notices().await, told);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replicas_that_make_at_the_same_time_make_each_notice_once() {
    let mut deal = Deal::refused().await;
    for _ in 0..20 {
        deal.happen(deal.reviewer, "opportunity.progress_added")
            .await;
    }
    let replicas = [deal.replica(), deal.replica()];

    let runs = (0..8).map(|run| {
        let db = replicas[run % 2].clone();
        tokio::spawn(async move { making(Channel::Email).run(&db).await.unwrap() })
    });
    for run in futures_util::future::join_all(runs).await {
        run.unwrap();
    }

    // Whoever found another at work left; what is left is made by the next tick.
    deal.make(&replicas[0]).await;
    assert_eq!(deal.notices().await.len(), 22);
}

#[tokio::test]
async fn a_replica_that_is_killed_in_mid_batch_has_made_nothing_and_another_makes_all() {
    let deal = Deal::refused().await;
    let (one, other) = (deal.replica(), deal.replica());
    let mut killed = crate::jobs::begin(&one, consumer::NAME).await.unwrap();
    let position = store::lock_position(&mut killed).await.unwrap().unwrap();
    store::record_position(&mut killed, position + 2)
        .await
        .unwrap();

    // While it lives, the other leaves the feed to it.
    deal.make(&other).await;
    assert_eq!(deal.notices().await, [""; 0]);
    drop(killed);
    // The server takes a moment to notice.
    loop {
        let mut tx = crate::jobs::begin(&other, consumer::NAME).await.unwrap();
        if store::lock_position(&mut tx).await.unwrap().is_some() {
            tx.commit().await.unwrap();
            break;
        }
    }

    deal.make(&other).await;
    assert_eq!(deal.notices().await.len(), 2);
}

#[tokio::test]
async fn a_feed_that_is_read_again_makes_no_notice_and_no_delivery_double() {
    let deal = Deal::refused().await;
    deal.make(&deal.replica()).await;
    deal.execute(
        "UPDATE notice_position SET seq = 0 WHERE $1::timestamptz IS NOT NULL",
        &[],
    )
    .await;

    deal.make(&deal.replica()).await;

    assert_eq!(deal.notices().await.len(), 2);
    assert_eq!(deal.deliveries().await.len(), 2);
}

#[tokio::test]
async fn old_news_stand_in_the_portal_and_are_not_sent() {
    let deal = Deal::refused().await;
    deal.clock
        .advance(TimeDelta::days(7) + TimeDelta::microseconds(1));

    deal.make(&deal.replica()).await;

    assert_eq!(deal.notices().await.len(), 2);
    assert_eq!(deal.deliveries().await, [""; 0]);
}

#[tokio::test]
async fn a_text_message_is_sent_to_who_asks_for_it_and_a_mail_not_to_who_does_not_want_it() {
    let deal = Deal::refused().await;
    deal.execute(
        "INSERT INTO notice_preferences (organisation_id, member_id, topic, channel, enabled)
         SELECT $1, $2, 'REVIEWS', 'SMS', $3::timestamptz IS NOT NULL",
        &[deal.partner.0, deal.owner.0],
    )
    .await;
    deal.execute(
        "INSERT INTO notice_preferences (organisation_id, member_id, topic, channel, enabled)
         SELECT $1, $2, 'REVIEWS', 'EMAIL', $3::timestamptz IS NULL",
        &[deal.partner.0, deal.colleague.0],
    )
    .await;
    let folder =
        std::env::temp_dir().join(format!("portico-sms-{}", id::<OpportunityId>().global()));
    std::fs::create_dir(&folder).unwrap();
    let db = deal.replica();

    let mut both = making(Channel::Sms);
    both.channels = Channel::ALL.iter().copied().collect();
    both.run(&db).await.unwrap();
    let mut texting = delivering(&PostOffice::closed().await);
    texting.channels = Channels {
        mail: None,
        sms: Some(Arc::new(SmsFolder(folder.clone()))),
    };
    texting.run(&db).await.unwrap();

    assert_eq!(deal.deliveries().await, ["owner PENDING 0", "owner SENT 1"]);
    let written: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let text = std::fs::read_to_string(written[0].path()).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(written.len(), 1);
    let expected = format!(
        "+8613800000000\n机会点 OPP-2026-7F3K9Q 被厂商审核驳回。请查看原因，修改后再次提交。 https://portal.example/?id={}\n",
        deal.opportunity.global()
    );
    assert_eq!(text, expected);
}

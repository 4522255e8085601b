//! From notices to mailboxes: at least once over any crash, retried while it may pass, given up when it cannot.

use super::super::delivery::lease;
use super::*;

/// R-GEN-5, as bytes on the wire: each in the language of its reader.
#[tokio::test]
async fn r_gen_5_the_mail_is_in_the_language_of_its_reader_and_holds_reason_and_link() {
    let (deal, office) = (Deal::refused().await, PostOffice::open(&[]).await);
    let db = deal.replica();
    deal.make(&db).await;

    delivering(&office).run(&db).await.unwrap();

    let [english, chinese] = office.received().try_into().unwrap();
    assert_eq!(english.header("To"), "colleague@partner.example");
    assert_eq!(
        english.header("Subject"),
        "Opportunity OPP-2026-7F3K9Q was refused in review"
    );
    assert_eq!(chinese.header("To"), "owner@partner.example");
    assert_eq!(
        chinese.header("Subject"),
        "机会点 OPP-2026-7F3K9Q 被审核驳回"
    );
    for (mail, sentence) in [
        (
            &english,
            "The vendor's review refused opportunity OPP-2026-7F3K9Q.",
        ),
        (&chinese, "机会点 OPP-2026-7F3K9Q 被厂商审核驳回。"),
    ] {
        let link = format!("https://portal.example/?id={}", deal.opportunity.global());
        for part in [sentence, "请补充预算 & 时间", &link] {
            assert!(
                mail.body("text/plain").contains(part),
                "{part} in {}",
                mail.0
            );
        }
        assert!(mail.body("text/html").contains("请补充预算 &amp; 时间"));
        assert_eq!(mail.header("List-Id"), "<notices.portal.example>");
        assert_eq!(mail.header("Date"), "Mon, 23 Nov 2026 02:00:00 +0000");
        assert!(mail.header("Message-ID").ends_with("@portal.example>"));
        // Nobody reads of anybody else.
        let other = if mail.0 == english.0 {
            "owner@"
        } else {
            "colleague@"
        };
        assert!(!mail.0.contains(other));
    }
    assert_eq!(
        deal.deliveries().await,
        ["colleague SENT 1", "owner SENT 1"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replicas_that_send_at_the_same_time_send_each_mail_once() {
    let mut deal = Deal::refused().await;
    for _ in 0..10 {
        deal.happen(deal.reviewer, "opportunity.review_approved")
            .await;
    }
    let office = Arc::new(PostOffice::open(&[]).await);
    let replicas = [deal.replica(), deal.replica()];
    deal.make(&replicas[0]).await;

    let runs = (0..4).map(|run| {
        let (db, office) = (replicas[run % 2].clone(), Arc::clone(&office));
        tokio::spawn(async move { delivering(&office).run(&db).await.unwrap() })
    });
    for run in futures_util::future::join_all(runs).await {
        run.unwrap();
    }

    assert_eq!(office.received().len(), 22);
    assert!(
        deal.deliveries()
            .await
            .iter()
            .all(|delivery| delivery.ends_with("SENT 1"))
    );
}

/// R8: killed between sending and marking, the same mail comes again, under the same Message-ID; never is it lost.
#[tokio::test]
async fn a_mail_whose_sender_is_killed_before_it_is_marked_comes_again_under_the_same_id() {
    let (deal, office) = (Deal::refused().await, PostOffice::open(&[]).await);
    let (one, other) = (deal.replica(), deal.replica());
    deal.make(&one).await;
    let job = delivering(&office);
    for due in lease(&one, &[Channel::Email]).await.unwrap() {
        job.send(&one, &due).await.unwrap();
    }
    assert_eq!(office.received().len(), 2);

    // Its lease is respected to the last microsecond.
    deal.clock
        .advance(TimeDelta::minutes(2) - TimeDelta::microseconds(1));
    job.run(&other).await.unwrap();
    assert_eq!(office.received().len(), 2);
    deal.clock.advance(TimeDelta::microseconds(1));
    job.run(&other).await.unwrap();

    let ids: Vec<String> = office
        .received()
        .iter()
        .map(|mail| mail.header("Message-ID"))
        .collect();
    assert_eq!(ids.len(), 4);
    assert!(
        ids[0] == ids[1] && ids[2] == ids[3] && ids[1] != ids[2],
        "{ids:?}"
    );
    assert_eq!(
        deal.deliveries().await,
        ["colleague SENT 2", "owner SENT 2"]
    );
}

/// R29: while the server is away deliveries wait, longer each time; when it is back they go.
#[tokio::test]
async fn mail_waits_for_a_server_that_is_away_and_goes_when_it_is_back() {
    let (deal, closed) = (Deal::refused().await, PostOffice::closed().await);
    let db = deal.replica();
    deal.make(&db).await;
    let job = delivering(&closed);

    job.run(&db).await.unwrap();

    let waiting = [
        "colleague PENDING 1 SERVER_UNREACHABLE",
        "owner PENDING 1 SERVER_UNREACHABLE",
    ];
    assert_eq!(deal.deliveries().await, waiting);
    assert_eq!(job.outstanding.pending(), 2);
    assert_eq!(job.outstanding.oldest_pending(), Some(deal.now()));

    // Not before its time.
    deal.wait(4);
    job.run(&db).await.unwrap();
    assert_eq!(deal.deliveries().await, waiting);

    let open = closed.opened().await;
    deal.wait(2);
    job.run(&db).await.unwrap();
    assert_eq!(open.received().len(), 2);
    assert_eq!(
        deal.deliveries().await,
        ["colleague SENT 2", "owner SENT 2"]
    );
    assert_eq!(
        (job.outstanding.pending(), job.outstanding.oldest_pending()),
        (0, None)
    );
}

#[tokio::test]
async fn an_address_that_is_refused_for_good_is_given_up_and_one_refused_for_now_is_tried_to_the_end()
 {
    let deal = Deal::refused().await;
    let office = PostOffice::open(&[("owner", "550 nobody"), ("colleague", "451 later")]).await;
    let db = deal.replica();
    deal.make(&db).await;
    let job = delivering(&office);

    job.run(&db).await.unwrap();

    let expected = [
        "colleague PENDING 1 REFUSED_FOR_NOW",
        "owner FAILED 1 REFUSED_BY_SERVER",
    ];
    assert_eq!(deal.deliveries().await, expected);

    // The pauses of the rule, each with its jitter, and no day more.
    for seconds in [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000] {
        deal.wait(seconds - 1);
        job.run(&db).await.unwrap();
        deal.wait(seconds / 5 + 1);
        job.run(&db).await.unwrap();
    }
    assert_eq!(
        deal.deliveries().await[0],
        "colleague PENDING 9 REFUSED_FOR_NOW"
    );
    deal.wait(86_400 + 86_400 / 5);
    job.run(&db).await.unwrap();
    assert_eq!(
        deal.deliveries().await[0],
        "colleague FAILED 10 REFUSED_FOR_NOW"
    );
    assert_eq!(
        (job.outstanding.pending(), job.outstanding.failed()),
        (0, 2)
    );
    assert_eq!(office.received().len(), 0);
}

#[tokio::test]
async fn a_password_that_the_server_refuses_gives_no_mail_up() {
    let deal = Deal::refused().await;
    let office = PostOffice::open(&[
        ("owner", "530 sign in first"),
        ("colleague", "530 sign in first"),
    ])
    .await;
    let db = deal.replica();
    deal.make(&db).await;

    delivering(&office).run(&db).await.unwrap();

    let waiting = [
        "colleague PENDING 1 SMTP_SIGN_IN_REFUSED",
        "owner PENDING 1 SMTP_SIGN_IN_REFUSED",
    ];
    assert_eq!(deal.deliveries().await, waiting);
}

#[tokio::test]
async fn an_address_with_a_line_break_and_a_member_who_left_get_no_mail() {
    let (deal, office) = (Deal::refused().await, PostOffice::open(&[]).await);
    let db = deal.replica();
    deal.make(&db).await;
    deal.execute(
        "UPDATE members SET email = E'owner@partner.example\\r\\nBcc: all@partner.example' WHERE id = $1 AND created_at <= $2",
        &[deal.owner.0],
    )
    .await;
    deal.execute(
        "UPDATE members SET state = 'DISABLED', disabled_at = $2 WHERE id = $1",
        &[deal.colleague.0],
    )
    .await;

    delivering(&office).run(&db).await.unwrap();

    assert_eq!(office.received().len(), 0);
    let failed = deal
        .texts("SELECT last_error FROM notice_deliveries WHERE state = 'FAILED' ORDER BY 1")
        .await;
    assert_eq!(failed, ["ADDRESS_INVALID", "RECIPIENT_DISABLED"]);
}

/// A replica that is told to stop begins nothing more; what it leaves is there for another.
#[tokio::test]
async fn a_job_that_is_told_to_stop_leaves_the_rest() {
    let (deal, office) = (Deal::refused().await, PostOffice::open(&[]).await);
    let db = deal.replica();
    deal.make(&db).await;
    let job = delivering(&office);
    job.stop.cancel();

    job.run(&db).await.unwrap();

    assert_eq!(
        deal.deliveries().await,
        ["colleague PENDING 0", "owner PENDING 0"]
    );
    delivering(&office).run(&db).await.unwrap();
    assert_eq!(office.received().len(), 2);
}

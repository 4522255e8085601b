//! The making of notices goes on, whatever one entry meets; what is old goes; each site has its own rules.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::BoxFuture;

use super::*;
use crate::db::{StoreError, Tx};
use crate::ids::InvitationId;
use crate::organisation::invitations::InvitationNews;

/// An announcer that fails at one action for as long as it is broken, in a way that spoils the transaction.
struct Broken {
    at: &'static str,
    is_broken: Arc<AtomicBool>,
}

impl Announces for Broken {
    fn object_kind(&self) -> &'static str {
        OpportunityId::TAG
    }

    fn announce<'a>(
        &'a self,
        tx: &'a mut Tx,
        happened: &'a Happening,
    ) -> BoxFuture<'a, Result<Vec<NoticeDraft>, StoreError>> {
        Box::pin(async move {
            if happened.action == self.at && self.is_broken.load(Ordering::SeqCst) {
                let spoilt = sqlx::query("SELECT 1 / 0").execute(tx.connection());
                spoilt.await?;
            }
            Ok(Vec::new())
        })
    }

    fn remind<'a>(
        &'a self,
        _tx: &'a mut Tx,
        _deadline: &'a NearDeadline,
    ) -> BoxFuture<'a, Result<Vec<NoticeDraft>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

fn making_with(at: &'static str) -> (Making, Arc<AtomicBool>) {
    let is_broken = Arc::new(AtomicBool::new(true));
    let broken = Broken {
        at,
        is_broken: Arc::clone(&is_broken),
    };
    let announcers = Announcers::new(vec![Box::new(OpportunityNews), Box::new(broken)]);
    let making = Making {
        announcers,
        ..making(Channel::Email)
    };
    (making, is_broken)
}

impl Deal {
    async fn parked(&self) -> Vec<String> {
        self.texts("SELECT seq || ' ' || attempts FROM notice_parked ORDER BY seq")
            .await
    }
}

#[tokio::test]
async fn an_entry_whose_announcer_fails_holds_up_no_other_and_is_told_when_it_can_be() {
    let mut deal = Deal::refused().await;
    deal.happen(deal.reviewer, "opportunity.review_approved")
        .await;
    deal.happen(deal.reviewer, "opportunity.validated").await;
    let (making, is_broken) = making_with("opportunity.review_approved");
    let db = deal.replica();

    making.run(&db).await.unwrap();

    let others = [
        "colleague OPPORTUNITY_REVIEW_REJECTED",
        "colleague OPPORTUNITY_VALIDATED",
        "owner OPPORTUNITY_REVIEW_REJECTED",
        "owner OPPORTUNITY_VALIDATED",
    ];
    assert_eq!(deal.notices().await, others);
    assert_eq!(deal.parked().await, ["3 1"]);

    // Before its time it is left alone; after that it is tried again, and fails again.
    deal.wait(59);
    making.run(&db).await.unwrap();
    assert_eq!(deal.parked().await, ["3 1"]);
    deal.wait(1);
    making.run(&db).await.unwrap();
    assert_eq!(deal.parked().await, ["3 2"]);
    assert_eq!(deal.notices().await, others);

    is_broken.store(false, Ordering::SeqCst);
    deal.wait(120);
    making.run(&db).await.unwrap();
    making.run(&db).await.unwrap();
    assert_eq!(deal.parked().await, [""; 0]);
    let told = deal.notices().await;
    assert_eq!(told.len(), 6);
    assert!(told.contains(&"owner OPPORTUNITY_REVIEW_APPROVED".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replicas_that_try_a_parked_entry_at_the_same_time_tell_of_it_once() {
    let deal = Deal::refused().await;
    let (making, is_broken) = making_with("opportunity.review_rejected");
    let making = Arc::new(making);
    let replicas = [deal.replica(), deal.replica()];
    making.run(&replicas[0]).await.unwrap();
    assert_eq!(deal.notices().await, [""; 0]);
    is_broken.store(false, Ordering::SeqCst);
    deal.wait(60);

    let runs = (0..6).map(|run| {
        let (db, making) = (replicas[run % 2].clone(), Arc::clone(&making));
        tokio::spawn(async move { making.run(&db).await.unwrap() })
    });
    for run in futures_util::future::join_all(runs).await {
        run.unwrap();
    }

    assert_eq!(deal.notices().await.len(), 2);
    assert_eq!(deal.deliveries().await.len(), 2);
    assert_eq!(deal.parked().await, [""; 0]);
}

#[tokio::test]
async fn old_notices_go_with_their_deliveries_and_what_is_on_its_way_or_newer_stays() {
    let mut deal = Deal::refused().await;
    let db = deal.replica();
    deal.make(&db).await;
    // The owner's mail is still on its way; the colleague's was sent.
    deal.execute(
        "UPDATE notice_deliveries SET state = 'SENT', next_attempt_at = NULL, ended_at = $2
         WHERE notice_id IN (SELECT id FROM notices WHERE member_id = $1)",
        &[deal.colleague.0],
    )
    .await;
    let pruning = PruningNotices {
        stop: CancellationToken::new(),
    };
    deal.clock.advance(TimeDelta::days(400));
    pruning.run(&db).await.unwrap();
    assert_eq!(deal.notices().await.len(), 2);

    deal.clock.advance(TimeDelta::days(1));
    deal.happen(deal.reviewer, "opportunity.validated").await;
    deal.make(&db).await;
    pruning.run(&db).await.unwrap();

    let left = [
        "colleague OPPORTUNITY_VALIDATED",
        "owner OPPORTUNITY_REVIEW_REJECTED",
        "owner OPPORTUNITY_VALIDATED",
    ];
    assert_eq!(deal.notices().await, left);
    let histories = deal.texts("SELECT action FROM timeline_entries").await;
    assert_eq!(histories.len(), 3);
}

#[tokio::test]
async fn people_are_told_by_the_rules_of_their_own_site() {
    let deal = Deal::refused().await;
    deal.execute(
        "UPDATE rules SET value = jsonb_set(value, '{tell_within_hours}', '1')
         WHERE name = 'notice.delivery' AND site = 'INTL' AND $1::timestamptz IS NOT NULL",
        &[],
    )
    .await;
    let abroad = "UPDATE organisations SET site = 'INTL' WHERE id = $1 AND created_at <= $2";
    deal.execute(abroad, &[deal.partner.0]).await;
    deal.wait(3_601);

    deal.make(&deal.replica()).await;

    // An hour is over: on their site that is no news, which it still is on the other.
    assert_eq!(deal.notices().await.len(), 2);
    assert_eq!(deal.deliveries().await, [""; 0]);
}

#[tokio::test]
async fn that_a_deal_is_lost_is_told_to_its_owner_and_to_whoever_let_it_pass() {
    let mut deal = Deal::new().await;
    deal.happen(deal.colleague, "opportunity.submitted").await;
    deal.happen(deal.reviewer, "opportunity.review_approved")
        .await;
    deal.happen(deal.colleague, "opportunity.lost").await;

    deal.make(&deal.replica()).await;

    let told = deal.notices().await;
    let lost: Vec<&str> = told
        .iter()
        .filter_map(|told| told.strip_suffix(" OPPORTUNITY_LOST"))
        .collect();
    assert_eq!(lost, ["owner", "reviewer"]);
}

#[tokio::test]
async fn that_a_shared_deal_is_cancelled_is_told_to_its_owner_and_to_whoever_shared_it() {
    let mut deal = Deal::new().await;
    deal.happen(deal.reviewer, "opportunity.shared").await;
    deal.happen(deal.owner, "opportunity.accepted").await;
    deal.happen(deal.colleague, "opportunity.cancelled").await;

    deal.make(&deal.replica()).await;

    let told = deal.notices().await;
    let cancelled: Vec<&str> = told
        .iter()
        .filter_map(|told| told.strip_suffix(" OPPORTUNITY_CANCELLED_BY_VENDOR"))
        .collect();
    assert_eq!(cancelled, ["owner", "reviewer"]);
}

#[tokio::test]
async fn an_invitation_is_told_to_its_sender_and_the_main_account_and_names_nobody() {
    let deal = Deal::new().await;
    let invitation: InvitationId = id();
    deal.execute(
        "UPDATE organisations SET main_account_id = $2 WHERE id = $1 AND created_at <= $3",
        &[deal.partner.0, deal.owner.0],
    )
    .await;
    deal.execute(
        "INSERT INTO invitations (id, organisation_id, email, name, account_name, roles, token_hash, state, sent_at,
             expires_at, invited_by)
         VALUES ($2, $1, 'li@secret.example', '李华', 'lihua', '{FINANCE}', sha256('x'), 'SENT', $4, $4 + interval '7 days', $3)",
        &[deal.partner.0, invitation.0, deal.colleague.0],
    )
    .await;
    let db = deal.replica();
    for (version, (actor, action)) in [
        (deal.colleague, "invitation.sent"),
        (id(), "invitation.accepted"),
    ]
    .into_iter()
    .enumerate()
    {
        let acting = Acting {
            actor: actor.global(),
            correlation_id: "test".to_owned(),
        };
        let mut tx = db.begin(&Scope::Vendor, &acting).await.unwrap();
        let version = i64::try_from(version).unwrap() + 1;
        let event = Event::new(deal.partner, invitation, version, action);
        tx.record(event).await.unwrap();
        tx.commit().await.unwrap();
    }
    crate::feed::relay(&db).await.unwrap();
    let making = Making {
        announcers: Announcers::new(vec![Box::new(InvitationNews)]),
        ..making(Channel::Email)
    };

    making.run(&db).await.unwrap();

    // Whoever sent it needs no notice of that.
    let told = [
        "colleague INVITATION_ACCEPTED",
        "owner INVITATION_ACCEPTED",
        "owner INVITATION_SENT",
    ];
    assert_eq!(deal.notices().await, told);
    let params = deal
        .texts("SELECT DISTINCT params::text FROM notices")
        .await;
    assert_eq!(params, [r#"{"number": "PARTNER"}"#]);
}

//! Deadlines that come near: who must act is told one working day before, once for each last day.

use super::*;
use crate::deadlines::{self, DeadlineKind, NewDeadline, Outcome};
use crate::ids::RuleId;

/// Shared on the eve of the National Day holiday of 2026: Saturday 10 October, a make-up day, is the last of three
/// working days.
async fn shared() -> Deal {
    let deal = Deal::at("2026-09-30T02:00:00Z").await;
    let db = deal.replica();
    let mut owner = deal.test.connect("portico_owner").await;
    let rule: Uuid =
        sqlx::query_scalar("SELECT id FROM rules WHERE name = 'notice.reminder' LIMIT 1")
            .fetch_one(&mut owner)
            .await
            .unwrap();
    let mut tx = crate::jobs::begin(&db, "test").await.unwrap();
    let new = NewDeadline {
        organisation: deal.partner,
        object: deal.opportunity.into(),
        kind: DeadlineKind::AcceptSharedOpportunity,
        outcome: Outcome::AutoReject,
        working_days: 3,
        rule: RuleId(rule),
    };
    deadlines::begin(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
    deal
}

fn reminding() -> Reminding {
    Reminding {
        announcers: Announcers::new(vec![Box::new(OpportunityNews)]),
        channels: [Channel::Email].into(),
    }
}

async fn reminded(deal: &Deal) -> Vec<String> {
    deal.texts(
        "SELECT params ->> 'lastDay' FROM notices WHERE kind = 'DEADLINE_NEAR' ORDER BY at, id",
    )
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_deadline_is_called_to_mind_from_the_first_instant_of_the_working_day_before_its_last_and_once()
 {
    let deal = shared().await;
    let before: DateTime<Utc> = "2026-10-08T15:59:59.999999Z".parse().unwrap();
    deal.clock.advance(before - deal.now());
    reminding().run(&deal.replica()).await.unwrap();
    assert_eq!(reminded(&deal).await, [""; 0]);

    deal.clock.advance(TimeDelta::microseconds(1));
    let replicas = [deal.replica(), deal.replica()];
    let runs = (0..4).map(|run| {
        let db = replicas[run % 2].clone();
        tokio::spawn(async move { reminding().run(&db).await.unwrap() })
    });
    for run in futures_util::future::join_all(runs).await {
        run.unwrap();
    }

    assert_eq!(reminded(&deal).await, ["2026-10-10"]);
    assert_eq!(deal.deliveries().await, ["owner PENDING 0"]);
}

#[tokio::test]
async fn a_deadline_that_a_correction_moves_is_called_to_mind_again_and_one_that_ended_not_at_all()
{
    let deal = shared().await;
    let near: DateTime<Utc> = "2026-10-09T02:00:00Z".parse().unwrap();
    deal.clock.advance(near - deal.now());
    let db = deal.replica();
    reminding().run(&db).await.unwrap();

    deal.execute(
        "UPDATE deadlines SET last_day_on = '2026-10-12', due_until = due_until + interval '2 days'
         WHERE object_id = $1 AND starts_at < $2",
        &[deal.opportunity.0],
    )
    .await;
    deal.clock.advance(TimeDelta::days(1));
    reminding().run(&db).await.unwrap();
    assert_eq!(reminded(&deal).await, ["2026-10-10", "2026-10-12"]);

    deal.execute(
        "UPDATE deadlines SET last_day_on = '2026-10-13', due_until = due_until + interval '1 day', state = 'MET',
             ended_at = $2 WHERE object_id = $1",
        &[deal.opportunity.0],
    )
    .await;
    deal.clock.advance(TimeDelta::days(2));
    reminding().run(&db).await.unwrap();
    assert_eq!(reminded(&deal).await.len(), 2);
}

//! What the clock and the calendar do to incentives, recorded by the jobs that all domains share.

use futures_util::future::join_all;

use super::*;
use crate::deadlines::{self, Expiries};

/// Thursday, 26 November 2026 becomes a holiday, with a new version of the calendar that says nothing else.
const A_HOLIDAY_MORE: [&str; 4] = [
    "INSERT INTO calendar_versions (version, imported_at, imported_by, source)
     SELECT max(version) + 1, '2026-11-10T02:00:00Z', 'test', 'test' FROM calendar_versions",
    "INSERT INTO calendar_years (year, version, status)
     SELECT 2026, max(version), 'OFFICIAL' FROM calendar_versions",
    "INSERT INTO calendar_days (day, version, kind, name)
     SELECT day, (SELECT max(version) FROM calendar_versions), kind, name FROM calendar_days
     WHERE day BETWEEN '2026-01-01' AND '2026-12-31' AND version = (SELECT max(version) FROM calendar_days
         WHERE day BETWEEN '2026-01-01' AND '2026-12-31')",
    "INSERT INTO calendar_days (day, version, kind, name)
     SELECT '2026-11-26', max(version), 'OFF', 'test' FROM calendar_versions",
];

fn expiries() -> Expiries {
    Expiries::new(vec![Box::new(ExpiringIncentives)])
}

impl World {
    async fn texts(&self, sql: &'static str) -> Vec<String> {
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query_scalar(sql).fetch_all(&mut owner).await.unwrap()
    }

    async fn history(&self) -> Vec<String> {
        self.texts(
            "SELECT object_version || ' ' || action || coalesce(' ' || from_state || ' ' || to_state, '') || ' ' || actor
             FROM timeline_entries ORDER BY object_version",
        )
        .await
    }

    async fn stored(&self) -> Vec<String> {
        self.texts(
            "SELECT incentives.state || ' ' || deadlines.state || ' ' || incentives.version || ' '
                 || (incentives.due_until = deadlines.due_until)
             FROM incentives JOIN deadlines ON object_id = incentives.id ORDER BY 1",
        )
        .await
    }
}

#[tokio::test]
async fn r_fh_7_the_job_records_once_what_lapsed_and_leaves_what_was_confirmed() {
    let world = World::at(due() - TimeDelta::microseconds(1)).await;
    let id = world
        .incentive(world.partner, "PENDING_CONFIRM", "2026-10-01")
        .await;
    world
        .incentive(world.partner, "FIRST_REVIEW", "2026-10-01")
        .await;

    deadlines::expire_due(&world.db, &expiries()).await.unwrap();
    assert_eq!(world.history().await, [""; 0]);

    world.clock.advance(TimeDelta::microseconds(1));
    let expiries = expiries();
    let runs = (0..4).map(|_| deadlines::expire_due(&world.db, &expiries));
    for run in join_all(runs).await {
        assert_eq!(run.unwrap().failed, 0);
    }

    let lapsed = "2 incentive.lapsed PENDING_CONFIRM LAPSED job:expire_deadlines";
    assert_eq!(world.history().await, [lapsed]);
    assert_eq!(
        world.stored().await,
        ["FIRST_REVIEW MET 1 true", "LAPSED EXPIRED 2 true"]
    );
    let viewer = viewer(world.partner, OrganisationKind::Partner);
    let snapshot = world.db.snapshot(viewer.read_scope());
    let read = by_id(&viewer, &snapshot, &[id]).await.unwrap();
    let read = &read[&id];
    assert_eq!((read.state, read.version), (State::Lapsed, 2));
}

#[tokio::test]
async fn r_gen_8_a_corrected_calendar_gives_more_time_to_confirm_and_never_again_what_lapsed() {
    let world = World::at(generated() + TimeDelta::days(1)).await;
    let viewer = viewer(world.partner, OrganisationKind::Partner);
    let pending = world
        .incentive(world.partner, "PENDING_CONFIRM", "2026-10-01")
        .await;
    let lapsed = world.incentive(world.partner, "LAPSED", "2026-10-01").await;
    let mut owner = world.test.connect("portico_owner").await;
    for statement in A_HOLIDAY_MORE {
        sqlx::query(statement).execute(&mut owner).await.unwrap();
    }

    deadlines::recount(&world.db, &expiries()).await.unwrap();
    deadlines::recount(&world.db, &expiries()).await.unwrap();

    // The fourteenth working day is Monday, the 30th now.
    let listed = world.listed(&viewer, &Filter::default()).await;
    let order: Vec<IncentiveId> = listed.iter().map(|incentive| incentive.id).collect();
    assert_eq!(order, [lapsed, pending]);
    let moved = &listed[1].confirmation;
    assert_eq!(moved.due_until, due() + TimeDelta::days(1));
    assert_eq!(moved.last_day_on.to_string(), "2026-11-30");
    assert_eq!(listed[0].confirmation.due_until, due());
    let at_the_old_end = Filter {
        due_before: Some(due() + TimeDelta::microseconds(1)),
        ..Filter::default()
    };
    assert_eq!(world.listed(&viewer, &at_the_old_end).await.len(), 1);
    assert_eq!(
        world.history().await,
        ["2 incentive.deadline_moved job:recount_deadlines"]
    );
    assert_eq!(
        world.stored().await,
        ["LAPSED EXPIRED 1 true", "PENDING_CONFIRM RUNNING 2 true"]
    );
    world.clock.advance(due() - world.clock.process());
    assert_eq!(
        world.in_state(&viewer, State::PendingConfirm).await,
        [pending]
    );
    world.clock.advance(TimeDelta::days(1));
    assert_eq!(
        world.in_state(&viewer, State::Lapsed).await,
        [lapsed, pending]
    );
}

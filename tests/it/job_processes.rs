//! Several processes over one database: what the clock starts happens once, whoever does it and whoever is killed.
//! (R-OPP-3, R-GEN-2)

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use sqlx::PgConnection;

use super::process::{Gateway, migrated};
use super::support::builders::{a_member, a_partner};
use super::support::database::TestDb;

const PATIENCE: Duration = Duration::from_mins(2);
const DEALS: i64 = 400;

/// Deals that the vendor shared, and whose time has passed just now.
async fn shared_in_vain(database: &TestDb) -> PgConnection {
    let mut owner = database.connect("portico_owner").await;
    let partner = a_partner("Lapsed").insert(&mut owner).await;
    let member = a_member(partner, "owner").insert(&mut owner).await;
    sqlx::query(
        "WITH deals AS (
             INSERT INTO opportunities (organisation_id, id, number, origin, name, owner_member_id, review_state,
                 created_at, updated_at)
             SELECT $1, gen_random_uuid(), 'OPP-2026-' || i, 'VENDOR', 'Deal ' || i, $2, 'PENDING_ACCEPTANCE',
                 now() - interval '5 days', now() - interval '5 days'
             FROM generate_series(1, $3) AS i RETURNING id
         )
         INSERT INTO deadlines (organisation_id, id, object_kind, object_id, kind, outcome, starts_at, unit, length,
             due_until, last_day_on, calendar_version, checked_version, provisional)
         SELECT $1, gen_random_uuid(), 'opp', id, 'ACCEPT_SHARED_OPPORTUNITY', 'AUTO_REJECT', now() - interval '5 days',
             'WORKING_DAY', 3, now() - interval '1 second', current_date,
             (SELECT max(version) FROM calendar_versions), (SELECT max(version) FROM calendar_versions), false
         FROM deals",
    )
    .bind(partner.0)
    .bind(member.0)
    .bind(DEALS)
    .execute(&mut owner)
    .await
    .unwrap();
    owner
}

async fn count(owner: &mut PgConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(owner).await.unwrap()
}

const EXPIRED: &str = "SELECT count(*) FROM deadlines WHERE state = 'EXPIRED'";

#[tokio::test]
async fn r_opp_3_four_processes_expire_every_deadline_once_also_when_one_is_killed_at_it() {
    let database = migrated().await;
    let mut gateways: Vec<Gateway> = (0..4)
        .map(|index| Gateway::ticking(&format!("tick-{index}"), &database, "jobs.tick = '100ms'\n"))
        .collect();
    for gateway in &mut gateways {
        gateway.until("/readyz", 200).await;
    }
    let mut owner = shared_in_vain(&database).await;

    let until = Instant::now() + PATIENCE;
    while count(&mut owner, EXPIRED).await == 0 {
        assert!(Instant::now() < until, "{}", gateways[0].said());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    gateways[0].signal(Signal::SIGKILL);
    let when_killed = count(&mut owner, EXPIRED).await;
    assert!(
        when_killed < DEALS,
        "all was done before the first was killed"
    );
    while count(&mut owner, EXPIRED).await < DEALS {
        assert!(Instant::now() < until, "{}", gateways[1].said());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    let moved =
        "SELECT count(*) FROM opportunities WHERE review_state = 'AUTO_REJECTED' AND version = 2";
    assert_eq!(count(&mut owner, moved).await, DEALS);
    let entries = "SELECT count(*) FROM timeline_entries WHERE object_kind = 'opp'";
    assert_eq!(count(&mut owner, entries).await, DEALS);
    let distinct = "SELECT count(DISTINCT object_id) FROM timeline_entries
        WHERE action = 'opportunity.auto_rejected' AND object_version = 2";
    assert_eq!(count(&mut owner, distinct).await, DEALS);
    let told = "SELECT count(DISTINCT object_id) FROM notices";
    while count(&mut owner, told).await < DEALS {
        assert!(Instant::now() < until, "{}", gateways[1].said());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let twice = "SELECT count(*) - count(DISTINCT (member_id, object_id)) FROM notices";
    assert_eq!(count(&mut owner, twice).await, 0);
}

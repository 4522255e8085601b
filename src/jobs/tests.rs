use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use chrono::TimeDelta;

use super::*;
use crate::clock::Clock;
use crate::db::testing::TestDb;
use crate::db::{Pool, PoolSettings};
use crate::error::{Code, Refusal};

fn replica(test: &TestDb, clock: &Clock) -> Db {
    let pool = |role| Pool::lazy(&test.url(role), PoolSettings::default()).unwrap();
    Db::new(pool("portico_app"), pool("portico_staff"), clock.clone())
}

fn clock() -> Clock {
    Clock::fixed("2026-11-23T02:00:00Z".parse().unwrap())
}

async fn scalar(test: &TestDb, sql: &'static str) -> i64 {
    let mut owner = test.connect("portico_owner").await;
    sqlx::query_scalar(sql).fetch_one(&mut owner).await.unwrap()
}

/// An effect of which there must be one per period: an idempotency key of a fresh value is as good a row as any.
async fn effect(db: &Db, period: &str) -> Result<Claimed, Failure> {
    let mut tx = begin(db, "test").await?;
    let claimed = claim(&mut tx, "test", period).await?;
    if claimed == Claimed::Ours {
        let TimelineEntryId(key) = tx.fresh_id();
        let now = tx.now();
        sqlx::query(
            "INSERT INTO idempotency_keys (actor, mutation, key, input_hash, created_at) VALUES ($1, 'effect', $2, '', $3)",
        )
        .bind(period)
        .bind(key)
        .bind(now)
        .execute(tx.connection())
        .await
        .map_err(StoreError::from)?;
    }
    tx.commit().await?;
    Ok(claimed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attempts_of_many_tasks_on_two_replicas_have_one_effect_per_period() {
    let test = TestDb::new().await;
    let replicas = [replica(&test, &clock()), replica(&test, &clock())];
    let tasks = (0..8).map(|task| {
        let db = replicas[task % 2].clone();
        tokio::spawn(async move {
            let mut ours = 0;
            for period in 0..20 {
                let period = (period + task * 5) % 20;
                if effect(&db, &format!("period {period}")).await.unwrap() == Claimed::Ours {
                    ours += 1;
                }
            }
            ours
        })
    });

    let ours = futures_util::future::join_all(tasks).await;

    let ours: i32 = ours.into_iter().map(Result::unwrap).sum();
    assert_eq!(ours, 20);
    let all = "SELECT count(*) FROM idempotency_keys";
    let distinct = "SELECT count(DISTINCT actor) FROM idempotency_keys";
    assert_eq!(
        (scalar(&test, all).await, scalar(&test, distinct).await),
        (20, 20)
    );
}

#[tokio::test]
async fn a_period_whose_holder_is_killed_before_its_commit_is_taken_over() {
    let test = TestDb::new().await;
    let (one, other) = (replica(&test, &clock()), replica(&test, &clock()));
    let mut killed = begin(&one, "test").await.unwrap();
    assert_eq!(
        claim(&mut killed, "test", "2026-11").await.unwrap(),
        Claimed::Ours
    );
    drop(killed);

    assert_eq!(effect(&other, "2026-11").await.unwrap(), Claimed::Ours);
    assert_eq!(effect(&one, "2026-11").await.unwrap(), Claimed::Done);
}

/// Fails, panics or counts.
struct Sample(&'static str, Arc<AtomicUsize>);

impl Job for Sample {
    fn name(&self) -> &'static str {
        self.0
    }

    fn run<'a>(&'a self, _db: &'a Db) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            self.1.fetch_add(1, Ordering::SeqCst);
            match self.0 {
                "failing" => Err(Refusal::new(Code::Conflict, "TRY_AGAIN").into()),
                "panicking" => panic!("a bug"),
                _ => Ok(()),
            }
        })
    }
}

fn samples(db: Db, stop: &CancellationToken) -> (Jobs, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let jobs = ["failing", "panicking", "sound"]
        .map(|name| Box::new(Sample(name, Arc::clone(&count))) as Box<dyn Job>);
    (Jobs::new(db, jobs.into(), stop.clone()), count)
}

#[tokio::test]
async fn a_job_that_fails_or_panics_is_counted_and_stops_no_other() {
    let test = TestDb::new().await;
    let (jobs, count) = samples(replica(&test, &clock()), &CancellationToken::new());

    let failed = jobs.tick().await;

    assert_eq!(failed, ["failing", "panicking"]);
    assert_eq!(count.load(Ordering::SeqCst), 3);
    let observed: Vec<_> = jobs
        .observed()
        .map(|job| (job.name, job.runs, job.failures, job.last_success.is_some()))
        .collect();
    let expected = [
        ("failing", 1, 1, false),
        ("panicking", 1, 1, false),
        ("sound", 1, 0, true),
    ];
    assert_eq!(observed, expected);
}

#[tokio::test]
async fn the_ticker_runs_every_job_again_and_again_until_it_is_told_to_stop() {
    let test = TestDb::new().await;
    let (jobs, count) = samples(replica(&test, &clock()), &CancellationToken::new());

    let ticking = jobs.start(Duration::from_millis(1));
    while jobs.observed().any(|job| job.runs < 3) {
        tokio::task::yield_now().await;
    }
    ticking.stop();
    ticking.ended().await;

    let at_the_end = count.load(Ordering::SeqCst);
    assert!(at_the_end >= 9);
    assert_eq!(
        jobs.observed().map(|job| job.runs).sum::<u64>(),
        at_the_end as u64
    );
}

/// Rows of all ages: $1 is the time.
const AGED: [&str; 4] = [
    "INSERT INTO idempotency_keys (actor, mutation, key, input_hash, created_at)
     SELECT 'a' || n, 'm', '00000000-0000-0000-0000-000000000000', '', $1 - interval '71 hours' - n * interval '2 hours'
     FROM generate_series(0, 1500) n",
    "INSERT INTO saml_consumed (kind, issuer, saml_id, keep_until)
     SELECT 'REQUEST', 'iam', 's' || n, $1 + interval '1 second' - n * interval '1 minute' FROM generate_series(0, 9) n",
    "WITH idp AS (INSERT INTO identity_providers (id, entity_id, display_name, metadata, created_at)
         VALUES ('00000000-0000-0000-0000-000000000001', 'iam', 'IAM', '', $1) RETURNING id)
     INSERT INTO federated_identities (id, idp_id, subject, first_seen_at, last_seen_at)
     SELECT id, id, 's', $1, $1 FROM idp",
    "INSERT INTO sessions (id_hash, id, identity_id, created_at, authenticated_at, last_seen_at, idle_until,
         absolute_until, revoked_at, revoked_because)
     SELECT sha256(n::text::bytea), gen_random_uuid(), '00000000-0000-0000-0000-000000000001', $1, $1, $1, $1, $1 + interval '1 day',
         CASE n WHEN 1 THEN $1 - interval '31 days' WHEN 2 THEN $1 - interval '29 days' END, 'test'
     FROM generate_series(0, 2) n",
];

#[tokio::test]
async fn pruning_removes_what_is_too_old_and_nothing_else_once_an_hour() {
    let (test, clock) = (TestDb::new().await, clock());
    let mut owner = test.connect("portico_owner").await;
    for statement in AGED {
        sqlx::query(statement)
            .bind(clock.process())
            .execute(&mut owner)
            .await
            .unwrap();
    }
    let pruning = |stop| Pruning {
        retention: Retention {
            idempotency_keys: TimeDelta::hours(72),
            sessions: TimeDelta::days(30),
        },
        stop,
    };
    let db = replica(&test, &clock);

    pruning(CancellationToken::new()).run(&db).await.unwrap();

    let left = "SELECT (SELECT count(*) FROM idempotency_keys) * 100 + (SELECT count(*) FROM saml_consumed) * 10
        + (SELECT count(*) FROM sessions)";
    assert_eq!(scalar(&test, left).await, 112);

    // Within the hour nothing more goes, though more has come of age.
    clock.advance(TimeDelta::minutes(59));
    pruning(CancellationToken::new()).run(&db).await.unwrap();
    assert_eq!(scalar(&test, left).await, 112);

    // A replica that is told to stop takes on no batch.
    clock.advance(TimeDelta::minutes(2));
    let stop = CancellationToken::new();
    stop.cancel();
    pruning(stop).run(&db).await.unwrap();
    assert_eq!(scalar(&test, left).await, 112);

    clock.advance(TimeDelta::hours(1));
    pruning(CancellationToken::new()).run(&db).await.unwrap();
    assert_eq!(scalar(&test, left).await, 2);
}

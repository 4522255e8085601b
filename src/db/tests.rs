//! The promises of the change runner, each against a real database.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::testing::TestDb;
use super::*;
use crate::clock::Clock;
use crate::error::{Code, Failure, Refusal};
use crate::ids::{IdentityId, OrganisationId, SessionId};
use crate::viewer::{SignedInIdentity, Viewer};

/// Makes one organisation; `fails` says what goes wrong on the way, in this order.
struct Found {
    name: &'static str,
    fails: Vec<&'static str>,
    runs: AtomicU32,
}

impl Found {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            fails: Vec::new(),
            runs: AtomicU32::new(0),
        }
    }
}

impl Change for Found {
    type Outcome = OrganisationId;
    const NAME: &'static str = "test.found";
    const ACTION: &'static str = "testFound";

    fn scope(&self, _viewer: &Viewer) -> Result<Scope, Failure> {
        Ok(Scope::Vendor)
    }

    async fn apply(&self, tx: &mut Tx, _scope: &Scope) -> Result<OrganisationId, Failure> {
        let run = self.runs.fetch_add(1, Ordering::SeqCst) as usize;
        let (id, now) = (tx.fresh_id::<OrganisationId>(), tx.now());
        sqlx::query(
            "INSERT INTO organisations (id, number, kind, name, business_area, created_at)
             VALUES ($1, $2, 'PARTNER', $3, 'North', $4)",
        )
        .bind(id.0)
        .bind(id.0.to_string())
        .bind(self.name)
        .bind(now)
        .execute(tx.connection())
        .await
        .map_err(StoreError::from)?;
        match self.fails.get(run).copied() {
            Some("refuse") => return Err(Refusal::new(Code::Conflict, "TRY_AGAIN").into()),
            Some("collide") => {
                sqlx::raw_sql("DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$")
                    .execute(tx.connection())
                    .await
                    .map_err(StoreError::from)?;
            }
            _ => {}
        }
        Ok(id)
    }
}

fn db(test: &TestDb, clock: Clock) -> Db {
    let settings = PoolSettings {
        lock_timeout: Duration::from_millis(300),
        ..PoolSettings::default()
    };
    let pool = |role| Pool::lazy(&test.url(role), settings.clone()).unwrap();
    Db::new(pool("portico_app"), pool("portico_staff"), clock)
}

fn somebody() -> Viewer {
    let ids = crate::ids::IdSource;
    Viewer::Federated(SignedInIdentity {
        identity: ids.fresh::<IdentityId>(),
        session: ids.fresh::<SessionId>(),
    })
}

fn key(input: u8) -> IdempotencyKey {
    IdempotencyKey {
        key: Uuid::from_u128(7),
        input_hash: [input; 32],
    }
}

async fn organisations(test: &TestDb) -> i64 {
    let mut connection = test.connect("portico_owner").await;
    sqlx::query_scalar("SELECT count(*) FROM organisations")
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

fn reason(failure: &Failure) -> &'static str {
    match failure {
        Failure::Refused(refusals) => refusals.first.reason.0,
        Failure::Internal(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn the_same_key_and_input_runs_once_and_answers_what_came_of_it() {
    let test = TestDb::new().await;
    let (db, viewer, change) = (db(&test, Clock::default()), somebody(), Found::new("A"));
    let first = db.apply(&viewer, "c", key(1), &change).await.unwrap();
    let again = db.apply(&viewer, "c", key(1), &change).await.unwrap();
    assert_eq!(first.outcome, again.outcome);
    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!(
        (
            change.runs.load(Ordering::SeqCst),
            organisations(&test).await
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn the_same_key_for_another_input_is_refused_and_changes_nothing() {
    let test = TestDb::new().await;
    let (db, viewer) = (db(&test, Clock::default()), somebody());
    db.apply(&viewer, "c", key(1), &Found::new("A"))
        .await
        .unwrap();
    let refused = db
        .apply(&viewer, "c", key(2), &Found::new("B"))
        .await
        .unwrap_err();
    assert_eq!(reason(&refused), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(organisations(&test).await, 1);
}

#[tokio::test]
async fn the_key_of_another_actor_is_another_key() {
    let test = TestDb::new().await;
    let db = db(&test, Clock::default());
    db.apply(&somebody(), "c", key(1), &Found::new("A"))
        .await
        .unwrap();
    let other = db
        .apply(&somebody(), "c", key(2), &Found::new("B"))
        .await
        .unwrap();
    assert!(!other.replayed);
    assert_eq!(organisations(&test).await, 2);
}

#[tokio::test]
async fn fifty_parallel_requests_with_one_key_make_one_organisation() {
    let test = TestDb::new().await;
    let (db, viewer) = (db(&test, Clock::default()), somebody());
    let requests = (0..50).map(|_| {
        let (db, viewer) = (db.clone(), viewer.clone());
        tokio::spawn(async move { db.apply(&viewer, "c", key(1), &Found::new("A")).await })
    });
    let answers = futures_util::future::join_all(requests).await;
    let done: Vec<_> = answers
        .into_iter()
        .filter_map(|answer| answer.unwrap().ok())
        .collect();
    assert_eq!(done.iter().filter(|applied| !applied.replayed).count(), 1);
    assert!(
        done.iter()
            .all(|applied| applied.outcome == done[0].outcome)
    );
    assert_eq!(organisations(&test).await, 1);
}

#[tokio::test]
async fn a_refusal_leaves_nothing_and_frees_the_key() {
    let test = TestDb::new().await;
    let (db, viewer) = (db(&test, Clock::default()), somebody());
    let change = Found {
        fails: vec!["refuse"],
        ..Found::new("A")
    };
    assert!(db.apply(&viewer, "c", key(1), &change).await.is_err());
    assert_eq!(organisations(&test).await, 0);
    let corrected = db.apply(&viewer, "c", key(2), &change).await.unwrap();
    assert!(!corrected.replayed);
}

#[tokio::test]
async fn a_collision_is_tried_three_times_and_then_said() {
    let test = TestDb::new().await;
    let (db, viewer) = (db(&test, Clock::default()), somebody());
    let twice = Found {
        fails: vec!["collide", "collide"],
        ..Found::new("A")
    };
    assert!(
        !db.apply(&viewer, "c", key(1), &twice)
            .await
            .unwrap()
            .replayed
    );
    assert_eq!(organisations(&test).await, 1);
    let always = Found {
        fails: vec!["collide"; 9],
        ..Found::new("B")
    };
    let refused = db
        .apply(&somebody(), "c", key(1), &always)
        .await
        .unwrap_err();
    assert_eq!(reason(&refused), "TRY_AGAIN");
    assert_eq!(
        (
            always.runs.load(Ordering::SeqCst),
            organisations(&test).await
        ),
        (3, 1)
    );
}

#[tokio::test]
async fn a_twin_that_works_for_too_long_is_said_to_be_in_progress() {
    let test = TestDb::new().await;
    let (db, viewer) = (db(&test, Clock::default()), somebody());
    let acting = Acting {
        actor: viewer.actor(),
        correlation_id: "c".to_owned(),
    };
    let mut twin = db.begin(&Scope::Vendor, &acting).await.unwrap();
    let claimed = idempotency::claim::<OrganisationId>(&mut twin, Found::NAME, key(1)).await;
    assert!(matches!(claimed, Ok(idempotency::Claim::Ours)));
    let waiting = db
        .apply(&viewer, "c", key(1), &Found::new("A"))
        .await
        .unwrap_err();
    assert_eq!(reason(&waiting), "IDEMPOTENCY_KEY_IN_PROGRESS");
}

#[tokio::test]
async fn every_question_of_time_is_answered_by_the_clock_of_the_deployment() {
    let test = TestDb::new().await;
    let at: DateTime<Utc> = "2026-09-30T15:59:59Z".parse().unwrap();
    let clock = Clock::fixed(at);
    let db = db(&test, clock.clone());
    let acting = Acting {
        actor: "job:test".to_owned(),
        correlation_id: "c".to_owned(),
    };
    assert_eq!(db.begin(&Scope::Vendor, &acting).await.unwrap().now(), at);
    clock.advance(chrono::TimeDelta::seconds(1));
    assert_eq!(
        db.begin(&Scope::Vendor, &acting).await.unwrap().now(),
        at + chrono::TimeDelta::seconds(1)
    );
}

#[tokio::test]
async fn a_setting_of_one_transaction_does_not_reach_the_next_on_its_connection() {
    let test = TestDb::new().await;
    let settings = PoolSettings {
        max_connections: 1,
        ..PoolSettings::default()
    };
    let pool = |role| Pool::lazy(&test.url(role), settings.clone()).unwrap();
    let db = Db::new(pool("portico_app"), pool("portico_staff"), Clock::default());
    let id = crate::ids::IdSource.fresh::<OrganisationId>();
    let asked = "SELECT portico_organisation()";
    let own = db.snapshot(Scope::Own(id));
    let inside: Option<Uuid> = sqlx::query_scalar(asked)
        .fetch_one(own.read().await.unwrap().connection())
        .await
        .unwrap();
    drop(own);
    let nobody = db.snapshot(Scope::Nobody);
    let after: Option<Uuid> = sqlx::query_scalar(asked)
        .fetch_one(nobody.read().await.unwrap().connection())
        .await
        .unwrap();
    assert_eq!((inside, after), (Some(id.0), None));
}

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::model::{Afterwards, Travel};
use super::service::{self, AdvanceTo, Asked, Stops};
use super::store;
use crate::clock::{Clock, Pace};
use crate::db::testing::TestDb;
use crate::db::{Applied, Db, IdempotencyKey, Pool, PoolSettings, sandbox};
use crate::error::Failure;
use crate::ids::{IdSource, OrganisationId, SandboxTravelId};
use crate::jobs::{self, Job, Jobs};
use crate::viewer::{ActingFor, ActingService, OrganisationKind, OrganisationState, Viewer};

const START: &str = "2026-09-30T02:00:00Z";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn somebody() -> Viewer {
    Viewer::Service(ActingService {
        account: IdSource.fresh(),
        acting_for: ActingFor {
            organisation: OrganisationId(Uuid::nil()),
            kind: OrganisationKind::Partner,
            state: OrganisationState::Active,
        },
        permissions: BTreeSet::new(),
        expires_at: DateTime::<Utc>::MAX_UTC,
    })
}

/// Notes when it ran, and ends what has passed.
struct Probe(Arc<Mutex<Vec<DateTime<Utc>>>>);

impl Job for Probe {
    fn name(&self) -> &'static str {
        "probe"
    }

    fn run<'a>(&'a self, db: &'a Db) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let mut tx = jobs::begin(db, "probe").await?;
            let now = tx.now();
            self.0.lock().unwrap().push(now);
            sqlx::query(
                "UPDATE deadlines SET state = 'EXPIRED', ended_at = due_until
                 WHERE state = 'RUNNING' AND due_until <= $1",
            )
            .bind(now)
            .execute(tx.connection())
            .await
            .unwrap();
            tx.commit().await?;
            Ok(())
        })
    }
}

/// A sandbox with two replicas.
struct Scene {
    test: TestDb,
    stops: Stops,
    ran: Arc<Mutex<Vec<DateTime<Utc>>>>,
    db: Db,
    other: Db,
}

fn replica(test: &TestDb, clock: Clock) -> Db {
    let pool = |role| Pool::lazy(&test.url(role), PoolSettings::default()).unwrap();
    Db::new(pool("portico_app"), pool("portico_staff"), clock)
}

impl Scene {
    async fn new() -> Self {
        let test = TestDb::new().await;
        let mut owner = test.connect("portico_owner").await;
        sandbox::mark(&mut owner, Some(at(START))).await.unwrap();
        let db = replica(&test, Clock::sandbox());
        let ran = Arc::<Mutex<Vec<_>>>::default();
        let probe: Box<dyn Job> = Box::new(Probe(Arc::clone(&ran)));
        let jobs = Jobs::new(db.clone(), vec![probe], CancellationToken::new());
        Self {
            other: replica(&test, Clock::sandbox()),
            stops: Stops(Some(jobs)),
            test,
            ran,
            db,
        }
    }

    async fn a_deadline(&self, due_until: &str) {
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query(
            "WITH calendar AS (
                 INSERT INTO calendar_versions (version, imported_at, imported_by, source)
                 VALUES (1, $2, 'test', 'test') ON CONFLICT DO NOTHING
             ), organisation AS (
                 INSERT INTO organisations (id, number, kind, name, business_area, created_at)
                 VALUES (gen_random_uuid(), gen_random_uuid()::text, 'PARTNER', 'P', 'North', $2) RETURNING id
             )
             INSERT INTO deadlines (organisation_id, id, object_kind, object_id, kind, outcome, starts_at, unit, length,
                 due_until, last_day_on, calendar_version, provisional)
             SELECT id, gen_random_uuid(), 'opp', gen_random_uuid(), 'VALIDATE_OPPORTUNITY', 'AUTO_REJECT', $2,
                 'WORKING_DAY', 3, $1, '2026-10-01', 1, false FROM organisation",
        )
        .bind(at(due_until))
        .bind(at(START))
        .execute(&mut owner)
        .await
        .unwrap();
    }

    async fn advance(&self, db: &Db, to: &str) -> Result<Applied<SandboxTravelId>, Failure> {
        let asked = Asked {
            viewer: &somebody(),
            correlation_id: "test",
            key: IdempotencyKey {
                key: IdSource.fresh::<SandboxTravelId>().0,
                input_hash: [0; 32],
            },
        };
        let wish = AdvanceTo {
            at: at(to),
            afterwards: Afterwards::Stands,
        };
        service::advance(db, &self.stops, asked, wish).await
    }

    async fn travel(&self, id: SandboxTravelId) -> Travel {
        let mut tx = jobs::begin(&self.db, "test").await.unwrap();
        store::find(&mut tx, id).await.unwrap().unwrap()
    }

    async fn travels(&self) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM sandbox_travels")
            .fetch_one(&mut self.test.connect("portico_owner").await)
            .await
            .unwrap()
    }
}

async fn now(db: &Db) -> DateTime<Utc> {
    jobs::begin(db, "test").await.unwrap().now()
}

fn reason(result: Result<Applied<SandboxTravelId>, Failure>) -> &'static str {
    match result {
        Err(Failure::Refused(refusals)) => refusals.first.reason.0,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_travel_stops_wherever_something_is_due_and_arrives_where_every_replica_sees_it() {
    let scene = Scene::new().await;
    scene.a_deadline("2026-10-14T04:00:00Z").await;
    scene.a_deadline("2026-10-14T04:00:00Z").await;
    scene.a_deadline("2026-11-05T16:00:00Z").await;
    scene.a_deadline("2027-01-01T16:00:00Z").await;
    assert!(now(&scene.other).await < at(START) + TimeDelta::hours(1));

    let applied = scene
        .advance(&scene.db, "2026-11-06T00:00:00Z")
        .await
        .unwrap();

    let travel = scene.travel(applied.outcome).await;
    let ran = scene.ran.lock().unwrap().clone();
    // Every midnight in China while something is due soon, the first deadline at noon, and the target.
    let mut expected = vec![travel.from];
    let mut midnight = at("2026-09-30T16:00:00Z");
    while midnight <= at("2026-11-05T16:00:00Z") {
        expected.push(midnight);
        midnight += TimeDelta::days(1);
    }
    expected.extend([at("2026-10-14T04:00:00Z"), at("2026-11-06T00:00:00Z")]);
    expected.sort_unstable();
    assert_eq!(ran, expected);
    assert_eq!(travel.happened.deadlines_expired, 3);
    assert_eq!(usize::try_from(travel.stops).unwrap(), expected.len() - 1);
    assert_eq!(now(&scene.db).await, at("2026-11-06T00:00:00Z"));
    assert_eq!(now(&scene.other).await, at("2026-11-06T00:00:00Z"));
    let restarted = replica(&scene.test, Clock::sandbox());
    assert_eq!(now(&restarted).await, at("2026-11-06T00:00:00Z"));
    assert_eq!(restarted.clock().process(), at("2026-11-06T00:00:00Z"));
}

#[tokio::test]
async fn a_time_that_has_passed_or_is_too_far_is_refused_and_the_clock_goes_on() {
    let scene = Scene::new().await;
    let before = now(&scene.db).await;

    let refused = scene.advance(&scene.db, START).await;
    assert_eq!(reason(refused), "SANDBOX_TIME_PAST");
    let refused = scene.advance(&scene.db, "2032-01-01T00:00:00Z").await;
    assert_eq!(reason(refused), "SANDBOX_TIME_TOO_FAR");

    let after = now(&scene.db).await;
    assert!(after > before && after < before + TimeDelta::hours(1));
    assert_eq!(scene.travels().await, 0);
}

#[tokio::test]
async fn of_two_travels_at_once_the_second_begins_where_the_first_arrived() {
    let scene = Scene::new().await;
    let one = scene.advance(&scene.db, "2026-12-01T00:00:00Z");
    let other = scene.advance(&scene.other, "2026-12-01T00:00:00Z");

    let results: [_; 2] = tokio::join!(one, other).into();

    let (done, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!((done.len(), refused.len()), (1, 1));
    for refused in refused {
        assert_eq!(reason(refused), "SANDBOX_TIME_PAST");
    }
    assert_eq!(now(&scene.db).await, at("2026-12-01T00:00:00Z"));
    assert_eq!(scene.travels().await, 1);
}

#[tokio::test]
async fn what_a_killed_process_left_half_way_is_taken_to_its_end() {
    let scene = Scene::new().await;
    scene.a_deadline("2026-10-13T16:00:00Z").await;
    let mut owner = scene.test.connect("portico_owner").await;
    sqlx::raw_sql(
        "INSERT INTO sandbox_travels (id, asked_by, from_at, to_at, pace, stops)
         VALUES (gen_random_uuid(), 'test', '2026-09-30T02:00:00Z', '2026-10-20T00:00:00Z', 'RUNS', 1);
         UPDATE sandbox_clock SET standing_at = '2026-10-01T00:00:00Z', moves = 1",
    )
    .execute(&mut owner)
    .await
    .unwrap();

    service::resume(&scene.other, &scene.stops).await.unwrap();

    let mut tx = jobs::begin(&scene.db, "test").await.unwrap();
    assert_eq!(store::under_way(&mut tx).await.unwrap(), None);
    assert!(matches!(
        store::clock(&mut tx).await.unwrap(),
        Some(Pace::Runs(_))
    ));
    assert!(tx.now() >= at("2026-10-20T00:00:00Z"));
    assert_eq!(
        service::happened(&mut tx).await.unwrap().deadlines_expired,
        1
    );
}

#[tokio::test]
async fn a_travel_moves_no_sign_in_and_a_clock_that_ran_on_is_never_set_back() {
    let scene = Scene::new().await;
    let before = jobs::begin(&scene.db, "test").await.unwrap().unmoved_now();
    scene
        .advance(&scene.db, "2026-10-02T00:00:00Z")
        .await
        .unwrap();
    let tx = jobs::begin(&scene.db, "test").await.unwrap();

    assert!(tx.unmoved_now() < before + TimeDelta::hours(1));
    assert_eq!(
        reason(scene.advance(&scene.db, "2026-10-01T23:59:59Z").await),
        "SANDBOX_TIME_PAST"
    );
}

#[tokio::test]
async fn outside_a_sandbox_no_clock_moves() {
    let scene = Scene::new().await;
    let elsewhere = replica(&scene.test, Clock::default());
    assert_eq!(
        reason(scene.advance(&elsewhere, "2099-01-01T00:00:00Z").await),
        "SANDBOX_ONLY"
    );

    let unmarked = TestDb::new().await;
    let unmarked = replica(&unmarked, Clock::sandbox());
    let refused = scene.advance(&unmarked, "2027-01-01T00:00:00Z").await;
    assert_eq!(reason(refused), "SANDBOX_ONLY");
    assert_eq!(scene.travels().await, 0);
}

//! A database with two partners, and a domain whose objects are rows of nothing but their history.

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::{
    Deadline, DeadlineKind, Ended, Expiries, Expiring, MovedDeadline, NewDeadline, Outcome, begin,
    end_expired,
};
use crate::clock::Clock;
use crate::db::testing::TestDb;
use crate::db::{Acting, Db, Pool, PoolSettings, Scope, StoreError, Tx};
use crate::error::Failure;
use crate::ids::{DeadlineId, IdSource, IncentiveId, OrganisationId, RuleId};
use crate::timeline::Event;

/// A working Monday: 16 November 2026, 11:00 in Shanghai.
pub(crate) const MONDAY: &str = "2026-11-16T03:00:00Z";

pub(crate) struct World {
    pub(crate) test: TestDb,
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) partner: OrganisationId,
    pub(crate) rival: OrganisationId,
    rule: RuleId,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::at(MONDAY).await
    }

    pub(crate) async fn at(now: &str) -> Self {
        let test = TestDb::new().await;
        let pool = |role| Pool::lazy(&test.url(role), PoolSettings::default()).unwrap();
        let clock = Clock::fixed(now.parse().unwrap());
        let db = Db::new(pool("portico_app"), pool("portico_staff"), clock.clone());
        let mut owner = test.connect("portico_owner").await;
        let rule: Uuid = sqlx::query_scalar("SELECT id FROM rules LIMIT 1")
            .fetch_one(&mut owner)
            .await
            .unwrap();
        let (partner, rival) = (IdSource.fresh(), IdSource.fresh());
        for OrganisationId(id) in [partner, rival] {
            sqlx::query(
                "INSERT INTO organisations (id, number, kind, name, business_area, created_at)
                 VALUES ($1, $1::text, 'PARTNER', $1::text, 'NORTH', $2)",
            )
            .bind(id)
            .bind(clock.process())
            .execute(&mut owner)
            .await
            .unwrap();
        }
        Self {
            test,
            db,
            clock,
            partner,
            rival,
            rule: RuleId(rule),
        }
    }

    pub(crate) async fn tx(&self, scope: &Scope) -> Tx {
        let acting = Acting {
            actor: "job:test".to_owned(),
            correlation_id: "test".to_owned(),
        };
        self.db.begin(scope, &acting).await.unwrap()
    }

    pub(crate) fn new_deadline(&self, working_days: i32) -> NewDeadline {
        let object: IncentiveId = IdSource.fresh();
        NewDeadline {
            organisation: self.partner,
            object: object.into(),
            kind: DeadlineKind::AcceptSharedOpportunity,
            outcome: Outcome::AutoReject,
            working_days,
            rule: self.rule,
        }
    }

    /// A deadline of the partner that is running and committed.
    pub(crate) async fn begun(&self, working_days: i32) -> Deadline {
        let mut tx = self.tx(&Scope::Vendor).await;
        let deadline = begin(&mut tx, self.new_deadline(working_days))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        deadline
    }

    pub(crate) async fn stored(&self, id: DeadlineId) -> Deadline {
        let mut tx = self.tx(&Scope::Vendor).await;
        let object: Uuid = sqlx::query_scalar("SELECT object_id FROM deadlines WHERE id = $1")
            .bind(id.0)
            .fetch_one(tx.connection())
            .await
            .unwrap();
        let mut found = super::of_objects(&mut tx, &Scope::Vendor, &[object])
            .await
            .unwrap();
        found.pop().unwrap()
    }

    pub(crate) fn advance_to(&self, at: DateTime<Utc>) {
        self.clock.advance(at - self.clock.process());
    }

    /// The last microsecond in which the deadline can be met.
    pub(crate) fn advance_to_the_end_of(&self, deadline: &Deadline) {
        self.advance_to(deadline.due_until - TimeDelta::microseconds(1));
    }

    pub(crate) async fn events(&self, action: &'static str) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM timeline_entries WHERE action = $1")
            .bind(action)
            .fetch_one(&mut self.test.connect("postgres").await)
            .await
            .unwrap()
    }
}

/// Objects that have a history and no table: the version is that of their last entry.
#[derive(Default)]
pub(crate) struct Things {
    /// Which of its expiries fail, counted from 1; 0 for none.
    pub(crate) fails_at: usize,
    pub(crate) calls: AtomicUsize,
}

impl Things {
    pub(crate) fn registered(self) -> Expiries {
        Expiries::new(vec![Box::new(self)])
    }

    async fn event(
        tx: &mut Tx,
        deadline: &Deadline,
        action: &'static str,
    ) -> Result<Event, Failure> {
        let version: Option<i64> = sqlx::query_scalar(
            "SELECT max(object_version) FROM timeline_entries WHERE object_id = $1",
        )
        .bind(deadline.object.id)
        .fetch_one(tx.connection())
        .await
        .map_err(StoreError::from)?;
        let object = IncentiveId(deadline.object.id);
        let version = version.unwrap_or(1) + 1;
        Ok(Event::new(deadline.organisation, object, version, action))
    }
}

impl Expiring for Things {
    fn kind(&self) -> DeadlineKind {
        DeadlineKind::AcceptSharedOpportunity
    }

    fn expire<'a>(
        &'a self,
        tx: &'a mut Tx,
        deadline: &'a Deadline,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
            if end_expired(tx, deadline.id).await? == Ended::Already {
                return Ok(());
            }
            let event = Self::event(tx, deadline, "thing.expired").await?;
            tx.record(event).await?;
            if call == self.fails_at {
                return Err(StoreError::corrupt("things.state", deadline.object.id).into());
            }
            Ok(())
        })
    }

    fn record_move<'a>(
        &'a self,
        tx: &'a mut Tx,
        moved: &'a MovedDeadline,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let event = Self::event(tx, &moved.deadline, "thing.deadline_moved").await?;
            tx.record(event.detail(moved.details())).await?;
            Ok(())
        })
    }
}

//! What happens by itself: deadlines that have passed are recorded, and so is what their domains make of it.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use futures_util::future::BoxFuture;

use super::model::{Deadline, DeadlineKind};
use super::store;
use crate::db::{Db, Tx};
use crate::error::Failure;
use crate::jobs::{self, Job};

/// The name of the job that records what has passed.
pub(crate) const JOB: &str = "expire_deadlines";
/// Candidates that one statement finds.
const BATCH: i64 = 200;

/// A domain whose objects have deadlines of one kind. Registered in `app.rs`.
pub(crate) trait Expiring: Send + Sync {
    fn kind(&self) -> DeadlineKind;

    /// Carries out what happens by itself, in one transaction of a job.
    ///
    /// Locks the object (one that is locked by somebody else can be left for the next tick), asks it again whether it
    /// still waits, ends the deadline with [`super::end_expired`] and, only when that answers
    /// [`super::Ended::Yes`], records the move and its timeline entry.
    fn expire<'a>(
        &'a self,
        tx: &'a mut Tx,
        deadline: &'a Deadline,
    ) -> BoxFuture<'a, Result<(), Failure>>;

    /// Records in the object's history that a correction of the calendar gives it more time (R-GEN-8).
    ///
    /// Locks the object, raises its version by one and writes the event of that version, with
    /// [`MovedDeadline::details`]. The deadline itself is changed by the caller, in the same transaction.
    fn record_move<'a>(
        &'a self,
        tx: &'a mut Tx,
        moved: &'a MovedDeadline,
    ) -> BoxFuture<'a, Result<(), Failure>>;
}

/// A running deadline that a correction of the calendar moves later.
#[derive(Debug, Clone)]
pub(crate) struct MovedDeadline {
    /// As it was until now.
    pub(crate) deadline: Deadline,
    pub(crate) due_until: DateTime<Utc>,
    pub(crate) last_day_on: NaiveDate,
    /// The version of the calendar that moves it.
    pub(crate) calendar_version: i64,
    pub(crate) provisional: bool,
}

impl MovedDeadline {
    /// For the timeline entry: what moved, from where to where, and by which calendar.
    pub(crate) fn details(&self) -> serde_json::Value {
        serde_json::json!({
            "deadline": self.deadline.kind.as_str(),
            "lastDayOn": { "from": self.deadline.last_day_on, "to": self.last_day_on },
            "dueUntil": { "from": self.deadline.due_until, "to": self.due_until },
            "calendarVersion": { "from": self.deadline.calendar_version, "to": self.calendar_version },
        })
    }
}

/// Every domain with deadlines of a deployment.
#[derive(Clone, Default)]
pub(crate) struct Expiries(Arc<[Box<dyn Expiring>]>);

impl Expiries {
    pub(crate) fn new(domains: Vec<Box<dyn Expiring>>) -> Self {
        Self(domains.into())
    }

    pub(super) fn of(&self, kind: DeadlineKind) -> Option<&dyn Expiring> {
        self.0
            .iter()
            .find(|domain| domain.kind() == kind)
            .map(AsRef::as_ref)
    }
}

/// The job: what has passed is carried out by whichever replica comes first.
pub(crate) struct ExpireDeadlines(pub(crate) Expiries);

impl Job for ExpireDeadlines {
    fn name(&self) -> &'static str {
        JOB
    }

    fn run<'a>(&'a self, db: &'a Db) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async {
            expire_due(db, &self.0).await?;
            Ok(())
        })
    }
}

/// What one run over the passed deadlines came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Expired {
    pub(crate) carried_out: usize,
    /// Left for the next run; each was logged.
    pub(crate) failed: usize,
}

/// Carries out every deadline that has passed, each in a transaction of its own: one that fails stops no other.
pub(crate) async fn expire_due(db: &Db, expiries: &Expiries) -> Result<Expired, Failure> {
    let mut total = Expired::default();
    let mut after = None;
    loop {
        let mut tx = jobs::begin(db, JOB).await?;
        let due = store::due(&mut tx, (after, BATCH)).await?;
        tx.commit().await.map_err(Failure::Internal)?;
        let Some(last) = due.last() else {
            return Ok(total);
        };
        after = Some((last.due_until, last.id));
        for deadline in &due {
            match expire(db, expiries, deadline).await {
                Ok(()) => total.carried_out += 1,
                Err(failure) => {
                    total.failed += 1;
                    log(deadline, &failure);
                }
            }
        }
    }
}

async fn expire(db: &Db, expiries: &Expiries, deadline: &Deadline) -> Result<(), Failure> {
    let Some(domain) = expiries.of(deadline.kind) else {
        tracing::error!(
            kind = deadline.kind.as_str(),
            "no domain is registered for deadlines of this kind"
        );
        return Ok(());
    };
    let mut tx = jobs::begin(db, JOB).await?;
    domain.expire(&mut tx, deadline).await?;
    Ok(tx.commit().await?)
}

pub(super) fn log(deadline: &Deadline, failure: &Failure) {
    let (deadline, kind) = (deadline.id.0, deadline.kind.as_str());
    match failure {
        Failure::Internal(error) => {
            tracing::error!(%deadline, kind, error = error as &dyn std::error::Error, "a deadline could not be carried out");
        }
        Failure::Refused(refusals) => {
            let reason = refusals.first.reason.0;
            tracing::error!(%deadline, kind, reason, "a deadline could not be carried out");
        }
    }
}

#[cfg(test)]
mod tests;

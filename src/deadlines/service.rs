//! How deadlines begin and end. The caller has locked the object: its row first, then its deadlines.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::model::{Deadline, DeadlineKind, DeadlineState, NewDeadline, Unit};
use super::store;
use crate::calendar;
use crate::db::{Scope, StoreError, Tx};
use crate::ids::DeadlineId;
use crate::timeline::ObjectRef;

/// Whether a call ended the deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    Yes,
    /// It was met, or its end is recorded, or it was moved and has not come.
    Already,
}

/// Starts a deadline at the time of the transaction and counts its end, once (R-GEN-8).
pub(crate) async fn begin(tx: &mut Tx, new: NewDeadline) -> Result<Deadline, StoreError> {
    let calendar = calendar::current(tx).await?;
    let due = calendar.due(tx.now(), new.working_days);
    let deadline = Deadline {
        id: tx.fresh_id(),
        organisation: new.organisation,
        object: new.object.into(),
        kind: new.kind,
        outcome: new.outcome,
        starts_at: tx.now(),
        unit: Unit::WorkingDay,
        length: new.working_days,
        due_until: due.due_until,
        last_day_on: due.last_day_on,
        calendar_version: calendar.version(),
        provisional: due.provisional,
        rule: Some(new.rule),
        state: DeadlineState::Running,
        ended_at: None,
    };
    store::insert(tx, &deadline).await?;
    Ok(deadline)
}

/// Records that the object's running deadline was met. Without one there is nothing to record.
///
/// Whoever acts has asked [`Deadline::has_passed`] before; a deadline that has passed is never met, the transaction fails.
pub(crate) async fn meet(
    tx: &mut Tx,
    object: ObjectRef,
    kind: DeadlineKind,
) -> Result<(), StoreError> {
    let now = tx.now();
    match store::meet(tx, object, kind).await? {
        Some((id, due_until)) if due_until <= now => {
            Err(StoreError::corrupt("deadlines.due_until", id.0))
        }
        Some(_) | None => Ok(()),
    }
}

/// Records that a running deadline has passed, at the instant when it did.
pub(crate) async fn end_expired(tx: &mut Tx, id: DeadlineId) -> Result<Ended, StoreError> {
    store::end_expired(tx, id).await
}

/// All deadlines of the objects, ended ones included, the oldest first.
pub(crate) async fn of_objects(
    tx: &mut Tx,
    scope: &Scope,
    objects: &[Uuid],
) -> Result<Vec<Deadline>, StoreError> {
    store::of_objects(tx, scope, objects).await
}

/// When the next running deadline passes, after `after`, whosever it is; for a job.
pub(crate) async fn next_due(
    tx: &mut Tx,
    after: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    store::next_due(tx, after).await
}

/// Deadlines that nobody kept, whosever they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Passed {
    /// Those whose consequence is not recorded yet.
    pub(crate) overdue: i64,
    pub(crate) expired: i64,
}

/// How many have passed; for a job.
pub(crate) async fn passed(tx: &mut Tx) -> Result<Passed, StoreError> {
    let (overdue, expired) = store::count_passed(tx).await?;
    Ok(Passed { overdue, expired })
}

#[cfg(test)]
mod tests;

//! A correction of the calendar gives running deadlines more time, and never less (R-GEN-8).

use futures_util::future::BoxFuture;

use super::expiry::{Expiries, MovedDeadline, log};
use super::model::{Deadline, Unit};
use super::store::{self, Checked};
use crate::calendar::{self, WorkCalendar};
use crate::db::{Db, StoreError, Tx};
use crate::error::Failure;
use crate::jobs::{self, Job};

const JOB: &str = "recount_deadlines";
/// Deadlines that one statement finds.
const BATCH: i64 = 500;

/// The job: deadlines that began with an older calendar while a new one was imported are counted again, and those of an
/// import whose process was killed.
pub(crate) struct RecountDeadlines(pub(crate) Expiries);

impl Job for RecountDeadlines {
    fn name(&self) -> &'static str {
        JOB
    }

    fn run<'a>(&'a self, db: &'a Db) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async {
            recount(db, &self.0).await?;
            Ok(())
        })
    }
}

/// What one run over the running deadlines came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Recounted {
    pub(crate) moved: usize,
    pub(crate) kept: usize,
    /// Left for the next run; each was logged.
    pub(crate) failed: usize,
}

/// What a calendar makes of a running deadline.
enum Verdict {
    Moves(MovedDeadline),
    Keeps(Checked),
}

/// Which running deadlines the calendar would move; nothing is written.
pub(crate) async fn moved_by(
    tx: &mut Tx,
    calendar: &WorkCalendar,
) -> Result<Vec<MovedDeadline>, StoreError> {
    let now = tx.now();
    let mut moved = Vec::new();
    let mut after = None;
    loop {
        let batch = store::running(tx, (i64::MAX, after), BATCH).await?;
        let Some(last) = batch.last() else {
            return Ok(moved);
        };
        after = Some(last.id);
        for deadline in batch {
            if deadline.has_passed(now) {
                continue;
            }
            if let Verdict::Moves(one) = judge(deadline, calendar) {
                moved.push(one);
            }
        }
    }
}

/// Counts every running deadline again that was not since the newest version. Each that moves does so in a transaction
/// of its own with its object's history; one that fails stops no other.
pub(crate) async fn recount(db: &Db, expiries: &Expiries) -> Result<Recounted, Failure> {
    let mut total = Recounted::default();
    let mut after = None;
    loop {
        let mut tx = jobs::begin(db, JOB).await?;
        let calendar = calendar::current(&mut tx).await?;
        let batch = store::running(&mut tx, (calendar.version(), after), BATCH).await?;
        let Some(last) = batch.last().map(|last| last.id) else {
            return Ok(total);
        };
        let imported_at = calendar::version(&mut tx, calendar.version())
            .await?
            .imported_at;
        after = Some(last);
        let mut kept = Vec::new();
        let mut later = Vec::new();
        for deadline in batch {
            // What had passed when the correction came stays as it is.
            let passed = deadline.has_passed(imported_at);
            match judge(deadline, &calendar) {
                Verdict::Moves(moved) if passed => {
                    kept.push(Checked::as_it_is(&moved.deadline));
                }
                Verdict::Moves(moved) => later.push(moved),
                Verdict::Keeps(checked) => kept.push(checked),
            }
        }
        store::record_checked(&mut tx, &kept, calendar.version()).await?;
        tx.commit().await?;
        total.kept += kept.len();
        for moved in &later {
            match move_later(db, expiries, moved).await {
                Ok(()) => total.moved += 1,
                Err(failure) => {
                    total.failed += 1;
                    log(&moved.deadline, &failure);
                }
            }
        }
    }
}

fn judge(deadline: Deadline, calendar: &WorkCalendar) -> Verdict {
    match deadline.unit {
        Unit::CalendarDay => Verdict::Keeps(Checked::as_it_is(&deadline)),
        Unit::WorkingDay => {
            let due = calendar.due(deadline.starts_at, deadline.length);
            if due.due_until > deadline.due_until {
                return Verdict::Moves(MovedDeadline {
                    due_until: due.due_until,
                    last_day_on: due.last_day_on,
                    calendar_version: calendar.version(),
                    provisional: due.provisional,
                    deadline,
                });
            }
            // Shorter by the correction: the end stays, with the calendar that gave it.
            let shorter = due.due_until < deadline.due_until;
            Verdict::Keeps(Checked {
                id: deadline.id,
                calendar_version: if shorter {
                    deadline.calendar_version
                } else {
                    calendar.version()
                },
                provisional: due.provisional,
            })
        }
    }
}

async fn move_later(db: &Db, expiries: &Expiries, moved: &MovedDeadline) -> Result<(), Failure> {
    let deadline = &moved.deadline;
    let Some(domain) = expiries.of(deadline.kind) else {
        return Err(StoreError::corrupt("deadlines.kind", deadline.id.0).into());
    };
    let mut tx = jobs::begin(db, JOB).await?;
    domain.record_move(&mut tx, moved).await?;
    // Met or moved in the meantime: then the entry was not to be written, and goes with the transaction.
    if store::move_later(&mut tx, moved).await? {
        tx.commit().await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;

//! The calendar as the database has it, and what is asked of it.

mod import;
mod warning;

use std::sync::Arc;

use chrono::{DateTime, Datelike as _, Utc};

pub(crate) use self::import::{Import, Imported, Move, Run, follow, import};
pub(crate) use self::warning::{WarnOfUnpublishedYear, warn_at_start};
use super::error::{CalendarRefusal, MOST_DAYS};
use super::model::{Simulation, WorkCalendar, day_of};
use super::store;
use crate::db::{StoreError, Tx};
use crate::error::Failure;

pub(super) use super::store::Version;

/// The newest version, read once per version and process.
pub async fn current(tx: &mut Tx) -> Result<Arc<WorkCalendar>, StoreError> {
    let version = store::newest(tx).await?;
    at(tx, version).await
}

/// The calendar as it was when `version` was the newest. Never for a version that this transaction itself made: were it
/// rolled back, another one could take its number.
pub(super) async fn at(tx: &mut Tx, version: i64) -> Result<Arc<WorkCalendar>, StoreError> {
    if let Some(calendar) = tx.memo().get::<WorkCalendar>(version) {
        return Ok(calendar);
    }
    let years = store::years(tx, version).await?;
    let calendar = Arc::new(WorkCalendar::new(version, years));
    tx.memo().keep(version, &calendar);
    Ok(calendar)
}

/// When a version was imported, and from where.
pub(crate) async fn version(tx: &mut Tx, version: i64) -> Result<Version, StoreError> {
    store::version(tx, version).await
}

/// Counts so many working days and says why of each day; in bounds, since anybody may ask.
pub(crate) fn simulate(
    calendar: &WorkCalendar,
    start: DateTime<Utc>,
    days: i32,
) -> Result<Simulation, Failure> {
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(CalendarRefusal::DaysOutOfRange.into());
    }
    if !(2000..=2100).contains(&day_of(start).year()) {
        return Err(CalendarRefusal::StartOutOfRange.into());
    }
    Ok(calendar.simulate(start, days))
}

#[cfg(test)]
mod tests;

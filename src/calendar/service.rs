//! The calendar as the database has it.

use std::sync::Arc;

use super::model::WorkCalendar;
use super::store;
use crate::db::{StoreError, Tx};

/// The newest version, read once per version and process.
pub async fn current(tx: &mut Tx) -> Result<Arc<WorkCalendar>, StoreError> {
    let version = store::newest(tx).await?;
    at(tx, version).await
}

/// The calendar as it was when `version` was the newest. Never for a version that this transaction itself made: were it
/// rolled back, another one could take its number.
pub(crate) async fn at(tx: &mut Tx, version: i64) -> Result<Arc<WorkCalendar>, StoreError> {
    if let Some(calendar) = tx.memo().get::<WorkCalendar>(version) {
        return Ok(calendar);
    }
    let years = store::years(tx, version).await?;
    let calendar = Arc::new(WorkCalendar::new(version, years));
    tx.memo().keep(version, &calendar);
    Ok(calendar)
}

#[cfg(test)]
mod tests;

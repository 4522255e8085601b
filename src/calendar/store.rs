//! The only SQL about the calendar: versions are added and read, never changed.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};
use uuid::Uuid;

use super::model::{DayKind, Special, Year, YearStatus};
use crate::db::{StoreError, Tx};

/// The number of the newest version; migrations make the first.
pub(super) async fn newest(tx: &mut Tx) -> Result<i64, StoreError> {
    let newest = sqlx::query_scalar!("SELECT max(version) FROM calendar_versions")
        .fetch_one(tx.connection())
        .await?;
    newest.ok_or(StoreError::corrupt(
        "calendar_versions.version",
        Uuid::nil(),
    ))
}

/// Every year as the newest version up to `version` has it.
pub(super) async fn years(tx: &mut Tx, version: i64) -> Result<BTreeMap<i32, Year>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT year, status, day AS "day?: NaiveDate", kind AS "kind?", name AS "name?"
         FROM (
             SELECT DISTINCT ON (year) year, version, status FROM calendar_years
             WHERE version <= $1 ORDER BY year, version DESC
         ) AS years
         LEFT JOIN calendar_days
             ON calendar_days.version = years.version AND EXTRACT(year FROM day) = year
         ORDER BY year, day"#,
        version,
    )
    .fetch_all(tx.connection())
    .await?;
    let mut years = BTreeMap::new();
    for row in rows {
        let status = YearStatus::parse(&row.status)
            .ok_or(StoreError::corrupt("calendar_years.status", Uuid::nil()))?;
        let year = years.entry(row.year).or_insert_with(|| Year {
            status,
            days: BTreeMap::new(),
        });
        if let (Some(day), Some(kind), Some(name)) = (row.day, row.kind, row.name) {
            debug_assert_eq!(day.year(), row.year);
            let kind = DayKind::parse(&kind)
                .ok_or(StoreError::corrupt("calendar_days.kind", Uuid::nil()))?;
            year.days.insert(day, Special { kind, name });
        }
    }
    Ok(years)
}

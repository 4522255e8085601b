//! The only SQL about the calendar: versions are added and read, never changed.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
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

/// When a version was imported, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) imported_at: DateTime<Utc>,
    pub(crate) source: String,
}

pub(super) async fn version(tx: &mut Tx, version: i64) -> Result<Version, StoreError> {
    Ok(sqlx::query_as!(
        Version,
        "SELECT imported_at, source FROM calendar_versions WHERE version = $1",
        version,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Lets nobody else number a version until this transaction ends.
pub(super) async fn lock_versions(tx: &mut Tx) -> Result<(), StoreError> {
    sqlx::query!("SELECT singleton FROM calendar_numbering FOR UPDATE")
        .fetch_one(tx.connection())
        .await?;
    Ok(())
}

pub(super) async fn insert_version(
    tx: &mut Tx,
    version: i64,
    source: &str,
) -> Result<(), StoreError> {
    let (now, actor) = (tx.now(), tx.acting().actor.clone());
    sqlx::query!(
        "INSERT INTO calendar_versions (version, imported_at, imported_by, source) VALUES ($1, $2, $3, $4)",
        version,
        now,
        actor,
        source,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn insert_years(
    tx: &mut Tx,
    version: i64,
    years: &BTreeMap<i32, Year>,
) -> Result<(), StoreError> {
    let (numbers, statuses): (Vec<i32>, Vec<String>) = years
        .iter()
        .map(|(number, year)| (*number, year.status.as_str().to_owned()))
        .unzip();
    sqlx::query!(
        "INSERT INTO calendar_years (year, version, status)
         SELECT year, $1, status FROM unnest($2::integer[], $3::text[]) AS new (year, status)",
        version,
        &numbers,
        &statuses,
    )
    .execute(tx.connection())
    .await?;
    let days: Vec<(&NaiveDate, &Special)> = years.values().flat_map(|year| &year.days).collect();
    let dates: Vec<NaiveDate> = days.iter().map(|(day, _)| **day).collect();
    let kinds: Vec<String> = days
        .iter()
        .map(|(_, day)| day.kind.as_str().to_owned())
        .collect();
    let names: Vec<String> = days.iter().map(|(_, day)| day.name.clone()).collect();
    sqlx::query!(
        "INSERT INTO calendar_days (day, version, kind, name)
         SELECT day, $1, kind, name FROM unnest($2::date[], $3::text[], $4::text[]) AS new (day, kind, name)",
        version,
        &dates,
        &kinds,
        &names,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

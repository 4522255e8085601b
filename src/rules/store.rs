//! The only SQL about the rule set.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::Site;
use super::service::{Entry, Filter, Line};
use crate::db::{StoreError, Tx};
use crate::ids::{OrganisationId, RuleId};

/// The row with the latest effective day that is not after `day`.
pub(super) async fn find(
    tx: &mut Tx,
    (name, site, programme): (&str, &str, &str),
    day: NaiveDate,
) -> Result<Option<(RuleId, serde_json::Value)>, StoreError> {
    let row = sqlx::query!(
        "SELECT id, value FROM rules
         WHERE name = $1 AND site = $2 AND programme = $3 AND effective_from <= $4 AND withdrawn_at IS NULL
         ORDER BY effective_from DESC LIMIT 1",
        name,
        site,
        programme,
        day,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| (RuleId(row.id), row.value)))
}

/// The same on the site of an organisation.
pub(super) async fn find_of(
    tx: &mut Tx,
    organisation: OrganisationId,
    (name, programme): (&str, &str),
    day: NaiveDate,
) -> Result<Option<(RuleId, serde_json::Value)>, StoreError> {
    let row = sqlx::query!(
        "SELECT id, value FROM rules
         WHERE site = (SELECT site FROM organisations WHERE id = $1)
           AND name = $2 AND programme = $3 AND effective_from <= $4 AND withdrawn_at IS NULL
         ORDER BY effective_from DESC LIMIT 1",
        organisation.0,
        name,
        programme,
        day,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| (RuleId(row.id), row.value)))
}

struct Row {
    id: Uuid,
    name: String,
    site: String,
    programme: String,
    effective_from: NaiveDate,
    effective_until: Option<NaiveDate>,
    value: serde_json::Value,
    source: String,
    scheduled_at: Option<DateTime<Utc>>,
    withdrawn_at: Option<DateTime<Utc>>,
    version: i64,
}

impl TryFrom<Row> for Entry {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let site = Site::parse(&row.site);
        Ok(Self {
            id: RuleId(row.id),
            line: Line {
                name: row.name,
                site: site.ok_or_else(|| StoreError::corrupt("rules.site", row.id))?,
                programme: row.programme,
            },
            effective_from: row.effective_from,
            effective_until: row.effective_until,
            value: row.value,
            source: row.source,
            scheduled_at: row.scheduled_at,
            withdrawn_at: row.withdrawn_at,
            version: row.version,
        })
    }
}

/// A query for entries whose text is known here and checked against the database when this is built.
macro_rules! entries {
    ($condition:tt, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"SELECT id, name, site, programme, effective_from, value, source, scheduled_at, withdrawn_at, version,
                 (SELECT min(later.effective_from) FROM rules later
                  WHERE later.name = rules.name AND later.site = rules.site AND later.programme = rules.programme
                    AND later.effective_from > rules.effective_from
                    AND later.withdrawn_at IS NULL) AS "effective_until: NaiveDate"
               FROM rules "# + $condition,
            $($argument),*
        )
    };
}

fn all(rows: Vec<Row>) -> Result<Vec<Entry>, StoreError> {
    rows.into_iter().map(Entry::try_from).collect()
}

/// The entries that hold on a day.
pub(super) async fn list(
    tx: &mut Tx,
    filter: &Filter,
    day: NaiveDate,
) -> Result<Vec<Entry>, StoreError> {
    let (site, programme) = (filter.site.map(Site::as_str), filter.programme.as_deref());
    let rows = entries!(
        "WHERE withdrawn_at IS NULL AND effective_from <= $1
           AND ($2::text IS NULL OR site = $2) AND ($3::text IS NULL OR programme = $3)
           AND NOT EXISTS (SELECT FROM rules newer
               WHERE newer.name = rules.name AND newer.site = rules.site AND newer.programme = rules.programme
                 AND newer.effective_from > rules.effective_from AND newer.effective_from <= $1
                 AND newer.withdrawn_at IS NULL)
         ORDER BY programme, name, site",
        day,
        site,
        programme
    )
    .fetch_all(tx.connection())
    .await?;
    all(rows)
}

pub(super) async fn by_id(tx: &mut Tx, ids: &[RuleId]) -> Result<Vec<Entry>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = entries!("WHERE id = ANY($1)", &ids)
        .fetch_all(tx.connection())
        .await?;
    all(rows)
}

/// All entries of some lines, withdrawn ones included, the newest day first.
pub(super) async fn histories(tx: &mut Tx, lines: &[Line]) -> Result<Vec<Entry>, StoreError> {
    let names: Vec<String> = lines.iter().map(|line| line.name.clone()).collect();
    let sites: Vec<String> = lines
        .iter()
        .map(|line| line.site.as_str().to_owned())
        .collect();
    let programmes: Vec<String> = lines.iter().map(|line| line.programme.clone()).collect();
    let rows = entries!(
        "WHERE (name, site, programme) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))
         ORDER BY effective_from DESC, id DESC",
        &names,
        &sites,
        &programmes
    )
    .fetch_all(tx.connection())
    .await?;
    all(rows)
}

pub(super) async fn lock(tx: &mut Tx, RuleId(id): RuleId) -> Result<Option<Entry>, StoreError> {
    entries!("WHERE id = $1 FOR UPDATE", id)
        .fetch_optional(tx.connection())
        .await?
        .map(Entry::try_from)
        .transpose()
}

/// Writes a new entry, or answers the one that holds from the same day.
pub(super) async fn insert(tx: &mut Tx, entry: &Entry) -> Result<Option<RuleId>, StoreError> {
    let (now, actor) = (tx.now(), tx.acting().actor.clone());
    let inserted = sqlx::query!(
        "INSERT INTO rules (id, name, site, programme, effective_from, value, source, scheduled_at, scheduled_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (name, site, programme, effective_from) WHERE withdrawn_at IS NULL DO NOTHING",
        entry.id.0,
        entry.line.name,
        entry.line.site.as_str(),
        entry.line.programme,
        entry.effective_from,
        entry.value,
        entry.source,
        now,
        actor,
    )
    .execute(tx.connection())
    .await?;
    if inserted.rows_affected() == 1 {
        return Ok(None);
    }
    let existing = sqlx::query_scalar!(
        "SELECT id FROM rules
         WHERE name = $1 AND site = $2 AND programme = $3 AND effective_from = $4 AND withdrawn_at IS NULL",
        entry.line.name,
        entry.line.site.as_str(),
        entry.line.programme,
        entry.effective_from,
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(Some(RuleId(existing)))
}

pub(super) async fn record_withdrawn(
    tx: &mut Tx,
    RuleId(id): RuleId,
    version: i64,
) -> Result<(), StoreError> {
    let now = tx.now();
    sqlx::query!(
        "UPDATE rules SET withdrawn_at = $2, version = $3 WHERE id = $1",
        id,
        now,
        version,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

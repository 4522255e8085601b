//! The only SQL about deadlines. Rows go in and out; no rule is decided here.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::model::{Deadline, DeadlineKind, DeadlineState, Outcome, StoredObject, Unit};
use super::service::Ended;
use crate::db::{Scope, StoreError, Tx};
use crate::ids::{DeadlineId, OrganisationId, RuleId};
use crate::timeline::ObjectRef;

struct Row {
    organisation_id: Uuid,
    id: Uuid,
    object_kind: String,
    object_id: Uuid,
    kind: String,
    outcome: String,
    starts_at: DateTime<Utc>,
    unit: String,
    length: i32,
    due_until: DateTime<Utc>,
    last_day_on: NaiveDate,
    calendar_version: i64,
    provisional: bool,
    rule_id: Option<Uuid>,
    state: String,
    ended_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Deadline {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt(column, row.id);
        Ok(Self {
            id: DeadlineId(row.id),
            organisation: OrganisationId(row.organisation_id),
            object: StoredObject {
                kind: row.object_kind,
                id: row.object_id,
            },
            kind: DeadlineKind::parse(&row.kind).ok_or_else(|| corrupt("deadlines.kind"))?,
            outcome: Outcome::parse(&row.outcome).ok_or_else(|| corrupt("deadlines.outcome"))?,
            starts_at: row.starts_at,
            unit: Unit::parse(&row.unit).ok_or_else(|| corrupt("deadlines.unit"))?,
            length: row.length,
            due_until: row.due_until,
            last_day_on: row.last_day_on,
            calendar_version: row.calendar_version,
            provisional: row.provisional,
            rule: row.rule_id.map(RuleId),
            state: DeadlineState::parse(&row.state).ok_or_else(|| corrupt("deadlines.state"))?,
            ended_at: row.ended_at,
        })
    }
}

fn deadlines(rows: Vec<Row>) -> Result<Vec<Deadline>, StoreError> {
    rows.into_iter().map(Deadline::try_from).collect()
}

pub(super) async fn insert(tx: &mut Tx, deadline: &Deadline) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO deadlines (organisation_id, id, object_kind, object_id, kind, outcome, starts_at, unit, length,
             due_until, last_day_on, calendar_version, checked_version, provisional, rule_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14)",
        deadline.organisation.0,
        deadline.id.0,
        deadline.object.kind,
        deadline.object.id,
        deadline.kind.as_str(),
        deadline.outcome.as_str(),
        deadline.starts_at,
        deadline.unit.as_str(),
        deadline.length,
        deadline.due_until,
        deadline.last_day_on,
        deadline.calendar_version,
        deadline.provisional,
        deadline.rule.map(|rule| rule.0),
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Ends the object's running deadline of this kind; answers which it was and when it would have passed.
pub(super) async fn meet(
    tx: &mut Tx,
    object: ObjectRef,
    kind: DeadlineKind,
) -> Result<Option<(DeadlineId, DateTime<Utc>)>, StoreError> {
    let now = tx.now();
    let met = sqlx::query!(
        "UPDATE deadlines SET state = 'MET', ended_at = $4
         WHERE object_kind = $1 AND object_id = $2 AND kind = $3 AND state = 'RUNNING'
         RETURNING id, due_until",
        object.kind,
        object.id,
        kind.as_str(),
        now,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(met.map(|row| (DeadlineId(row.id), row.due_until)))
}

pub(super) async fn end_expired(tx: &mut Tx, id: DeadlineId) -> Result<Ended, StoreError> {
    let now = tx.now();
    let done = sqlx::query!(
        "UPDATE deadlines SET state = 'EXPIRED', ended_at = due_until
         WHERE id = $1 AND state = 'RUNNING' AND due_until <= $2",
        id.0,
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(match done.rows_affected() {
        0 => Ended::Already,
        _ => Ended::Yes,
    })
}

pub(super) async fn of_objects(
    tx: &mut Tx,
    scope: &Scope,
    objects: &[Uuid],
) -> Result<Vec<Deadline>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT organisation_id, id, object_kind, object_id, kind, outcome, starts_at, unit, length, due_until,
             last_day_on, calendar_version, provisional, rule_id, state, ended_at
         FROM deadlines
         WHERE object_id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2)
         ORDER BY starts_at, id",
        objects,
        scope.organisation().map(|organisation| organisation.0),
    )
    .fetch_all(tx.connection())
    .await?;
    deadlines(rows)
}

/// The next deadlines that have passed and are not recorded, after the one at `after`; nothing is locked.
///
/// One that was not counted again since the calendar was corrected waits for that: it may have moved (R-GEN-8).
pub(super) async fn due(
    tx: &mut Tx,
    (after, limit): (Option<(DateTime<Utc>, DeadlineId)>, i64),
) -> Result<Vec<Deadline>, StoreError> {
    let now = tx.now();
    let (due_until, id) = after.unzip();
    let rows = sqlx::query_as!(
        Row,
        "SELECT organisation_id, id, object_kind, object_id, kind, outcome, starts_at, unit, length, due_until,
             last_day_on, calendar_version, provisional, rule_id, state, ended_at
         FROM deadlines
         WHERE state = 'RUNNING' AND due_until <= $1
           AND ($2::timestamptz IS NULL OR (due_until, id) > ($2, $3))
           AND checked_version = (SELECT max(version) FROM calendar_versions)
         ORDER BY due_until, id LIMIT $4",
        now,
        due_until,
        id.map(|id| id.0),
        limit,
    )
    .fetch_all(tx.connection())
    .await?;
    deadlines(rows)
}

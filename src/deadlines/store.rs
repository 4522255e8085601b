//! The only SQL about deadlines. Rows go in and out; no rule is decided here.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::expiry::MovedDeadline;
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

/// A running deadline that a version of the calendar does not move.
#[derive(Debug, Clone, Copy)]
pub(super) struct Checked {
    pub(super) id: DeadlineId,
    /// The version that gives its end.
    pub(super) calendar_version: i64,
    pub(super) provisional: bool,
}

impl Checked {
    pub(super) fn as_it_is(deadline: &Deadline) -> Self {
        Self {
            id: deadline.id,
            calendar_version: deadline.calendar_version,
            provisional: deadline.provisional,
        }
    }
}

/// The next running deadlines that no version from `version` on was applied to, after the one of id `after`.
pub(super) async fn running(
    tx: &mut Tx,
    (version, after): (i64, Option<DeadlineId>),
    limit: i64,
) -> Result<Vec<Deadline>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT organisation_id, id, object_kind, object_id, kind, outcome, starts_at, unit, length, due_until,
             last_day_on, calendar_version, provisional, rule_id, state, ended_at
         FROM deadlines
         WHERE state = 'RUNNING' AND checked_version < $1 AND ($2::uuid IS NULL OR id > $2)
         ORDER BY id LIMIT $3",
        version,
        after.map(|id| id.0),
        limit,
    )
    .fetch_all(tx.connection())
    .await?;
    deadlines(rows)
}

/// Notes up to which version these were counted. One that is locked belongs to somebody who acts on its object, and is
/// left for the next run: nobody waits here with other rows locked.
pub(super) async fn record_checked(
    tx: &mut Tx,
    checked: &[Checked],
    version: i64,
) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = checked.iter().map(|one| one.id.0).collect();
    let versions: Vec<i64> = checked.iter().map(|one| one.calendar_version).collect();
    let provisional: Vec<bool> = checked.iter().map(|one| one.provisional).collect();
    sqlx::query!(
        "UPDATE deadlines
         SET checked_version = $1, calendar_version = new.calendar_version, provisional = new.provisional
         FROM unnest($2::uuid[], $3::bigint[], $4::boolean[]) AS new (id, calendar_version, provisional)
         WHERE deadlines.id = new.id AND deadlines.id IN (
             SELECT id FROM deadlines WHERE id = ANY($2) AND state = 'RUNNING' AND checked_version < $1
             FOR UPDATE SKIP LOCKED)",
        version,
        &ids,
        &versions,
        &provisional,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Moves a running deadline later; `false` when it is no longer as it was.
pub(super) async fn move_later(tx: &mut Tx, moved: &MovedDeadline) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE deadlines
         SET due_until = $2, last_day_on = $3, calendar_version = $4, checked_version = $4, provisional = $5
         WHERE id = $1 AND state = 'RUNNING' AND due_until = $6 AND due_until < $2",
        moved.deadline.id.0,
        moved.due_until,
        moved.last_day_on,
        moved.calendar_version,
        moved.provisional,
        moved.deadline.due_until,
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// When the next running deadline passes, after `after`.
pub(super) async fn next_due(
    tx: &mut Tx,
    after: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    Ok(sqlx::query_scalar!(
        "SELECT min(due_until) FROM deadlines WHERE state = 'RUNNING' AND due_until > $1",
        after,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// How many deadlines have passed without a record of it, and how many with one.
pub(super) async fn count_passed(tx: &mut Tx) -> Result<(i64, i64), StoreError> {
    let now = tx.now();
    let row = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE state = 'RUNNING' AND due_until <= $1) AS "overdue!",
               count(*) FILTER (WHERE state = 'EXPIRED') AS "expired!"
           FROM deadlines"#,
        now,
    )
    .fetch_one(tx.connection())
    .await?;
    Ok((row.overdue, row.expired))
}

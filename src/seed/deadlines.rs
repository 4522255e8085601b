//! The rows of seeded deadlines, whichever domain keeps them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::store::insert_into;
use crate::calendar::WorkCalendar;

#[derive(Serialize)]
pub(super) struct DeadlineRow {
    pub(super) organisation_id: Uuid,
    pub(super) id: Uuid,
    pub(super) object_kind: &'static str,
    pub(super) object_id: Uuid,
    pub(super) kind: &'static str,
    pub(super) outcome: &'static str,
    pub(super) starts_at: DateTime<Utc>,
    pub(super) unit: &'static str,
    pub(super) length: i32,
    pub(super) due_until: DateTime<Utc>,
    pub(super) last_day_on: NaiveDate,
    pub(super) calendar_version: i64,
    pub(super) checked_version: i64,
    pub(super) provisional: bool,
    pub(super) rule_id: Option<&'static str>,
    pub(super) state: &'static str,
    pub(super) ended_at: Option<DateTime<Utc>>,
}

insert_into!(
    DeadlineRow,
    "deadlines",
    "organisation_id, id, object_kind, object_id, kind, outcome, starts_at, unit, length, due_until, last_day_on,
     calendar_version, checked_version, provisional, rule_id, state, ended_at"
);

impl DeadlineRow {
    /// One that runs, counted in working days from `starts_at`.
    pub(super) fn running(
        calendar: &WorkCalendar,
        (organisation_id, id): (Uuid, Uuid),
        (object_kind, object_id): (&'static str, Uuid),
        (kind, outcome): (&'static str, &'static str),
        (starts_at, length): (DateTime<Utc>, i32),
    ) -> Self {
        let due = calendar.due(starts_at, length);
        Self {
            organisation_id,
            id,
            object_kind,
            object_id,
            kind,
            outcome,
            starts_at,
            unit: "WORKING_DAY",
            length,
            due_until: due.due_until,
            last_day_on: due.last_day_on,
            calendar_version: calendar.version(),
            checked_version: calendar.version(),
            provisional: due.provisional,
            rule_id: None,
            state: "RUNNING",
            ended_at: None,
        }
    }
}

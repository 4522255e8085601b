//! Deadlines put straight into the database: a test says of what, of which kind and when.

use chrono::{DateTime, TimeDelta, Utc};
use portico::ids::{IncentiveId, OrganisationId};
use portico::timeline::ObjectRef;
use sqlx::PgConnection;

use super::builders::fresh;

/// A deadline of fourteen working days that runs and ends at `due`, of this kind and with this outcome.
pub(crate) async fn a_deadline(
    owner: &mut PgConnection,
    (organisation, object): (OrganisationId, ObjectRef),
    (kind, outcome): (&'static str, &'static str),
    due: DateTime<Utc>,
) {
    sqlx::query(
        "INSERT INTO deadlines (organisation_id, id, object_kind, object_id, kind, outcome, starts_at, unit, length,
             due_until, last_day_on, calendar_version, checked_version, provisional)
         SELECT $1, $2, $3, $4, $5, $6, $7, 'WORKING_DAY', 14, $8,
             (($8 - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai')::date, version, version, false
         FROM (SELECT max(version) AS version FROM calendar_versions) AS newest",
    )
    .bind(organisation.0)
    .bind(fresh::<IncentiveId>().0)
    .bind(object.kind)
    .bind(object.id)
    .bind(kind)
    .bind(outcome)
    .bind(due - TimeDelta::days(20))
    .bind(due)
    .execute(owner)
    .await
    .unwrap();
}

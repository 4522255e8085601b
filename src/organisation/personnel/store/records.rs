//! The SQL about certificates, trainings and projects, and about the times of dedicated status.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::super::model::DedicatedPath;
use super::super::model::record::{Dedication, Edited, Line, Record, RecordKind};
use crate::db::{Scope, StoreError, Tx};
use crate::ids::{
    DocumentId, IdentityId, OrganisationId, PersonId, PersonnelApplicationId, PersonnelRecordId,
};

struct Row {
    id: Uuid,
    person_id: Uuid,
    kind: String,
    name: String,
    detail: Option<String>,
    from_on: NaiveDate,
    until_on: Option<NaiveDate>,
    document_id: Option<Uuid>,
}

impl TryFrom<Row> for Record {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: PersonnelRecordId(row.id),
            person: PersonId(row.person_id),
            kind: RecordKind::parse(&row.kind)
                .ok_or_else(|| StoreError::corrupt("personnel_records.kind", row.id))?,
            line: Line {
                name: row.name,
                detail: row.detail,
                from: row.from_on,
                until: row.until_on,
                document: row.document_id.map(DocumentId),
            },
        })
    }
}

/// What stands in the records of these persons, the newest first; nothing of who shares nothing.
pub(in super::super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    persons: &[PersonId],
) -> Result<Vec<Record>, StoreError> {
    let persons: Vec<Uuid> = persons.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Row,
        "SELECT record.id, person_id, kind, record.name, detail, from_on, until_on, document_id
         FROM personnel_records record
         JOIN dedicated_personnel person ON person.organisation_id = record.organisation_id AND person.id = person_id
         WHERE person_id = ANY($1) AND ($2::uuid IS NULL OR record.organisation_id = $2) AND removed_at IS NULL
           AND person.state NOT IN ('INVITED', 'UNBOUND')
         ORDER BY from_on DESC, record.id",
        &persons,
        scope.owner(),
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(Record::try_from)
    .collect()
}

/// What stands in a person's own records, with whatever partner.
pub(in super::super) async fn own(
    tx: &mut Tx,
    identity: IdentityId,
) -> Result<Vec<Record>, StoreError> {
    sqlx::query_as!(
        Row,
        r#"SELECT id AS "id!", person_id AS "person_id!", kind AS "kind!", name AS "name!", detail,
             from_on AS "from_on!", until_on, document_id
           FROM portico_own_personnel_records($1) WHERE removed_at IS NULL ORDER BY from_on DESC, id"#,
        identity.0,
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(Record::try_from)
    .collect()
}

/// Writes what an edit came to. A line that is replaced keeps its id; one that is taken out stays in the table.
pub(in super::super) async fn save(
    tx: &mut Tx,
    (organisation, person): (OrganisationId, PersonId),
    edited: &Edited,
) -> Result<(), StoreError> {
    let now = tx.now();
    let removed: Vec<Uuid> = edited.removed.iter().map(|id| id.0).collect();
    sqlx::query!(
        "UPDATE personnel_records SET removed_at = $4
         WHERE organisation_id = $1 AND person_id = $2 AND id = ANY($3) AND removed_at IS NULL",
        organisation.0,
        person.0,
        &removed,
        now,
    )
    .execute(tx.connection())
    .await?;
    for (id, line) in &edited.replaced {
        sqlx::query!(
            "UPDATE personnel_records SET name = $4, detail = $5, from_on = $6, until_on = $7, document_id = $8
             WHERE organisation_id = $1 AND person_id = $2 AND id = $3",
            organisation.0,
            person.0,
            id.0,
            line.name,
            line.detail,
            line.from,
            line.until,
            line.document.map(|id| id.0),
        )
        .execute(tx.connection())
        .await?;
    }
    for (kind, line) in &edited.added {
        let id: PersonnelRecordId = tx.fresh_id();
        sqlx::query!(
            "INSERT INTO personnel_records (organisation_id, id, person_id, kind, name, detail, from_on, until_on,
                 document_id, added_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            organisation.0,
            id.0,
            person.0,
            kind.as_str(),
            line.name,
            line.detail,
            line.from,
            line.until,
            line.document.map(|id| id.0),
            now,
        )
        .execute(tx.connection())
        .await?;
    }
    Ok(())
}

/// Whether the partner reads the proofs of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Proofs {
    Shared,
    Withheld,
}

/// Shares the proofs of a record with the partner, or withholds them (R-DED-9). It is asked for while the person shares.
pub(in super::super) async fn share_proofs(
    tx: &mut Tx,
    (organisation, person): (OrganisationId, PersonId),
    proofs: Proofs,
) -> Result<(), StoreError> {
    let now = tx.now();
    let withheld_at = (proofs == Proofs::Withheld).then_some(now);
    sqlx::query!(
        "UPDATE documents SET withheld_at = $3
         WHERE organisation_id = $1 AND id IN (
             SELECT document_id FROM personnel_records WHERE organisation_id = $1 AND person_id = $2)",
        organisation.0,
        person.0,
        withheld_at,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Begins a time of dedicated status.
pub(in super::super) async fn begin_dedication(
    tx: &mut Tx,
    (organisation, person): (OrganisationId, PersonId),
    path: DedicatedPath,
) -> Result<(), StoreError> {
    let (id, now): (PersonnelApplicationId, _) = (tx.fresh_id(), tx.now());
    sqlx::query!(
        "INSERT INTO personnel_dedications (organisation_id, id, person_id, path, from_at) VALUES ($1, $2, $3, $4, $5)",
        organisation.0,
        id.0,
        person.0,
        path.as_str(),
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Ends the time that runs, if one does.
pub(in super::super) async fn end_dedication(
    tx: &mut Tx,
    (organisation, person): (OrganisationId, PersonId),
) -> Result<(), StoreError> {
    let now = tx.now();
    sqlx::query!(
        "UPDATE personnel_dedications SET until_at = $3
         WHERE organisation_id = $1 AND person_id = $2 AND until_at IS NULL",
        organisation.0,
        person.0,
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The times in which these persons were dedicated at `at`.
pub(in super::super) async fn dedications(
    tx: &mut Tx,
    scope: &Scope,
    (persons, at): (&[PersonId], DateTime<Utc>),
) -> Result<Vec<Dedication>, StoreError> {
    let persons: Vec<Uuid> = persons.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "SELECT person_id, path, from_at, until_at FROM personnel_dedications
         WHERE person_id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2)
           AND from_at <= $3 AND (until_at IS NULL OR until_at > $3)",
        &persons,
        scope.owner(),
        at,
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            let corrupt = || StoreError::corrupt("personnel_dedications.path", row.person_id);
            Ok(Dedication {
                person: PersonId(row.person_id),
                path: DedicatedPath::parse(&row.path).ok_or_else(corrupt)?,
                from: row.from_at,
                until: row.until_at,
            })
        })
        .collect()
}

//! The only SQL about documents. Rows go in and out; no rule is decided here.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::model::kind::Kind;
use super::model::{Announced, Document, DocumentState, Usage};
use crate::db::{Scope, StoreError, Tx};
use crate::ids::{DocumentId, OrganisationId};

struct Row {
    organisation_id: Uuid,
    id: Uuid,
    file_name: String,
    media_type: String,
    size: i64,
    sha256: Vec<u8>,
    state: String,
    prepared_by: String,
    prepared_at: DateTime<Utc>,
    upload_until: DateTime<Utc>,
    completed_at: Option<DateTime<Utc>>,
    version: i64,
}

/// A query for rows whose text is known here and checked against the database when this is built.
macro_rules! rows {
    ($condition:tt, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            "SELECT organisation_id, id, file_name, media_type, size, sha256, state, prepared_by, prepared_at,
                 upload_until, completed_at, version
             FROM documents " + $condition,
            $($argument),*
        )
    };
}

impl TryFrom<Row> for Document {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt(column, row.id);
        let sha256 = row.sha256.as_slice().try_into();
        Ok(Self {
            organisation: OrganisationId(row.organisation_id),
            id: DocumentId(row.id),
            file: Announced {
                kind: Kind::of_media_type(&row.media_type)
                    .ok_or_else(|| corrupt("documents.media_type"))?,
                file_name: row.file_name,
                size: row.size,
                sha256: sha256.map_err(|_| corrupt("documents.sha256"))?,
            },
            state: DocumentState::parse(&row.state).ok_or_else(|| corrupt("documents.state"))?,
            prepared_by: row.prepared_by,
            prepared_at: row.prepared_at,
            upload_until: row.upload_until,
            completed_at: row.completed_at,
            version: row.version,
        })
    }
}

/// Holds an organisation's row, so that two announcements of it are counted one after the other.
pub(super) async fn lock_organisation(
    tx: &mut Tx,
    OrganisationId(id): OrganisationId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "SELECT id FROM organisations WHERE id = $1 FOR NO KEY UPDATE",
        id
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(())
}

/// What an organisation takes up at `now`: all but what was discarded or can no longer be uploaded.
pub(super) async fn usage(
    tx: &mut Tx,
    OrganisationId(organisation): OrganisationId,
    now: DateTime<Utc>,
) -> Result<Usage, StoreError> {
    Ok(sqlx::query_as!(
        Usage,
        r#"SELECT count(*) AS "files!", coalesce(sum(size), 0)::bigint AS "bytes!" FROM documents
           WHERE organisation_id = $1
             AND (state IN ('STORED', 'COMPLETE') OR (state = 'PREPARED' AND upload_until > $2))"#,
        organisation,
        now,
    )
    .fetch_one(tx.connection())
    .await?)
}

pub(super) async fn insert(tx: &mut Tx, document: &Document) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO documents (organisation_id, id, file_name, media_type, size, sha256, state, prepared_by,
             prepared_at, upload_until, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        document.organisation.0,
        document.id.0,
        document.file.file_name,
        document.file.kind.media_type(),
        document.file.size,
        document.file.sha256.as_slice(),
        document.state.as_str(),
        document.prepared_by,
        document.prepared_at,
        document.upload_until,
        document.version,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Reads one document within `scope` and locks it until the transaction ends.
pub(super) async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    DocumentId(id): DocumentId,
) -> Result<Option<Document>, StoreError> {
    let owner = scope.owner();
    rows!(
        "WHERE id = $1 AND ($2::uuid IS NULL OR organisation_id = $2) FOR UPDATE",
        id,
        owner
    )
    .fetch_optional(tx.connection())
    .await?
    .map(Document::try_from)
    .transpose()
}

/// Those of the ids that `scope` sees, in no order.
pub(super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[DocumentId],
) -> Result<Vec<Document>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let owner = scope.owner();
    // What is withheld is a person's who shares it no more: its organisation does not find it, the vendor does.
    let rows = rows!(
        "WHERE id = ANY($1) AND ($2::uuid IS NULL OR (organisation_id = $2 AND withheld_at IS NULL))",
        &ids,
        owner
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(Document::try_from).collect()
}

/// Writes state, time of completion and version.
pub(super) async fn record_state(tx: &mut Tx, document: &Document) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE documents SET state = $3, completed_at = $4, version = $5 WHERE organisation_id = $1 AND id = $2",
        document.organisation.0,
        document.id.0,
        document.state.as_str(),
        document.completed_at,
        document.version,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// At most `limit` documents that were announced before `before` and never completed; what another transaction holds
/// is passed over.
pub(super) async fn lock_unfinished(
    tx: &mut Tx,
    scope: &Scope,
    (before, limit): (DateTime<Utc>, i64),
) -> Result<Vec<Document>, StoreError> {
    let owner = scope.owner();
    let rows = rows!(
        "WHERE state IN ('PREPARED', 'STORED') AND prepared_at < $1 AND ($2::uuid IS NULL OR organisation_id = $2)
         ORDER BY prepared_at, id LIMIT $3 FOR UPDATE SKIP LOCKED",
        before,
        owner,
        limit
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(Document::try_from).collect()
}

//! The SQL about what the partner asked the vendor for.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::model::{DedicatedPath, DedicatedPerson};
use crate::db::{Scope, StoreError, Tx};
use crate::ids::{DocumentId, OrganisationId, PersonId, PersonnelApplicationId};
use crate::words::words;

words! {
    /// What is asked for.
    ApplicationKind {
        Apply = "APPLY",
        Cancel = "CANCEL",
    }

    /// What became of it.
    ApplicationState {
        UnderReview = "UNDER_REVIEW",
        Approved = "APPROVED",
        Rejected = "REJECTED",
        Withdrawn = "WITHDRAWN",
        /// The association or the dedicated status ended before the vendor decided.
        Ended = "ENDED",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Application {
    pub(crate) id: PersonnelApplicationId,
    pub(crate) organisation: OrganisationId,
    pub(crate) person: PersonId,
    pub(crate) kind: ApplicationKind,
    pub(crate) path: DedicatedPath,
    pub(crate) reason: Option<String>,
    pub(crate) documents: Vec<DocumentId>,
    pub(crate) state: ApplicationState,
    pub(crate) submitted_at: DateTime<Utc>,
    pub(crate) decided_at: Option<DateTime<Utc>>,
    pub(crate) decision_reason: Option<String>,
}

impl Application {
    /// One that the transaction hands in.
    pub(in super::super) fn new(
        tx: &Tx,
        person: &DedicatedPerson,
        kind: ApplicationKind,
        documents: &[DocumentId],
    ) -> Self {
        Self {
            id: tx.fresh_id(),
            organisation: person.organisation,
            person: person.id,
            kind,
            path: person.path.unwrap_or(DedicatedPath::Service),
            reason: None,
            documents: documents.to_vec(),
            state: ApplicationState::UnderReview,
            submitted_at: tx.now(),
            decided_at: None,
            decision_reason: None,
        }
    }
}

struct Row {
    id: Uuid,
    organisation_id: Uuid,
    person_id: Uuid,
    kind: String,
    path: String,
    reason: Option<String>,
    document_ids: Vec<Uuid>,
    state: String,
    submitted_at: DateTime<Utc>,
    decided_at: Option<DateTime<Utc>>,
    decision_reason: Option<String>,
}

impl TryFrom<Row> for Application {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt(column, row.id);
        Ok(Self {
            id: PersonnelApplicationId(row.id),
            organisation: OrganisationId(row.organisation_id),
            person: PersonId(row.person_id),
            kind: ApplicationKind::parse(&row.kind)
                .ok_or_else(|| corrupt("personnel_applications.kind"))?,
            path: DedicatedPath::parse(&row.path)
                .ok_or_else(|| corrupt("personnel_applications.path"))?,
            reason: row.reason,
            documents: row.document_ids.into_iter().map(DocumentId).collect(),
            state: ApplicationState::parse(&row.state)
                .ok_or_else(|| corrupt("personnel_applications.state"))?,
            submitted_at: row.submitted_at,
            decided_at: row.decided_at,
            decision_reason: row.decision_reason,
        })
    }
}

/// What was asked for these persons, the latest first.
pub(in super::super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    persons: &[PersonId],
) -> Result<Vec<Application>, StoreError> {
    let persons: Vec<Uuid> = persons.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Row,
        "SELECT id, organisation_id, person_id, kind, path, reason, document_ids, state, submitted_at, decided_at,
             decision_reason
         FROM personnel_applications
         WHERE person_id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2)
         ORDER BY submitted_at DESC, id DESC",
        &persons,
        scope.owner(),
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(Application::try_from)
    .collect()
}

pub(in super::super) async fn insert(
    tx: &mut Tx,
    application: &Application,
) -> Result<(), StoreError> {
    let by = tx.acting().actor.clone();
    let documents: Vec<Uuid> = application.documents.iter().map(|id| id.0).collect();
    sqlx::query!(
        "INSERT INTO personnel_applications (organisation_id, id, person_id, kind, path, reason, document_ids, state,
             submitted_at, submitted_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        application.organisation.0,
        application.id.0,
        application.person.0,
        application.kind.as_str(),
        application.path.as_str(),
        application.reason.as_deref(),
        &documents,
        application.state.as_str(),
        application.submitted_at,
        by,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Ends the one that waits for the vendor.
pub(in super::super) async fn settle(
    tx: &mut Tx,
    (organisation, person): (OrganisationId, PersonId),
    (state, reason): (ApplicationState, Option<&str>),
) -> Result<(), StoreError> {
    let (now, by) = (tx.now(), tx.acting().actor.clone());
    sqlx::query!(
        "UPDATE personnel_applications SET state = $3, decided_at = $4, decided_by = $5, decision_reason = $6
         WHERE organisation_id = $1 AND person_id = $2 AND state = 'UNDER_REVIEW'",
        organisation.0,
        person.0,
        state.as_str(),
        now,
        by,
        reason,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// What waits for the vendor is over, because the association or the status is.
pub(in super::super) async fn end_pending(
    tx: &mut Tx,
    key: (OrganisationId, PersonId),
) -> Result<(), StoreError> {
    settle(tx, key, (ApplicationState::Ended, None)).await
}

/// Whether the partner is on this path now.
pub(in super::super) async fn is_on_path(
    tx: &mut Tx,
    organisation: OrganisationId,
    path: DedicatedPath,
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (
             SELECT FROM path_memberships WHERE organisation_id = $1 AND path = $2 AND state = 'ACTIVE') AS "is_on!""#,
        organisation.0,
        path.as_str(),
    )
    .fetch_one(tx.connection())
    .await?)
}

//! The vendor's invitations to programmes and paths.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::db::{Scope, StoreError, Tx};
use crate::ids::{OrganisationId, ProgrammeInvitationId};
use crate::organisation::programmes::model::{InvitationState, ProgrammeInvitation, Target};

struct Row {
    organisation_id: Uuid,
    id: Uuid,
    target_kind: String,
    target: String,
    state: String,
    sent_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for ProgrammeInvitation {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt(column, row.id);
        Ok(Self {
            id: ProgrammeInvitationId(row.id),
            organisation: OrganisationId(row.organisation_id),
            target: Target::parse(&row.target_kind, &row.target)
                .ok_or_else(|| corrupt("programme_invitations.target"))?,
            state: InvitationState::parse(&row.state)
                .ok_or_else(|| corrupt("programme_invitations.state"))?,
            sent_at: row.sent_at,
            expires_at: row.expires_at,
            version: row.version,
        })
    }
}

/// Those to an organisation that nobody has answered or taken back, expired ones included.
pub(in crate::organisation::programmes) async fn sent_invitations(
    tx: &mut Tx,
    scope: &Scope,
    organisation: OrganisationId,
) -> Result<Vec<ProgrammeInvitation>, StoreError> {
    sqlx::query_as!(
        Row,
        "SELECT organisation_id, id, target_kind, target, state, sent_at, expires_at, version FROM programme_invitations
         WHERE organisation_id = $1 AND state = 'SENT' AND ($2::uuid IS NULL OR organisation_id = $2)",
        organisation.0,
        scope.owner(),
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(ProgrammeInvitation::try_from)
    .collect()
}

pub(in crate::organisation::programmes) async fn invitations(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[Uuid],
) -> Result<Vec<ProgrammeInvitation>, StoreError> {
    sqlx::query_as!(
        Row,
        "SELECT organisation_id, id, target_kind, target, state, sent_at, expires_at, version FROM programme_invitations
         WHERE id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2)",
        ids,
        scope.owner(),
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(ProgrammeInvitation::try_from)
    .collect()
}

pub(in crate::organisation::programmes) async fn lock_invitation(
    tx: &mut Tx,
    scope: &Scope,
    id: ProgrammeInvitationId,
) -> Result<Option<ProgrammeInvitation>, StoreError> {
    sqlx::query_as!(
        Row,
        "SELECT organisation_id, id, target_kind, target, state, sent_at, expires_at, version FROM programme_invitations
         WHERE id = $1 AND ($2::uuid IS NULL OR organisation_id = $2) FOR UPDATE",
        id.0,
        scope.owner(),
    )
    .fetch_optional(tx.connection())
    .await?
    .map(ProgrammeInvitation::try_from)
    .transpose()
}

pub(in crate::organisation::programmes) async fn insert_invitation(
    tx: &mut Tx,
    invitation: &ProgrammeInvitation,
) -> Result<(), StoreError> {
    let (kind, code) = invitation.target.spelled();
    let actor = tx.acting().actor.clone();
    sqlx::query!(
        "INSERT INTO programme_invitations (organisation_id, id, target_kind, target, state, sent_at, expires_at, sent_by,
             version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        invitation.organisation.0,
        invitation.id.0,
        kind,
        code,
        invitation.state.as_str(),
        invitation.sent_at,
        invitation.expires_at,
        actor,
        invitation.version,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Voids what is unanswered for a target, expired ones included; ids and new versions.
pub(in crate::organisation::programmes) async fn void_invitations(
    tx: &mut Tx,
    organisation: OrganisationId,
    target: Target,
) -> Result<Vec<(ProgrammeInvitationId, i64)>, StoreError> {
    let (kind, code) = target.spelled();
    let rows = sqlx::query!(
        "UPDATE programme_invitations SET state = 'REVOKED', version = version + 1
         WHERE organisation_id = $1 AND target_kind = $2 AND target = $3 AND state = 'SENT' RETURNING id, version",
        organisation.0,
        kind,
        code,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (ProgrammeInvitationId(row.id), row.version))
        .collect())
}

/// Records what became of an invitation that is held; its next version.
pub(in crate::organisation::programmes) async fn record_invitation(
    tx: &mut Tx,
    id: ProgrammeInvitationId,
    state: &'static str,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "UPDATE programme_invitations SET state = $2, version = version + 1 WHERE id = $1 AND state = 'SENT'
         RETURNING version",
        id.0,
        state,
    )
    .fetch_one(tx.connection())
    .await?)
}

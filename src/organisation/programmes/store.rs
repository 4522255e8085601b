//! The only SQL about memberships of programmes and paths. Rows go in and out; no rule is decided here.

mod account;
mod agreements;
mod invitations;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

pub(super) use account::{
    ElsewhereRow, elsewhere, facts, lock_partner, managers, partners, take_enterprise_turn,
};
pub(super) use agreements::{Signature, agreements, sign, signatures};
pub(super) use invitations::{
    insert_invitation, invitations, lock_invitation, record_invitation, sent_invitations,
    void_invitations,
};

use super::model::{
    MembershipState, Path, PathMembership, PathStage, PathState, Programme, ProgrammeMembership,
    Tier,
};
use crate::db::{Scope, StoreError, Tx};
use crate::ids::{OrganisationId, PathMembershipId, ProgrammeMembershipId};
use crate::waiting::Bounds;

struct ProgrammeRow {
    organisation_id: Uuid,
    id: Uuid,
    programme: String,
    state: String,
    valid_from: NaiveDate,
    valid_until: Option<NaiveDate>,
    tier: Option<String>,
    applied_at: Option<DateTime<Utc>>,
    decided_at: Option<DateTime<Utc>>,
    reason: Option<String>,
    version: i64,
}

impl TryFrom<ProgrammeRow> for ProgrammeMembership {
    type Error = StoreError;

    fn try_from(row: ProgrammeRow) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt(column, row.id);
        let tier = row.tier.as_deref();
        let tier =
            tier.map(|tier| Tier::parse(tier).ok_or_else(|| corrupt("programme_memberships.tier")));
        Ok(Self {
            id: ProgrammeMembershipId(row.id),
            organisation: OrganisationId(row.organisation_id),
            programme: Programme::parse(&row.programme)
                .ok_or_else(|| corrupt("programme_memberships.programme"))?,
            state: MembershipState::parse(&row.state)
                .ok_or_else(|| corrupt("programme_memberships.state"))?,
            valid_from: row.valid_from,
            valid_until: row.valid_until,
            tier: tier.transpose()?,
            applied_at: row.applied_at,
            decided_at: row.decided_at,
            reason: row.reason,
            version: row.version,
        })
    }
}

struct PathRow {
    organisation_id: Uuid,
    id: Uuid,
    path: String,
    stage: String,
    state: String,
    version: i64,
}

impl TryFrom<PathRow> for PathMembership {
    type Error = StoreError;

    fn try_from(row: PathRow) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt(column, row.id);
        Ok(Self {
            id: PathMembershipId(row.id),
            organisation: OrganisationId(row.organisation_id),
            path: Path::parse(&row.path).ok_or_else(|| corrupt("path_memberships.path"))?,
            stage: PathStage::parse(&row.stage).ok_or_else(|| corrupt("path_memberships.stage"))?,
            state: PathState::parse(&row.state).ok_or_else(|| corrupt("path_memberships.state"))?,
            version: row.version,
        })
    }
}

/// The memberships of one programme, as rules ask for them.
pub(super) async fn members_of(
    tx: &mut Tx,
    programme: Programme,
    organisations: &[Uuid],
) -> Result<Vec<ProgrammeMembership>, StoreError> {
    sqlx::query_as!(
        ProgrammeRow,
        "SELECT organisation_id, id, programme, state, valid_from, valid_until, tier, applied_at, decided_at, reason, version
         FROM programme_memberships WHERE programme = $1 AND organisation_id = ANY($2)",
        programme.as_str(),
        organisations,
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(ProgrammeMembership::try_from)
    .collect()
}

/// Those of the organisations' memberships that the scope may see, in the order of their programmes.
pub(super) async fn programmes_of(
    tx: &mut Tx,
    scope: &Scope,
    organisations: &[Uuid],
) -> Result<Vec<ProgrammeMembership>, StoreError> {
    sqlx::query_as!(
        ProgrammeRow,
        "SELECT organisation_id, id, programme, state, valid_from, valid_until, tier, applied_at, decided_at, reason, version
         FROM programme_memberships
         WHERE organisation_id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2) ORDER BY programme",
        organisations,
        scope.owner(),
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(ProgrammeMembership::try_from)
    .collect()
}

pub(super) async fn programmes(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[Uuid],
) -> Result<Vec<ProgrammeMembership>, StoreError> {
    sqlx::query_as!(
        ProgrammeRow,
        "SELECT organisation_id, id, programme, state, valid_from, valid_until, tier, applied_at, decided_at, reason, version
         FROM programme_memberships WHERE id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2)",
        ids,
        scope.owner(),
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(ProgrammeMembership::try_from)
    .collect()
}

/// Reads one membership and holds it until the transaction ends.
pub(super) async fn lock_programme(
    tx: &mut Tx,
    scope: &Scope,
    id: ProgrammeMembershipId,
) -> Result<Option<ProgrammeMembership>, StoreError> {
    sqlx::query_as!(
        ProgrammeRow,
        "SELECT organisation_id, id, programme, state, valid_from, valid_until, tier, applied_at, decided_at, reason, version
         FROM programme_memberships WHERE id = $1 AND ($2::uuid IS NULL OR organisation_id = $2) FOR UPDATE",
        id.0,
        scope.owner(),
    )
    .fetch_optional(tx.connection())
    .await?
    .map(ProgrammeMembership::try_from)
    .transpose()
}

/// Writes a membership that is at its first version or one above what is there; its version, or nothing when somebody
/// else was faster.
pub(super) async fn write_programme(
    tx: &mut Tx,
    membership: &ProgrammeMembership,
) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar!(
        "INSERT INTO programme_memberships AS held (organisation_id, id, programme, state, valid_from, valid_until, tier,
             applied_at, decided_at, reason, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (organisation_id, programme) DO UPDATE
             SET state = EXCLUDED.state, valid_from = EXCLUDED.valid_from, valid_until = EXCLUDED.valid_until,
                 tier = EXCLUDED.tier, applied_at = EXCLUDED.applied_at, decided_at = EXCLUDED.decided_at,
                 reason = EXCLUDED.reason, version = EXCLUDED.version
             WHERE held.version = EXCLUDED.version - 1
         RETURNING version",
        membership.organisation.0,
        membership.id.0,
        membership.programme.as_str(),
        membership.state.as_str(),
        membership.valid_from,
        membership.valid_until,
        membership.tier.map(Tier::as_str),
        membership.applied_at,
        membership.decided_at,
        membership.reason,
        membership.version,
    )
    .fetch_optional(tx.connection())
    .await?)
}

/// Stores what became of a locked membership.
pub(super) async fn update_programme(
    tx: &mut Tx,
    membership: &ProgrammeMembership,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE programme_memberships
         SET state = $3, valid_from = $4, valid_until = $5, tier = $6, decided_at = $7, reason = $8, version = $9
         WHERE organisation_id = $1 AND id = $2",
        membership.organisation.0,
        membership.id.0,
        membership.state.as_str(),
        membership.valid_from,
        membership.valid_until,
        membership.tier.map(Tier::as_str),
        membership.decided_at,
        membership.reason,
        membership.version,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Those of the organisations' paths that the scope may see, in the order of their names.
pub(super) async fn paths_of(
    tx: &mut Tx,
    scope: &Scope,
    organisations: &[Uuid],
) -> Result<Vec<PathMembership>, StoreError> {
    sqlx::query_as!(
        PathRow,
        "SELECT organisation_id, id, path, stage, state, version FROM path_memberships
         WHERE organisation_id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2) ORDER BY path",
        organisations,
        scope.owner(),
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(PathMembership::try_from)
    .collect()
}

pub(super) async fn paths(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[Uuid],
) -> Result<Vec<PathMembership>, StoreError> {
    sqlx::query_as!(
        PathRow,
        "SELECT organisation_id, id, path, stage, state, version FROM path_memberships
         WHERE id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2)",
        ids,
        scope.owner(),
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(PathMembership::try_from)
    .collect()
}

/// The stages of the paths that an organisation is on.
pub(super) async fn stages(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<Vec<PathStage>, StoreError> {
    let corrupt = || StoreError::corrupt("path_memberships.stage", organisation.0);
    sqlx::query_scalar!(
        "SELECT stage FROM path_memberships WHERE organisation_id = $1 AND state = 'ACTIVE'",
        organisation.0,
    )
    .fetch_all(tx.connection())
    .await?
    .iter()
    .map(|stage| PathStage::parse(stage).ok_or_else(corrupt))
    .collect()
}

/// Writes a place on a path; see [`write_programme`].
pub(super) async fn write_path(
    tx: &mut Tx,
    membership: &PathMembership,
) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar!(
        "INSERT INTO path_memberships AS held (organisation_id, id, path, stage, state, version)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (organisation_id, path) DO UPDATE
             SET stage = EXCLUDED.stage, state = EXCLUDED.state, version = EXCLUDED.version
             WHERE held.version = EXCLUDED.version - 1
         RETURNING version",
        membership.organisation.0,
        membership.id.0,
        membership.path.as_str(),
        membership.stage.as_str(),
        membership.state.as_str(),
        membership.version,
    )
    .fetch_optional(tx.connection())
    .await?)
}

/// Applications that the vendor has to decide, for the inbox.
pub(super) fn push_applications(query: &mut QueryBuilder<Postgres>, _bounds: Bounds) {
    query.push(
        "SELECT programme_memberships.id, programme AS number, organisations.name, NULL::timestamptz AS due_until,
             NULL::numeric AS amount, NULL::text AS currency, applied_at AS since, NULL::uuid AS owner_id
         FROM programme_memberships JOIN organisations ON organisations.id = organisation_id
         WHERE applied_at IS NOT NULL AND programme_memberships.state IN ('APPLIED', 'UNDER_REVIEW')",
    );
}

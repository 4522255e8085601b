//! The only SQL about sessions. Each statement that takes something away announces it in the same breath.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    CHANNEL, NewSession, RevokedBecause, SessionFacts, SessionHash, SessionState, SignedInSession,
};
use crate::db::{StoreError, Tx};
use crate::identity::store as memberships;
use crate::ids::{IdentityId, MemberId, OrganisationId, SessionId};
use crate::viewer::{ActingMember, SignedInIdentity, Viewer};

type Acting = Option<(OrganisationId, MemberId)>;

fn columns(acting: Acting) -> (Option<Uuid>, Option<Uuid>) {
    acting
        .map(|(organisation, member)| (organisation.0, member.0))
        .unzip()
}

pub(super) async fn insert(
    tx: &mut Tx,
    new: &NewSession,
    acting: Acting,
    hash: &SessionHash,
) -> Result<SessionId, StoreError> {
    let (id, now): (SessionId, _) = (tx.fresh_id(), tx.unmoved_now());
    let absolute_until = now + new.settings.absolute;
    let idle_until = absolute_until.min(now + new.settings.idle);
    let (organisation, member) = columns(acting);
    sqlx::query!(
        "INSERT INTO sessions (id_hash, id, identity_id, organisation_id, member_id, idp_session_index,
             created_at, authenticated_at, last_seen_at, idle_until, absolute_until, user_agent)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $7, $9, $10, $11)",
        &hash.0[..],
        id.0,
        new.identity.0,
        organisation,
        member,
        new.idp_session_index,
        now,
        new.authenticated_at,
        idle_until,
        absolute_until,
        new.user_agent,
    )
    .execute(tx.connection())
    .await?;
    Ok(id)
}

/// Copies a session that is not over under a new id; everything but the member and the idle time stays.
pub(super) async fn insert_successor(
    tx: &mut Tx,
    current: SessionId,
    acting: Acting,
    hash: &SessionHash,
) -> Result<Option<SessionId>, StoreError> {
    let (id, now): (SessionId, _) = (tx.fresh_id(), tx.unmoved_now());
    let (organisation, member) = columns(acting);
    // The row lock makes a parallel twin wait; it then finds the session revoked.
    let successor = sqlx::query_scalar!(
        "WITH current AS (
             SELECT * FROM sessions
             WHERE id = $1 AND revoked_at IS NULL AND idle_until > $6 AND absolute_until > $6
             FOR UPDATE
         )
         INSERT INTO sessions (id_hash, id, identity_id, organisation_id, member_id, idp_session_index,
             created_at, authenticated_at, last_seen_at, idle_until, absolute_until, user_agent)
         SELECT $2, $3, identity_id, $4, $5, idp_session_index,
             $6, authenticated_at, $6, LEAST($6 + (idle_until - last_seen_at), absolute_until), absolute_until, user_agent
         FROM current
         RETURNING id",
        current.0,
        &hash.0[..],
        id.0,
        organisation,
        member,
        now,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(successor.map(SessionId))
}

/// As whom the person acted last, in a session that may be over.
pub(super) async fn latest_member(
    tx: &mut Tx,
    identity: IdentityId,
) -> Result<Option<MemberId>, StoreError> {
    let member = sqlx::query_scalar!(
        r#"SELECT member_id AS "member_id!" FROM sessions
           WHERE identity_id = $1 AND member_id IS NOT NULL ORDER BY created_at DESC LIMIT 1"#,
        identity.0,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(member.map(MemberId))
}

pub(super) async fn revoke(
    tx: &mut Tx,
    session: SessionId,
    because: RevokedBecause,
) -> Result<(), StoreError> {
    let now = tx.unmoved_now();
    sqlx::query!(
        "WITH ended AS (
             UPDATE sessions SET revoked_at = $2, revoked_because = $3
             WHERE id = $1 AND revoked_at IS NULL RETURNING id_hash
         )
         SELECT pg_notify($4, encode(id_hash, 'hex'))::text FROM ended",
        session.0,
        now,
        because.as_str(),
        CHANNEL,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn revoke_by_hash(
    tx: &mut Tx,
    hash: &SessionHash,
    because: RevokedBecause,
) -> Result<(), StoreError> {
    let now = tx.unmoved_now();
    sqlx::query!(
        "WITH ended AS (
             UPDATE sessions SET revoked_at = $2, revoked_because = $3
             WHERE id_hash = $1 AND revoked_at IS NULL RETURNING id_hash
         )
         SELECT pg_notify($4, encode(id_hash, 'hex'))::text FROM ended",
        &hash.0[..],
        now,
        because.as_str(),
        CHANNEL,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn revoke_of_member(
    tx: &mut Tx,
    member: MemberId,
    because: RevokedBecause,
) -> Result<(), StoreError> {
    let now = tx.unmoved_now();
    sqlx::query!(
        "WITH ended AS (
             UPDATE sessions SET revoked_at = $2, revoked_because = $3
             WHERE member_id = $1 AND revoked_at IS NULL RETURNING id_hash
         )
         SELECT pg_notify($4, encode(id_hash, 'hex'))::text FROM ended",
        member.0,
        now,
        because.as_str(),
        CHANNEL,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn forget_of_member(tx: &mut Tx, member: MemberId) -> Result<(), StoreError> {
    let now = tx.unmoved_now();
    sqlx::query!(
        "SELECT pg_notify($3, encode(id_hash, 'hex'))::text FROM sessions
         WHERE member_id = $1 AND revoked_at IS NULL AND idle_until > $2",
        member.0,
        now,
        CHANNEL,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn forget_of_organisation(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<(), StoreError> {
    let now = tx.unmoved_now();
    sqlx::query!(
        "SELECT pg_notify($3, encode(id_hash, 'hex'))::text FROM sessions
         WHERE organisation_id = $1 AND revoked_at IS NULL AND idle_until > $2",
        organisation.0,
        now,
        CHANNEL,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(())
}

/// How many ended.
pub(super) async fn revoke_of_identity(
    tx: &mut Tx,
    identity: IdentityId,
    kept: Option<SessionId>,
) -> Result<u64, StoreError> {
    let now = tx.unmoved_now();
    let ended = sqlx::query!(
        "WITH ended AS (
             UPDATE sessions SET revoked_at = $2, revoked_because = $3
             WHERE identity_id = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $5
             RETURNING id_hash, idle_until > $2 AND absolute_until > $2 AS was_live
         ), announced AS (
             SELECT was_live, pg_notify($4, encode(id_hash, 'hex')) FROM ended
         )
         SELECT was_live AS \"was_live!\" FROM announced",
        identity.0,
        now,
        RevokedBecause::SignedOut.as_str(),
        CHANNEL,
        kept.map(|session| session.0),
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(ended
        .iter()
        .map(|session| u64::from(session.was_live))
        .sum())
}

pub(super) async fn of_identity(
    tx: &mut Tx,
    identity: IdentityId,
    ids: Option<&[SessionId]>,
) -> Result<Vec<SignedInSession>, StoreError> {
    let now = tx.unmoved_now();
    let ids: Option<Vec<Uuid>> = ids.map(|ids| ids.iter().map(|id| id.0).collect());
    let rows = sqlx::query!(
        "SELECT id, member_id, user_agent, created_at, authenticated_at, last_seen_at, idle_until, absolute_until
         FROM sessions
         WHERE identity_id = $1 AND revoked_at IS NULL AND idle_until > $2 AND absolute_until > $2
             AND ($3::uuid[] IS NULL OR id = ANY($3))
         ORDER BY last_seen_at DESC, id DESC LIMIT 100",
        identity.0,
        now,
        ids as Option<Vec<Uuid>>,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| SignedInSession {
            id: SessionId(row.id),
            identity,
            acting: row.member_id.map(MemberId),
            organisation_name: None,
            user_agent: row.user_agent,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            facts: SessionFacts {
                authenticated_at: row.authenticated_at,
                idle_until: row.idle_until,
                absolute_until: row.absolute_until,
            },
        })
        .collect())
}

/// A session that was not revoked, with what its member may do; the time is for the caller to judge.
///
/// Without a usable membership behind it, a session that acts as a member is none: its member was disabled or its
/// link ended behind the back of this program.
pub(super) async fn find(
    tx: &mut Tx,
    session: SessionHash,
) -> Result<Option<SessionState>, StoreError> {
    // The statement's time orders copies and announcements, so it is the server's own: no clock of the business.
    let row = sqlx::query!(
        r#"SELECT id, identity_id, member_id, authenticated_at, last_seen_at, idle_until, absolute_until,
               statement_timestamp() AS "read_at!"
           FROM sessions WHERE id_hash = $1 AND revoked_at IS NULL"#,
        &session.0[..],
    )
    .fetch_optional(tx.connection())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (session, identity) = (SessionId(row.id), IdentityId(row.identity_id));
    let viewer = match row.member_id.map(MemberId) {
        None => Some(Viewer::Federated(SignedInIdentity { identity, session })),
        Some(member) => memberships::memberships(tx, identity)
            .await?
            .into_iter()
            .find(|membership| membership.member == member && membership.is_usable())
            .map(|membership| {
                Viewer::Member(ActingMember {
                    member,
                    identity,
                    session,
                    acting_for: membership.acting_for,
                    permissions: membership.permissions,
                    visibility: membership.visibility,
                })
            }),
    };
    Ok(viewer.map(|viewer| SessionState {
        viewer,
        facts: SessionFacts {
            authenticated_at: row.authenticated_at,
            idle_until: row.idle_until,
            absolute_until: row.absolute_until,
        },
        last_seen_at: row.last_seen_at,
        read_at: row.read_at,
    }))
}

/// Notes a use and moves the idle end, unless another replica did so since the row was read.
pub(super) async fn record_seen(
    tx: &mut Tx,
    session: SessionHash,
    (seen_before, idle_until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), StoreError> {
    let now = tx.unmoved_now();
    sqlx::query!(
        "UPDATE sessions SET last_seen_at = $3, idle_until = $4
         WHERE id_hash = $1 AND last_seen_at = $2 AND revoked_at IS NULL",
        &session.0[..],
        seen_before,
        now,
        idle_until,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

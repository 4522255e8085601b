//! Signed-in browsers. The truth is a row in PostgreSQL under the SHA-256 of the cookie's token.
//!
//! The functions here work inside the caller's transaction. Whatever takes something away from a session announces it
//! on `CHANNEL` in that same transaction, and every replica drops its copies within a second.

mod listener;
mod model;
mod revocations;
mod service;
mod shared;
mod store;
#[cfg(test)]
mod tests;

pub use model::{
    NewSession, RevokedBecause, SessionFacts, SessionHash, SessionSettings, SessionState,
    SessionToken, SignedInSession, user_agent,
};
pub use service::{Check, Sessions};
pub use shared::SharedCopies;

use super::IdentityRefusal;
use super::model::choose;
use super::store as memberships;
use crate::db::{StoreError, Tx};
use crate::error::Failure;
use crate::ids::{IdentityId, MemberId, OrganisationId, SessionId};

/// Where ended and changed sessions are announced, as the hex of their digests.
const CHANNEL: &str = "portico_sessions";

/// Starts a session for a person who just proved who they are, and chooses the member as whom they act.
pub async fn start(
    tx: &mut Tx,
    new: NewSession,
    token: &SessionToken,
) -> Result<SessionId, StoreError> {
    let memberships = memberships::memberships(tx, new.identity).await?;
    let before = store::latest_member(tx, new.identity).await?;
    let acting = choose(&memberships, before).map(|chosen| (chosen.organisation(), chosen.member));
    store::insert(tx, &new, acting, &token.hash()).await
}

/// Replaces a session when what it may do changes: a new id and token, the old one dead in the same transaction, and
/// not a second more until its absolute end. The caller has made sure that the person has the membership.
pub async fn rotate(
    tx: &mut Tx,
    current: SessionId,
    acting: Option<(OrganisationId, MemberId)>,
    token: &SessionToken,
) -> Result<SessionId, Failure> {
    let successor = store::insert_successor(tx, current, acting, &token.hash()).await?;
    let successor = successor.ok_or(IdentityRefusal::SessionEnded)?;
    store::revoke(tx, current, RevokedBecause::Rotated).await?;
    Ok(successor)
}

/// Ends one session.
pub async fn revoke(
    tx: &mut Tx,
    session: SessionId,
    because: RevokedBecause,
) -> Result<(), StoreError> {
    store::revoke(tx, session, because).await
}

/// Ends the session that is known under this digest, if there is one.
pub async fn revoke_by_hash(
    tx: &mut Tx,
    hash: &SessionHash,
    because: RevokedBecause,
) -> Result<(), StoreError> {
    store::revoke_by_hash(tx, hash, because).await
}

/// Ends every session that acts as this member.
pub async fn revoke_of_member(
    tx: &mut Tx,
    member: MemberId,
    because: RevokedBecause,
) -> Result<(), StoreError> {
    store::revoke_of_member(tx, member, because).await
}

/// Has every replica read anew what this member may do; the sessions stay.
pub async fn forget_viewers_of_member(tx: &mut Tx, member: MemberId) -> Result<(), StoreError> {
    store::forget_of_member(tx, member).await
}

/// The same for everyone who acts for an organisation, when it is frozen, released or closed.
pub async fn forget_viewers_of_organisation(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<(), StoreError> {
    store::forget_of_organisation(tx, organisation).await
}

/// Ends every session of a person but the one that is kept; how many ended.
pub async fn revoke_of_identity(
    tx: &mut Tx,
    identity: IdentityId,
    kept: Option<SessionId>,
) -> Result<u64, StoreError> {
    store::revoke_of_identity(tx, identity, kept).await
}

/// The sessions of a person that are not over, for that person, the latest use first: all of them, at most 100, or
/// those of `ids`. Names of organisations are the caller's to add.
pub async fn of_identity(
    tx: &mut Tx,
    identity: IdentityId,
    ids: Option<&[SessionId]>,
) -> Result<Vec<SignedInSession>, StoreError> {
    store::of_identity(tx, identity, ids).await
}

//! The one door in the wall between IAM users and members (R-ORG-1, R-ORG-2).
//!
//! A link is made by accepting an invitation, by an administrator, or once by the bootstrap; never by signing in.
//! Its row is its own audit: who made it when, and who ended it when.

mod store;

use std::collections::HashMap;

use super::IdentityRefusal;
use super::sessions::{self, RevokedBecause};
use crate::db::{StoreError, Tx};
use crate::error::Failure;
use crate::ids::{IdentityId, MemberId, OrganisationId};

/// By whose act a link came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MadeBy {
    Invitation,
    Administrator,
    Bootstrap,
}

/// An active link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    pub identity: IdentityId,
    pub organisation: OrganisationId,
    pub member: MemberId,
}

/// Binds an identity to a member. Refused when either is bound already; sessions are left as they are.
pub async fn make(
    tx: &mut Tx,
    identity: IdentityId,
    organisation: OrganisationId,
    member: MemberId,
    made_by: MadeBy,
) -> Result<(), Failure> {
    let link = Link {
        identity,
        organisation,
        member,
    };
    store::insert(tx, link, made_by)
        .await
        .map_err(|error| match error.constraint() {
            Some("identity_links_one_member") => IdentityRefusal::IdentityAlreadyLinked.into(),
            Some("identity_links_one_identity") => IdentityRefusal::MemberAlreadyLinked.into(),
            _ => error.into(),
        })
}

/// Ends the link of a member, and with it every session that acts as that member. The identity that had it, if any.
pub async fn end_of_member(
    tx: &mut Tx,
    member: MemberId,
) -> Result<Option<IdentityId>, StoreError> {
    let identity = store::end_of_member(tx, member).await?;
    sessions::revoke_of_member(tx, member, RevokedBecause::LinkEnded).await?;
    Ok(identity)
}

/// The active links of a person, whatever their members and organisations are worth.
pub async fn of_identity(tx: &mut Tx, identity: IdentityId) -> Result<Vec<Link>, StoreError> {
    store::list_of_identity(tx, identity).await
}

/// Who signs in as these members; a member without a link is absent. The caller has seen the members in its scope.
pub async fn identities_of_members(
    tx: &mut Tx,
    members: &[MemberId],
) -> Result<HashMap<MemberId, IdentityId>, StoreError> {
    store::identities_of_members(tx, members).await
}

//! The only SQL about links.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Link, MadeBy};
use crate::db::{StoreError, Tx};
use crate::ids::{IdentityId, LinkId, MemberId, OrganisationId};

impl MadeBy {
    fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "INVITATION",
            Self::Administrator => "ADMINISTRATOR",
            Self::Bootstrap => "BOOTSTRAP",
        }
    }
}

pub(super) async fn insert(tx: &mut Tx, link: Link, made_by: MadeBy) -> Result<(), StoreError> {
    let id: LinkId = tx.fresh_id();
    let (now, actor) = (tx.now(), tx.acting().actor.clone());
    sqlx::query!(
        "INSERT INTO identity_links (id, identity_id, organisation_id, member_id, made_by, actor, linked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        id.0,
        link.identity.0,
        link.organisation.0,
        link.member.0,
        made_by.as_str(),
        actor,
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn end_of_member(
    tx: &mut Tx,
    member: MemberId,
) -> Result<Option<IdentityId>, StoreError> {
    let (now, actor) = (tx.now(), tx.acting().actor.clone());
    let identity = sqlx::query_scalar!(
        "UPDATE identity_links SET ended_at = $2, ended_by = $3
         WHERE member_id = $1 AND ended_at IS NULL RETURNING identity_id",
        member.0,
        now,
        actor,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(identity.map(IdentityId))
}

pub(super) async fn list_of_identity(
    tx: &mut Tx,
    identity: IdentityId,
) -> Result<Vec<Link>, StoreError> {
    let rows = sqlx::query!(
        "SELECT organisation_id, member_id FROM identity_links
         WHERE identity_id = $1 AND ended_at IS NULL ORDER BY linked_at, id",
        identity.0,
    )
    .fetch_all(tx.connection())
    .await?;
    let link = |organisation, member| Link {
        identity,
        organisation: OrganisationId(organisation),
        member: MemberId(member),
    };
    Ok(rows
        .into_iter()
        .map(|row| link(row.organisation_id, row.member_id))
        .collect())
}

pub(super) async fn identities_of_members(
    tx: &mut Tx,
    members: &[MemberId],
) -> Result<HashMap<MemberId, IdentityId>, StoreError> {
    let members: Vec<Uuid> = members.iter().map(|member| member.0).collect();
    let rows = sqlx::query!(
        "SELECT member_id, identity_id FROM identity_links WHERE member_id = ANY($1) AND ended_at IS NULL",
        &members,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (MemberId(row.member_id), IdentityId(row.identity_id)))
        .collect())
}

//! The only SQL about federated identities.

use std::collections::HashMap;

use uuid::Uuid;

use super::{FederatedIdentity, Found, Seen, Wanted};
use crate::db::{StoreError, Tx};
use crate::ids::{IdentityId, IdpId, MemberId};

pub(super) async fn upsert(tx: &mut Tx, seen: &Seen<'_>) -> Result<IdentityId, StoreError> {
    let (id, now): (IdentityId, _) = (tx.fresh_id(), tx.now());
    let id = sqlx::query_scalar!(
        "INSERT INTO federated_identities (id, idp_id, subject, display_name, email, first_seen_at, last_seen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)
         ON CONFLICT (idp_id, subject) DO UPDATE
         SET display_name = EXCLUDED.display_name, email = EXCLUDED.email, last_seen_at = EXCLUDED.last_seen_at
         RETURNING id",
        id.0,
        seen.idp.0,
        seen.subject,
        seen.display_name,
        seen.email,
        now,
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(IdentityId(id))
}

pub(super) async fn find_all(
    tx: &mut Tx,
    ids: &[IdentityId],
) -> Result<HashMap<IdentityId, FederatedIdentity>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "SELECT id, idp_id, display_name, email FROM federated_identities WHERE id = ANY($1)",
        &ids,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let identity = FederatedIdentity {
                id: IdentityId(row.id),
                idp: IdpId(row.idp_id),
                display_name: row.display_name,
                email: row.email,
            };
            (identity.id, identity)
        })
        .collect())
}

pub(super) async fn find_related(
    tx: &mut Tx,
    wanted: &Wanted,
) -> Result<Option<Found>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT person.id, person.email, person.last_seen_at, provider.display_name AS provider, provider.state,
               link.member_id AS "member_id?", link.ended_at AS "ended_at?"
           FROM federated_identities AS person
           JOIN identity_providers AS provider ON provider.id = person.idp_id
           LEFT JOIN LATERAL (
               SELECT member_id, ended_at FROM identity_links
               WHERE identity_links.identity_id = person.id AND identity_links.organisation_id = $4
               ORDER BY ended_at IS NULL DESC, linked_at DESC LIMIT 1
           ) AS link ON TRUE
           WHERE (person.id = $1 OR lower(person.email) = lower($2) OR person.id = (
                   SELECT identity_id FROM identity_links
                   WHERE identity_links.member_id = $3 AND identity_links.organisation_id = $4
                   ORDER BY ended_at IS NULL DESC, linked_at DESC LIMIT 1))
             AND (NOT $5 OR link.member_id IS NOT NULL
               OR EXISTS (SELECT FROM invitations
                   WHERE invitations.organisation_id = $4 AND lower(invitations.email) = lower(person.email))
               OR EXISTS (SELECT FROM iam_users
                   WHERE iam_users.organisation_id = $4 AND lower(iam_users.email) = lower(person.email)
                     AND iam_users.state = 'PRESENT'))
           ORDER BY (link.member_id IS NOT NULL AND link.ended_at IS NULL) DESC, (link.member_id IS NOT NULL) DESC,
               person.last_seen_at DESC, person.id LIMIT 1"#,
        wanted.identity.map(|identity| identity.0),
        wanted.email,
        wanted.member.map(|member| member.0),
        wanted.organisation.0,
        wanted.only_related,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| Found {
        id: IdentityId(row.id),
        email: row.email,
        provider: row.provider,
        is_provider_active: row.state == "ACTIVE",
        last_seen_at: row.last_seen_at,
        link: row
            .member_id
            .map(|member| (MemberId(member), row.ended_at.is_some())),
    }))
}

pub(super) async fn find_any(
    tx: &mut Tx,
    (identity, email): (Option<IdentityId>, Option<&str>),
) -> Result<Option<FederatedIdentity>, StoreError> {
    let row = sqlx::query!(
        "SELECT id, idp_id, display_name, email FROM federated_identities
         WHERE id = $1 OR lower(email) = lower($2) ORDER BY last_seen_at DESC, id LIMIT 1",
        identity.map(|identity| identity.0),
        email,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| FederatedIdentity {
        id: IdentityId(row.id),
        idp: IdpId(row.idp_id),
        display_name: row.display_name,
        email: row.email,
    }))
}

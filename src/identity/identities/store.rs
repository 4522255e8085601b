//! The only SQL about federated identities.

use std::collections::HashMap;

use uuid::Uuid;

use super::{FederatedIdentity, Seen};
use crate::db::{StoreError, Tx};
use crate::ids::{IdentityId, IdpId};

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

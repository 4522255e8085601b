//! The only SQL about service accounts.

use super::{NewServiceAccount, ServiceAccount};
use crate::db::{StoreError, Tx};
use crate::identity::store::acting_for;
use crate::ids::ServiceAccountId;
use crate::viewer::{ActingService, Permission};

pub(super) async fn insert(
    tx: &mut Tx,
    account: &NewServiceAccount<'_>,
    token_hash: [u8; 32],
) -> Result<ServiceAccountId, StoreError> {
    let (id, now): (ServiceAccountId, _) = (tx.fresh_id(), tx.unmoved_now());
    let scopes: Vec<String> = account
        .permissions
        .iter()
        .map(|permission| permission.as_str().to_owned())
        .collect();
    sqlx::query!(
        "INSERT INTO service_accounts (id, organisation_id, name, token_hash, scopes, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        id.0,
        account.organisation.0,
        account.name,
        &token_hash[..],
        &scopes,
        now,
        account.expires_at,
    )
    .execute(tx.connection())
    .await?;
    Ok(id)
}

pub(super) async fn revoke(tx: &mut Tx, account: ServiceAccountId) -> Result<(), StoreError> {
    let now = tx.unmoved_now();
    sqlx::query!(
        "UPDATE service_accounts SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
        account.0,
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn find(
    tx: &mut Tx,
    account: ServiceAccountId,
) -> Result<Option<ServiceAccount>, StoreError> {
    let row = sqlx::query!(
        "SELECT name, created_at, expires_at FROM service_accounts WHERE id = $1",
        account.0,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| ServiceAccount {
        id: account,
        name: row.name,
        created_at: row.created_at,
        expires_at: row.expires_at,
    }))
}

/// The account of this token, unless it was revoked or has run out.
pub(super) async fn find_active(
    tx: &mut Tx,
    token_hash: [u8; 32],
) -> Result<Option<ActingService>, StoreError> {
    let now = tx.unmoved_now();
    let row = sqlx::query!(
        r#"SELECT account.id, account.organisation_id, account.scopes, account.expires_at,
               organisation.kind AS "kind!", organisation.state AS "state!"
           FROM service_accounts AS account, portico_organisation_facts(account.organisation_id) AS organisation
           WHERE account.token_hash = $1 AND account.revoked_at IS NULL AND account.expires_at > $2"#,
        &token_hash[..],
        now,
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(|row| {
        Ok(ActingService {
            account: ServiceAccountId(row.id),
            acting_for: acting_for(row.organisation_id, &row.kind, &row.state)?,
            permissions: row
                .scopes
                .iter()
                .filter_map(|scope| Permission::parse(scope))
                .collect(),
            expires_at: row.expires_at,
        })
    })
    .transpose()
}

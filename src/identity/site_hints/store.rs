//! The only SQL about dismissed hints.

use crate::db::{StoreError, Tx};
use crate::ids::IdentityId;

pub(super) async fn is_dismissed(
    tx: &mut Tx,
    identity: IdentityId,
    site: &str,
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM site_hint_dismissals WHERE identity_id = $1 AND site = $2) AS "dismissed!""#,
        identity.0,
        site,
    )
    .fetch_one(tx.connection())
    .await?)
}

pub(super) async fn dismiss(
    tx: &mut Tx,
    identity: IdentityId,
    site: &str,
) -> Result<(), StoreError> {
    let now = tx.now();
    sqlx::query!(
        "INSERT INTO site_hint_dismissals (identity_id, site, dismissed_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        identity.0,
        site,
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

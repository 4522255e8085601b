//! What keeps the making of notices in order: the mark before an entry, entries that are parked, and what is too old.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::db::{StoreError, Tx};
use crate::rules::Site;

/// Sets a mark to which this transaction can return, whatever failed after it.
pub(in crate::notices) async fn set_mark(tx: &mut Tx) -> Result<(), StoreError> {
    sqlx::query("SAVEPOINT entry")
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(in crate::notices) async fn drop_mark(tx: &mut Tx) -> Result<(), StoreError> {
    sqlx::query("RELEASE SAVEPOINT entry")
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Undoes what was written since the mark.
pub(in crate::notices) async fn return_to_mark(tx: &mut Tx) -> Result<(), StoreError> {
    sqlx::query("ROLLBACK TO SAVEPOINT entry")
        .execute(tx.connection())
        .await?;
    drop_mark(tx).await
}

/// An entry of the feed of which nobody could be told.
pub(in crate::notices) struct Parked {
    pub(in crate::notices) seq: i64,
    pub(in crate::notices) attempts: i32,
}

/// The parked entry whose time came first, locked; one that another replica has is left to it.
pub(in crate::notices) async fn lock_parked(tx: &mut Tx) -> Result<Option<Parked>, StoreError> {
    let now = tx.now();
    Ok(sqlx::query_as!(
        Parked,
        "SELECT seq, attempts FROM notice_parked WHERE next_attempt_at <= $1
         ORDER BY next_attempt_at, seq LIMIT 1 FOR UPDATE SKIP LOCKED",
        now,
    )
    .fetch_optional(tx.connection())
    .await?)
}

/// Parks an entry until then, once more if it was parked before.
pub(in crate::notices) async fn park(
    tx: &mut Tx,
    seq: i64,
    next_attempt_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let now = tx.now();
    sqlx::query!(
        "INSERT INTO notice_parked (seq, parked_at, next_attempt_at) VALUES ($1, $2, $3)
         ON CONFLICT (seq) DO UPDATE
         SET attempts = notice_parked.attempts + 1, next_attempt_at = EXCLUDED.next_attempt_at",
        seq,
        now,
        next_attempt_at,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(in crate::notices) async fn unpark(tx: &mut Tx, seq: i64) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM notice_parked WHERE seq = $1", seq)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Removes up to `limit` notices to people of a site that were made before then and are not on their way; answers how
/// many it removed.
pub(in crate::notices) async fn prune(
    tx: &mut Tx,
    site: Site,
    (before, limit): (DateTime<Utc>, i64),
) -> Result<usize, StoreError> {
    let old: Vec<Uuid> = sqlx::query_scalar!(
        "SELECT notices.id FROM notices JOIN organisations ON organisations.id = organisation_id
         WHERE made_at < $1 AND site = $2
           AND NOT EXISTS (SELECT FROM notice_deliveries
                           WHERE notice_deliveries.organisation_id = notices.organisation_id
                             AND notice_id = notices.id AND notice_deliveries.state = 'PENDING')
         ORDER BY made_at, notices.id LIMIT $3 FOR UPDATE OF notices SKIP LOCKED",
        before,
        site.as_str(),
        limit,
    )
    .fetch_all(tx.connection())
    .await?;
    sqlx::query!(
        "DELETE FROM notice_deliveries WHERE notice_id = ANY($1)",
        &old
    )
    .execute(tx.connection())
    .await?;
    sqlx::query!("DELETE FROM notices WHERE id = ANY($1)", &old)
        .execute(tx.connection())
        .await?;
    Ok(old.len())
}

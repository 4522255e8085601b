//! The only SQL about runs of jobs, and what pruning removes.

use chrono::{DateTime, Utc};

use crate::db::{StoreError, Tx};

/// Whose a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claimed {
    /// Ours, if this transaction commits.
    Ours,
    /// It was done, here or by another replica.
    Done,
}

/// Takes a period of a kind of work, for ever; a transaction that holds it already is waited for.
///
/// The effect belongs into the same transaction: then it happens exactly once, whoever is killed when.
pub(crate) async fn claim(
    tx: &mut Tx,
    kind: &'static str,
    period: &str,
) -> Result<Claimed, StoreError> {
    let (now, correlation_id) = (tx.now(), tx.acting().correlation_id.clone());
    let inserted = sqlx::query!(
        "INSERT INTO job_runs (kind, period, claimed_at, correlation_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        kind,
        period,
        now,
        correlation_id,
    )
    .execute(tx.connection())
    .await?;
    Ok(match inserted.rows_affected() {
        0 => Claimed::Done,
        _ => Claimed::Ours,
    })
}

/// Removes at most `limit` claims of a kind that were made before `before`.
pub(super) async fn prune_claims(
    tx: &mut Tx,
    kind: &'static str,
    (before, limit): (DateTime<Utc>, i64),
) -> Result<u64, StoreError> {
    let removed = sqlx::query!(
        "DELETE FROM job_runs WHERE (kind, period) IN (
             SELECT kind, period FROM job_runs WHERE kind = $1 AND claimed_at < $2 LIMIT $3)",
        kind,
        before,
        limit,
    )
    .execute(tx.connection())
    .await?;
    Ok(removed.rows_affected())
}

/// Removes outcomes of mutations that nobody can be repeating any more.
pub(super) async fn prune_idempotency_keys(
    tx: &mut Tx,
    (before, limit): (DateTime<Utc>, i64),
) -> Result<u64, StoreError> {
    let removed = sqlx::query!(
        "DELETE FROM idempotency_keys WHERE (actor, mutation, key) IN (
             SELECT actor, mutation, key FROM idempotency_keys WHERE created_at < $1
             ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before,
        limit,
    )
    .execute(tx.connection())
    .await?;
    Ok(removed.rows_affected())
}

/// Removes SAML ids whose message would be refused for its age alone (R-SSO-7).
pub(super) async fn prune_saml_consumed(
    tx: &mut Tx,
    (before, limit): (DateTime<Utc>, i64),
) -> Result<u64, StoreError> {
    let removed = sqlx::query!(
        "DELETE FROM saml_consumed WHERE (kind, issuer, saml_id) IN (
             SELECT kind, issuer, saml_id FROM saml_consumed WHERE keep_until < $1
             ORDER BY keep_until LIMIT $2)",
        before,
        limit,
    )
    .execute(tx.connection())
    .await?;
    Ok(removed.rows_affected())
}

/// Removes sessions that ended before `before`: run out, or revoked.
pub(super) async fn prune_sessions(
    tx: &mut Tx,
    (before, limit): (DateTime<Utc>, i64),
) -> Result<u64, StoreError> {
    let removed = sqlx::query!(
        "DELETE FROM sessions WHERE id_hash IN (
             SELECT id_hash FROM sessions
             WHERE absolute_until < $1 OR idle_until < $1 OR revoked_at < $1
             ORDER BY absolute_until LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before,
        limit,
    )
    .execute(tx.connection())
    .await?;
    Ok(removed.rows_affected())
}

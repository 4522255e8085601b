//! The outcome of each mutation, so that a repeated request changes nothing (decision 6).

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{StoreError, Tx};
use crate::error::{Code, Failure, Refusal};

/// The caller's key and the digest of what was asked under it; in the digest, absent differs from null.
#[derive(Debug, Clone, Copy)]
pub struct IdempotencyKey {
    pub key: Uuid,
    pub input_hash: [u8; 32],
}

pub(super) enum Claim<O> {
    /// Nobody used the key: the work is ours.
    Ours,
    /// It was done before; this is what came of it.
    Done(O),
}

/// Takes the key, or waits for the twin that holds it and answers what came of that.
pub(super) async fn claim<O: DeserializeOwned>(
    tx: &mut Tx,
    mutation: &'static str,
    key: IdempotencyKey,
) -> Result<Claim<O>, Failure> {
    let (actor, now) = (tx.acting().actor.clone(), tx.unmoved_now());
    let inserted = sqlx::query(
        "INSERT INTO idempotency_keys (actor, mutation, key, input_hash, created_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind(&actor)
    .bind(mutation)
    .bind(key.key)
    .bind(&key.input_hash[..])
    .bind(now)
    .execute(tx.connection())
    .await
    .map_err(StoreError::from)
    .map_err(in_progress)?;
    if inserted.rows_affected() == 1 {
        return Ok(Claim::Ours);
    }
    let (hash, outcome): (Vec<u8>, Option<serde_json::Value>) = sqlx::query_as(
        "SELECT input_hash, outcome FROM idempotency_keys WHERE actor = $1 AND mutation = $2 AND key = $3",
    )
    .bind(&actor)
    .bind(mutation)
    .bind(key.key)
    .fetch_one(tx.connection())
    .await
    .map_err(StoreError::from)?;
    if hash != key.input_hash {
        return Err(Refusal::new(Code::Conflict, "IDEMPOTENCY_KEY_REUSED")
            .at("idempotencyKey")
            .into());
    }
    let outcome = outcome.unwrap_or_default();
    Ok(Claim::Done(
        serde_json::from_value(outcome).map_err(StoreError::from)?,
    ))
}

/// A twin that works on the same key for longer than we wait for locks.
fn in_progress(error: StoreError) -> Failure {
    if error.is_lock_timeout() {
        Refusal::new(Code::Conflict, "IDEMPOTENCY_KEY_IN_PROGRESS")
            .at("idempotencyKey")
            .into()
    } else {
        error.into()
    }
}

/// Stores what came of it, in the transaction of the change itself.
pub(super) async fn record<O: Serialize>(
    tx: &mut Tx,
    mutation: &'static str,
    key: IdempotencyKey,
    outcome: &O,
) -> Result<(), StoreError> {
    let outcome = serde_json::to_value(outcome)?;
    sqlx::query(
        "UPDATE idempotency_keys SET outcome = $4 WHERE actor = $1 AND mutation = $2 AND key = $3",
    )
    .bind(tx.acting().actor.clone())
    .bind(mutation)
    .bind(key.key)
    .bind(outcome)
    .execute(tx.connection())
    .await?;
    Ok(())
}

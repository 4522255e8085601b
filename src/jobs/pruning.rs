//! Removes what only had to be kept for a while. Nothing with a history is ever among it.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::store::{self, Claimed, claim};
use super::{Job, begin};
use crate::db::{Db, StoreError, Tx};
use crate::error::Failure;

/// Rows that one transaction removes: short enough for nobody to wait.
const BATCH: i64 = 1_000;
/// How long it stays on record that an hour was pruned.
const CLAIMS_KEPT: TimeDelta = TimeDelta::days(30);

/// How long things are kept after their use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retention {
    /// Outcomes of mutations: a client that repeats a request does so within this time.
    pub(crate) idempotency_keys: TimeDelta,
    /// Sessions that ended.
    pub(crate) sessions: TimeDelta,
}

/// Once an hour, over all replicas together.
pub(crate) struct Pruning {
    pub(crate) retention: Retention,
    pub(crate) stop: CancellationToken,
}

/// What is pruned, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    IdempotencyKeys,
    SamlConsumed,
    Sessions,
    Claims,
}

impl Subject {
    const ALL: [Self; 4] = [
        Self::IdempotencyKeys,
        Self::SamlConsumed,
        Self::Sessions,
        Self::Claims,
    ];
}

const NAME: &str = "pruning";

impl Job for Pruning {
    fn name(&self) -> &'static str {
        NAME
    }

    fn run<'a>(&'a self, db: &'a Db) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let mut tx = begin(db, NAME).await?;
            let hour = tx.now().format("%Y-%m-%dT%H").to_string();
            if claim(&mut tx, NAME, &hour).await? == Claimed::Done {
                return Ok(());
            }
            // Whoever is killed from here on has left the rest to the next hour.
            tx.commit().await?;
            for subject in Subject::ALL {
                self.prune(db, subject).await?;
            }
            Ok(())
        })
    }
}

impl Pruning {
    async fn prune(&self, db: &Db, subject: Subject) -> Result<(), StoreError> {
        let mut removed = 0;
        while !self.stop.is_cancelled() {
            let mut tx = begin(db, NAME).await?;
            let batch = self.batch(&mut tx, subject).await?;
            tx.commit().await?;
            removed += batch;
            if i64::try_from(batch).is_ok_and(|batch| batch < BATCH) {
                break;
            }
        }
        if removed > 0 {
            tracing::info!(?subject, removed, "pruned");
        }
        Ok(())
    }

    async fn batch(&self, tx: &mut Tx, subject: Subject) -> Result<u64, StoreError> {
        // What clients repeat and people are signed in by goes on while a sandbox travels.
        let (now, unmoved) = (tx.now(), tx.unmoved_now());
        let at = |before: DateTime<Utc>| (before, BATCH);
        match subject {
            Subject::IdempotencyKeys => {
                store::prune_idempotency_keys(tx, at(unmoved - self.retention.idempotency_keys))
                    .await
            }
            Subject::SamlConsumed => store::prune_saml_consumed(tx, at(unmoved)).await,
            Subject::Sessions => {
                store::prune_sessions(tx, at(unmoved - self.retention.sessions)).await
            }
            Subject::Claims => store::prune_claims(tx, NAME, at(now - CLAIMS_KEPT)).await,
        }
    }
}

//! A mutation as a value, and the runner that carries it out.

use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::Instrument as _;

use super::idempotency::{self, Claim};
use super::{Acting, Db, IdempotencyKey, Scope, Tx};
use crate::error::{Code, Failure, Refusal};
use crate::viewer::Viewer;

/// How often a transaction that lost against another is tried in all.
const TRIES: u32 = 3;

/// One change to the business: whose it is, and its steps inside one transaction.
///
/// `apply` has no effect outside that transaction, so the runner may repeat it.
pub trait Change: Send + Sync {
    /// What is stored under the idempotency key: ids and versions written, never texts or secrets.
    type Outcome: Serialize + DeserializeOwned + Send + Sync;
    /// Domain and verb, `opportunities.submit`: the key space of idempotency, the span, the audit.
    const NAME: &'static str;

    /// Who may do this, and on whose records.
    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure>;

    /// Who the timeline names and whose key space it is; not the viewer where the change itself alters who that is.
    fn actor(&self, viewer: &Viewer) -> String {
        viewer.actor()
    }

    /// Lock, decide, record.
    fn apply(
        &self,
        tx: &mut Tx,
        scope: &Scope,
    ) -> impl Future<Output = Result<Self::Outcome, Failure>> + Send;
}

/// What came of a change, now or when its key was first used.
#[derive(Debug)]
pub struct Applied<O> {
    pub outcome: O,
    pub replayed: bool,
}

impl Db {
    /// Carries out a change exactly once per actor and key, and repeats it when two transactions collide.
    pub async fn apply<C: Change>(
        &self,
        viewer: &Viewer,
        correlation_id: &str,
        key: IdempotencyKey,
        change: &C,
    ) -> Result<Applied<C::Outcome>, Failure> {
        let scope = change.scope(viewer)?;
        let acting = Acting {
            actor: change.actor(viewer),
            correlation_id: correlation_id.to_owned(),
        };
        let span = tracing::info_span!("change", name = C::NAME);
        async {
            for _ in 1..TRIES {
                match self.attempt(&scope, &acting, key, change).await {
                    Err(Failure::Internal(error)) if error.is_retryable() => {
                        tracing::debug!("two transactions collided; trying again");
                    }
                    result => return result,
                }
            }
            match self.attempt(&scope, &acting, key, change).await {
                Err(Failure::Internal(error)) if error.is_retryable() => {
                    Err(Refusal::new(Code::Conflict, "TRY_AGAIN").into())
                }
                result => result,
            }
        }
        .instrument(span)
        .await
    }

    async fn attempt<C: Change>(
        &self,
        scope: &Scope,
        acting: &Acting,
        key: IdempotencyKey,
        change: &C,
    ) -> Result<Applied<C::Outcome>, Failure> {
        let mut tx = self.begin(scope, acting).await?;
        if let Claim::Done(outcome) = idempotency::claim(&mut tx, C::NAME, key).await? {
            return Ok(Applied {
                outcome,
                replayed: true,
            });
        }
        let outcome = change.apply(&mut tx, scope).await?;
        idempotency::record(&mut tx, C::NAME, key, &outcome).await?;
        tx.commit().await?;
        Ok(Applied {
            outcome,
            replayed: false,
        })
    }
}

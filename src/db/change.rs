//! A mutation as a value, and the runner that carries it out.

use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::Instrument as _;

use super::idempotency::{self, Claim};
use super::{Acting, Db, IdempotencyKey, Scope, Tx};
use crate::error::{Code, Failure, Refusal};
use crate::ids::OrganisationId;
use crate::standing;
use crate::viewer::{Viewer, Visibility};

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
    /// The mutation, as the graph calls it: `opportunitySubmit`. Flags that foretell the change and the list of what a
    /// frozen organisation may do know it by this name.
    const ACTION: &'static str;

    /// What a person does for himself and no organisation has a say in, whatever its standing (R-DED-17).
    const IS_PERSONAL: bool = false;

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

/// In whose name a change is made, and how near the viewer is to it.
#[derive(Debug, Clone, Copy)]
enum Party {
    /// The viewer's own organisation.
    Own(OrganisationId),
    /// One that the viewer is not of yet: an invitation is accepted.
    Other(OrganisationId),
    /// What a person does for himself.
    Nobody,
}

impl Party {
    fn of(viewer: &Viewer, scope: &Scope) -> Self {
        let party = match scope {
            Scope::Own(organisation) | Scope::Distributor(organisation) => Some(*organisation),
            Scope::Vendor => viewer.organisation(),
            Scope::Job(_) | Scope::Nobody => None,
        };
        match party {
            Some(party) if viewer.organisation() == Some(party) => Self::Own(party),
            Some(party) => Self::Other(party),
            None => Self::Nobody,
        }
    }

    /// The one place where a frozen or closed organisation is kept from changing anything (R-GEN-9).
    async fn expect_standing(self, tx: &mut Tx, action: &str) -> Result<(), Failure> {
        let refusal = match self {
            Self::Own(own) => standing::of(tx, own)
                .await?
                .and_then(|it| it.refusal(action)),
            Self::Other(other) => standing::of(tx, other)
                .await?
                .and_then(|it| it.refusal_to_others(action)),
            Self::Nobody => None,
        };
        refusal.map_or(Ok(()), |refusal| Err(refusal.into()))
    }
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
        let party = Party::of(viewer, &scope);
        let sees = (&scope, viewer.visibility());
        let acting = Acting {
            actor: change.actor(viewer),
            correlation_id: correlation_id.to_owned(),
        };
        let span = tracing::info_span!("change", name = C::NAME);
        async {
            for _ in 1..TRIES {
                match self.attempt((sees, party), &acting, key, change).await {
                    Err(Failure::Internal(error)) if error.is_retryable() => {
                        tracing::debug!("two transactions collided; trying again");
                    }
                    result => return result,
                }
            }
            match self.attempt((sees, party), &acting, key, change).await {
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
        ((scope, visibility), party): ((&Scope, Visibility), Party),
        acting: &Acting,
        key: IdempotencyKey,
        change: &C,
    ) -> Result<Applied<C::Outcome>, Failure> {
        let mut tx = self.begin(scope, acting).await?.seeing(visibility);
        if let Claim::Done(outcome) = idempotency::claim(&mut tx, C::NAME, key).await? {
            return Ok(Applied {
                outcome,
                replayed: true,
            });
        }
        if !C::IS_PERSONAL {
            party.expect_standing(&mut tx, C::ACTION).await?;
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

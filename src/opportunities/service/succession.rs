//! Open deals pass to somebody else when their owner goes, or may not work on them any more (R-ORG-21).

use std::collections::HashMap;

use futures_util::future::BoxFuture;
use serde_json::json;

use super::{assigning, event, expiry, record};
use crate::db::{Scope, StoreError, Tx};
use crate::error::Failure;
use crate::ids::{MemberId, Tagged as _};
use crate::opportunities::error::OpportunityRefusal;
use crate::opportunities::store;
use crate::organisation;
use crate::organisation::members::{DutyHolder, DutyKind, Handover, Held, Remaining};
use crate::viewer::Permission;

/// Deals that are not over, each with the member who answers for it.
pub(crate) struct OwnedOpportunities;

impl DutyHolder for OwnedOpportunities {
    fn kind(&self) -> DutyKind {
        DutyKind::OpenOpportunities
    }

    fn held<'a>(
        &'a self,
        tx: &'a mut Tx,
        scope: &'a Scope,
        members: &'a [MemberId],
        remaining: &'a Remaining,
    ) -> BoxFuture<'a, Result<HashMap<MemberId, Held>, StoreError>> {
        Box::pin(async move {
            if remaining
                .permissions
                .contains(&Permission::WriteOpportunities)
            {
                return Ok(HashMap::new());
            }
            store::open_of(tx, scope, members).await
        })
    }

    fn hand_over<'a>(
        &'a self,
        tx: &'a mut Tx,
        scope: &'a Scope,
        handover: &'a Handover<'a>,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(hand_over(tx, scope, handover))
    }
}

/// A deal is never nobody's: left to nobody in particular it is for whoever answers for the organisation.
async fn hand_over(tx: &mut Tx, scope: &Scope, handover: &Handover<'_>) -> Result<(), Failure> {
    let to = match handover.to {
        Some(to) => Some(to.id),
        None => organisation::responsible(tx, handover.organisation).await?,
    };
    let to = to.filter(|&to| to != handover.from);
    let to = to.ok_or(OpportunityRefusal::SuccessorRequired)?;
    assigning::expect_worker(tx, scope, to).await?;
    for id in store::open_ids(tx, scope, handover.from).await? {
        let Some(mut opportunity) = store::lock(tx, scope, id).await? else {
            continue;
        };
        expiry::settle(tx, &mut opportunity).await?;
        let before = opportunity.content.owner;
        opportunity.content.owner = to;
        opportunity.note_edited(&["ownerId"]);
        opportunity.touch(tx.now());
        let assigned = event(&opportunity, "opportunity.owner_assigned")
            .because("SUCCESSION")
            .detail(json!({ "from": before.global(), "to": to.global() }));
        record(tx, &opportunity, assigned).await?;
    }
    Ok(())
}

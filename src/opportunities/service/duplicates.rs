//! Deals for the same customer need: the earlier one wins (R-OPP-24, R-OPP-25, R-OPP-34, R-OPP-35).
//!
//! What the vendor decides, it decides over all partners' deals; a partner learns that there is a duplicate and nothing
//! more. The same customer need is said in the migration's `portico_duplicates`: customers share a key of
//! [`crate::opportunities::model::customer_keys`] without codes that differ, and the demand tags meet.

use chrono::{DateTime, Months, Utc};

use crate::db::{Scope, StoreError, Tx};
use crate::error::Failure;
use crate::ids::OpportunityId;
use crate::opportunities::error::OpportunityRefusal;
use crate::opportunities::model::{Opportunity, Origin};
use crate::opportunities::store;
use crate::rules::{self, OpportunityDuplicates, Ruled};

/// Takes the customer's turn, and refuses when another deal stands in the way of this one.
///
/// Two decisions at once over deals with one customer come here one after the other, so that the second one sees what
/// the first one made.
pub(super) async fn refuse(tx: &mut Tx, opportunity: &Opportunity) -> Result<(), Failure> {
    store::take_turn(tx, opportunity).await?;
    let since = delivered_since(tx, opportunity).await?;
    let found = store::find_duplicate(tx, opportunity.id, since).await?;
    match found {
        None => Ok(()),
        existing @ Some(_) => Err(refusal(opportunity, existing).into()),
    }
}

/// Whether one stands in the way, as far as the scope may know.
pub(super) async fn expected(
    tx: &mut Tx,
    scope: &Scope,
    opportunity: &Opportunity,
) -> Result<Option<OpportunityRefusal>, StoreError> {
    let since = delivered_since(tx, opportunity).await?;
    let has = store::has_duplicate(tx, scope, opportunity.id, since).await?;
    Ok(has.then(|| refusal(opportunity, None)))
}

fn refusal(opportunity: &Opportunity, existing: Option<OpportunityId>) -> OpportunityRefusal {
    match opportunity.origin {
        Origin::Partner => OpportunityRefusal::PartnersDealDuplicate { existing },
        Origin::Vendor => OpportunityRefusal::SharedDealDuplicate { existing },
    }
}

/// A deal that was delivered before this is done with: a new need of the same customer is another one.
async fn delivered_since(
    tx: &mut Tx,
    opportunity: &Opportunity,
) -> Result<DateTime<Utc>, StoreError> {
    let now = tx.now();
    let rule: Ruled<OpportunityDuplicates> = rules::of_site(tx, opportunity.site, now).await?;
    let months = Months::new(rule.value.delivered_months);
    Ok(now
        .checked_sub_months(months)
        .unwrap_or(DateTime::UNIX_EPOCH))
}

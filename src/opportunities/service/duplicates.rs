//! Deals for the same customer need: the earlier one wins (R-OPP-24, R-OPP-25, R-OPP-34, R-OPP-35).
//!
//! What the vendor decides, it decides over all partners' deals; a partner learns that there is a duplicate and nothing
//! more. The same customer need is said in the migrations' `portico_duplicates`: customers share a key of
//! [`crate::opportunities::model::customer_keys`] without codes that differ, and the demand tags meet.
//!
//! Whoever passes a review, passes a validation or shares a deal takes the customer's turn first ([`take_turn`]), so that
//! two of them over one customer come one after the other and the second one sees what the first one made.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Months, TimeDelta, Utc};

use crate::db::{Scope, StoreError, Tx};
use crate::error::Failure;
use crate::ids::OpportunityId;
use crate::opportunities::error::OpportunityRefusal;
use crate::opportunities::model::{Duplicate, Opportunity, Origin};
use crate::opportunities::store;
use crate::rules::{self, OpportunityDuplicates, Ruled, Site};

pub(super) use store::take_turn;

/// Takes the customer's turn, and refuses to share a deal while another one stands in its way.
pub(super) async fn refuse_sharing(tx: &mut Tx, shared: &Opportunity) -> Result<(), Failure> {
    take_turn(tx, shared).await?;
    let found = standing(tx, &[(shared.id, shared.site)]).await?;
    match found.get(&shared.id) {
        None => Ok(()),
        Some(duplicate) => Err(duplicate.refuses(Origin::Vendor).into()),
    }
}

/// For each of the deals the first one that stands in its way: one statement, however many there are, and one for the
/// rule of each site.
pub(super) async fn standing(
    tx: &mut Tx,
    asked: &[(OpportunityId, Site)],
) -> Result<HashMap<OpportunityId, Duplicate>, StoreError> {
    if asked.is_empty() {
        return Ok(HashMap::new());
    }
    let sites: HashSet<Site> = asked.iter().map(|(_, site)| *site).collect();
    let mut since = HashMap::with_capacity(sites.len());
    for site in sites {
        since.insert(site, delivered_since(tx, site).await?);
    }
    let asked = asked
        .iter()
        .filter_map(|(id, site)| Some((*id, *since.get(site)?)));
    store::first_duplicates(tx, &asked.collect::<Vec<_>>()).await
}

/// The place in time that a deal takes by passing its review now (R-OPP-25, R-OPP-35): after everything for the same need
/// that the vendor has shared, though the clock that began this transaction may not tell the two apart. The customer's
/// turn is taken.
pub(super) async fn place(
    tx: &mut Tx,
    opportunity: &Opportunity,
) -> Result<DateTime<Utc>, StoreError> {
    let since = delivered_since(tx, opportunity.site).await?;
    let shared = store::newest_share(tx, (opportunity.id, since)).await?;
    let after = shared.and_then(|at| at.checked_add_signed(TimeDelta::microseconds(1)));
    let now = tx.now();
    Ok(after.map_or(now, |after| after.max(now)))
}

/// Whether one stands in the way, as far as the scope may know.
pub(super) async fn expected(
    tx: &mut Tx,
    scope: &Scope,
    opportunity: &Opportunity,
) -> Result<Option<OpportunityRefusal>, StoreError> {
    let since = delivered_since(tx, opportunity.site).await?;
    let has = store::has_duplicate(tx, scope, (opportunity.id, since)).await?;
    Ok(has.then_some(OpportunityRefusal::PartnersDealDuplicate { existing: None }))
}

/// A deal that was delivered before this is done with: a new need of the same customer is another one.
async fn delivered_since(tx: &mut Tx, site: Site) -> Result<DateTime<Utc>, StoreError> {
    let now = tx.now();
    let rule: Ruled<OpportunityDuplicates> = rules::of_site(tx, site, now).await?;
    let months = Months::new(rule.value.delivered_months);
    Ok(now
        .checked_sub_months(months)
        .unwrap_or(DateTime::UNIX_EPOCH))
}

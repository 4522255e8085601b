//! What a viewer can do with opportunities: who may, on what, in which order.

mod assigning;
mod batch;
mod deciding;
mod duplicates;
pub(crate) mod eligibility;
mod ending;
mod expiry;
pub(crate) mod facts;
mod offering;
pub(crate) mod policy;
pub(crate) mod preflight;
mod progress;
mod reveal;
mod scripted;
mod sharing;
mod succession;
#[cfg(test)]
mod tests;
mod times;
mod waiting;
mod writing;

pub(crate) use waiting::waiting;

use serde::{Deserialize, Serialize};

pub(crate) use assigning::{AssignOwner, ReviewerAssign, VendorViewUpdate, vendor_views};
pub(crate) use batch::{Decision, Item, ItemResult, ReviewDecide, ValidationDecide};
pub(crate) use deciding::{ReviewApprove, ReviewReject, ValidationApprove, ValidationReject};
pub(crate) use ending::{Cancel, Lose};
pub(crate) use expiry::ExpiringOpportunities;
pub(crate) use facts::{Facts, Wanted};
pub(crate) use offering::OfferingChange;
pub(crate) use progress::{ProgressAdd, count_entries, entries};
pub(super) use reveal::{RevealContacts, discloses_contacts};
pub(crate) use scripted::{
    SharedDeal, VendorAct, Waiting, act_as_vendor, share_as_vendor, waiting_for_vendor,
};
pub(crate) use sharing::{Accept, Reject, Share};
pub(crate) use succession::OwnedOpportunities;
pub(crate) use times::Times;
pub(crate) use writing::{Create, Delete, Submit, Update};

use super::error::OpportunityRefusal;
use super::model::{Action, Filter, Opportunity, ReviewState, Round};
use super::store;
use crate::db::{Scope, Snapshot, Tx};
use crate::error::Failure;
use crate::explain::{Move, Verdict};
use crate::ids::OpportunityId;
use crate::paging::{Page, Sort, Window};
use crate::timeline::Event;
use crate::viewer::{Permission, Viewer};

/// The opportunity that a change wrote, and the version that it made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Written {
    pub(crate) id: OpportunityId,
    pub(crate) version: i64,
}

impl From<&Opportunity> for Written {
    fn from(opportunity: &Opportunity) -> Self {
        Self {
            id: opportunity.id,
            version: opportunity.version,
        }
    }
}

/// What a change is about, as the caller read it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) id: OpportunityId,
    pub(crate) expected_version: i64,
}

/// An opportunity that is locked and open to the action that locked it.
struct Opened {
    opportunity: Opportunity,
    from: ReviewState,
    facts: Facts,
}

/// Locks the opportunity and refuses what the policy does not allow: unknown, then too late, then changed since, then
/// the rules. What is judged by the duplicates takes the customer's turn before they are looked up.
async fn open(
    tx: &mut Tx,
    scope: &Scope,
    (action, target): (Action, Target),
) -> Result<Opened, Failure> {
    let mut opportunity = store::lock(tx, scope, target.id)
        .await?
        .ok_or(OpportunityRefusal::NotFound)?;
    expiry::settle(tx, &mut opportunity).await?;
    opportunity.expect_in_time(action)?;
    opportunity.at_version(target.expected_version)?;
    let wanted = Wanted::to(action, &opportunity);
    if wanted.is_judged() {
        duplicates::take_turn(tx, &opportunity).await?;
    }
    let facts = Facts::wanted(tx, scope, wanted).await?;
    let actor = tx.acting().actor.clone();
    policy::check((action, &actor), &opportunity, &facts)?;
    let from = opportunity.review.state();
    Ok(Opened {
        opportunity,
        from,
        facts,
    })
}

/// Writes what a change made of an opportunity, with the event of that version.
async fn record(tx: &mut Tx, opportunity: &Opportunity, event: Event) -> Result<Written, Failure> {
    store::record_state(tx, opportunity).await?;
    tx.record(event).await?;
    Ok(Written::from(opportunity))
}

fn event(opportunity: &Opportunity, action: &'static str) -> Event {
    let (organisation, version) = (opportunity.organisation, opportunity.version);
    Event::new(organisation, opportunity.id, version, action)
}

fn moved(opportunity: &Opportunity, from: ReviewState, action: &'static str) -> Event {
    let to = opportunity.review.state();
    event(opportunity, action).moved(from.as_str(), to.as_str())
}

/// Those of the ids that the viewer may read. The others are absent, for whatever cause: nobody can probe.
pub(crate) async fn find(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[OpportunityId],
) -> Result<Vec<Opportunity>, Failure> {
    if !viewer.may(Permission::ReadOpportunities) {
        return Ok(Vec::new());
    }
    let mut tx = snapshot.read().await?;
    if facts::closed_to(&mut tx, viewer).await?.is_some() {
        return Ok(Vec::new());
    }
    let found = store::find(&mut tx, snapshot.scope(), ids).await?;
    Ok(current(&tx, found))
}

/// The one of the viewer's organisation that has this reference in the partner's own system.
pub(crate) async fn find_by_reference(
    viewer: &Viewer,
    snapshot: &Snapshot,
    reference: &str,
) -> Result<Option<Opportunity>, Failure> {
    let acting = viewer.require(Permission::ReadOpportunities)?;
    let mut tx = snapshot.read().await?;
    expect_open(&mut tx, viewer).await?;
    // PostgreSQL refuses the whole statement for a NUL, and no row holds one.
    if reference.contains('\0') {
        return Ok(None);
    }
    let scope = Scope::Own(acting.organisation);
    let found = store::find_by_reference(&mut tx, &scope, reference.trim()).await?;
    Ok(current(&tx, found).pop())
}

/// Refuses a viewer whom the site's policy keeps from opportunities (R-OPP-2).
async fn expect_open(tx: &mut Tx, viewer: &Viewer) -> Result<(), Failure> {
    match facts::closed_to(tx, viewer).await? {
        None => Ok(()),
        Some(refusal) => Err(refusal.into()),
    }
}

/// What they are at the time of the transaction, whatever the jobs have recorded so far (R-GEN-7).
fn current(tx: &Tx, mut opportunities: Vec<Opportunity>) -> Vec<Opportunity> {
    for opportunity in &mut opportunities {
        opportunity.lapse(tx.now());
    }
    opportunities
}

/// The rounds of opportunities that the viewer may read, the oldest of each first.
pub(crate) async fn rounds(
    viewer: &Viewer,
    snapshot: &Snapshot,
    opportunities: &[OpportunityId],
) -> Result<Vec<Round>, Failure> {
    if !viewer.may(Permission::ReadOpportunities) {
        return Ok(Vec::new());
    }
    let mut tx = snapshot.read().await?;
    if facts::closed_to(&mut tx, viewer).await?.is_some() {
        return Ok(Vec::new());
    }
    Ok(store::rounds(&mut tx, snapshot.scope(), opportunities).await?)
}

/// The time of the snapshot with the working days around it.
pub(crate) async fn times(snapshot: &Snapshot) -> Result<Times, Failure> {
    let mut tx = snapshot.read().await?;
    Ok(Times::of(&mut tx).await?)
}

/// The moves out of the state that an opportunity is in, and what stands in the viewer's way.
pub(crate) fn moves(viewer: &Viewer, opportunity: &Opportunity, facts: &Facts) -> Vec<Move> {
    policy::moves(viewer, opportunity, facts)
}

/// Every action on an opportunity, with what stands in the viewer's way.
pub(crate) fn verdicts(viewer: &Viewer, opportunity: &Opportunity, facts: &Facts) -> Vec<Verdict> {
    let actions = Action::ALL.iter();
    actions
        .map(|&action| policy::verdict(action, viewer, opportunity, facts))
        .collect()
}

/// One page of what the viewer may read.
pub(crate) async fn list(
    viewer: &Viewer,
    snapshot: &Snapshot,
    filter: &Filter,
    (sort, window): (Sort, &Window),
) -> Result<Page<Opportunity>, Failure> {
    viewer.require(Permission::ReadOpportunities)?;
    filter.check()?;
    let mut tx = snapshot.read().await?;
    expect_open(&mut tx, viewer).await?;
    let times = Times::for_filter(&mut tx, filter).await?;
    let asked = (filter, &times);
    let rows = store::list(&mut tx, snapshot.scope(), asked, (sort, window)).await?;
    Ok(Page::of(current(&tx, rows), window))
}

/// How many the viewer may read; one more than [`crate::paging::LARGEST_COUNT`] stands for all above it.
pub(crate) async fn count(
    viewer: &Viewer,
    snapshot: &Snapshot,
    filter: &Filter,
) -> Result<i64, Failure> {
    viewer.require(Permission::ReadOpportunities)?;
    filter.check()?;
    let mut tx = snapshot.read().await?;
    expect_open(&mut tx, viewer).await?;
    let times = Times::for_filter(&mut tx, filter).await?;
    Ok(store::count(&mut tx, snapshot.scope(), (filter, &times)).await?)
}

//! What a viewer can do with opportunities: who may, on what, in which order.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::Datelike as _;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::error::{Fault, OpportunityRefusal};
use super::model::{Content, ContentEdit, Edit, Filter, Opportunity, ReviewState};
use super::store::{self, Inserted};
use crate::db::{Change, Scope, Snapshot, StoreError, Tx};
use crate::error::{Code, Failure, Faults, Refusal};
use crate::ids::{MemberId, OpportunityId, Tagged as _};
use crate::organisation::members::{self, Duty, DutyBlocker, MemberRole, MemberState};
use crate::paging::{Page, Sort, Window};
use crate::resellers;
use crate::rules::{self, OpportunitySubmission, PROGRAMME_ZONE};
use crate::timeline::Event;
use crate::viewer::{Permission, Viewer};

/// How often a number is drawn before chance is no longer to blame.
const NUMBER_TRIES: u32 = 5;

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

/// Opens a draft, which only its own organisation sees (R-OPP-10).
///
/// Whoever opens it owns it, unless the content names another member; a machine has to name one.
#[derive(Debug, Clone)]
pub(crate) struct Create {
    pub(crate) content: ContentEdit,
}

impl Change for Create {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.create";
    const ACTION: &'static str = "opportunityCreate";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        viewer.partner(Permission::WriteOpportunities)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let opener = match self.content.owner {
            Edit::Set(owner) => Some(owner),
            Edit::Leave | Edit::Clear => MemberId::parse(&tx.acting().actor),
        };
        let owner = opener.ok_or_else(|| Fault::OwnerRequired.at("ownerId"))?;
        let organisation = scope.organisation().ok_or(OpportunityRefusal::NotFound)?;
        let (content, _) = Content::blank(owner).edited(&self.content)?;
        check_parties(tx, scope, (None, &content)).await?;
        for _ in 0..NUMBER_TRIES {
            let year = tx.now().with_timezone(&PROGRAMME_ZONE).year();
            let number = tx.ids().number("OPP", year);
            let (id, content) = (tx.fresh_id(), content.clone());
            let draft = Opportunity::draft(id, organisation, number, content, tx.now());
            if store::insert(tx, &draft).await? == Inserted::Yes {
                tx.record(event(&draft, "opportunity.created")).await?;
                return Ok(Written::from(&draft));
            }
        }
        Err(Refusal::new(Code::Conflict, "TRY_AGAIN").into())
    }
}

/// Edits a draft or a refused opportunity (R-OPP-10, R-OPP-11, R-OPP-26).
#[derive(Debug, Clone)]
pub(crate) struct Update {
    pub(crate) id: OpportunityId,
    pub(crate) expected_version: i64,
    pub(crate) content: ContentEdit,
}

impl Change for Update {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.update";
    const ACTION: &'static str = "opportunityUpdate";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        viewer.partner(Permission::WriteOpportunities)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let mut opportunity = lock(tx, scope, self.id, self.expected_version).await?;
        let before = opportunity.content.clone();
        let changed = opportunity.edit(&self.content, tx.now())?;
        if !changed.is_empty() {
            check_parties(tx, scope, (Some(&before), &opportunity.content)).await?;
            store::record_content(tx, &opportunity).await?;
            let edited = event(&opportunity, "opportunity.edited");
            tx.record(edited.detail(json!({ "changed": changed })))
                .await?;
        }
        Ok(Written::from(&opportunity))
    }
}

/// Hands an opportunity in for the vendor's review (R-OPP-15 to R-OPP-19, R-OPP-23, R-OPP-35).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Submit {
    pub(crate) id: OpportunityId,
    pub(crate) expected_version: i64,
}

impl Change for Submit {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.submit";
    const ACTION: &'static str = "opportunitySubmit";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        viewer.partner(Permission::SubmitOpportunities)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let mut opportunity = lock(tx, scope, self.id, self.expected_version).await?;
        let from = opportunity.review.state();
        let rule: OpportunitySubmission = rules::of(tx, tx.now()).await?;
        let submission = opportunity.submit(&rule, tx.now())?;
        store::record_review(tx, &opportunity).await?;
        let submitted = moved(&opportunity, from, "opportunity.submitted");
        tx.record(submitted.detail(json!({ "round": submission.round })))
            .await?;
        Ok(Written::from(&opportunity))
    }
}

/// Passes the review: the vendor's decision, never the partner's (R-OPP-12, R-OPP-14).
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReviewApprove {
    pub(crate) id: OpportunityId,
    pub(crate) expected_version: i64,
}

impl Change for ReviewApprove {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.review_approve";
    const ACTION: &'static str = "opportunityReviewApprove";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        viewer.vendor(Permission::ReviewOpportunities)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let mut opportunity = lock(tx, scope, self.id, self.expected_version).await?;
        let from = opportunity.review.state();
        opportunity.approve_review(tx.now())?;
        store::record_review(tx, &opportunity).await?;
        tx.record(moved(&opportunity, from, "opportunity.review_approved"))
            .await?;
        Ok(Written::from(&opportunity))
    }
}

/// Refuses it in review, with a reason (R-OPP-5, R-OPP-12, R-OPP-26).
#[derive(Debug, Clone)]
pub(crate) struct ReviewReject {
    pub(crate) id: OpportunityId,
    pub(crate) expected_version: i64,
    pub(crate) reason: String,
}

impl Change for ReviewReject {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.review_reject";
    const ACTION: &'static str = "opportunityReviewReject";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        viewer.vendor(Permission::ReviewOpportunities)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let mut opportunity = lock(tx, scope, self.id, self.expected_version).await?;
        let from = opportunity.review.state();
        opportunity.reject_review(&self.reason, tx.now())?;
        store::record_review(tx, &opportunity).await?;
        let rejected = moved(&opportunity, from, "opportunity.review_rejected");
        let reason = opportunity.review.reason().unwrap_or_default();
        tx.record(rejected.because(reason)).await?;
        Ok(Written::from(&opportunity))
    }
}

/// Reads and locks what a change is about, as the caller read it.
async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    id: OpportunityId,
    expected_version: i64,
) -> Result<Opportunity, Failure> {
    let opportunity = store::lock(tx, scope, id)
        .await?
        .ok_or(OpportunityRefusal::NotFound)?;
    opportunity.at_version(expected_version)?;
    Ok(opportunity)
}

/// Refuses an owner who cannot answer for the deal and a reseller that is not the partner's own, where they are new.
async fn check_parties(
    tx: &mut Tx,
    scope: &Scope,
    (before, content): (Option<&Content>, &Content),
) -> Result<(), Failure> {
    let mut faults = Faults::default();
    let is_new = before.is_none_or(|before| before.owner != content.owner);
    if is_new {
        let owner = members::hold(tx, scope, content.owner).await?;
        if owner.is_none_or(|owner| owner.state != MemberState::Active) {
            faults.add(OpportunityRefusal::OwnerUnknown);
        }
    }
    if let Some(reseller) = content.reseller {
        let is_new = before.is_none_or(|before| before.reseller != Some(reseller));
        if is_new && !resellers::is_supplied(tx, scope, reseller).await? {
            faults.add(OpportunityRefusal::ResellerUnknown);
        }
    }
    faults.check()
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
    Ok(store::find(&mut tx, snapshot.scope(), ids).await?)
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
    let rows = store::list(&mut tx, snapshot.scope(), filter, (sort, window)).await?;
    Ok(Page::of(rows, window))
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
    Ok(store::count(&mut tx, snapshot.scope(), filter).await?)
}

/// A member who owns open deals cannot leave, or lose the right to work on them, before somebody else owns them
/// (R-ORG-21).
pub(crate) struct OwnedOpportunities;

impl DutyBlocker for OwnedOpportunities {
    fn duties<'a>(
        &'a self,
        tx: &'a mut Tx,
        scope: &'a Scope,
        member: MemberId,
        remaining: &'a BTreeSet<MemberRole>,
    ) -> BoxFuture<'a, Result<Option<Duty>, StoreError>> {
        Box::pin(async move {
            let roles: Vec<String> = remaining
                .iter()
                .map(|role| role.as_str().to_owned())
                .collect();
            let count = store::count_left_behind(tx, scope, member, &roles).await?;
            Ok((count > 0).then_some(Duty {
                kind: "openOpportunities",
                count,
            }))
        })
    }
}

//! Who answers for a deal at the partner, who decides on it at the vendor, and how the vendor sees it.

use serde_json::json;

use super::policy;
use super::{Target, Written, event, open, record};
use crate::db::{Change, Scope, Snapshot, Tx};
use crate::error::Failure;
use crate::ids::{MemberId, OpportunityId, Tagged as _};
use crate::opportunities::error::OpportunityRefusal;
use crate::opportunities::model::{
    Action, ReviewState, VendorView, VendorViewEdit, VendorViewField,
};
use crate::opportunities::store;
use crate::viewer::{OrganisationKind, Permission, Viewer};

/// Names another member of the partner, who can work on it, as the one who answers for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AssignOwner {
    pub(crate) target: Target,
    pub(crate) owner: MemberId,
}

impl Change for AssignOwner {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.assign_owner";
    const ACTION: &'static str = "opportunityAssignOwner";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::scope(Action::AssignOwner, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let opened = open(tx, scope, (Action::AssignOwner, self.target)).await?;
        let mut opportunity = opened.opportunity;
        expect_worker(tx, scope, self.owner).await?;
        let before = opportunity.content.owner;
        if before == self.owner {
            return Ok(Written::from(&opportunity));
        }
        opportunity.content.owner = self.owner;
        opportunity.note_edited(&["ownerId"]);
        opportunity.touch(tx.now());
        let assigned = event(&opportunity, "opportunity.owner_assigned")
            .detail(json!({ "from": before.global(), "to": self.owner.global() }));
        record(tx, &opportunity, assigned).await
    }
}

/// Refuses an owner who is not an active member of the partner or whose roles do not let him work on the deal.
pub(super) async fn expect_worker(
    tx: &mut Tx,
    scope: &Scope,
    owner: MemberId,
) -> Result<(), Failure> {
    let worker = store::worker(tx, owner, &[Permission::WriteOpportunities]).await?;
    match worker {
        Some(worker) if Some(worker.organisation) == scope.organisation() => {
            if worker.is_able {
                Ok(())
            } else {
                Err(OpportunityRefusal::OwnerCannotWrite.into())
            }
        }
        Some(_) | None => Err(OpportunityRefusal::OwnerUnknown.into()),
    }
}

/// Names who of the vendor's people decides next, or nobody: for absence and for a fair share of the queue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReviewerAssign {
    pub(crate) target: Target,
    pub(crate) reviewer: Option<MemberId>,
}

impl Change for ReviewerAssign {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.reviewer_assign";
    const ACTION: &'static str = "opportunityReviewerAssign";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::scope(Action::ReviewerAssign, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let opened = open(tx, scope, (Action::ReviewerAssign, self.target)).await?;
        let mut opportunity = opened.opportunity;
        let before = opportunity.reviewer;
        let decides = match opened.from {
            ReviewState::UnderValidation => Permission::ValidateOpportunities,
            ReviewState::Draft
            | ReviewState::UnderReview
            | ReviewState::ReviewRejected
            | ReviewState::ValidationRejected
            | ReviewState::Validated
            | ReviewState::PendingAcceptance
            | ReviewState::Accepted
            | ReviewState::Rejected
            | ReviewState::AutoRejected
            | ReviewState::CancelledByVendor => Permission::ReviewOpportunities,
        };
        opportunity.reviewer = match self.reviewer {
            None => None,
            Some(reviewer) => {
                let worker = store::worker(tx, reviewer, &[decides])
                    .await?
                    .filter(|worker| worker.kind == OrganisationKind::Vendor && worker.is_able)
                    .ok_or(OpportunityRefusal::ReviewerUnknown)?;
                Some((worker.organisation, reviewer))
            }
        };
        if before == opportunity.reviewer {
            return Ok(Written::from(&opportunity));
        }
        opportunity.touch(tx.now());
        let named = opportunity.reviewer.map(|(_, member)| member.global());
        let assigned =
            event(&opportunity, "opportunity.reviewer_assigned").detail(json!({ "to": named }));
        record(tx, &opportunity, assigned).await
    }
}

/// Writes how the vendor itself sees the deal, beside the partner's view.
#[derive(Debug, Clone)]
pub(crate) struct VendorViewUpdate {
    pub(crate) target: Target,
    pub(crate) edit: VendorViewEdit,
}

impl Change for VendorViewUpdate {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.vendor_view_update";
    const ACTION: &'static str = "opportunityVendorViewUpdate";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::scope(Action::VendorViewUpdate, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let opened = open(tx, scope, (Action::VendorViewUpdate, self.target)).await?;
        let mut opportunity = opened.opportunity;
        let ids = [opportunity.id];
        let before = store::vendor_views(tx, scope, &ids).await?.pop();
        let before = before.unwrap_or_else(|| VendorView::blank(opportunity.id));
        let (view, changed) = before.edited(&self.edit)?;
        if changed.is_empty() {
            return Ok(Written::from(&opportunity));
        }
        let owner = match view.customer_owner {
            Some((_, member)) => Some(
                store::worker(tx, member, &[])
                    .await?
                    .filter(|worker| worker.kind == OrganisationKind::Vendor)
                    .ok_or(OpportunityRefusal::CustomerOwnerUnknown)?
                    .organisation,
            ),
            None => None,
        };
        opportunity.touch(tx.now());
        store::record_vendor_view(tx, opportunity.organisation, (&view, owner)).await?;
        // The history is read by both sides: it names the fields, never what the vendor keeps to itself.
        let shared: Vec<&str> = changed
            .into_iter()
            .filter(|it| !it.is_internal())
            .map(VendorViewField::name)
            .collect();
        let updated = event(&opportunity, "opportunity.vendor_view_updated")
            .detail(json!({ "changed": shared }));
        record(tx, &opportunity, updated).await
    }
}

/// The vendor's views of opportunities that the viewer may read; a partner gets what is shared with it.
pub(crate) async fn vendor_views(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[OpportunityId],
) -> Result<Vec<VendorView>, Failure> {
    if !viewer.may(Permission::ReadOpportunities) {
        return Ok(Vec::new());
    }
    let mut tx = snapshot.read().await?;
    let scope = snapshot.scope();
    Ok(if viewer.is_vendor() {
        store::vendor_views(&mut tx, scope, ids).await?
    } else {
        store::shared_vendor_views(&mut tx, scope, ids).await?
    })
}

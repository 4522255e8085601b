//! What the vendor shares with a partner, and the partner's answer (R-OPP-3 to R-OPP-6).

use serde_json::json;

use super::assigning::expect_worker;
use super::writing::numbered;
use super::{Target, Written, event, moved, open, record};
use super::{duplicates, eligibility, facts, policy};
use crate::db::{Change, Scope, Tx};
use crate::deadlines::{self, DeadlineKind, NewDeadline, Outcome};
use crate::error::Failure;
use crate::ids::{MemberId, OrganisationId, Tagged as _};
use crate::opportunities::error::OpportunityRefusal;
use crate::opportunities::model::{Action, Beginning, Content, ContentEdit, Opportunity};
use crate::organisation;
use crate::rules::{self, OpportunitySharing, Ruled};
use crate::viewer::{OrganisationState, Permission, Viewer};

/// Hands a deal of the vendor's to a partner, who has so many working days to answer (R-OPP-3).
///
/// Whoever holds the partner's main account owns it, else the oldest administrator; the partner can name another.
#[derive(Debug, Clone)]
pub(crate) struct Share {
    pub(crate) partner: OrganisationId,
    pub(crate) content: ContentEdit,
}

impl Change for Share {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.share";
    const ACTION: &'static str = "opportunityShare";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        viewer.vendor(Permission::ShareOpportunities)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let partner = organisation::partner(tx, scope, self.partner)
            .await?
            .ok_or(OpportunityRefusal::PartnerUnknown)?;
        if partner.state() != OrganisationState::Active {
            return Err(OpportunityRefusal::PartnerNotActive.into());
        }
        let owner = organisation::responsible(tx, &partner)
            .await?
            .ok_or(OpportunityRefusal::NoOwnerToShareWith)?;
        let (content, _) = Content::blank(owner).edited(&self.content)?;
        content.check_shareable()?;
        eligibility::verdict(tx, (partner.id, partner.site))
            .await?
            .check()?;
        eligibility::check_offerings(tx, partner.id, &content).await?;
        let rule: Ruled<OpportunitySharing> = rules::of_site(tx, partner.site, tx.now()).await?;
        let shared = Opportunity::shared(Beginning {
            id: tx.fresh_id(),
            organisation: partner.id,
            site: partner.site,
            number: String::new(),
            content,
            at: tx.now(),
        });
        let mut shared = numbered(tx, shared).await?;
        duplicates::refuse_sharing(tx, &shared).await?;
        facts::assign_office(tx, &mut shared).await?;
        let begun = NewDeadline {
            organisation: shared.organisation,
            object: shared.id.into(),
            kind: DeadlineKind::AcceptSharedOpportunity,
            outcome: Outcome::AutoReject,
            working_days: rule.value.acceptance_working_days,
            rule: rule.id,
        };
        deadlines::begin(tx, begun).await?;
        tx.record(event(&shared, "opportunity.shared")).await?;
        Ok(Written::from(&shared))
    }
}

/// The partner takes it over, and says who answers for it if not the one that it was shared with (R-OPP-4, R-OPP-6).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Accept {
    pub(crate) target: Target,
    pub(crate) owner: Option<MemberId>,
}

impl Change for Accept {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.accept";
    const ACTION: &'static str = "opportunityAccept";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::scope(Action::Accept, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let opened = open(tx, scope, (Action::Accept, self.target)).await?;
        let mut opportunity = opened.opportunity;
        if let Some(owner) = self.owner {
            expect_worker(tx, scope, owner).await?;
        }
        opportunity.accept(self.owner, tx.now())?;
        let kind = DeadlineKind::AcceptSharedOpportunity;
        deadlines::meet(tx, opportunity.id.into(), kind).await?;
        let accepted = moved(&opportunity, opened.from, "opportunity.accepted")
            .detail(json!({ "ownerId": opportunity.content.owner.global() }));
        record(tx, &opportunity, accepted).await
    }
}

/// The partner declines it, with a reason (R-OPP-5, R-OPP-6).
#[derive(Debug, Clone)]
pub(crate) struct Reject {
    pub(crate) target: Target,
    pub(crate) reason: String,
}

impl Change for Reject {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.reject";
    const ACTION: &'static str = "opportunityReject";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::scope(Action::Reject, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let opened = open(tx, scope, (Action::Reject, self.target)).await?;
        let mut opportunity = opened.opportunity;
        opportunity.reject(&self.reason, tx.now())?;
        let kind = DeadlineKind::AcceptSharedOpportunity;
        deadlines::meet(tx, opportunity.id.into(), kind).await?;
        let rejected = moved(&opportunity, opened.from, "opportunity.rejected");
        let reason = opportunity.review.reason().unwrap_or_default();
        record(tx, &opportunity, rejected.because(reason)).await
    }
}

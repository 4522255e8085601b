//! How opportunities look to a client. Translation only; a rule here is in the wrong file.

mod batch;
mod checks;
mod content;
mod inputs;
mod loaders;
mod mutation;
mod particulars;
mod permissions;
mod progress;
mod query;
mod reveal;
mod rounds;
mod words;

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};

use self::progress::OpportunityProgressConnection;
use self::rounds::{
    Now, OpportunityReviewProgress, OpportunityRound, OpportunityRoundChanges,
    OpportunityVendorView, RoundsOf, VendorViewOf,
};
pub(crate) use batch::OpportunityBatchMutation;
pub(crate) use checks::{OpportunityCheckMutation, OpportunityCheckQuery};
pub(crate) use mutation::OpportunityMutation;
use particulars::{OpportunitySupport, PreSalesActivity};
pub(crate) use query::OpportunityQuery;
use reveal::OpportunityContact;
pub(crate) use reveal::OpportunityRevealMutation;
pub(crate) use words::{
    OpportunityAction, OpportunityLossReason, OpportunityOrigin, OpportunityProgressStage,
    OpportunityReviewState,
};

use super::model::Opportunity;
use super::service;
use crate::catalogue::{CloudServiceObject, OfferingObject, OfficeObject};
use crate::deadlines::DeadlineObject;
use crate::graphql::{
    ActionPermission, ContextExt as _, Date, Money, PageInput, Result, Transition, Version, loaded,
};
use crate::ids::Tagged as _;
use crate::organisation::members::{MemberConnection, workers_of};
use crate::organisation::{MemberObject, OrganisationObject};
use crate::resellers::ResellerObject;
use crate::timeline::{self, TimelineEntryConnection};
use crate::viewer::Permission;

pub(crate) struct OpportunityObject(pub(crate) Opportunity);

/// A deal with an end customer that a partner and the vendor work on together (机会点).
///
/// The partner writes a draft and submits it; the vendor reviews and then validates it. Texts are empty and other
/// values null until the partner gives them.
#[Object(name = "Opportunity")]
impl OpportunityObject {
    /// Global; `node(id)` finds the opportunity again.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// What happened to it, the newest first, back to its beginning: at most 100 entries at a time.
    #[expect(clippy::too_many_arguments, reason = "four of them are for paging")]
    async fn timeline(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<TimelineEntryConnection> {
        let page = PageInput::of(first, after, last, before);
        timeline::connection_of(ctx, self.0.id, page).await
    }

    /// The number that people use, such as OPP-2026-7F3K9Q.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// The deal's name in the partner's own system; unique in its organisation.
    async fn external_reference(&self) -> Option<&str> {
        self.0.content.external_reference.as_deref()
    }

    /// Who brought the deal.
    async fn origin(&self) -> OpportunityOrigin {
        self.0.origin.into()
    }

    /// How far partner and vendor have settled to work on it together.
    async fn review_state(&self) -> OpportunityReviewState {
        self.0.review.state().into()
    }

    /// Where the deal with the customer stands; null until partner and vendor have settled to work on it.
    async fn progress_stage(&self) -> Option<OpportunityProgressStage> {
        self.0.progress.map(OpportunityProgressStage::from)
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.content.name
    }

    /// What it is about, for people.
    async fn description(&self) -> &str {
        &self.0.content.description
    }

    /// The end customer's company.
    async fn customer_name(&self) -> &str {
        &self.0.content.customer_name
    }

    /// Where the end customer is.
    async fn customer_region(&self) -> &str {
        &self.0.content.customer_region
    }

    /// The end customer's line of business.
    async fn customer_industry(&self) -> &str {
        &self.0.content.customer_industry
    }

    /// What the vendor may expect to earn.
    async fn expected_revenue(&self) -> Option<Money> {
        self.0.content.expected_revenue.map(Money::from)
    }

    /// Budget, of BANT: what the customer may spend. In the currency of expectedRevenue.
    async fn budget(&self) -> Option<Money> {
        self.0.content.budget.map(Money::from)
    }

    /// Authority, of BANT: who decides at the customer.
    async fn decision_maker(&self) -> &str {
        &self.0.content.decision_maker
    }

    /// Need, of BANT: what the customer needs.
    async fn need(&self) -> &str {
        &self.0.content.need
    }

    /// Timeline, of BANT: the day on which the customer plans to buy.
    async fn purchase_on(&self) -> Option<Date> {
        self.0.content.purchase_on.map(Date)
    }

    /// The people at the customer. Their numbers and addresses are masked unless the viewer writes opportunities of this
    /// organisation; opportunityContactReveal shows them in full, and records that it did.
    async fn contacts(&self, ctx: &Context<'_>) -> Vec<OpportunityContact> {
        let contacts = self.0.content.contacts.iter();
        if service::discloses_contacts(ctx.viewer(), &self.0) {
            contacts.map(OpportunityContact::full).collect()
        } else {
            contacts.map(OpportunityContact::masked).collect()
        }
    }

    /// Whether the partner confirmed that the customer consented to share its data with the vendor.
    async fn customer_consent_confirmed(&self) -> bool {
        self.0.content.customer_consent_confirmed
    }

    /// The partner's offerings that the deal is about; the vendor may change them after the submission.
    async fn offerings(&self, ctx: &Context<'_>) -> Result<Vec<OfferingObject>> {
        particulars::offerings(ctx, &self.0).await
    }

    /// The needs that the deal answers: those of its offerings, and never written by hand.
    async fn demand_tags(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        particulars::demand_tags(ctx, &self.0).await
    }

    /// What was done with the customer before the deal was shared.
    async fn pre_sales_activities(&self) -> Vec<PreSalesActivity> {
        particulars::pre_sales(&self.0)
    }

    /// The vendor's cloud services that may be used.
    async fn cloud_services(&self, ctx: &Context<'_>) -> Result<Vec<CloudServiceObject>> {
        particulars::cloud_services(ctx, &self.0).await
    }

    /// What the partner asks the vendor for.
    async fn requested_support(&self) -> Vec<OpportunitySupport> {
        particulars::support(&self.0)
    }

    /// The vendor's office for the customer's region, as of the submission or sharing; null when there is none for it.
    async fn office(&self, ctx: &Context<'_>) -> Result<Option<OfficeObject>> {
        particulars::office(ctx, &self.0).await
    }

    /// The customer's unified social credit code (统一社会信用代码).
    async fn unified_social_credit_code(&self) -> Option<&str> {
        self.0.content.particulars.credit_code.as_deref()
    }

    /// The customer's internet domain.
    async fn customer_domain(&self) -> Option<&str> {
        self.0.content.particulars.customer_domain.as_deref()
    }

    /// How often it was submitted; 0 before the first time.
    async fn review_round(&self) -> i32 {
        self.0.review.submission().map_or(0, |last| last.round)
    }

    /// When it was last submitted; null before the first time.
    async fn submitted_at(&self) -> Option<DateTime<Utc>> {
        self.0.review.submission().map(|last| last.at)
    }

    /// When the review of the last round was decided; null while it runs.
    async fn reviewed_at(&self) -> Option<DateTime<Utc>> {
        self.0.review.reviewed_at()
    }

    /// Why it was refused or cancelled; null unless it stands so by somebody's decision.
    async fn rejection_reason(&self) -> Option<&str> {
        self.0.review.reason()
    }

    /// Whether it stands refused because somebody let the time pass. Such a round is not counted against the partner.
    async fn ended_by_time_out(&self) -> bool {
        self.0.review.is_timed_out()
    }

    /// When what follows the review was decided: the vendor's validation, or the partner's answer to what was shared.
    async fn settled_at(&self) -> Option<DateTime<Utc>> {
        self.0.review.settled_at()
    }

    /// When the vendor cancelled it.
    async fn cancelled_at(&self) -> Option<DateTime<Utc>> {
        self.0.review.cancelled_at()
    }

    /// The last deadline that somebody had to meet: the partner's answer, or the vendor's validation.
    async fn deadline(&self) -> Option<DeadlineObject> {
        let deadline = self.0.deadline.as_ref();
        deadline.map(|deadline| DeadlineObject(deadline.into()))
    }

    /// Why the deal was lost; null unless it was.
    async fn loss_reason(&self) -> Option<OpportunityLossReason> {
        self.0.loss.as_ref().map(|(reason, _)| (*reason).into())
    }

    /// What the partner wrote about the loss.
    async fn loss_note(&self) -> Option<&str> {
        self.0.loss.as_ref().and_then(|(_, note)| note.as_deref())
    }

    /// What the viewer may do with it now, and what stands in the way; the mutations decide by the same rules.
    async fn viewer_permissions(&self, ctx: &Context<'_>) -> Result<Vec<ActionPermission>> {
        permissions::all(ctx, &self.0).await
    }

    /// Whether the viewer may do one thing with it now, and what stands in the way.
    async fn permission(
        &self,
        ctx: &Context<'_>,
        action: OpportunityAction,
    ) -> Result<Option<ActionPermission>> {
        permissions::one(ctx, &self.0, action.into()).await
    }

    /// The moves out of the state that it is in, and whether each is open to the viewer.
    async fn transitions(&self, ctx: &Context<'_>) -> Result<Vec<Transition>> {
        permissions::transitions(ctx, &self.0).await
    }

    /// Where it stands in the checks that it has to pass, and whose turn it is.
    async fn review_progress(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Option<OpportunityReviewProgress>> {
        let facts = loaded(ctx, service::Wanted::by(ctx.viewer(), &self.0)).await?;
        Ok(facts.map(|facts| OpportunityReviewProgress {
            court: self
                .0
                .court((facts.validation(), facts.submission.round_limit)),
            reviewer: self.0.reviewer,
        }))
    }

    /// Each submission and what the vendor decided on it, the first one first.
    async fn rounds(&self, ctx: &Context<'_>) -> Result<Vec<OpportunityRound>> {
        let rounds = loaded(ctx, RoundsOf(self.0.id)).await?.unwrap_or_default();
        Ok(rounds.into_iter().map(OpportunityRound).collect())
    }

    /// What the last submission changed, beside the reason of the refusal before; null before the second one.
    async fn changes_since_last_round(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Option<OpportunityRoundChanges>> {
        let rounds = loaded(ctx, RoundsOf(self.0.id)).await?.unwrap_or_default();
        Ok(OpportunityRoundChanges::of(&rounds))
    }

    /// What the partner reported of the deal, the newest first.
    #[expect(clippy::too_many_arguments, reason = "four of them are for paging")]
    async fn progress(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<OpportunityProgressConnection>> {
        let page = PageInput::of(first, after, last, before);
        progress::connection_of(ctx, self.0.id, page).await
    }

    /// How sure the partner is that the deal comes, in percent, as its newest report has it.
    async fn win_probability(&self) -> Option<i32> {
        self.0.win_probability
    }

    /// When the partner last reported.
    async fn last_progress_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_progress_at
    }

    /// Whether progress is owed and was not reported for as many working days as the rule set allows.
    async fn stalled(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.stalled_since(ctx).await?.is_some())
    }

    /// When it began to count as stalled; null while it does not.
    async fn stalled_since(&self, ctx: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        let times = loaded(ctx, Now).await?;
        Ok(times.and_then(|times| times.stalled_since(&self.0)))
    }

    /// How the vendor itself sees the deal; null until it wrote something.
    async fn vendor_view(&self, ctx: &Context<'_>) -> Result<Option<OpportunityVendorView>> {
        let view = loaded(ctx, VendorViewOf(self.0.id)).await?;
        Ok(view.map(OpportunityVendorView))
    }

    /// The active members of the partner who may be named as its owner: their roles let them work on it.
    #[expect(clippy::too_many_arguments, reason = "four of them are for paging")]
    async fn assignable_members(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<MemberConnection>> {
        let page = PageInput::of(first, after, last, before);
        let wanted = (Permission::WriteOpportunities, page);
        workers_of(ctx, self.0.organisation, wanted).await
    }

    /// The partner that the deal belongs to.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<OrganisationObject>> {
        Ok(loaded(ctx, self.0.organisation)
            .await?
            .map(OrganisationObject))
    }

    /// The member of the partner who answers for the deal.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Option<MemberObject>> {
        Ok(loaded(ctx, self.0.content.owner).await?.map(MemberObject))
    }

    /// The reseller through which the partner sells; null also when the viewer may not read resellers.
    async fn reseller(&self, ctx: &Context<'_>) -> Result<Option<ResellerObject>> {
        content::reseller(ctx, &self.0).await
    }

    /// When the draft was opened.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When anything about it last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }

    /// Send it as expectedVersion with a change.
    async fn version(&self) -> Version {
        Version(self.0.version)
    }
}

//! Changing opportunities: the inputs as changes, and what came of them.

use std::marker::PhantomData;

use async_graphql::{Context, ID, MaybeUndefined, Object, SimpleObject};
use uuid::Uuid;

use super::super::model::{Forecast, ProgressReport, VendorViewEdit};
use super::super::service::{
    Accept, AssignOwner, Cancel, Create, Delete, Lose, ProgressAdd, Reject, ReviewApprove,
    ReviewReject, ReviewerAssign, Share, Submit, Target, Update, ValidationApprove,
    ValidationReject, VendorViewUpdate, Written,
};
use super::OpportunityObject;
use super::inputs::{
    OpportunityAcceptInput, OpportunityAssignOwnerInput, OpportunityCancelInput,
    OpportunityCreateInput, OpportunityDeleteInput, OpportunityLoseInput,
    OpportunityProgressAddInput, OpportunityRejectInput, OpportunityReviewApproveInput,
    OpportunityReviewRejectInput, OpportunityReviewerAssignInput, OpportunityShareInput,
    OpportunitySubmitInput, OpportunityUpdateInput, OpportunityValidationApproveInput,
    OpportunityValidationRejectInput, OpportunityVendorViewUpdateInput,
};
use super::particulars::edit;
use crate::db::Change;
use crate::graphql::{ContextExt as _, Result, UserError, Version, global_id, loaded, payload};

/// What came of a change.
#[derive(SimpleObject)]
#[graphql(
    concrete(name = "OpportunityCreatePayload", params(Create)),
    concrete(name = "OpportunityUpdatePayload", params(Update)),
    concrete(name = "OpportunitySubmitPayload", params(Submit)),
    concrete(name = "OpportunityReviewApprovePayload", params(ReviewApprove)),
    concrete(name = "OpportunityReviewRejectPayload", params(ReviewReject)),
    concrete(name = "OpportunityDeletePayload", params(Delete)),
    concrete(
        name = "OpportunityValidationApprovePayload",
        params(ValidationApprove)
    ),
    concrete(name = "OpportunityValidationRejectPayload", params(ValidationReject)),
    concrete(name = "OpportunitySharePayload", params(Share)),
    concrete(name = "OpportunityAcceptPayload", params(Accept)),
    concrete(name = "OpportunityRejectPayload", params(Reject)),
    concrete(name = "OpportunityCancelPayload", params(Cancel)),
    concrete(name = "OpportunityLosePayload", params(Lose)),
    concrete(name = "OpportunityProgressAddPayload", params(ProgressAdd)),
    concrete(name = "OpportunityAssignOwnerPayload", params(AssignOwner)),
    concrete(name = "OpportunityReviewerAssignPayload", params(ReviewerAssign)),
    concrete(name = "OpportunityVendorViewUpdatePayload", params(VendorViewUpdate))
)]
pub(crate) struct OpportunityPayload<C: Send + Sync> {
    /// The opportunity as it is now; null when the change was refused.
    opportunity: Option<OpportunityObject>,
    /// Everything that speaks against the change; empty when it was done.
    errors: Vec<UserError>,
    /// Whether this key had done it before; nothing was done again.
    replayed: bool,
    #[graphql(skip)]
    change: PhantomData<C>,
}

impl<C: Change<Outcome = Written>> OpportunityPayload<C> {
    /// Carries the change out and reads the opportunity as it is afterwards.
    async fn of(ctx: &Context<'_>, key: Uuid, change: C) -> Result<Self> {
        let (written, errors, replayed) = payload(ctx, ctx.apply(key, &change).await)?;
        let opportunity = match written {
            Some(written) => loaded(ctx, written.id).await?.map(OpportunityObject),
            None => None,
        };
        Ok(Self {
            opportunity,
            errors,
            replayed,
            change: PhantomData,
        })
    }
}

fn target(id: &ID, version: Version) -> Target {
    Target {
        id: global_id(id),
        expected_version: version.0,
    }
}

#[derive(Default)]
pub(crate) struct OpportunityMutation;

#[Object]
impl OpportunityMutation {
    /// Opens a draft of an opportunity. It may be incomplete, and nobody outside the organisation sees it.
    async fn opportunity_create(
        &self,
        ctx: &Context<'_>,
        input: OpportunityCreateInput,
    ) -> Result<OpportunityPayload<Create>> {
        let name = MaybeUndefined::Value(input.name);
        let content = input.content.into_edit(name);
        OpportunityPayload::of(ctx, input.idempotency_key, Create { content }).await
    }

    /// Edits a draft, or an opportunity that the vendor refused. A submitted one is closed to the partner.
    async fn opportunity_update(
        &self,
        ctx: &Context<'_>,
        input: OpportunityUpdateInput,
    ) -> Result<OpportunityPayload<Update>> {
        let change = Update {
            target: target(&input.opportunity_id, input.expected_version),
            content: input.content.into_edit(input.name),
        };
        OpportunityPayload::of(ctx, input.idempotency_key, change).await
    }

    /// Submits an opportunity to the vendor's review; it cannot be withdrawn. Everything that is missing comes back at
    /// once. A refused one may be submitted again, as a new round, as often as the rule set allows.
    async fn opportunity_submit(
        &self,
        ctx: &Context<'_>,
        input: OpportunitySubmitInput,
    ) -> Result<OpportunityPayload<Submit>> {
        let change = Submit {
            target: target(&input.opportunity_id, input.expected_version),
        };
        OpportunityPayload::of(ctx, input.idempotency_key, change).await
    }

    /// Deletes a draft that was never submitted. It is gone for everybody; opportunity is null in the answer.
    async fn opportunity_delete(
        &self,
        ctx: &Context<'_>,
        input: OpportunityDeleteInput,
    ) -> Result<OpportunityPayload<Delete>> {
        let change = Delete {
            target: target(&input.opportunity_id, input.expected_version),
        };
        OpportunityPayload::of(ctx, input.idempotency_key, change).await
    }

    /// Passes the review, by the vendor. Validation with the customer follows, against a deadline, where the partner's site
    /// has it; else both work on the deal from now on.
    async fn opportunity_review_approve(
        &self,
        ctx: &Context<'_>,
        input: OpportunityReviewApproveInput,
    ) -> Result<OpportunityPayload<ReviewApprove>> {
        let change = ReviewApprove {
            target: target(&input.opportunity_id, input.expected_version),
        };
        OpportunityPayload::of(ctx, input.idempotency_key, change).await
    }

    /// Refuses an opportunity in review, by the vendor, with a reason. The partner may submit it again.
    async fn opportunity_review_reject(
        &self,
        ctx: &Context<'_>,
        input: OpportunityReviewRejectInput,
    ) -> Result<OpportunityPayload<ReviewReject>> {
        let change = ReviewReject {
            target: target(&input.opportunity_id, input.expected_version),
            reason: input.reason,
        };
        OpportunityPayload::of(ctx, input.idempotency_key, change).await
    }

    /// Passes the validation, by the vendor and in time: both work on the deal from now on.
    async fn opportunity_validation_approve(
        &self,
        ctx: &Context<'_>,
        input: OpportunityValidationApproveInput,
    ) -> Result<OpportunityPayload<ValidationApprove>> {
        let change = ValidationApprove {
            target: target(&input.opportunity_id, input.expected_version),
        };
        OpportunityPayload::of(ctx, input.idempotency_key, change).await
    }

    /// Refuses an opportunity in validation, by the vendor and in time, with a reason. The partner may submit it again.
    async fn opportunity_validation_reject(
        &self,
        ctx: &Context<'_>,
        input: OpportunityValidationRejectInput,
    ) -> Result<OpportunityPayload<ValidationReject>> {
        let change = ValidationReject {
            target: target(&input.opportunity_id, input.expected_version),
            reason: input.reason,
        };
        OpportunityPayload::of(ctx, input.idempotency_key, change).await
    }

    /// Shares a deal of the vendor's with a partner, who must accept or reject it before its deadline, or it is taken back.
    /// It belongs to the holder of the partner's main account, else to its oldest administrator.
    async fn opportunity_share(
        &self,
        ctx: &Context<'_>,
        input: OpportunityShareInput,
    ) -> Result<OpportunityPayload<Share>> {
        let name = MaybeUndefined::Value(input.name);
        let change = Share {
            partner: global_id(&input.organisation_id),
            content: input.deal.into_edit(name),
        };
        OpportunityPayload::of(ctx, input.idempotency_key, change).await
    }

    /// Accepts an opportunity that the vendor shared, by the partner and in time. Both work on the deal from now on.
    async fn opportunity_accept(
        &self,
        ctx: &Context<'_>,
        input: OpportunityAcceptInput,
    ) -> Result<OpportunityPayload<Accept>> {
        let change = Accept {
            target: target(&input.opportunity_id, input.expected_version),
            owner: input.owner_id.as_ref().map(global_id),
        };
        OpportunityPayload::of(ctx, input.idempotency_key, change).await
    }

    /// Rejects an opportunity that the vendor shared, by the partner and in time, with a reason; final.
    async fn opportunity_reject(
        &self,
        ctx: &Context<'_>,
        input: OpportunityRejectInput,
    ) -> Result<OpportunityPayload<Reject>> {
        let change = Reject {
            target: target(&input.opportunity_id, input.expected_version),
            reason: input.reason,
        };
        OpportunityPayload::of(ctx, input.idempotency_key, change).await
    }

    /// Cancels an opportunity that both had settled to work on, by the vendor and with a reason, until the contract with the
    /// customer is signed; final.
    async fn opportunity_cancel(
        &self,
        ctx: &Context<'_>,
        input: OpportunityCancelInput,
    ) -> Result<OpportunityPayload<Cancel>> {
        let change = Cancel {
            target: target(&input.opportunity_id, input.expected_version),
            reason: input.reason,
        };
        OpportunityPayload::of(ctx, input.idempotency_key, change).await
    }

    /// Gives a deal up for lost, by the partner, until it is delivered; final.
    async fn opportunity_lose(
        &self,
        ctx: &Context<'_>,
        input: OpportunityLoseInput,
    ) -> Result<OpportunityPayload<Lose>> {
        let change = Lose {
            target: target(&input.opportunity_id, input.expected_version),
            reason: input.reason_code.into(),
            note: input.note,
        };
        OpportunityPayload::of(ctx, input.idempotency_key, change).await
    }

    /// Reports progress of a deal that both have settled to work on, by the partner, until it is delivered or lost. Reports
    /// are only ever added.
    async fn opportunity_progress_add(
        &self,
        ctx: &Context<'_>,
        input: OpportunityProgressAddInput,
    ) -> Result<OpportunityPayload<ProgressAdd>> {
        let change = ProgressAdd {
            target: target(&input.opportunity_id, input.expected_version),
            report: ProgressReport {
                stage: input.stage.into(),
                win_probability: input.win_probability,
                note: input.note,
                technical_exchange: input.technical_exchange,
                test_details: input.test_details,
                occurred_on: input.occurred_on.map(|day| day.0),
                documents: input.document_ids.iter().map(global_id).collect(),
            },
        };
        OpportunityPayload::of(ctx, input.idempotency_key, change).await
    }

    /// Names another member of the partner as the one who answers for the deal, until it is over.
    async fn opportunity_assign_owner(
        &self,
        ctx: &Context<'_>,
        input: OpportunityAssignOwnerInput,
    ) -> Result<OpportunityPayload<AssignOwner>> {
        let change = AssignOwner {
            target: target(&input.opportunity_id, input.expected_version),
            owner: global_id(&input.owner_id),
        };
        OpportunityPayload::of(ctx, input.idempotency_key, change).await
    }

    /// Names who of the vendor's people decides the check that runs, by the vendor.
    async fn opportunity_reviewer_assign(
        &self,
        ctx: &Context<'_>,
        input: OpportunityReviewerAssignInput,
    ) -> Result<OpportunityPayload<ReviewerAssign>> {
        let change = ReviewerAssign {
            target: target(&input.opportunity_id, input.expected_version),
            reviewer: input.reviewer_id.as_ref().map(global_id),
        };
        OpportunityPayload::of(ctx, input.idempotency_key, change).await
    }

    /// Writes how the vendor itself sees the deal, beside the partner's view, by the vendor.
    async fn opportunity_vendor_view_update(
        &self,
        ctx: &Context<'_>,
        input: OpportunityVendorViewUpdateInput,
    ) -> Result<OpportunityPayload<VendorViewUpdate>> {
        let change = VendorViewUpdate {
            target: target(&input.opportunity_id, input.expected_version),
            edit: VendorViewEdit {
                expected_close_on: edit(input.expected_close_on, |day| day.0),
                next_step: edit(input.next_step, |text| text),
                customer_owner: edit(input.customer_owner_id, |id| global_id(&id)),
                forecast: edit(input.forecast, Forecast::from),
                internal_note: edit(input.internal_note, |text| text),
            },
        };
        OpportunityPayload::of(ctx, input.idempotency_key, change).await
    }
}

//! Many decisions at once, and what came of each.

use std::marker::PhantomData;

use async_graphql::{Context, ID, Object, SimpleObject};
use uuid::Uuid;

use super::super::service::{Decision, Item, ItemResult, ReviewDecide, Target, ValidationDecide};
use super::OpportunityObject;
use super::inputs::{
    OpportunityDecision, OpportunityDecisionInput, OpportunityReviewDecideInput,
    OpportunityValidationDecideInput,
};
use crate::db::Change;
use crate::graphql::{ContextExt as _, Result, UserError, global_id, loaded, payload};
use crate::ids::Tagged as _;

/// What came of the decision on one opportunity.
#[derive(SimpleObject)]
pub(crate) struct OpportunityDecisionResult {
    /// The opportunity that was to be decided.
    opportunity_id: ID,
    /// The opportunity as it is now; null when the decision was refused.
    opportunity: Option<OpportunityObject>,
    /// Everything that speaks against the decision; empty when it was made.
    errors: Vec<UserError>,
}

/// What came of many decisions.
#[derive(SimpleObject)]
#[graphql(
    concrete(name = "OpportunityReviewDecidePayload", params(ReviewDecide)),
    concrete(name = "OpportunityValidationDecidePayload", params(ValidationDecide))
)]
pub(crate) struct OpportunityDecidePayload<C: Send + Sync> {
    /// One for each item, in their order; empty when the call as a whole was refused.
    results: Vec<OpportunityDecisionResult>,
    /// What speaks against the call as a whole.
    errors: Vec<UserError>,
    /// Whether this key had done it before; nothing was decided again.
    replayed: bool,
    #[graphql(skip)]
    change: PhantomData<C>,
}

impl From<OpportunityDecisionInput> for Item {
    fn from(input: OpportunityDecisionInput) -> Self {
        Self {
            target: Target {
                id: global_id(&input.opportunity_id),
                expected_version: input.expected_version.0,
            },
            decision: match input.decision {
                OpportunityDecision::Approve => Decision::Approve,
                OpportunityDecision::Reject => Decision::Reject(input.reason.unwrap_or_default()),
            },
        }
    }
}

impl<C: Change<Outcome = Vec<ItemResult>>> OpportunityDecidePayload<C> {
    /// Carries the change out and reads each opportunity that was decided as it is afterwards.
    async fn of(ctx: &Context<'_>, key: Uuid, change: C) -> Result<Self> {
        let (results, errors, replayed) = payload(ctx, ctx.apply(key, &change).await)?;
        let mut answers = Vec::new();
        for result in results.unwrap_or_default() {
            let found = if result.is_done() {
                loaded(ctx, result.id).await?
            } else {
                None
            };
            let refusals = result.refusals();
            let errors = refusals
                .iter()
                .map(|refusal| UserError::new(refusal, ctx.locale()));
            answers.push(OpportunityDecisionResult {
                opportunity_id: ID(result.id.global()),
                opportunity: found.map(OpportunityObject),
                errors: errors.collect(),
            });
        }
        Ok(Self {
            results: answers,
            errors,
            replayed,
            change: PhantomData,
        })
    }
}

fn items(given: Vec<OpportunityDecisionInput>) -> Vec<Item> {
    given.into_iter().map(Item::from).collect()
}

#[derive(Default)]
pub(crate) struct OpportunityBatchMutation;

#[Object]
impl OpportunityBatchMutation {
    /// Decides many reviews at once, by the vendor. Each is decided by itself: one that is refused stops no other.
    async fn opportunity_review_decide(
        &self,
        ctx: &Context<'_>,
        input: OpportunityReviewDecideInput,
    ) -> Result<OpportunityDecidePayload<ReviewDecide>> {
        let change = ReviewDecide(items(input.items));
        OpportunityDecidePayload::of(ctx, input.idempotency_key, change).await
    }

    /// Decides many validations at once, by the vendor. Each is decided by itself: one that is refused stops no other.
    async fn opportunity_validation_decide(
        &self,
        ctx: &Context<'_>,
        input: OpportunityValidationDecideInput,
    ) -> Result<OpportunityDecidePayload<ValidationDecide>> {
        let change = ValidationDecide(items(input.items));
        OpportunityDecidePayload::of(ctx, input.idempotency_key, change).await
    }
}

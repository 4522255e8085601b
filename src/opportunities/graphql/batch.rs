//! Many decisions at once, and what came of each.

use async_graphql::{Context, ID, Object, SimpleObject};

use super::super::service::{Decision, Item, ItemResult, ReviewDecide, Target, ValidationDecide};
use super::OpportunityObject;
use super::inputs::{OpportunityDecideInput, OpportunityDecision, OpportunityDecisionInput};
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
pub(crate) struct OpportunityDecidePayload {
    /// One for each item, in their order; empty when the call as a whole was refused.
    results: Vec<OpportunityDecisionResult>,
    /// What speaks against the call as a whole.
    errors: Vec<UserError>,
    /// Whether this key had done it before; nothing was decided again.
    replayed: bool,
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

async fn answered(
    ctx: &Context<'_>,
    (results, errors, replayed): (Option<Vec<ItemResult>>, Vec<UserError>, bool),
) -> Result<OpportunityDecidePayload> {
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
    Ok(OpportunityDecidePayload {
        results: answers,
        errors,
        replayed,
    })
}

#[derive(Default)]
pub(crate) struct OpportunityBatchMutation;

#[Object]
impl OpportunityBatchMutation {
    /// Decides many reviews at once, by the vendor. Each is decided by itself: one that is refused stops no other.
    async fn opportunity_review_decide(
        &self,
        ctx: &Context<'_>,
        input: OpportunityDecideInput,
    ) -> Result<OpportunityDecidePayload> {
        let change = ReviewDecide(input.items.into_iter().map(Item::from).collect());
        let done = ctx.apply(input.idempotency_key, &change).await;
        answered(ctx, payload(ctx, done)?).await
    }

    /// Decides many validations at once, by the vendor. Each is decided by itself: one that is refused stops no other.
    async fn opportunity_validation_decide(
        &self,
        ctx: &Context<'_>,
        input: OpportunityDecideInput,
    ) -> Result<OpportunityDecidePayload> {
        let change = ValidationDecide(input.items.into_iter().map(Item::from).collect());
        let done = ctx.apply(input.idempotency_key, &change).await;
        answered(ctx, payload(ctx, done)?).await
    }
}

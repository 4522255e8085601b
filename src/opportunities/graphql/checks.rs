//! What would stand in the way before it does, and the vendor's change of what a deal is about.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::super::model;
use super::super::service::preflight::Preflight;
use super::super::service::{OfferingChange, Target, eligibility, preflight};
use super::OpportunityObject;
use crate::graphql::{
    ActionPermission, ContextExt as _, Read, Result, UserError, Version, answer, global_id, loaded,
    payload,
};
use crate::ids::{OpportunityId, OrganisationId};

/// How a field would fare with a reviewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Finish")]
pub(crate) enum OpportunityFieldFinish {
    /// Nothing is missing.
    Complete,
    /// There, but a reviewer would ask about it.
    Vague,
    /// A submission would be refused.
    Missing,
}

/// One field of the grade.
#[derive(SimpleObject)]
pub(crate) struct OpportunityFieldGrade {
    /// The field, as inputs call it.
    field: &'static str,
    /// How it would fare.
    finish: OpportunityFieldFinish,
    /// How many refusals of the organisation's own opportunities spoke of it, of the latest 200.
    past_refusals: i32,
}

pub(crate) struct OpportunityPreflightObject(Preflight);

/// What would happen to an opportunity if it were submitted now.
#[Object(name = "OpportunityPreflight")]
impl OpportunityPreflightObject {
    /// Whether nothing was found: a submission right now is not refused.
    async fn is_clean(&self) -> bool {
        self.0.is_clean()
    }

    /// Whether it could be submitted, and everything that the submission would refuse, at once.
    async fn submission(&self, ctx: &Context<'_>) -> ActionPermission {
        ActionPermission::new(ctx, self.0.submission.clone())
    }

    /// What does not stop the submission but what a reviewer would ask about or refuse later: words that tell nothing, a
    /// customer need that another deal has already. Of a duplicate only that there is one is told, never whose.
    async fn doubts(&self, ctx: &Context<'_>) -> Vec<UserError> {
        let doubts = self.0.doubts.iter();
        doubts
            .map(|doubt| UserError::new(doubt, ctx.locale()))
            .collect()
    }

    /// From 0 to 100: how complete it is. A field weighs more the more often its lack was a reason for a refusal.
    async fn score(&self) -> i32 {
        self.0.grade.score
    }

    /// Each field that a submission needs.
    async fn fields(&self) -> Vec<OpportunityFieldGrade> {
        let fields = self.0.grade.fields.iter();
        fields
            .map(|graded| OpportunityFieldGrade {
                field: graded.field,
                finish: graded.finish.into(),
                past_refusals: graded.past_refusals,
            })
            .collect()
    }
}

#[derive(Default)]
pub(crate) struct OpportunityCheckQuery;

#[Object]
impl OpportunityCheckQuery {
    /// What a submission of this opportunity, and a reviewer after it, would refuse; nothing is changed. Null when it is
    /// unknown, not the viewer's to read, or shared by the vendor.
    async fn opportunity_preflight(
        &self,
        ctx: &Context<'_>,
        opportunity_id: ID,
    ) -> Result<Option<OpportunityPreflightObject>> {
        let loaders = ctx.loaders();
        let Read { snapshot, viewer } = loaders.loader();
        let id: OpportunityId = global_id(&opportunity_id);
        let found = preflight::read(viewer, snapshot, id).await;
        Ok(answer(ctx, found)?.map(OpportunityPreflightObject))
    }

    /// Whether the vendor can share opportunities with this partner now, and what stands in the way. For the vendor's
    /// people and for the partner itself; null for everybody else.
    async fn opportunity_sharing_eligibility(
        &self,
        ctx: &Context<'_>,
        organisation_id: ID,
    ) -> Result<Option<ActionPermission>> {
        let loaders = ctx.loaders();
        let Read { snapshot, viewer } = loaders.loader();
        let partner: OrganisationId = global_id(&organisation_id);
        let verdict = eligibility::read(viewer, snapshot, partner).await;
        Ok(answer(ctx, verdict)?.map(|verdict| ActionPermission::new(ctx, verdict)))
    }
}

/// Puts other offerings into an opportunity that was handed in, by the vendor.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityOfferingChangeInput {
    /// Which opportunity.
    opportunity_id: ID,
    /// The version that the viewer saw.
    expected_version: Version,
    /// The partner's offerings that it is about from now on, 1 to 20; the demand tags follow them.
    offering_ids: Vec<ID>,
    /// A new UUID for each intention; the same one repeats it safely.
    idempotency_key: Uuid,
}

/// What came of the change.
#[derive(SimpleObject)]
pub(crate) struct OpportunityOfferingChangePayload {
    /// The opportunity as it is now; null when the change was refused.
    opportunity: Option<OpportunityObject>,
    /// Everything that speaks against the change; empty when it was done.
    errors: Vec<UserError>,
    /// Whether this key had done it before; nothing was done again.
    replayed: bool,
}

#[derive(Default)]
pub(crate) struct OpportunityCheckMutation;

#[Object]
impl OpportunityCheckMutation {
    /// Changes which of the partner's offerings an opportunity is about, by the vendor, after it was handed in. The
    /// partner sees the new ones and their demand tags at once.
    async fn opportunity_offering_change(
        &self,
        ctx: &Context<'_>,
        input: OpportunityOfferingChangeInput,
    ) -> Result<OpportunityOfferingChangePayload> {
        let change = OfferingChange {
            target: Target {
                id: global_id(&input.opportunity_id),
                expected_version: input.expected_version.0,
            },
            offerings: input.offering_ids.iter().map(global_id).collect(),
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (written, errors, replayed) = payload(ctx, applied)?;
        let opportunity = match written {
            Some(written) => loaded(ctx, written.id).await?.map(OpportunityObject),
            None => None,
        };
        Ok(OpportunityOfferingChangePayload {
            opportunity,
            errors,
            replayed,
        })
    }
}

//! What a partner does with programmes and paths. Translation only.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::super::service::{Consent, Join, JoinPath, Target, Withdraw};
use super::objects::{PartnerPath, PathMembershipObject, Programme, ProgrammeMembershipObject};
use crate::db::Applied;
use crate::error::Failure;
use crate::graphql::{ContextExt as _, Result, UserError, Version, global_id, loaded, payload};
use crate::ids::ProgrammeMembershipId;

/// Joins a programme, or applies where the vendor decides.
#[derive(InputObject)]
struct ProgrammeJoinInput {
    /// Which programme.
    programme: Programme,
    /// The version of the agreement that was shown; another one in the meantime refuses the change.
    agreement_version: i32,
    /// That the person confirms the commitment.
    is_commitment_confirmed: bool,
    /// That the person accepts the agreement.
    is_agreement_accepted: bool,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Chooses a development path.
#[derive(InputObject)]
struct PathJoinInput {
    /// Which path.
    path: PartnerPath,
    /// The version of the agreement that was shown; another one in the meantime refuses the change.
    agreement_version: i32,
    /// That the person confirms the commitment.
    is_commitment_confirmed: bool,
    /// That the person accepts the agreement.
    is_agreement_accepted: bool,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Takes an application back.
#[derive(InputObject)]
struct ProgrammeApplicationWithdrawInput {
    /// The application that it is about.
    programme_membership_id: ID,
    /// Why, for the history; at most 500 characters.
    reason: Option<String>,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// What came of joining a programme.
#[derive(SimpleObject)]
struct ProgrammeJoinPayload {
    /// The membership or application as it is now; null when nothing was done.
    membership: Option<ProgrammeMembershipObject>,
    /// Everything that stands in the way, at once; empty when it was done.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was done again.
    replayed: bool,
}

/// What came of choosing a path.
#[derive(SimpleObject)]
struct PathJoinPayload {
    /// The place on the path as it is now; null when nothing was done.
    membership: Option<PathMembershipObject>,
    /// Everything that stands in the way, at once; empty when it was done.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was done again.
    replayed: bool,
}

/// What came of taking an application back.
#[derive(SimpleObject)]
struct ProgrammeApplicationWithdrawPayload {
    /// The application as it is now; null when nothing was done.
    membership: Option<ProgrammeMembershipObject>,
    /// Why nothing was done; empty when it was.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was done again.
    replayed: bool,
}

pub(super) type Answered = (Option<ProgrammeMembershipObject>, Vec<UserError>, bool);

/// The parts of a payload, with the membership as it is after the change.
pub(super) async fn answered(
    ctx: &Context<'_>,
    applied: std::result::Result<Applied<ProgrammeMembershipId>, Failure>,
) -> Result<Answered> {
    let (id, errors, replayed) = payload(ctx, applied)?;
    let membership = match id {
        Some(id) => loaded(ctx, id).await?,
        None => None,
    };
    let membership = membership.map(|(one, day)| ProgrammeMembershipObject(one, day));
    Ok((membership, errors, replayed))
}

#[derive(Default)]
pub(crate) struct ProgrammeMutation;

#[Object]
impl ProgrammeMutation {
    /// Joins a programme for the viewer's organisation, with the agreement signed by the viewer; needs programme.manage.
    /// Where the vendor reviews, this is an application. Everything that stands in the way is told at once (R-PRG-2).
    async fn programme_join(
        &self,
        ctx: &Context<'_>,
        input: ProgrammeJoinInput,
    ) -> Result<ProgrammeJoinPayload> {
        let change = Join {
            programme: input.programme.into(),
            consent: Consent {
                agreement_version: input.agreement_version,
                commitment: input.is_commitment_confirmed,
                agreement: input.is_agreement_accepted,
            },
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (membership, errors, replayed) = answered(ctx, applied).await?;
        Ok(ProgrammeJoinPayload {
            membership,
            errors,
            replayed,
        })
    }

    /// Chooses a development path for the viewer's organisation, at its first stage; needs programme.manage (R-PRG-8).
    async fn path_join(&self, ctx: &Context<'_>, input: PathJoinInput) -> Result<PathJoinPayload> {
        let change = JoinPath {
            path: input.path.into(),
            consent: Consent {
                agreement_version: input.agreement_version,
                commitment: input.is_commitment_confirmed,
                agreement: input.is_agreement_accepted,
            },
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (id, errors, replayed) = payload(ctx, applied)?;
        let membership = match id {
            Some(id) => loaded(ctx, id).await?.map(PathMembershipObject),
            None => None,
        };
        Ok(PathJoinPayload {
            membership,
            errors,
            replayed,
        })
    }

    /// Takes an application back before the vendor has decided; needs programme.manage. What it closed is open again in
    /// the same instant (R-PRG-17).
    async fn programme_application_withdraw(
        &self,
        ctx: &Context<'_>,
        input: ProgrammeApplicationWithdrawInput,
    ) -> Result<ProgrammeApplicationWithdrawPayload> {
        let change = Withdraw {
            target: Target {
                membership: global_id(&input.programme_membership_id),
                expected_version: input.expected_version.0,
            },
            reason: input.reason,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (membership, errors, replayed) = answered(ctx, applied).await?;
        Ok(ProgrammeApplicationWithdrawPayload {
            membership,
            errors,
            replayed,
        })
    }
}

//! What the vendor does with programmes and paths. Translation only.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::super::model;
use super::super::service::{Approve, Invite, Reject, RevokeInvitation, Target};
use super::mutations::answered;
use super::objects::{
    PartnerPath, Programme, ProgrammeInvitationObject, ProgrammeMembershipObject,
};
use crate::db::Applied;
use crate::error::Failure;
use crate::graphql::{ContextExt as _, Result, UserError, Version, global_id, loaded, payload};
use crate::ids::ProgrammeInvitationId;

/// Approves an application.
#[derive(InputObject)]
struct ProgrammeApplicationApproveInput {
    /// The application that it is about.
    programme_membership_id: ID,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Refuses an application.
#[derive(InputObject)]
struct ProgrammeApplicationRejectInput {
    /// The application that it is about.
    programme_membership_id: ID,
    /// Why, for the partner to read; 1 to 500 characters.
    reason: String,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Invites a partner to a programme or to a path: one of the two is named.
#[derive(InputObject)]
struct ProgrammeInviteInput {
    /// The partner that is invited.
    organisation_id: ID,
    /// The programme; null when it is to a path.
    programme: Option<Programme>,
    /// The path; null when it is to a programme.
    path: Option<PartnerPath>,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Takes an invitation to a programme or path back.
#[derive(InputObject)]
struct ProgrammeInvitationRevokeInput {
    /// The invitation that it is about.
    programme_invitation_id: ID,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

macro_rules! membership_payload {
    ($name:ident, $doc:literal) => {
        #[doc = $doc]
        #[derive(SimpleObject)]
        struct $name {
            /// The membership as it is now; null when nothing was done.
            membership: Option<ProgrammeMembershipObject>,
            /// Why nothing was done; empty when it was.
            errors: Vec<UserError>,
            /// Whether the idempotency key was used before: then nothing was done again.
            replayed: bool,
        }
    };
}
membership_payload!(
    ProgrammeApplicationApprovePayload,
    "What came of approving an application."
);
membership_payload!(
    ProgrammeApplicationRejectPayload,
    "What came of refusing an application."
);

macro_rules! invitation_payload {
    ($name:ident, $doc:literal) => {
        #[doc = $doc]
        #[derive(SimpleObject)]
        struct $name {
            /// The invitation as it is now; null when nothing was done.
            invitation: Option<ProgrammeInvitationObject>,
            /// Why nothing was done; empty when it was.
            errors: Vec<UserError>,
            /// Whether the idempotency key was used before: then nothing was done again.
            replayed: bool,
        }
    };
}
invitation_payload!(ProgrammeInvitePayload, "What came of inviting a partner.");
invitation_payload!(
    ProgrammeInvitationRevokePayload,
    "What came of taking an invitation back."
);

async fn invited(
    ctx: &Context<'_>,
    applied: std::result::Result<Applied<ProgrammeInvitationId>, Failure>,
) -> Result<(Option<ProgrammeInvitationObject>, Vec<UserError>, bool)> {
    let (id, errors, replayed) = payload(ctx, applied)?;
    let found = match id {
        Some(id) => loaded(ctx, id).await?,
        None => None,
    };
    let invitation = found.map(|(one, now)| ProgrammeInvitationObject(one, now));
    Ok((invitation, errors, replayed))
}

#[derive(Default)]
pub(crate) struct ProgrammeReviewMutation;

#[Object]
impl ProgrammeReviewMutation {
    /// Approves an application, by the vendor; the partner's rights begin with it. What the programme asks for is asked
    /// again; needs programme.review.
    async fn programme_application_approve(
        &self,
        ctx: &Context<'_>,
        input: ProgrammeApplicationApproveInput,
    ) -> Result<ProgrammeApplicationApprovePayload> {
        let change = Approve {
            target: Target {
                membership: global_id(&input.programme_membership_id),
                expected_version: input.expected_version.0,
            },
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (membership, errors, replayed) = answered(ctx, applied).await?;
        Ok(ProgrammeApplicationApprovePayload {
            membership,
            errors,
            replayed,
        })
    }

    /// Refuses an application, by the vendor, with a reason that the partner reads; needs programme.review.
    async fn programme_application_reject(
        &self,
        ctx: &Context<'_>,
        input: ProgrammeApplicationRejectInput,
    ) -> Result<ProgrammeApplicationRejectPayload> {
        let change = Reject {
            target: Target {
                membership: global_id(&input.programme_membership_id),
                expected_version: input.expected_version.0,
            },
            reason: input.reason,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (membership, errors, replayed) = answered(ctx, applied).await?;
        Ok(ProgrammeApplicationRejectPayload {
            membership,
            errors,
            replayed,
        })
    }

    /// Invites a partner to a programme or path that is joined by invitation alone; a newer one to the same voids the
    /// older. The holder of the partner's main account is told; needs programme.review (R-PRG-5).
    async fn programme_invite(
        &self,
        ctx: &Context<'_>,
        input: ProgrammeInviteInput,
    ) -> Result<ProgrammeInvitePayload> {
        let target = match (input.programme, input.path) {
            (Some(programme), None) => Some(model::Target::Programme(programme.into())),
            (None, Some(path)) => Some(model::Target::Path(path.into())),
            (None, None) | (Some(_), Some(_)) => None,
        };
        let change = Invite {
            organisation: global_id(&input.organisation_id),
            target,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (invitation, errors, replayed) = invited(ctx, applied).await?;
        Ok(ProgrammeInvitePayload {
            invitation,
            errors,
            replayed,
        })
    }

    /// Takes an invitation back that was not taken up; needs programme.review.
    async fn programme_invitation_revoke(
        &self,
        ctx: &Context<'_>,
        input: ProgrammeInvitationRevokeInput,
    ) -> Result<ProgrammeInvitationRevokePayload> {
        let change = RevokeInvitation {
            invitation: global_id(&input.programme_invitation_id),
            expected_version: input.expected_version.0,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (invitation, errors, replayed) = invited(ctx, applied).await?;
        Ok(ProgrammeInvitationRevokePayload {
            invitation,
            errors,
            replayed,
        })
    }
}

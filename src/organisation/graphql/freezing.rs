//! Freezing and releasing, and what the viewer may do with an organisation. Translation only.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::OrganisationObject;
use crate::db::Applied;
use crate::error::Failure;
use crate::graphql::{
    ActionPermission, ContextExt as _, Result, UserError, Version, global_id, loaded, payload,
};
use crate::identity::service_accounts;
use crate::ids::OrganisationId;
use crate::organisation::model::Organisation;
use crate::organisation::personnel;
use crate::organisation::policy::{self, Action};
use crate::organisation::service::freezing::{Freeze, Release};
use crate::organisation::{invitations, main_account};

/// Why an organisation is frozen.
#[derive(SimpleObject)]
pub(in crate::organisation) struct OrganisationFreeze {
    /// Why, as the vendor wrote it.
    pub(in crate::organisation) cause: String,
    /// What has to happen before the vendor releases it.
    pub(in crate::organisation) release: String,
}

/// What the viewer may do with an organisation now. Each answer is the one that the mutation would give.
#[derive(SimpleObject)]
#[expect(clippy::struct_field_names, reason = "each is read as a question")]
pub(in crate::organisation) struct OrganisationViewerPermissions {
    /// Freezing it.
    can_freeze: ActionPermission,
    /// Releasing it.
    can_release: ActionPermission,
    /// Offering the main account to one of its members.
    can_offer_main_account: ActionPermission,
    /// Inviting somebody to become a member; null for an organisation that the viewer does not act for.
    can_invite: Option<ActionPermission>,
    /// Making a machine a service account; null for an organisation that the viewer does not act for.
    can_create_service_account: Option<ActionPermission>,
    /// Inviting persons to be associated as dedicated personnel (R-DED-1); null for an organisation that is not the
    /// viewer's own.
    can_invite_dedicated_person: Option<ActionPermission>,
}

pub(super) fn permissions(
    ctx: &Context<'_>,
    organisation: &Organisation,
) -> OrganisationViewerPermissions {
    let viewer = ctx.viewer();
    let permission = |action| {
        let verdict = policy::verdict(action, viewer, organisation);
        ActionPermission::new(ctx, verdict)
    };
    let is_own = viewer.organisation() == Some(organisation.id);
    OrganisationViewerPermissions {
        can_freeze: permission(Action::Freeze),
        can_release: permission(Action::Release),
        can_offer_main_account: main_account::may_offer(ctx, organisation),
        can_invite: is_own.then(|| ActionPermission::new(ctx, invitations::policy::invite(viewer))),
        can_create_service_account: is_own
            .then(|| ActionPermission::new(ctx, service_accounts::policy::create(viewer))),
        can_invite_dedicated_person: is_own
            .then(|| ActionPermission::new(ctx, personnel::policy::invite(viewer))),
    }
}

/// Freezes an organisation.
#[derive(InputObject)]
struct OrganisationFreezeInput {
    /// The organisation that it is about.
    organisation_id: ID,
    /// Why, for the organisation's people to read; 1 to 500 characters.
    cause: String,
    /// What has to happen before it is released; 1 to 500 characters.
    release: String,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Releases a frozen organisation.
#[derive(InputObject)]
struct OrganisationReleaseInput {
    /// The organisation that it is about.
    organisation_id: ID,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// What came of freezing.
#[derive(SimpleObject)]
struct OrganisationFreezePayload {
    /// The organisation as it is now; null when nothing was done.
    organisation: Option<OrganisationObject>,
    /// Why nothing was done; empty when it was.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was done again.
    replayed: bool,
}

/// What came of releasing.
#[derive(SimpleObject)]
struct OrganisationReleasePayload {
    /// The organisation as it is now; null when nothing was done.
    organisation: Option<OrganisationObject>,
    /// Why nothing was done; empty when it was.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was done again.
    replayed: bool,
}

type Answered = (Option<OrganisationObject>, Vec<UserError>, bool);

async fn answered(
    ctx: &Context<'_>,
    applied: std::result::Result<Applied<OrganisationId>, Failure>,
) -> Result<Answered> {
    let (id, errors, replayed) = payload(ctx, applied)?;
    let organisation = match id {
        Some(id) => loaded(ctx, id).await?.map(OrganisationObject),
        None => None,
    };
    Ok((organisation, errors, replayed))
}

#[derive(Default)]
pub(crate) struct OrganisationMutation;

#[Object]
impl OrganisationMutation {
    /// Freezes a partner or customer, by the vendor: its people sign in and read, and do only what the rule set lists.
    /// They are told the cause and what releases it; needs organisation.manage.
    async fn organisation_freeze(
        &self,
        ctx: &Context<'_>,
        input: OrganisationFreezeInput,
    ) -> Result<OrganisationFreezePayload> {
        let change = Freeze {
            organisation: global_id(&input.organisation_id),
            expected_version: input.expected_version.0,
            cause: input.cause,
            release: input.release,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (organisation, errors, replayed) = answered(ctx, applied).await?;
        Ok(OrganisationFreezePayload {
            organisation,
            errors,
            replayed,
        })
    }

    /// Releases a frozen organisation, by the vendor; needs organisation.manage.
    async fn organisation_release(
        &self,
        ctx: &Context<'_>,
        input: OrganisationReleaseInput,
    ) -> Result<OrganisationReleasePayload> {
        let change = Release {
            organisation: global_id(&input.organisation_id),
            expected_version: input.expected_version.0,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (organisation, errors, replayed) = answered(ctx, applied).await?;
        Ok(OrganisationReleasePayload {
            organisation,
            errors,
            replayed,
        })
    }
}

//! What can be changed about members. Translation only.

use std::collections::BTreeSet;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::super::duties::Duties;
use super::super::service::{AssignDirector, ChangeRoles, Disable, Link, Unlink};
use super::handover::{MemberHandoverInput, successions};
use super::{MemberObject, MemberRole};
use crate::db::Applied;
use crate::error::Failure;
use crate::graphql::{ContextExt as _, Result, UserError, Version, global_id, loaded, payload};
use crate::ids::MemberId;
use crate::viewer::Permission;

/// Links an identity of IAM to a member that has none.
#[derive(InputObject)]
struct MemberLinkInput {
    /// The member that it is about.
    member_id: ID,
    /// As its owner reads it under `viewer`: no list shows identities.
    identity_id: ID,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Ends the link of a member, and the sessions over it.
#[derive(InputObject)]
struct MemberUnlinkInput {
    /// The member that it is about.
    member_id: ID,
    /// Who takes over what the member holds; without it, who holds something is not unlinked.
    handover: Option<Vec<MemberHandoverInput>>,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Disables a member.
#[derive(InputObject)]
struct MemberDisableInput {
    /// The member that it is about.
    member_id: ID,
    /// For the history.
    #[graphql(validator(max_length = 500))]
    reason: Option<String>,
    /// Who takes over what the member holds; without it, who holds something is not disabled.
    handover: Option<Vec<MemberHandoverInput>>,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Replaces the roles of a member.
#[derive(InputObject)]
struct MemberRolesChangeInput {
    /// The member that it is about.
    member_id: ID,
    /// All preset roles that the member has from now on; with the custom ones one to three.
    roles: Vec<MemberRole>,
    /// All custom roles that the member has from now on; left out, they stay.
    custom_role_ids: Option<Vec<ID>>,
    /// Who takes over what these roles do not let the member go on with; without it, no role is taken that is needed.
    handover: Option<Vec<MemberHandoverInput>>,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Names the director of an account manager.
#[derive(InputObject)]
struct MemberDirectorAssignInput {
    /// The account manager that it is about.
    member_id: ID,
    /// Who directs him, with `ACCOUNT_MANAGER_DIRECTOR`; null for nobody.
    director_id: Option<ID>,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(SimpleObject)]
            struct $name {
                /// The member as it is now; null when nothing was done.
                member: Option<MemberObject>,
                /// Why nothing was done; empty when it was.
                errors: Vec<UserError>,
                /// Whether the idempotency key was used before: then nothing was done again.
                replayed: bool,
            }

            impl $name {
                async fn of(
                    ctx: &Context<'_>,
                    result: std::result::Result<Applied<MemberId>, Failure>,
                ) -> Result<Self> {
                    let (member, errors, replayed) = payload(ctx, result)?;
                    let member = match member {
                        Some(member) => loaded(ctx, member).await?.map(MemberObject),
                        None => None,
                    };
                    Ok(Self { member, errors, replayed })
                }
            }
        )*
    };
}

payloads! {
    /// What came of linking.
    MemberLinkPayload;
    /// What came of unlinking.
    MemberUnlinkPayload;
    /// What came of disabling.
    MemberDisablePayload;
    /// What came of changing roles.
    MemberRolesChangePayload;
    /// What came of naming a director.
    MemberDirectorAssignPayload;
}

#[derive(Default)]
pub(crate) struct MemberMutation;

#[Object]
impl MemberMutation {
    /// Links an identity of IAM to a member, so that its owner can act as that member. For a person who cannot accept an
    /// invitation; needs member.manage.
    async fn member_link(
        &self,
        ctx: &Context<'_>,
        input: MemberLinkInput,
    ) -> Result<MemberLinkPayload> {
        let change = Link {
            member: global_id(&input.member_id),
            identity: global_id(&input.identity_id),
            expected_version: input.expected_version.0,
        };
        MemberLinkPayload::of(ctx, ctx.apply(input.idempotency_key, &change).await).await
    }

    /// Takes a member's link away: its sessions end within a second, the member stays. Refused for oneself and for the
    /// last administrator who can sign in; needs member.manage.
    async fn member_unlink(
        &self,
        ctx: &Context<'_>,
        input: MemberUnlinkInput,
    ) -> Result<MemberUnlinkPayload> {
        let change = Unlink {
            member: global_id(&input.member_id),
            expected_version: input.expected_version.0,
            duties: ctx.data_unchecked::<Duties>().clone(),
            handover: successions(input.handover),
        };
        MemberUnlinkPayload::of(ctx, ctx.apply(input.idempotency_key, &change).await).await
    }

    /// Disables a member: its link and its sessions end within a second, its history stays. Refused for oneself, for the
    /// holder of the main account, for the last administrator who can sign in, and for whoever holds something that
    /// `handover` does not pass on; needs member.manage (R-ORG-21).
    async fn member_disable(
        &self,
        ctx: &Context<'_>,
        input: MemberDisableInput,
    ) -> Result<MemberDisablePayload> {
        let change = Disable {
            member: global_id(&input.member_id),
            expected_version: input.expected_version.0,
            reason: input.reason,
            duties: ctx.data_unchecked::<Duties>().clone(),
            handover: successions(input.handover),
        };
        MemberDisablePayload::of(ctx, ctx.apply(input.idempotency_key, &change).await).await
    }

    /// Replaces a member's roles, in force within a second. `SYSTEM_ADMIN` stands alone, and `ACCOUNT_MANAGER` excludes
    /// `ACCOUNT_MANAGER_DIRECTOR`. Refused when no administrator would be left who can sign in,
    /// for a role whose qualification the vendor reviews, and for a role that gives more than the viewer has, unless the
    /// viewer is an administrator; needs member.manage.
    async fn member_roles_change(
        &self,
        ctx: &Context<'_>,
        input: MemberRolesChangeInput,
    ) -> Result<MemberRolesChangePayload> {
        let change = ChangeRoles {
            member: global_id(&input.member_id),
            roles: input
                .roles
                .into_iter()
                .map(Into::into)
                .collect::<BTreeSet<_>>(),
            custom_roles: input
                .custom_role_ids
                .map(|ids| ids.iter().map(global_id).collect()),
            granted: Permission::ALL
                .iter()
                .copied()
                .filter(|&permission| ctx.viewer().may(permission))
                .collect(),
            expected_version: input.expected_version.0,
            duties: ctx.data_unchecked::<Duties>().clone(),
            handover: successions(input.handover),
        };
        MemberRolesChangePayload::of(ctx, ctx.apply(input.idempotency_key, &change).await).await
    }

    /// Names who directs an account manager, somebody else, or nobody; needs member.manage (R-ORG-9).
    async fn member_director_assign(
        &self,
        ctx: &Context<'_>,
        input: MemberDirectorAssignInput,
    ) -> Result<MemberDirectorAssignPayload> {
        let change = AssignDirector {
            member: global_id(&input.member_id),
            director: input.director_id.as_ref().map(global_id),
            expected_version: input.expected_version.0,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        MemberDirectorAssignPayload::of(ctx, applied).await
    }
}

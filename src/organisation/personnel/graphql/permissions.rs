//! What a viewer may do with a dedicated person, as the graph tells it.

use async_graphql::{Context, SimpleObject};

use super::super::model::moves::Action;
use super::super::policy;
use super::super::service::Readable;
use crate::graphql::{ActionPermission, ContextExt as _, Transition};
use crate::viewer::Viewer;

/// What the viewer may do with a dedicated person now. Each answer is the one that the mutation would give.
#[derive(SimpleObject)]
#[expect(clippy::struct_field_names, reason = "each is read as a question")]
pub(crate) struct DedicatedPersonViewerPermissions {
    /// Sending the invitation again.
    can_resend: ActionPermission,
    /// Accepting it; the person's alone.
    can_accept: ActionPermission,
    /// Changing the record.
    can_update: ActionPermission,
    /// Applying for dedicated status. Which path and which materials is refused with the input.
    can_apply: ActionPermission,
    /// Asking for the end of the dedicated status.
    can_cancel: ActionPermission,
    /// Withdrawing that.
    can_withdraw_cancel: ActionPermission,
    /// Deciding what the partner asked for; the vendor's.
    can_decide: ActionPermission,
    /// Taking the dedicated status away; the vendor's.
    can_disqualify: ActionPermission,
    /// Ending the association, by the partner.
    can_unbind: ActionPermission,
    /// Ending the association, by the person.
    can_leave: ActionPermission,
}

pub(super) fn of(ctx: &Context<'_>, readable: &Readable) -> DedicatedPersonViewerPermissions {
    let permission = |action| {
        let viewer = (ctx.viewer(), readable.relation);
        ActionPermission::new(ctx, policy::verdict(action, viewer, &readable.person))
    };
    DedicatedPersonViewerPermissions {
        can_resend: permission(Action::Resend),
        can_accept: permission(Action::Accept),
        can_update: permission(Action::Update),
        can_apply: permission(Action::Apply),
        can_cancel: permission(Action::Cancel),
        can_withdraw_cancel: permission(Action::CancelWithdraw),
        can_decide: permission(Action::Decide),
        can_disqualify: permission(Action::Disqualify),
        can_unbind: permission(Action::Unbind),
        can_leave: permission(Action::Leave),
    }
}

pub(super) fn transitions(viewer: &Viewer, readable: &Readable) -> Vec<Transition> {
    let moves = policy::moves((viewer, readable.relation), &readable.person);
    moves.into_iter().map(Transition::from).collect()
}

//! Whether a viewer may change or retire a role now, and if not, why: one answer for the mutation and for the flag. Pure.

use super::error::RoleRefusal;
use super::model::{Role, RoleKind};
use super::service::{Retire, Update};
use crate::db::{Change as _, Scope};
use crate::error::Failure;
use crate::explain::{Move, Remover, Verdict};
use crate::viewer::{Permission, Viewer};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Update,
    Retire,
}

/// Who manages roles: whoever manages members, in its own organisation.
pub(super) fn access(viewer: &Viewer) -> Result<Scope, Failure> {
    viewer.own(Permission::ManageMembers)
}

/// Everything that stands in the viewer's way, in the order in which the mutation refuses it.
pub(super) fn verdict(action: Action, viewer: &Viewer, role: &Role) -> Verdict {
    let name = match action {
        Action::Update => Update::ACTION,
        Action::Retire => Retire::ACTION,
    };
    let verdict = Verdict::new(name).granted(access(viewer), MANAGER);
    match role.kind {
        RoleKind::Custom { organisation, .. } if viewer.organisation() != Some(organisation) => {
            verdict.unless(Some(RoleRefusal::NotFound), Remover::Nobody)
        }
        RoleKind::Preset(_) | RoleKind::Custom { .. } => {
            verdict.unless(role.expect_changeable().err(), Remover::Nobody)
        }
    }
}

/// The moves out of the state that the role is in.
pub(super) fn moves(viewer: &Viewer, role: &Role) -> Vec<Move> {
    match role.kind {
        RoleKind::Custom {
            is_retired: false, ..
        } => vec![Move {
            verdict: verdict(Action::Retire, viewer, role),
            to: "RETIRED",
            required_fields: &[],
            due_until: None,
        }],
        RoleKind::Preset(_) | RoleKind::Custom { .. } => Vec::new(),
    }
}

const MANAGER: Remover = Remover::Colleague(Permission::ManageMembers);

//! Whether a viewer may change a contact now, and if not, why: one answer for the mutation and for the flag. Pure.

use super::model::{ContactRefusal, CustomerContact};
use super::service::{Remove, Update};
use crate::db::{Change as _, Scope};
use crate::error::Failure;
use crate::explain::{Remover, Verdict};
use crate::viewer::{Permission, Viewer};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Update,
    Remove,
}

/// Whoever manages a partner's members.
pub(super) fn access(viewer: &Viewer) -> Result<Scope, Failure> {
    viewer.partner(Permission::ManageMembers)
}

/// Everything that stands in the viewer's way, in the order in which the mutation refuses it.
pub(super) fn verdict(action: Action, viewer: &Viewer, contact: &CustomerContact) -> Verdict {
    let name = match action {
        Action::Update => Update::ACTION,
        Action::Remove => Remove::ACTION,
    };
    let manager = Remover::Colleague(Permission::ManageMembers);
    let verdict = Verdict::new(name).granted(access(viewer), manager);
    if viewer.organisation() == Some(contact.organisation) {
        verdict.unless(contact.expect_present().err(), Remover::Nobody)
    } else {
        verdict.unless(Some(ContactRefusal::NotFound), Remover::Nobody)
    }
}

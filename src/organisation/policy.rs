//! Whether a viewer may freeze or release an organisation now, and if not, why: one answer for the mutation and for the
//! flag. Pure.

use super::error::OrganisationRefusal;
use super::model::{Condition, Organisation};
use super::service::freezing::{Freeze, Release};
use crate::db::{Change as _, Scope};
use crate::error::Failure;
use crate::explain::{Move, Remover, Verdict};
use crate::viewer::{OrganisationKind, Permission, Viewer};

/// What can be done with an organisation as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Freeze,
    Release,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::Freeze => Freeze::ACTION,
            Self::Release => Release::ACTION,
        }
    }
}

/// The vendor's people alone: an organisation does not release itself.
pub(super) fn access(viewer: &Viewer) -> Result<Scope, Failure> {
    viewer.vendor(Permission::ManageOrganisations)
}

/// Everything that stands in the viewer's way, in the order in which the mutation refuses it.
pub(super) fn verdict(action: Action, viewer: &Viewer, organisation: &Organisation) -> Verdict {
    let manager = if viewer.is_vendor() {
        Remover::Colleague(Permission::ManageOrganisations)
    } else {
        Remover::Vendor
    };
    let verdict = Verdict::new(action.name()).granted(access(viewer), manager);
    add(verdict, action, organisation)
}

/// What the organisation's own state puts in the vendor's way.
pub(super) fn of_organisation(action: Action, organisation: &Organisation) -> Verdict {
    add(Verdict::new(action.name()), action, organisation)
}

fn add(verdict: Verdict, action: Action, organisation: &Organisation) -> Verdict {
    let from = organisation.state();
    let refusal = match (action, &organisation.condition) {
        (Action::Freeze, _) if organisation.kind == OrganisationKind::Vendor => {
            Some(OrganisationRefusal::IsVendor)
        }
        (Action::Freeze, Condition::Active) | (Action::Release, Condition::Frozen { .. }) => None,
        (Action::Freeze, Condition::Frozen { .. } | Condition::Closed) => {
            Some(OrganisationRefusal::NotActive { from })
        }
        (Action::Release, Condition::Active | Condition::Closed) => {
            Some(OrganisationRefusal::NotFrozen { from })
        }
    };
    verdict.unless(refusal, Remover::Nobody)
}

/// The moves out of the state that the organisation is in.
pub(super) fn moves(viewer: &Viewer, organisation: &Organisation) -> Vec<Move> {
    let (action, to, required_fields): (_, _, &[&str]) = match organisation.condition {
        Condition::Active if organisation.kind == OrganisationKind::Vendor => return Vec::new(),
        Condition::Active => (Action::Freeze, "FROZEN", &["cause", "release"]),
        Condition::Frozen { .. } => (Action::Release, "ACTIVE", &[]),
        Condition::Closed => return Vec::new(),
    };
    vec![Move {
        verdict: verdict(action, viewer, organisation),
        to,
        required_fields,
        due_until: None,
    }]
}

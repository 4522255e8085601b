//! Whether a viewer may do something with a reseller now, and if not, why: one answer for the mutation and for the flag.
//! Pure.

use super::error::ResellerRefusal;
use super::model::Reseller;
use super::service::{AssignAccountManager, WithdrawAccountManager};
use crate::db::{Change as _, Scope};
use crate::error::Failure;
use crate::explain::{Remover, Verdict};
use crate::viewer::{Permission, Viewer};

/// What can be done with a reseller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    AssignAccountManager,
    WithdrawAccountManager,
}

impl Action {
    #[cfg(test)]
    pub(super) const ALL: [Self; 2] = [Self::AssignAccountManager, Self::WithdrawAccountManager];

    fn name(self) -> &'static str {
        match self {
            Self::AssignAccountManager => AssignAccountManager::ACTION,
            Self::WithdrawAccountManager => WithdrawAccountManager::ACTION,
        }
    }
}

/// Who names account managers: the named distributor's people alone (R-RES-9).
pub(super) fn access(viewer: &Viewer) -> Result<Scope, Failure> {
    viewer.distributor(Permission::AssignAccountManagers)
}

/// Everything that stands in the viewer's way, in the order in which the mutation refuses it.
pub(super) fn verdict(action: Action, viewer: &Viewer, reseller: &Reseller) -> Verdict {
    let assigner = Remover::Colleague(Permission::AssignAccountManagers);
    let verdict = Verdict::new(action.name()).granted(access(viewer), assigner);
    if viewer.organisation() == Some(reseller.distributor) {
        add(verdict, action, reseller)
    } else {
        verdict.unless(Some(ResellerRefusal::NotFound), Remover::Nobody)
    }
}

/// What the relation itself puts in the way of its distributor.
pub(super) fn of_reseller(action: Action, reseller: &Reseller) -> Verdict {
    add(Verdict::new(action.name()), action, reseller)
}

fn add(verdict: Verdict, action: Action, reseller: &Reseller) -> Verdict {
    let verdict = verdict.unless(reseller.require_relation().err(), Remover::Nobody);
    match action {
        Action::AssignAccountManager => verdict,
        Action::WithdrawAccountManager => {
            verdict.unless(reseller.require_account_manager().err(), Remover::Nobody)
        }
    }
}

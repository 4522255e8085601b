//! Whether a viewer may manage machines now, and if not, why: one answer for the mutation and for the flag. Pure.

use super::error::ServiceAccountRefusal;
use super::model::{ServiceAccount, check_permissions};
use super::service::{Create, Revoke, Rotate};
use crate::db::{Change as _, Scope};
use crate::error::Failure;
use crate::explain::{Remover, Verdict};
use crate::viewer::{Permission, Viewer};

const MANAGER: Remover = Remover::Colleague(Permission::ManageServiceAccounts);

/// What can be done with one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Rotate,
    Revoke,
}

/// Who manages machines, and whose: a person, of his own organisation.
pub(super) fn access(viewer: &Viewer) -> Result<Scope, Failure> {
    let scope = viewer.own(Permission::ManageServiceAccounts)?;
    match viewer {
        Viewer::Member(_) => Ok(scope),
        Viewer::Federated(_) | Viewer::Service(_) => {
            Err(ServiceAccountRefusal::PersonRequired.into())
        }
    }
}

/// Whether the viewer may make one for the organisation that it acts for.
pub(crate) fn create(viewer: &Viewer) -> Verdict {
    Verdict::new(Create::ACTION).granted(access(viewer), MANAGER)
}

/// Everything that stands in the viewer's way, in the order in which the mutation refuses it.
pub(crate) fn verdict(action: Action, viewer: &Viewer, account: &ServiceAccount) -> Verdict {
    let name = match action {
        Action::Rotate => Rotate::ACTION,
        Action::Revoke => Revoke::ACTION,
    };
    let verdict = Verdict::new(name).granted(access(viewer), MANAGER);
    if viewer.organisation() != Some(account.organisation) {
        return verdict.unless(Some(ServiceAccountRefusal::NotFound), Remover::Nobody);
    }
    of_account(verdict, action, viewer, account)
}

/// What the account puts in the way of whoever manages machines. A new token is the account's power in the hands of who
/// reads it, so it takes what the account may do.
fn of_account(
    verdict: Verdict,
    action: Action,
    viewer: &Viewer,
    account: &ServiceAccount,
) -> Verdict {
    let revoked = account.revoked_at.is_some();
    let mut verdict = verdict.unless(
        revoked.then_some(ServiceAccountRefusal::Revoked),
        Remover::Nobody,
    );
    if action == Action::Rotate && !revoked {
        for refusal in check_permissions(viewer, &account.permissions) {
            verdict = verdict.unless(Some(refusal), MANAGER);
        }
    }
    verdict
}

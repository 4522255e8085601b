//! Whether a viewer may do something with a customer or an invitation now, and if not, why: one answer for the mutation
//! and for the flag. Pure.

use super::error::CustomerRefusal;
use super::model::{Answer, Customer, EndFacts, Invitation, InvitationState, blockers_of_end};
use super::service::{
    AssignAccountManager, Dissociate, Invite, Resend, RevealCustomer, Revoke,
    WithdrawAccountManager,
};
use crate::db::{Change as _, Scope};
use crate::error::Failure;
use crate::explain::{Blocker, Move, Remover, Verdict};
use crate::viewer::{Permission, Viewer};

/// What can be done with a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    AssignAccountManager,
    WithdrawAccountManager,
    Dissociate,
    Reveal,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::AssignAccountManager => AssignAccountManager::ACTION,
            Self::WithdrawAccountManager => WithdrawAccountManager::ACTION,
            Self::Dissociate => Dissociate::ACTION,
            Self::Reveal => RevealCustomer::ACTION,
        }
    }

    fn permission(self) -> Permission {
        match self {
            Self::AssignAccountManager | Self::WithdrawAccountManager => {
                Permission::AssignCustomers
            }
            Self::Dissociate => Permission::DissociateCustomers,
            Self::Reveal => Permission::RevealPersonalData,
        }
    }
}

/// What can be done with an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InvitationAction {
    Resend,
    Revoke,
}

/// Who does this, and on whose records: the partner's people; what was masked is read by the vendor's too.
pub(super) fn access(action: Action, viewer: &Viewer) -> Result<Scope, Failure> {
    if action == Action::Reveal && viewer.is_vendor() {
        return viewer.vendor(action.permission());
    }
    viewer.partner(action.permission())
}

/// Who invites: a person of a partner, since the invitation says by whom it is.
pub(super) fn access_to_invite(viewer: &Viewer) -> Result<Scope, Failure> {
    let scope = viewer.partner(Permission::InviteCustomers)?;
    match viewer {
        Viewer::Member(_) => Ok(scope),
        Viewer::Federated(_) | Viewer::Service(_) => Err(CustomerRefusal::PersonRequired.into()),
    }
}

/// Whether the viewer may invite a customer.
pub(super) fn invite(viewer: &Viewer) -> Verdict {
    Verdict::new(Invite::ACTION).granted(access_to_invite(viewer), INVITER)
}

/// Everything that stands in the viewer's way, in the order in which the mutation refuses it. Who may not end the
/// relation at all is not told what else would stop it.
pub(super) fn verdict(
    action: Action,
    viewer: &Viewer,
    (customer, facts): (&Customer, Option<&EndFacts>),
) -> Verdict {
    let asked = access(action, viewer);
    let granted = asked.is_ok();
    let colleague = Remover::Colleague(action.permission());
    let verdict = Verdict::new(action.name()).granted(asked, colleague);
    if viewer.is_vendor() || viewer.organisation() == Some(customer.partner) {
        add(verdict, action, (customer, facts.filter(|_| granted)))
    } else if granted {
        verdict.unless(Some(CustomerRefusal::NotFound), Remover::Nobody)
    } else {
        verdict
    }
}

/// What the relation itself puts in the partner's way.
pub(super) fn of_customer(
    action: Action,
    customer: &Customer,
    facts: Option<&EndFacts>,
) -> Verdict {
    add(Verdict::new(action.name()), action, (customer, facts))
}

fn add(
    verdict: Verdict,
    action: Action,
    (customer, facts): (&Customer, Option<&EndFacts>),
) -> Verdict {
    if action == Action::Reveal {
        return verdict;
    }
    let mut verdict = verdict.unless(customer.require_relation().err(), Remover::Nobody);
    match action {
        Action::WithdrawAccountManager => {
            verdict.unless(customer.require_account_manager().err(), Remover::Nobody)
        }
        Action::Dissociate if customer.require_relation().is_ok() => {
            for (refusal, until) in facts.map(blockers_of_end).unwrap_or_default() {
                let removable_by = if refusal == CustomerRefusal::AdministratorRequired {
                    Remover::Colleague(action.permission())
                } else if until.is_some() {
                    Remover::Nobody
                } else {
                    Remover::Vendor
                };
                verdict.blockers.push(Blocker {
                    refusal: refusal.into(),
                    removable_by,
                    until,
                });
            }
            verdict
        }
        Action::AssignAccountManager | Action::Dissociate | Action::Reveal => verdict,
    }
}

/// The moves out of the state that the customer is in.
pub(super) fn moves(viewer: &Viewer, customer: &Customer, facts: Option<&EndFacts>) -> Vec<Move> {
    if customer.require_relation().is_err() {
        return Vec::new();
    }
    vec![Move {
        verdict: verdict(Action::Dissociate, viewer, (customer, facts)),
        to: "DISSOCIATED",
        required_fields: &["reason"],
        due_until: None,
    }]
}

/// Everything that stands in the way of sending an invitation again or taking it back.
pub(super) fn invitation_verdict(
    action: InvitationAction,
    viewer: &Viewer,
    invitation: &Invitation,
) -> Verdict {
    let verdict = new_verdict(action).granted(access_to_invite(viewer), INVITER);
    if viewer.organisation() == Some(invitation.organisation) {
        verdict.unless(invitation.expect_unanswered().err(), Remover::Nobody)
    } else {
        verdict.unless(Some(CustomerRefusal::InvitationNotFound), Remover::Nobody)
    }
}

/// What the invitation itself puts in the partner's way.
pub(super) fn of_invitation(action: InvitationAction, invitation: &Invitation) -> Verdict {
    new_verdict(action).unless(invitation.expect_unanswered().err(), Remover::Nobody)
}

fn new_verdict(action: InvitationAction) -> Verdict {
    Verdict::new(match action {
        InvitationAction::Resend => Resend::ACTION,
        InvitationAction::Revoke => Revoke::ACTION,
    })
}

/// The moves of the partner out of the state that the invitation is in. Accepting is the customer's, with the link.
pub(super) fn invitation_moves(viewer: &Viewer, invitation: &Invitation) -> Vec<Move> {
    if invitation.answer != Answer::None {
        return Vec::new();
    }
    let moving = |action, to: InvitationState| Move {
        verdict: invitation_verdict(action, viewer, invitation),
        to: to.as_str(),
        required_fields: &[],
        due_until: None,
    };
    vec![
        moving(InvitationAction::Resend, InvitationState::Open),
        moving(InvitationAction::Revoke, InvitationState::Revoked),
    ]
}

const INVITER: Remover = Remover::Colleague(Permission::InviteCustomers);

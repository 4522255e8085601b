//! Whether a viewer may invite, or do something with an invitation now, and if not, why: one answer for the mutation and
//! for the flag. Pure.

use super::error::InvitationRefusal;
use super::model::{Answer, Invitation, InvitationState};
use super::service::{Invite, Revoke};
use crate::db::{Change as _, Scope};
use crate::error::Failure;
use crate::explain::{Move, Remover, Verdict};
use crate::viewer::{Permission, Viewer};

/// Who manages members, and whose.
pub(super) fn access(viewer: &Viewer) -> Result<Scope, Failure> {
    viewer.own(Permission::ManageMembers)
}

/// Who invites: a person, since the invitation says by whom it is.
pub(super) fn access_to_invite(viewer: &Viewer) -> Result<Scope, Failure> {
    let scope = access(viewer)?;
    match viewer {
        Viewer::Member(_) => Ok(scope),
        Viewer::Federated(_) | Viewer::Service(_) => Err(InvitationRefusal::PersonRequired.into()),
    }
}

/// Whether the viewer may invite anybody to the organisation that it acts for.
pub(in crate::organisation) fn invite(viewer: &Viewer) -> Verdict {
    Verdict::new(Invite::ACTION).granted(access_to_invite(viewer), MANAGER)
}

/// Whether the viewer may take the invitation back.
pub(super) fn revoke(viewer: &Viewer, invitation: &Invitation) -> Verdict {
    let verdict = Verdict::new(Revoke::ACTION).granted(access(viewer), MANAGER);
    if viewer.organisation() == Some(invitation.organisation) {
        add(verdict, invitation)
    } else {
        verdict.unless(Some(InvitationRefusal::NotFound), Remover::Nobody)
    }
}

/// What the invitation itself puts in the way of whoever manages members. An expired one can be taken back, so that it
/// leaves the list of unanswered ones.
pub(super) fn of_invitation(invitation: &Invitation) -> Verdict {
    add(Verdict::new(Revoke::ACTION), invitation)
}

fn add(verdict: Verdict, invitation: &Invitation) -> Verdict {
    let refusal = match invitation.answer {
        Answer::None => None,
        Answer::Accepted { .. } => Some(InvitationRefusal::Used),
        Answer::Revoked => Some(InvitationRefusal::Revoked),
    };
    verdict.unless(refusal, Remover::Nobody)
}

/// The moves out of the state that the invitation is in. Accepting is the invited person's, with the link alone.
pub(super) fn moves(viewer: &Viewer, invitation: &Invitation) -> Vec<Move> {
    match invitation.answer {
        Answer::None => vec![Move {
            verdict: revoke(viewer, invitation),
            to: InvitationState::Revoked.as_str(),
            required_fields: &[],
            due_until: None,
        }],
        Answer::Accepted { .. } | Answer::Revoked => Vec::new(),
    }
}

const MANAGER: Remover = Remover::Colleague(Permission::ManageMembers);

//! Whether a viewer may invite, or do something with a dedicated person now, and if not, why: one answer for the mutation
//! and for the flag. Pure.

use super::error::PersonnelRefusal;
use super::model::moves::{Action, Side};
use super::model::{DedicatedPerson, PersonState};
use super::service::Invite;
use crate::db::{Change as _, Scope};
use crate::error::{Failure, Refusal};
use crate::explain::{Move, Remover, Verdict};
use crate::ids::IdentityId;
use crate::standing::{Freeze, Standing};
use crate::viewer::{OrganisationState, Permission, Viewer};

/// Who is signed in, whichever membership the session acts in; a machine is nobody.
pub(super) fn identity(viewer: &Viewer) -> Option<IdentityId> {
    match viewer {
        Viewer::Federated(person) => Some(person.identity),
        Viewer::Member(member) => Some(member.identity),
        Viewer::Service(_) => None,
    }
}

/// Who invites: an administrator in person, since the invitation says by whom it is (R-DED-1).
pub(super) fn access_to_invite(viewer: &Viewer) -> Result<Scope, Failure> {
    let scope = viewer.partner(Permission::InvitePersonnel)?;
    match viewer {
        Viewer::Member(_) => Ok(scope),
        Viewer::Federated(_) | Viewer::Service(_) => Err(PersonnelRefusal::PersonRequired.into()),
    }
}

/// Whose records an action of an organisation's people touches; what is the person's alone is nobody's of these.
pub(super) fn access(action: Action, viewer: &Viewer) -> Result<Scope, Failure> {
    match action.side() {
        _ if action == Action::Resend => access_to_invite(viewer),
        Side::Partner(permission) | Side::Both(permission) => viewer.partner(permission),
        Side::Vendor(permission) => viewer.vendor(permission),
        Side::Person => Err(PersonnelRefusal::NotFound.into()),
    }
}

/// Whether the viewer may invite anybody.
pub(in crate::organisation) fn invite(viewer: &Viewer) -> Verdict {
    let colleague = Remover::Colleague(Permission::InvitePersonnel);
    Verdict::new(Invite::ACTION).granted(access_to_invite(viewer), colleague)
}

/// Whether the viewer is the person of the record: the service has asked the database for the viewer's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Himself,
    Other,
}

/// Everything that stands in the viewer's way, in the order in which the mutation refuses it.
pub(super) fn verdict(
    action: Action,
    (viewer, relation): (&Viewer, Relation),
    person: &DedicatedPerson,
) -> Verdict {
    let verdict = Verdict::new(action.mutation());
    let personal = matches!(action.side(), Side::Both(_) | Side::Person);
    let verdict = match (relation, personal) {
        (Relation::Himself, true) => verdict.unless(idle(action, person), Remover::Vendor),
        (_, _) => verdict.granted(access(action, viewer), giver(action, viewer)),
    };
    of_person(verdict, action, person)
}

/// What a partner that may not act keeps the person from: everything but going (R-DED-17). The cause does not concern him.
fn idle(action: Action, person: &DedicatedPerson) -> Option<Refusal> {
    let state = person.partner.as_ref().map(|partner| partner.state)?;
    let standing = match (action, state) {
        (Action::Leave, _) | (_, OrganisationState::Active) => return None,
        (_, OrganisationState::Closed) => Standing::Closed,
        (_, OrganisationState::Frozen) => Standing::Frozen(Freeze {
            cause: String::new(),
            release: String::new(),
            allowed: Vec::new(),
        }),
    };
    standing.refusal_to_others(action.mutation())
}

/// What the record itself has against an action, whoever the viewer is.
pub(super) fn check(action: Action, person: &DedicatedPerson) -> Result<(), Failure> {
    of_person(Verdict::new(action.mutation()), action, person).check_first()
}

fn of_person(verdict: Verdict, action: Action, person: &DedicatedPerson) -> Verdict {
    let refusal = action.refusal(person.state);
    if refusal.is_none() && action == Action::Resend && person.account.is_none() {
        let gone = Some(PersonnelRefusal::InviteeNotFound);
        return verdict.unless(gone, Remover::Nobody);
    }
    let verdict = verdict.unless(refusal, remover(action, person.state));
    let is_placed = person
        .profile
        .as_ref()
        .is_some_and(|profile| profile.base_location.is_some());
    if action == Action::Apply && refusal.is_none() && !is_placed {
        let missing = Some(PersonnelRefusal::BaseLocationMissing);
        return verdict.unless(missing, Remover::Viewer);
    }
    verdict
}

/// The moves out of the state that the person is in.
pub(super) fn moves(
    (viewer, relation): (&Viewer, Relation),
    person: &DedicatedPerson,
) -> Vec<Move> {
    let open = Action::ALL.iter().copied();
    let open = open.filter(|action| action.from().contains(&person.state));
    let mut moves = Vec::new();
    for action in open {
        for to in action.to(person.state) {
            moves.push(Move {
                verdict: verdict(action, (viewer, relation), person),
                to: to.as_str(),
                required_fields: action.required_fields(),
                due_until: match action {
                    Action::Accept => person.invitation.map(|sending| sending.expires_at),
                    Action::Resend
                    | Action::Update
                    | Action::Apply
                    | Action::Cancel
                    | Action::CancelWithdraw
                    | Action::Decide
                    | Action::Disqualify
                    | Action::Unbind
                    | Action::Leave => None,
                },
            });
        }
    }
    moves
}

/// Who can give what the viewer lacks.
fn giver(action: Action, viewer: &Viewer) -> Remover {
    match (action.side(), viewer.is_vendor()) {
        (Side::Partner(permission) | Side::Both(permission), false) => {
            Remover::Colleague(permission)
        }
        (Side::Partner(_) | Side::Both(_), true) => Remover::Partner,
        (Side::Vendor(permission), true) => Remover::VendorColleague(permission),
        (Side::Vendor(_), false) => Remover::Vendor,
        (Side::Person, _) => Remover::Nobody,
    }
}

/// Who can bring the person into a state in which the action is open.
fn remover(action: Action, state: PersonState) -> Remover {
    match (action, state) {
        (Action::Unbind, PersonState::Dedicated) => Remover::Viewer,
        (_, PersonState::ApplyUnderReview | PersonState::CancelUnderReview) => Remover::Vendor,
        (_, _) => Remover::Nobody,
    }
}

//! Whether a viewer may do something with a member now, and if not, why: one answer for the mutation and for the flag.
//! Pure.

use super::duties::Duty;
use super::error::MemberRefusal;
use super::model::{Member, MemberRole, MemberState};
use super::service::{AssignDirector, ChangeRoles, Disable, Link, Unlink};
use crate::db::{Change as _, Scope};
use crate::error::Failure;
use crate::explain::{Move, Remover, Verdict};
use crate::identity::IdentityRefusal;
use crate::ids::Tagged as _;
use crate::viewer::{Permission, Viewer};

/// What can be done with a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Link,
    Unlink,
    Disable,
    ChangeRoles,
    AssignDirector,
}

impl Action {
    #[cfg(test)]
    pub(super) const ALL: [Self; 5] = [
        Self::Link,
        Self::Unlink,
        Self::Disable,
        Self::ChangeRoles,
        Self::AssignDirector,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Link => Link::ACTION,
            Self::Unlink => Unlink::ACTION,
            Self::Disable => Disable::ACTION,
            Self::ChangeRoles => ChangeRoles::ACTION,
            Self::AssignDirector => AssignDirector::ACTION,
        }
    }
}

/// What the answer needs beside the member, as of the same transaction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one question of the policy, asked by itself"
)]
pub(super) struct Facts {
    /// Somebody signs in as the member.
    pub(super) is_linked: bool,
    pub(super) holds_main_account: bool,
    /// Without this member nobody could sign in who administers the organisation.
    pub(super) is_last_administrator: bool,
    /// The member may do something that whoever asks may not, and whoever asks is no administrator.
    pub(super) is_beyond: bool,
    /// What nobody would do if the member went (R-ORG-21).
    pub(super) duties: Vec<Duty>,
}

/// Who manages members, and whose.
pub(super) fn access(viewer: &Viewer) -> Result<Scope, Failure> {
    viewer.own(Permission::ManageMembers)
}

/// Everything that stands in the viewer's way, in the order in which the mutation refuses it. `facts` are absent where
/// the member is none of the viewer's organisation: nothing is told of it then.
pub(super) fn verdict(
    action: Action,
    viewer: &Viewer,
    member: &Member,
    facts: Option<&Facts>,
) -> Verdict {
    let manager = Remover::Colleague(Permission::ManageMembers);
    let verdict = Verdict::new(action.name()).granted(access(viewer), manager);
    match facts {
        Some(facts) if viewer.organisation() == Some(member.organisation) => {
            add(verdict, (action, &viewer.actor()), member, facts)
        }
        _ => verdict.unless(Some(MemberRefusal::NotFound), Remover::Nobody),
    }
}

/// What the member's own state puts in the way of whoever manages members.
pub(super) fn of_member(
    (action, actor): (Action, &str),
    member: &Member,
    facts: &Facts,
) -> Verdict {
    add(Verdict::new(action.name()), (action, actor), member, facts)
}

fn add(
    verdict: Verdict,
    (action, actor): (Action, &str),
    member: &Member,
    facts: &Facts,
) -> Verdict {
    let disabled = (member.state == MemberState::Disabled).then_some(MemberRefusal::NotActive);
    // A slip could not be taken back by the one who made it.
    let oneself = (actor == member.id.global()).then_some(MemberRefusal::Oneself);
    let last = facts
        .is_last_administrator
        .then_some(MemberRefusal::LastAdministrator);
    // The same mutation removes it that names who takes over.
    let duties = (!facts.duties.is_empty()).then(|| MemberRefusal::HasDuties {
        duties: facts.duties.clone(),
    });
    let another = Remover::Colleague(Permission::ManageMembers);
    match action {
        Action::Link => verdict
            .unless(disabled, Remover::Nobody)
            .unless(
                facts
                    .is_linked
                    .then_some(IdentityRefusal::MemberAlreadyLinked),
                Remover::Viewer,
            )
            .unless(
                facts.is_beyond.then_some(MemberRefusal::MemberBeyondOwn),
                another,
            ),
        Action::Unlink => verdict
            .unless(oneself, another)
            .unless(last, Remover::Viewer)
            .unless(
                (!facts.is_linked).then_some(MemberRefusal::NotLinked),
                Remover::Nobody,
            )
            .unless(duties, Remover::Viewer),
        Action::ChangeRoles => verdict.unless(disabled, Remover::Nobody),
        Action::Disable => verdict
            .unless(disabled, Remover::Nobody)
            .unless(oneself, another)
            .unless(
                facts
                    .holds_main_account
                    .then_some(MemberRefusal::HoldsMainAccount),
                Remover::MainAccount,
            )
            .unless(last, Remover::Viewer)
            .unless(duties, Remover::Viewer),
        Action::AssignDirector => verdict.unless(disabled, Remover::Nobody).unless(
            (!member.roles.contains(&MemberRole::AccountManager))
                .then_some(MemberRefusal::NotAccountManager),
            Remover::Viewer,
        ),
    }
}

/// The moves out of the state that the member is in.
pub(super) fn moves(viewer: &Viewer, member: &Member, facts: Option<&Facts>) -> Vec<Move> {
    match member.state {
        MemberState::Active => vec![Move {
            verdict: verdict(Action::Disable, viewer, member, facts),
            to: MemberState::Disabled.as_str(),
            required_fields: &[],
            due_until: None,
        }],
        MemberState::Disabled => Vec::new(),
    }
}

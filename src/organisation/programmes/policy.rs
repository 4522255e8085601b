//! Whether somebody may join, leave or decide now, and if not, why: one answer for the mutation and for the flag. Pure.

use super::error::{Blocked, ProgrammeRefusal};
use super::model::{
    Account, AccountFlag, Contact, Definition, Elsewhere, InvitationState, Programme,
    ProgrammeMembership, RealName, Target, Term,
};
use super::service::{Approve, Join, JoinPath, Reject, RevokeInvitation, Withdraw};
use crate::db::{Change as _, Scope};
use crate::error::Failure;
use crate::explain::{Remover, Verdict};
use crate::viewer::{Permission, Viewer};

/// Who joins for a partner: a person, who signs the agreement.
pub(super) fn access(viewer: &Viewer) -> Result<Scope, Failure> {
    viewer.partner(Permission::ManageProgrammes)
}

/// Who decides for the vendor, and who invites.
pub(super) fn vendor_access(viewer: &Viewer) -> Result<Scope, Failure> {
    viewer.vendor(Permission::ReviewProgrammes)
}

pub(super) fn action_of(target: Target) -> &'static str {
    match target {
        Target::Programme(_) => Join::ACTION,
        Target::Path(_) => JoinPath::ACTION,
    }
}

/// Everything that keeps the account from joining, the viewer's own rights first (R-PRG-2).
pub(super) fn join(
    viewer: &Viewer,
    (target, definition): (Target, Option<&Definition>),
    (account, contact): (&Account, &Contact),
) -> Verdict {
    let verdict = Verdict::new(action_of(target)).granted(access(viewer), remover(viewer));
    add(verdict, (target, definition), (account, contact))
}

/// The same without the viewer, for the mutation, whose scope has been asked already.
pub(super) fn joining(
    (target, definition): (Target, Option<&Definition>),
    (account, contact): (&Account, &Contact),
) -> Verdict {
    add(
        Verdict::new(action_of(target)),
        (target, definition),
        (account, contact),
    )
}

fn add(
    mut verdict: Verdict,
    (target, definition): (Target, Option<&Definition>),
    (account, contact): (&Account, &Contact),
) -> Verdict {
    let found = match definition {
        Some(definition) => blocks(target, definition, account),
        None => vec![Blocked::NotOffered],
    };
    for blocked in found {
        let refusal = blocked.refusal(contact);
        verdict = verdict.unless(Some(refusal), blocked.removable_by());
    }
    verdict
}

/// Everything that stands against joining, in the order in which people can do something about it.
pub(super) fn blocks(target: Target, definition: &Definition, account: &Account) -> Vec<Blocked> {
    let mut found: Vec<Blocked> = standing(target, account).into_iter().collect();
    if definition.has(Term::ByInvitation) && account.invitation(target).is_none() {
        found.push(Blocked::NotInvited);
    }
    found.extend(against(target, definition, account));
    found
}

/// What the account is to the target already.
fn standing(target: Target, account: &Account) -> Option<Blocked> {
    let memberships = &account.memberships;
    let (joined, pending) = match target {
        Target::Programme(one) => (memberships.has(one), memberships.has_applied(one)),
        Target::Path(path) => (account.place(path).is_some(), false),
    };
    match (joined, pending) {
        (true, _) => Some(Blocked::AlreadyJoined),
        (false, true) => Some(Blocked::ApplicationPending),
        (false, false) => None,
    }
}

/// What is asked of whoever joins, and asked again when the vendor decides (R-PRG-1, R-PRG-4, R-PRG-6, R-PRG-15).
pub(super) fn against(target: Target, definition: &Definition, account: &Account) -> Vec<Blocked> {
    let facts = &account.facts;
    let has = |term| definition.has(term);
    let elsewhere = |any_area: bool| {
        let same = |one: &&Elsewhere| one.target == target;
        let others = account.elsewhere.iter().filter(same);
        others.into_iter().any(|one| any_area || one.in_same_area)
    };
    let mut found = Vec::new();
    let mut unless = |stands: bool, blocked| {
        if stands {
            found.push(blocked);
        }
    };
    let enterprise = facts.real_name == RealName::Enterprise;
    let personal = matches!(
        facts.real_name,
        RealName::Personal | RealName::PersonalPending
    );
    let bound = facts.flags.contains(&AccountFlag::EmailBound);
    let networked = account.memberships.has(Programme::Network);
    unless(
        has(Term::EnterpriseRealName) && !enterprise,
        Blocked::EnterpriseRealNameRequired,
    );
    unless(has(Term::EmailBound) && !bound, Blocked::EmailNotBound);
    unless(
        !has(Term::WithoutNetwork) && !networked,
        Blocked::NetworkNotJoined,
    );
    unless(
        has(Term::OnePerArea) && elsewhere(false),
        Blocked::EnterpriseHasJoined,
    );
    unless(
        has(Term::OnePerEnterprise) && elsewhere(true),
        Blocked::EnterpriseOnPath,
    );
    unless(
        has(Term::NoPath) && account.is_on_a_path(),
        Blocked::OnAPath,
    );
    let required = definition.required_path;
    unless(
        required.is_some_and(|path| account.place(path).is_none()),
        Blocked::PathRequired,
    );
    for &other in &definition.excluded_programmes {
        let excludes = account.memberships.has(other) || account.memberships.has_applied(other);
        unless(excludes, Blocked::ExcludedBy(other));
    }
    unless(
        has(Term::NoPersonalRealName) && personal,
        Blocked::PersonalRealName,
    );
    for &flag in &definition.forbidden {
        unless(facts.flags.contains(&flag), Blocked::Has(flag));
    }
    found
}

/// What the vendor's people and the partner's can do with an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Withdraw,
    Approve,
    Reject,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::Withdraw => Withdraw::ACTION,
            Self::Approve => Approve::ACTION,
            Self::Reject => Reject::ACTION,
        }
    }

    pub(super) fn access(self, viewer: &Viewer) -> Result<Scope, Failure> {
        match self {
            Self::Withdraw => access(viewer),
            Self::Approve | Self::Reject => vendor_access(viewer),
        }
    }

    fn giver(self, viewer: &Viewer) -> Remover {
        match (self, viewer.is_vendor()) {
            (Self::Withdraw, false) => Remover::Colleague(Permission::ManageProgrammes),
            (Self::Withdraw, true) => Remover::Partner,
            (Self::Approve | Self::Reject, true) => {
                Remover::VendorColleague(Permission::ReviewProgrammes)
            }
            (Self::Approve | Self::Reject, false) => Remover::Vendor,
        }
    }
}

/// Everything that stands in the viewer's way with an application, in the order in which the mutation refuses it.
pub(super) fn verdict(
    action: Action,
    viewer: &Viewer,
    membership: &ProgrammeMembership,
) -> Verdict {
    let verdict = Verdict::new(action.name()).granted(action.access(viewer), action.giver(viewer));
    let is_seen = viewer.is_vendor() || viewer.organisation() == Some(membership.organisation);
    if is_seen {
        verdict.unless(of_application(membership), Remover::Nobody)
    } else {
        verdict.unless(Some(ProgrammeRefusal::MembershipNotFound), Remover::Nobody)
    }
}

/// What the membership itself has against being withdrawn or decided.
pub(super) fn of_application(membership: &ProgrammeMembership) -> Option<ProgrammeRefusal> {
    (!membership.is_pending()).then_some(ProgrammeRefusal::NotPending)
}

/// Whether the viewer may take an invitation back.
pub(super) fn revoke(viewer: &Viewer, state: InvitationState) -> Verdict {
    let giver = if viewer.is_vendor() {
        Remover::VendorColleague(Permission::ReviewProgrammes)
    } else {
        Remover::Vendor
    };
    Verdict::new(RevokeInvitation::ACTION)
        .granted(vendor_access(viewer), giver)
        .unless(of_invitation(state), Remover::Nobody)
}

/// An expired one can be taken back too, so that it leaves the list.
pub(super) fn of_invitation(state: InvitationState) -> Option<ProgrammeRefusal> {
    match state {
        InvitationState::Sent | InvitationState::Expired => None,
        InvitationState::Accepted | InvitationState::Revoked => {
            Some(ProgrammeRefusal::InvitationClosed)
        }
    }
}

fn remover(viewer: &Viewer) -> Remover {
    if viewer.is_vendor() {
        Remover::Partner
    } else {
        Remover::Colleague(Permission::ManageProgrammes)
    }
}

//! What is known of an account when it wants to join something.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{
    AccountFlag, Identity, MembershipState, Path, PathMembership, PathState, Programme,
    ProgrammeInvitation, ProgrammeMembership, PurchaseBlocker, RealName, Target,
};

/// What the vendor states of an account; an account of which it states nothing has nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccountFacts {
    pub(crate) real_name: RealName,
    /// The unified social credit code: the accounts of one enterprise share it.
    pub(crate) credit_code: Option<String>,
    pub(crate) flags: BTreeSet<AccountFlag>,
    pub(crate) manager: Option<Contact>,
}

impl Default for AccountFacts {
    fn default() -> Self {
        Self {
            real_name: RealName::None,
            credit_code: None,
            flags: BTreeSet::new(),
            manager: None,
        }
    }
}

/// Somebody of the vendor, and how to reach them (R-PRG-16).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contact {
    pub(crate) name: String,
    pub(crate) contact: String,
}

/// What another account of the same enterprise has joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    pub(crate) target: Target,
    pub(crate) in_same_area: bool,
}

/// What an organisation is a member of, or was, on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Memberships {
    pub(crate) day: NaiveDate,
    pub(crate) programmes: Vec<ProgrammeMembership>,
    /// Whether a distributor supplies it.
    pub(crate) is_supplied: bool,
}

impl Memberships {
    pub(crate) fn of(&self, programme: Programme) -> Option<&ProgrammeMembership> {
        let mut all = self.programmes.iter();
        all.find(|one| one.programme == programme)
    }

    pub(crate) fn state(&self, programme: Programme) -> Option<MembershipState> {
        self.of(programme).map(|one| one.state_on(self.day))
    }

    /// A member whose rights rest is a member all the same.
    pub(crate) fn has(&self, programme: Programme) -> bool {
        matches!(
            self.state(programme),
            Some(MembershipState::Active | MembershipState::Suspended)
        )
    }

    pub(crate) fn has_applied(&self, programme: Programme) -> bool {
        self.of(programme)
            .is_some_and(ProgrammeMembership::is_pending)
    }

    /// What the organisation is to the vendor's shop (R-PRG-3, R-PRG-12).
    pub(crate) fn identity(&self) -> Identity {
        if self.has(Programme::Csp) || self.is_supplied {
            Identity::Reseller
        } else if self.has(Programme::Distributor) {
            Identity::Distributor
        } else {
            Identity::Customer
        }
    }

    /// Why it cannot buy cloud services for itself; nothing when it can (R-PRG-17).
    pub(crate) fn purchase_blockers(&self) -> Vec<PurchaseBlocker> {
        let application = self.has_applied(Programme::Csp);
        let member = self.has(Programme::Csp);
        [
            application.then_some(PurchaseBlocker::CspApplication),
            member.then_some(PurchaseBlocker::CspMember),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// An account as joining sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) facts: AccountFacts,
    pub(crate) memberships: Memberships,
    pub(crate) paths: Vec<PathMembership>,
    /// What the enterprise's other accounts are members of, or have applied for.
    pub(crate) elsewhere: Vec<Elsewhere>,
    /// Those that can be taken up now.
    pub(crate) invitations: Vec<ProgrammeInvitation>,
}

impl Account {
    /// The one place on a path that is not given up.
    pub(crate) fn place(&self, path: Path) -> Option<&PathMembership> {
        let mut places = self.paths.iter();
        places.find(|one| one.path == path && one.state == PathState::Active)
    }

    pub(crate) fn is_on_a_path(&self) -> bool {
        self.paths.iter().any(|one| one.state == PathState::Active)
    }

    pub(crate) fn invitation(&self, target: Target) -> Option<&ProgrammeInvitation> {
        self.invitations.iter().find(|one| one.target == target)
    }
}

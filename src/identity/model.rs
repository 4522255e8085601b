//! What a membership is worth, and why a person may have none. Pure.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::ids::{MemberId, OrganisationId};
use crate::viewer::{ActingFor, OrganisationState, Permission};

/// What links an identity to a member, with what that is worth now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub acting_for: ActingFor,
    pub organisation_name: String,
    pub member: MemberId,
    pub permissions: BTreeSet<Permission>,
    pub state: MembershipState,
    pub linked_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MembershipState {
    /// The person can act as this member; in a FROZEN organisation too, where it reads on.
    Usable,
    MemberDisabled,
    OrganisationClosed,
    LinkEnded {
        at: DateTime<Utc>,
    },
}

impl MembershipState {
    /// The first cause that makes a membership useless; an ended link outweighs what became of the member.
    pub(super) fn of(
        link_ended_at: Option<DateTime<Utc>>,
        member: MemberState,
        organisation: OrganisationState,
    ) -> Self {
        match (link_ended_at, organisation, member) {
            (Some(at), _, _) => Self::LinkEnded { at },
            (None, OrganisationState::Closed, _) => Self::OrganisationClosed,
            (None, _, MemberState::Disabled) => Self::MemberDisabled,
            (None, OrganisationState::Active | OrganisationState::Frozen, MemberState::Active) => {
                Self::Usable
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MemberState {
    Active,
    Disabled,
}

impl Membership {
    pub fn organisation(&self) -> OrganisationId {
        self.acting_for.organisation
    }

    pub fn is_usable(&self) -> bool {
        self.state == MembershipState::Usable
    }
}

/// The membership in which a person who signs in acts: the only one, else that of the session before, else the oldest.
pub(crate) fn choose(memberships: &[Membership], before: Option<MemberId>) -> Option<&Membership> {
    let usable = || {
        memberships
            .iter()
            .filter(|membership| membership.is_usable())
    };
    usable()
        .find(|membership| Some(membership.member) == before)
        .or_else(|| usable().min_by_key(|membership| membership.linked_at))
}

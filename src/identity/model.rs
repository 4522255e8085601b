//! What a membership is worth, and why a person may have none. Pure.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::ids::{MemberId, OrganisationId};
use crate::viewer::{ActingFor, OrganisationState, Permission, Visibility};

/// What links an identity to a member, with what that is worth now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub acting_for: ActingFor,
    pub organisation_name: String,
    pub member: MemberId,
    pub permissions: BTreeSet<Permission>,
    pub visibility: Visibility,
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

/// An invitation that waits for a person; its token is in their mail, not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingInvitation {
    pub organisation_name: String,
    pub sent_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// Whether somebody acts as a member, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Acts {
    AsMember,
    Not(NoMember),
}

/// Why a person who is signed in acts as no member (R-ORG-1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoMember {
    NeverLinked,
    Invited { by: String },
    LinkEnded { with: String },
    MemberDisabled { of: String },
    OrganisationClosed { organisation: String },
    NotChosen,
}

impl NoMember {
    /// What the person can act on comes first: a membership that works, then an invitation, then what became of the
    /// latest membership. `memberships` come with the oldest first.
    pub(super) fn of(memberships: &[Membership], invitations: &[PendingInvitation]) -> Self {
        if memberships.iter().any(Membership::is_usable) {
            return Self::NotChosen;
        }
        if let Some(invitation) = invitations.first() {
            let by = invitation.organisation_name.clone();
            return Self::Invited { by };
        }
        let Some(latest) = memberships.last() else {
            return Self::NeverLinked;
        };
        let organisation = latest.organisation_name.clone();
        match latest.state {
            MembershipState::Usable => Self::NotChosen,
            MembershipState::MemberDisabled => Self::MemberDisabled { of: organisation },
            MembershipState::OrganisationClosed => Self::OrganisationClosed { organisation },
            MembershipState::LinkEnded { .. } => Self::LinkEnded { with: organisation },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::IdSource;
    use crate::viewer::OrganisationKind;

    fn membership(days: i64, state: MembershipState) -> Membership {
        Membership {
            acting_for: ActingFor {
                organisation: IdSource.fresh(),
                kind: OrganisationKind::Partner,
                state: OrganisationState::Active,
            },
            organisation_name: format!("P{days}"),
            member: IdSource.fresh(),
            permissions: BTreeSet::new(),
            visibility: Visibility::All,
            state,
            linked_at: day(days),
        }
    }

    fn day(days: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + chrono::TimeDelta::days(days)
    }

    fn invitation() -> PendingInvitation {
        PendingInvitation {
            organisation_name: "Q".to_owned(),
            sent_at: day(1),
            expires_at: day(8),
        }
    }

    #[test]
    fn the_membership_of_the_session_before_goes_before_the_oldest() {
        use MembershipState::{MemberDisabled, Usable};
        let memberships = [
            membership(1, MemberDisabled),
            membership(2, Usable),
            membership(3, Usable),
        ];
        let [disabled, older, newer] = &memberships;
        assert_eq!(choose(&memberships, None), Some(older));
        assert_eq!(choose(&memberships, Some(newer.member)), Some(newer));
        assert_eq!(choose(&memberships, Some(disabled.member)), Some(older));
        assert_eq!(choose(&memberships[..1], None), None);
    }

    #[test]
    fn an_ended_link_outweighs_what_became_of_member_and_organisation() {
        let of = MembershipState::of;
        let (active, closed) = (OrganisationState::Active, OrganisationState::Closed);
        let ended = MembershipState::LinkEnded { at: day(1) };
        assert_eq!(of(Some(day(1)), MemberState::Disabled, closed), ended);
        assert_eq!(
            of(None, MemberState::Disabled, closed),
            MembershipState::OrganisationClosed
        );
        assert_eq!(
            of(None, MemberState::Disabled, active),
            MembershipState::MemberDisabled
        );
        assert_eq!(
            of(None, MemberState::Active, OrganisationState::Frozen),
            MembershipState::Usable
        );
    }

    #[test]
    fn the_reason_for_no_member_is_the_one_that_the_person_can_act_on() {
        use MembershipState::{LinkEnded, MemberDisabled, OrganisationClosed, Usable};
        let (gone, disabled) = (
            membership(1, LinkEnded { at: day(2) }),
            membership(3, MemberDisabled),
        );
        let closed = membership(4, OrganisationClosed);
        let reason = |memberships: &[Membership], invitations: &[PendingInvitation]| {
            NoMember::of(memberships, invitations)
        };
        assert_eq!(reason(&[], &[]), NoMember::NeverLinked);
        assert_eq!(
            reason(std::slice::from_ref(&gone), &[]),
            NoMember::LinkEnded {
                with: "P1".to_owned()
            }
        );
        let pair = [gone.clone(), disabled.clone()];
        assert_eq!(
            reason(&pair, &[]),
            NoMember::MemberDisabled {
                of: "P3".to_owned()
            }
        );
        let three = [gone, disabled, closed];
        let by_closing = NoMember::OrganisationClosed {
            organisation: "P4".to_owned(),
        };
        assert_eq!(reason(&three, &[]), by_closing);
        assert_eq!(
            reason(&three, &[invitation()]),
            NoMember::Invited { by: "Q".to_owned() }
        );
        let usable = [membership(1, Usable)];
        assert_eq!(reason(&usable, &[invitation()]), NoMember::NotChosen);
    }
}

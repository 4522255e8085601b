//! What can be the matter with an identity, and what helps. Pure: no SQL, GraphQL or clock.

use chrono::{DateTime, Utc};

use crate::identity::identities::Found;
use crate::identity::{Acts, NoMember};
use crate::ids::{IdentityId, InvitationId};
use crate::organisation::invitations::InvitationState;
use crate::organisation::members::Member;
use crate::viewer::OrganisationState;
use crate::words::words;

words! {
    /// What is the matter, from the point of view of one organisation.
    Cause {
        Unknown = "UNKNOWN",
        NeverSignedIn = "NEVER_SIGNED_IN",
        NeverLinked = "NEVER_LINKED",
        InvitationPending = "INVITATION_PENDING",
        InvitationExpired = "INVITATION_EXPIRED",
        InvitationRevoked = "INVITATION_REVOKED",
        LinkEnded = "LINK_ENDED",
        MemberNotLinked = "MEMBER_NOT_LINKED",
        MemberLinkedToAnother = "MEMBER_LINKED_TO_ANOTHER",
        MemberDisabled = "MEMBER_DISABLED",
        OrganisationFrozen = "ORGANISATION_FROZEN",
        OrganisationClosed = "ORGANISATION_CLOSED",
        ProviderDisabled = "PROVIDER_DISABLED",
        NotChosen = "NOT_CHOSEN",
        Linked = "LINKED",
    }

    /// Who carries a remedy out.
    RemedyBy {
        Person = "PERSON",
        Administrator = "ADMINISTRATOR",
        Vendor = "VENDOR",
        Nobody = "NOBODY",
    }
}

impl Cause {
    /// The mutation that helps, where one does, and who carries it out.
    pub(super) fn remedy(self) -> (Option<&'static str>, RemedyBy) {
        match self {
            Self::Unknown => (None, RemedyBy::Person),
            Self::NeverSignedIn
            | Self::NeverLinked
            | Self::InvitationExpired
            | Self::InvitationRevoked
            | Self::MemberDisabled => (Some("memberInvite"), RemedyBy::Administrator),
            Self::InvitationPending => (Some("memberInvitationAccept"), RemedyBy::Person),
            Self::LinkEnded | Self::MemberNotLinked => {
                (Some("memberLink"), RemedyBy::Administrator)
            }
            Self::MemberLinkedToAnother => (Some("memberUnlink"), RemedyBy::Administrator),
            Self::OrganisationFrozen => (Some("organisationRelease"), RemedyBy::Vendor),
            Self::OrganisationClosed | Self::ProviderDisabled => (None, RemedyBy::Vendor),
            Self::NotChosen => (Some("sessionActAs"), RemedyBy::Person),
            Self::Linked => (None, RemedyBy::Nobody),
        }
    }

    /// The key of the sentence in every language.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Unknown => "DOCTOR_UNKNOWN",
            Self::NeverSignedIn => "DOCTOR_NEVER_SIGNED_IN",
            Self::NeverLinked => "DOCTOR_NEVER_LINKED",
            Self::InvitationPending => "DOCTOR_INVITATION_PENDING",
            Self::InvitationExpired => "DOCTOR_INVITATION_EXPIRED",
            Self::InvitationRevoked => "DOCTOR_INVITATION_REVOKED",
            Self::LinkEnded => "DOCTOR_LINK_ENDED",
            Self::MemberNotLinked => "DOCTOR_MEMBER_NOT_LINKED",
            Self::MemberLinkedToAnother => "DOCTOR_MEMBER_LINKED_TO_ANOTHER",
            Self::MemberDisabled => "DOCTOR_MEMBER_DISABLED",
            Self::OrganisationFrozen => "DOCTOR_ORGANISATION_FROZEN",
            Self::OrganisationClosed => "DOCTOR_ORGANISATION_CLOSED",
            Self::ProviderDisabled => "DOCTOR_PROVIDER_DISABLED",
            Self::NotChosen => "DOCTOR_NOT_CHOSEN",
            Self::Linked => "DOCTOR_LINKED",
        }
    }

    /// For the person itself and for the vendor, who see all memberships: why nobody acts as a member.
    pub(super) fn of_person(acts: &Acts) -> Self {
        match acts {
            Acts::AsMember => Self::Linked,
            Acts::Not(NoMember::NeverLinked) => Self::NeverLinked,
            Acts::Not(NoMember::Invited { .. }) => Self::InvitationPending,
            Acts::Not(NoMember::LinkEnded { .. }) => Self::LinkEnded,
            Acts::Not(NoMember::MemberDisabled { .. }) => Self::MemberDisabled,
            Acts::Not(NoMember::OrganisationClosed { .. }) => Self::OrganisationClosed,
            Acts::Not(NoMember::NotChosen) => Self::NotChosen,
        }
    }
}

/// Everything that one organisation may know of an identity, a name or an address.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) organisation: OrganisationState,
    pub(super) identity: Option<Found>,
    pub(super) member: Option<Member>,
    /// Who signs in as the member.
    pub(super) linked: Option<IdentityId>,
    pub(super) invitation: Option<(InvitationId, InvitationState)>,
    /// Its IAM tenant has a user of this name or address.
    pub(super) is_in_directory: bool,
}

/// What an organisation's administrator is told.
#[derive(Debug, Clone)]
pub(super) struct Diagnosis {
    pub(super) cause: Cause,
    pub(super) identity: Option<Found>,
    pub(super) member: Option<Member>,
    pub(super) invitation: Option<InvitationId>,
}

impl Diagnosis {
    pub(super) fn unknown() -> Self {
        Self {
            cause: Cause::Unknown,
            identity: None,
            member: None,
            invitation: None,
        }
    }

    pub(super) fn of(facts: Facts) -> Self {
        let cause = cause(&facts);
        Self {
            cause,
            identity: facts.identity,
            member: facts.member,
            invitation: facts.invitation.map(|(id, _)| id),
        }
    }
}

/// The first thing that stands in the way, in the order in which it has to be removed.
fn cause(facts: &Facts) -> Cause {
    let found = facts.identity.as_ref();
    let signs_in = found.is_some_and(Found::is_linked);
    let known = found.is_some()
        || facts.member.is_some()
        || facts.invitation.is_some()
        || facts.is_in_directory;
    if !known {
        return Cause::Unknown;
    }
    if facts.organisation == OrganisationState::Closed {
        return Cause::OrganisationClosed;
    }
    if found.is_some_and(|found| !found.is_provider_active) {
        return Cause::ProviderDisabled;
    }
    if signs_in {
        return match facts.organisation {
            OrganisationState::Frozen => Cause::OrganisationFrozen,
            OrganisationState::Active | OrganisationState::Closed => Cause::Linked,
        };
    }
    if facts.member.as_ref().is_some_and(Member::is_active) {
        return of_active(facts, found);
    }
    of_nobody(facts)
}

/// There is an active member, and the identity does not sign in as that member.
fn of_active(facts: &Facts, found: Option<&Found>) -> Cause {
    match (facts.linked, found) {
        (Some(_), _) => Cause::MemberLinkedToAnother,
        (None, Some(found)) if found.link_ended() => Cause::LinkEnded,
        (None, _) => Cause::MemberNotLinked,
    }
}

/// There is no active member.
fn of_nobody(facts: &Facts) -> Cause {
    match (&facts.invitation, &facts.member, &facts.identity) {
        (Some((_, InvitationState::Open)), _, _) => Cause::InvitationPending,
        (_, Some(_), _) => Cause::MemberDisabled,
        (Some((_, InvitationState::Expired)), None, _) => Cause::InvitationExpired,
        (Some((_, InvitationState::Revoked)), None, _) => Cause::InvitationRevoked,
        (Some((_, InvitationState::Accepted)) | None, None, Some(_)) => Cause::NeverLinked,
        (Some((_, InvitationState::Accepted)) | None, None, None) => Cause::NeverSignedIn,
    }
}

/// Who an answer is about, for people.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) provider: String,
    pub(super) last_seen_at: DateTime<Utc>,
    /// Only of an identity that is or was linked: whoever knows it could link it.
    pub(super) id: Option<IdentityId>,
}

impl From<&Found> for Person {
    fn from(found: &Found) -> Self {
        Self {
            provider: found.provider.clone(),
            last_seen_at: found.last_seen_at,
            id: found.link.map(|_| found.id),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use uuid::Uuid;

    use super::*;
    use crate::ids::{MemberId, OrganisationId};
    use crate::organisation::members::MemberState;

    fn found(link: Option<bool>, is_provider_active: bool) -> Found {
        Found {
            id: IdentityId(Uuid::from_u128(1)),
            email: None,
            provider: "IAM".to_owned(),
            is_provider_active,
            last_seen_at: DateTime::UNIX_EPOCH,
            link: link.map(|ended| (MemberId(Uuid::from_u128(2)), ended)),
        }
    }

    fn member(state: MemberState) -> Member {
        Member {
            organisation: OrganisationId(Uuid::nil()),
            id: MemberId(Uuid::from_u128(2)),
            account_name: "li".to_owned(),
            name: "Li".to_owned(),
            email: "li@x.example".to_owned(),
            mobile: None,
            state,
            roles: BTreeSet::new(),
            custom_roles: std::collections::BTreeSet::new(),
            director: None,
            created_at: DateTime::UNIX_EPOCH,
            version: 1,
        }
    }

    fn nothing() -> Facts {
        Facts {
            organisation: OrganisationState::Active,
            identity: None,
            member: None,
            linked: None,
            invitation: None,
            is_in_directory: false,
        }
    }

    /// R-ORG-22: each combination of what an organisation can know has one cause of the closed list, and every cause but
    /// the one that only the person itself is told comes up.
    #[test]
    fn every_generated_case_has_one_cause_and_every_cause_a_case() {
        let invitation = |state| Some((InvitationId(Uuid::nil()), state));
        let invitations = [
            None,
            invitation(InvitationState::Open),
            invitation(InvitationState::Expired),
            invitation(InvitationState::Revoked),
            invitation(InvitationState::Accepted),
        ];
        let identities = [
            None,
            Some(found(None, true)),
            Some(found(Some(false), true)),
            Some(found(Some(true), true)),
            Some(found(None, false)),
        ];
        let members = [
            None,
            Some(member(MemberState::Active)),
            Some(member(MemberState::Disabled)),
        ];
        let mut seen = BTreeSet::new();
        for organisation in [
            OrganisationState::Active,
            OrganisationState::Frozen,
            OrganisationState::Closed,
        ] {
            for identity in &identities {
                for member in &members {
                    for linked in [None, Some(IdentityId(Uuid::from_u128(9)))] {
                        for invitation in &invitations {
                            for is_in_directory in [false, true] {
                                seen.insert(cause(&Facts {
                                    organisation,
                                    identity: identity.clone(),
                                    member: member.clone(),
                                    linked,
                                    invitation: *invitation,
                                    is_in_directory,
                                }));
                            }
                        }
                    }
                }
            }
        }
        let mut all: BTreeSet<Cause> = Cause::ALL.iter().copied().collect();
        all.remove(&Cause::NotChosen);
        assert_eq!(seen, all);
        assert_eq!(cause(&nothing()), Cause::Unknown);
    }

    #[test]
    fn every_remedy_is_a_mutation_and_every_cause_has_a_sentence_in_both_languages() {
        use crate::i18n::{Locale, sentence};
        let contract = crate::graphql::sdl();
        for &cause in Cause::ALL {
            if let (Some(mutation), _) = cause.remedy() {
                assert!(contract.contains(&format!("\t{mutation}(")), "{mutation}");
            }
            for locale in [Locale::En, Locale::ZhCn] {
                let params = std::collections::BTreeMap::new();
                assert!(
                    sentence(cause.reason(), &params, locale).is_some(),
                    "{cause:?}"
                );
            }
        }
    }
}

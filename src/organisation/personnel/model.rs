//! What a dedicated person is, in which states the association can be, and when its data is shared. Pure: no SQL, GraphQL
//! or clock.

pub(super) mod account;
pub(super) mod moves;
pub(super) mod record;

use chrono::{DateTime, NaiveDate, Utc};

use super::error::PersonnelRefusal;
use crate::ids::{IdentityId, MemberId, OrganisationId, PersonId, PersonalAccountId};
use crate::viewer::OrganisationState;
use crate::words::words;

words! {
    /// How far the association is (domain.md 2.4).
    PersonState {
        Invited = "INVITED",
        /// Reckoned from the time, never stored.
        Expired = "EXPIRED",
        Bound = "BOUND",
        Unbound = "UNBOUND",
        ApplyUnderReview = "APPLY_UNDER_REVIEW",
        ApplyRejected = "APPLY_REJECTED",
        Dedicated = "DEDICATED",
        CancelUnderReview = "CANCEL_UNDER_REVIEW",
        CancelApproved = "CANCEL_APPROVED",
        Disqualified = "DISQUALIFIED",
    }

    /// On what terms the person works for the partner.
    Employment {
        LabourContract = "LABOUR_CONTRACT",
        ServiceContract = "SERVICE_CONTRACT",
        Dispatched = "DISPATCHED",
    }

    /// A path whose partners can have dedicated persons.
    DedicatedPath {
        Service = "SERVICE",
        SystemIntegrator = "SYSTEM_INTEGRATOR",
        Learning = "LEARNING",
    }

    /// Who ended an association.
    EndedBy {
        Partner = "PARTNER",
        Person = "PERSON",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DedicatedPerson {
    pub(crate) id: PersonId,
    pub(crate) organisation: OrganisationId,
    /// At the instant of the read: an invitation that nobody accepted in time has expired.
    pub(crate) state: PersonState,
    pub(crate) account: Option<PersonalAccountId>,
    /// Who accepted, or had accepted before.
    pub(crate) identity: Option<IdentityId>,
    pub(crate) invitation: Option<Sending>,
    /// What the administrator typed; nothing once the association has ended (R-DED-9).
    pub(crate) invited_as: Option<String>,
    /// Nothing before the person agreed (R-DED-8), and nothing any more after the association ended (R-DED-9); the
    /// person himself has it always.
    pub(crate) profile: Option<Profile>,
    pub(crate) path: Option<DedicatedPath>,
    pub(crate) decision_reason: Option<String>,
    pub(crate) bound_at: Option<DateTime<Utc>>,
    pub(crate) ended: Option<(DateTime<Utc>, EndedBy)>,
    pub(crate) changed_at: DateTime<Utc>,
    pub(crate) version: i64,
    /// The partner, for the person, who sees no organisation.
    pub(crate) partner: Option<Partner>,
}

/// What the person knows of the partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Partner {
    pub(crate) name: String,
    pub(crate) state: OrganisationState,
}

/// The newest invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sending {
    pub(crate) by: Option<MemberId>,
    pub(crate) at: DateTime<Utc>,
    /// Exclusive.
    pub(crate) expires_at: DateTime<Utc>,
}

/// What the person agreed to share.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) name: Option<String>,
    pub(crate) account_name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) mobile: Option<String>,
    pub(crate) position: Option<String>,
    pub(crate) employment: Option<Employment>,
    pub(crate) base_location: Option<String>,
    pub(crate) started_on: Option<NaiveDate>,
}

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// The partner's and the vendor's people.
    Organisation,
    /// The person himself.
    Himself,
}

impl PersonState {
    /// What a stored state means at `now`.
    pub(super) fn at(self, now: DateTime<Utc>, expires_at: Option<DateTime<Utc>>) -> Self {
        match (self, expires_at) {
            (Self::Invited, Some(end)) if now >= end => Self::Expired,
            _ => self,
        }
    }

    /// Whether the person is associated with the partner, and so shares (R-DED-8, R-DED-9).
    pub(crate) fn is_associated(self) -> bool {
        match self {
            Self::Invited | Self::Expired | Self::Unbound => false,
            Self::Bound
            | Self::ApplyUnderReview
            | Self::ApplyRejected
            | Self::Dedicated
            | Self::CancelUnderReview
            | Self::CancelApproved
            | Self::Disqualified => true,
        }
    }
}

impl DedicatedPerson {
    /// Leaves out what is not shared with the reader.
    pub(super) fn shown_to(mut self, reader: Reader) -> Self {
        let shares = self.state.is_associated();
        if reader == Reader::Organisation && !shares {
            self.profile = None;
        }
        if self.state == PersonState::Unbound {
            self.invited_as = None;
        }
        self
    }

    pub(super) fn at_version(&self, expected: i64) -> Result<(), PersonnelRefusal> {
        let current = self.version;
        if expected == current {
            Ok(())
        } else {
            Err(PersonnelRefusal::VersionConflict { current })
        }
    }

    /// Moves on, at `now`.
    pub(super) fn go(&mut self, to: PersonState, now: DateTime<Utc>) {
        self.state = to;
        self.changed_at = now;
        self.version += 1;
    }

    /// Begins the newest invitation; what an earlier association left is kept for the person alone.
    pub(super) fn invite(&mut self, invited_as: String, sending: Sending) {
        self.invited_as = Some(invited_as);
        self.invitation = Some(sending);
        self.ended = None;
        self.go(PersonState::Invited, sending.at);
    }

    pub(super) fn accept(&mut self, identity: IdentityId, now: DateTime<Utc>) {
        self.identity = Some(identity);
        self.bound_at = Some(now);
        self.decision_reason = None;
        self.go(PersonState::Bound, now);
    }

    pub(super) fn end(&mut self, by: EndedBy, now: DateTime<Utc>) {
        self.ended = Some((now, by));
        self.go(PersonState::Unbound, now);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use chrono::TimeDelta;

    use super::*;

    pub(in crate::organisation::personnel) fn person(state: PersonState) -> DedicatedPerson {
        let id = uuid::Uuid::nil();
        DedicatedPerson {
            id: PersonId(id),
            organisation: OrganisationId(id),
            state,
            account: None,
            identity: None,
            invitation: None,
            invited_as: Some("li@example.com".to_owned()),
            profile: Some(Profile::default()),
            path: None,
            decision_reason: None,
            bound_at: None,
            ended: None,
            changed_at: DateTime::UNIX_EPOCH,
            version: 1,
            partner: None,
        }
    }

    #[test]
    fn r_ded_8_nothing_is_shared_before_the_person_agreed() {
        let shown = |state| person(state).shown_to(Reader::Organisation).profile;
        assert_eq!(shown(PersonState::Invited), None);
        assert_eq!(shown(PersonState::Expired), None);
        assert!(shown(PersonState::Bound).is_some());
    }

    #[test]
    fn r_ded_9_nothing_is_shared_after_unbinding_but_with_the_person() {
        let cancelled = person(PersonState::CancelApproved).shown_to(Reader::Organisation);
        let unbound = person(PersonState::Unbound).shown_to(Reader::Organisation);
        let own = person(PersonState::Unbound).shown_to(Reader::Himself);

        assert!(cancelled.profile.is_some());
        assert_eq!((unbound.profile, unbound.invited_as), (None, None));
        assert!(own.profile.is_some());
    }

    #[test]
    fn r_ded_3_an_invitation_has_expired_at_its_end_and_not_before() {
        let end = DateTime::UNIX_EPOCH + TimeDelta::days(7);
        let before = end - TimeDelta::microseconds(1);
        let invited = PersonState::Invited;

        assert_eq!(invited.at(before, Some(end)), PersonState::Invited);
        assert_eq!(invited.at(end, Some(end)), PersonState::Expired);
        assert_eq!(PersonState::Bound.at(end, Some(end)), PersonState::Bound);
    }
}

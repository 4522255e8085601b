//! What is known of a dedicated person, and when it is shared. Pure: no SQL, GraphQL or clock.

use chrono::NaiveDate;

use crate::ids::{OrganisationId, PersonId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DedicatedPerson {
    pub(crate) id: PersonId,
    pub(crate) organisation: OrganisationId,
    pub(crate) state: PersonState,
    /// Nothing before the person agreed (R-DED-8), and nothing any more after the association ended (R-DED-9).
    pub(crate) profile: Option<Profile>,
}

/// What the person agreed to share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) position: String,
    pub(crate) base_location: Option<String>,
    pub(crate) started_on: Option<NaiveDate>,
}

macro_rules! states {
    ($($name:ident = $text:literal,)*) => {
        /// How far the association is (domain.md 2.4).
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum PersonState {
            $($name,)*
        }

        impl PersonState {
            pub(super) fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

states! {
    Invited = "INVITED",
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

impl DedicatedPerson {
    /// The person as readers get to know them.
    pub(super) fn new(
        (organisation, id): (OrganisationId, PersonId),
        state: PersonState,
        profile: Profile,
    ) -> Self {
        let profile = state.shares_data().then_some(profile);
        Self {
            id,
            organisation,
            state,
            profile,
        }
    }
}

impl PersonState {
    fn shares_data(self) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn person(state: PersonState) -> DedicatedPerson {
        let id = uuid::Uuid::nil();
        let profile = Profile {
            name: "Somebody".to_owned(),
            position: "Architect".to_owned(),
            base_location: None,
            started_on: None,
        };
        DedicatedPerson::new((OrganisationId(id), PersonId(id)), state, profile)
    }

    #[test]
    fn r_ded_8_nothing_is_shared_before_the_person_agreed() {
        assert_eq!(person(PersonState::Invited).profile, None);
        assert_eq!(person(PersonState::Expired).profile, None);
        assert!(person(PersonState::Bound).profile.is_some());
    }

    #[test]
    fn r_ded_9_nothing_is_shared_after_unbinding() {
        assert!(person(PersonState::CancelApproved).profile.is_some());
        assert_eq!(person(PersonState::Unbound).profile, None);
    }
}

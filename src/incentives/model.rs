//! What an incentive is and what its deadline makes of it. Pure: no SQL, GraphQL or clock.

use chrono::{DateTime, NaiveDate, Utc};

use crate::deadlines::Deadline;
use crate::ids::{IncentiveId, OpportunityId, OrganisationId, PersonId};
use crate::money::Money;

/// One month's amount, as it stands at the instant at which it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incentive {
    pub id: IncentiveId,
    pub organisation: OrganisationId,
    pub number: String,
    pub variant: Variant,
    /// The first day of the service month.
    pub service_month: NaiveDate,
    pub amount: Money,
    pub state: State,
    pub opportunity: Option<OpportunityId>,
    pub specialists: Vec<PersonId>,
    pub generated_at: DateTime<Utc>,
    /// Until when the partner must confirm.
    pub(crate) confirmation: Deadline,
    pub version: i64,
}

/// What is paid for (domain.md 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    ServiceExpert,
    Ccoe,
    SiPreSales,
    InstructorCultivation,
    Opportunity,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    PendingConfirm,
    Lapsed,
    FirstReview,
    FirstRejected,
    FirstPassed,
    Finalised,
}

impl Variant {
    pub const ALL: [Self; 5] = [
        Self::ServiceExpert,
        Self::Ccoe,
        Self::SiPreSales,
        Self::InstructorCultivation,
        Self::Opportunity,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServiceExpert => "SERVICE_EXPERT",
            Self::Ccoe => "CCOE",
            Self::SiPreSales => "SI_PRE_SALES",
            Self::InstructorCultivation => "INSTRUCTOR_CULTIVATION",
            Self::Opportunity => "OPPORTUNITY",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|variant| variant.as_str() == text)
    }
}

impl State {
    pub const ALL: [Self; 6] = [
        Self::PendingConfirm,
        Self::Lapsed,
        Self::FirstReview,
        Self::FirstRejected,
        Self::FirstPassed,
        Self::Finalised,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::PendingConfirm => "PENDING_CONFIRM",
            Self::Lapsed => "LAPSED",
            Self::FirstReview => "FIRST_REVIEW",
            Self::FirstRejected => "FIRST_REJECTED",
            Self::FirstPassed => "FIRST_PASSED",
            Self::Finalised => "FINALISED",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// What the stored state means at `now`: unconfirmed at its deadline is lapsed, whether or not the job that
    /// records it has run (R-FH-7).
    #[must_use]
    pub fn at(self, now: DateTime<Utc>, due_until: DateTime<Utc>) -> Self {
        match self {
            Self::PendingConfirm if now >= due_until => Self::Lapsed,
            Self::PendingConfirm
            | Self::Lapsed
            | Self::FirstReview
            | Self::FirstRejected
            | Self::FirstPassed
            | Self::Finalised => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn r_fh_7_an_unconfirmed_incentive_lapses_at_its_deadline_and_not_before() {
        let due_until = DateTime::from_timestamp(1_796_054_400, 0).unwrap();
        let last_moment = due_until - TimeDelta::microseconds(1);
        let state = State::PendingConfirm;
        assert_eq!(state.at(last_moment, due_until), State::PendingConfirm);
        assert_eq!(state.at(due_until, due_until), State::Lapsed);
        assert_eq!(
            state.at(due_until + TimeDelta::days(400), due_until),
            State::Lapsed
        );
    }

    #[test]
    fn what_was_confirmed_in_time_stays_as_it_is_after_the_deadline() {
        let due_until = DateTime::UNIX_EPOCH;
        let later = due_until + TimeDelta::days(1);
        for state in State::ALL {
            if state != State::PendingConfirm {
                assert_eq!(state.at(later, due_until), state);
            }
        }
    }

    #[test]
    fn every_name_is_read_back() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
        }
        for variant in Variant::ALL {
            assert_eq!(Variant::parse(variant.as_str()), Some(variant));
        }
        assert_eq!(State::parse("lapsed"), None);
    }
}

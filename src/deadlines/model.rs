//! What a deadline is and what the time makes of it. Pure: no SQL, GraphQL or clock.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::calendar::{self, WorkCalendar};
use crate::error::{Code, Refusal, RefusalData};
use crate::ids::{DeadlineId, OrganisationId, RuleId};
use crate::timeline::ObjectRef;

macro_rules! spelled {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
            pub(crate) enum $name {
                $($(#[$variant_doc])* $variant,)*
            }

            impl $name {
                pub(crate) const ALL: &'static [Self] = &[$(Self::$variant,)*];

                /// As the database and the graph spell it.
                pub(crate) fn as_str(self) -> &'static str {
                    match self {
                        $(Self::$variant => $text,)*
                    }
                }

                pub(crate) fn parse(text: &str) -> Option<Self> {
                    Self::ALL.iter().copied().find(|value| value.as_str() == text)
                }
            }
        )*
    };
}

spelled! {
    /// What must be done in time.
    DeadlineKind {
        AcceptSharedOpportunity = "ACCEPT_SHARED_OPPORTUNITY",
        ValidateOpportunity = "VALIDATE_OPPORTUNITY",
        ConfirmIncentive = "CONFIRM_INCENTIVE",
    }

    /// What happens by itself when it was not.
    Outcome {
        Lapse = "LAPSE",
        AutoReject = "AUTO_REJECT",
        AutoConfirm = "AUTO_CONFIRM",
        Block = "BLOCK",
    }

    /// In what a length is counted.
    Unit {
        WorkingDay = "WORKING_DAY",
        CalendarDay = "CALENDAR_DAY",
    }

    DeadlineState {
        Running = "RUNNING",
        Paused = "PAUSED",
        Met = "MET",
        Expired = "EXPIRED",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deadline {
    pub(crate) id: DeadlineId,
    pub(crate) organisation: OrganisationId,
    pub(crate) object: StoredObject,
    pub(crate) kind: DeadlineKind,
    pub(crate) outcome: Outcome,
    pub(crate) starts_at: DateTime<Utc>,
    pub(crate) unit: Unit,
    pub(crate) length: i32,
    /// Exclusive: at this instant it is too late.
    pub(crate) due_until: DateTime<Utc>,
    pub(crate) last_day_on: NaiveDate,
    /// The version of the calendar that gave `due_until`.
    pub(crate) calendar_version: i64,
    /// Counted through a year whose holidays are not published: a correction may move it later.
    pub(crate) provisional: bool,
    pub(crate) rule: Option<RuleId>,
    /// As it is stored; [`Deadline::state_at`] says what it means at a time.
    pub(crate) state: DeadlineState,
    pub(crate) ended_at: Option<DateTime<Utc>>,
}

/// The object of a deadline: the tag of its ids, and the id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredObject {
    pub(crate) kind: String,
    pub(crate) id: uuid::Uuid,
}

/// A deadline that begins with the transaction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewDeadline {
    pub(crate) organisation: OrganisationId,
    pub(crate) object: ObjectRef,
    pub(crate) kind: DeadlineKind,
    pub(crate) outcome: Outcome,
    pub(crate) working_days: i32,
    pub(crate) rule: RuleId,
}

impl DeadlineState {
    /// What the stored state of a deadline means at `now`.
    pub(crate) fn at(self, now: DateTime<Utc>, due_until: DateTime<Utc>) -> Self {
        match self {
            Self::Running if now >= due_until => Self::Expired,
            Self::Running | Self::Paused | Self::Met | Self::Expired => self,
        }
    }
}

impl From<ObjectRef> for StoredObject {
    fn from(object: ObjectRef) -> Self {
        Self {
            kind: object.kind.to_owned(),
            id: object.id,
        }
    }
}

impl Deadline {
    /// Whether it is too late at `now`, recorded or not.
    pub(crate) fn has_passed(&self, now: DateTime<Utc>) -> bool {
        self.state_at(now) == DeadlineState::Expired
    }

    /// What the stored state means at `now`: a running deadline has expired at its end, whether or not the job that
    /// records it has run (R-GEN-7).
    pub(crate) fn state_at(&self, now: DateTime<Utc>) -> DeadlineState {
        self.state.at(now, self.due_until)
    }

    /// What somebody reads who comes too late.
    pub(crate) fn refusal(&self) -> Refusal {
        Refusal::new(Code::Conflict, "DEADLINE_PASSED")
            .with("lastDay", self.last_day_on)
            .data(RefusalData::DeadlinePassed {
                due_until: self.due_until,
                last_day_on: self.last_day_on,
                outcome: self.outcome.as_str(),
            })
    }
}

/// What is shown of a deadline, whichever table keeps it.
#[derive(Debug, Clone)]
pub(crate) struct DeadlineFacts {
    pub(crate) kind: DeadlineKind,
    pub(crate) outcome: Outcome,
    pub(crate) starts_at: DateTime<Utc>,
    pub(crate) unit: Unit,
    pub(crate) length: i32,
    pub(crate) due_until: DateTime<Utc>,
    pub(crate) last_day_on: NaiveDate,
    pub(crate) calendar_version: i64,
    pub(crate) provisional: bool,
    /// As it is stored; what it means is asked of the time of the request.
    pub(crate) state: DeadlineState,
}

impl From<&Deadline> for DeadlineFacts {
    fn from(deadline: &Deadline) -> Self {
        Self {
            kind: deadline.kind,
            outcome: deadline.outcome,
            starts_at: deadline.starts_at,
            unit: deadline.unit,
            length: deadline.length,
            due_until: deadline.due_until,
            last_day_on: deadline.last_day_on,
            calendar_version: deadline.calendar_version,
            provisional: deadline.provisional,
            state: deadline.state,
        }
    }
}

impl DeadlineFacts {
    /// What is left after the day of `now`: nothing on the last day, and once it has ended.
    pub(crate) fn remaining(&self, calendar: &WorkCalendar, now: DateTime<Utc>) -> i64 {
        match self.state.at(now, self.due_until) {
            DeadlineState::Met | DeadlineState::Expired => 0,
            DeadlineState::Running | DeadlineState::Paused => {
                let last = self.due_until - TimeDelta::microseconds(1);
                match self.unit {
                    Unit::WorkingDay => calendar.working_days_between(now, last),
                    Unit::CalendarDay => {
                        let left = calendar::day_of(last) - calendar::day_of(now);
                        left.num_days().max(0)
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;

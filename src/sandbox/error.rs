//! Everything that can be wrong with a request to a sandbox, each with its code and reason.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::error::{Code, Refusal};

/// What forbids it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SandboxRefusal {
    /// This deployment is none.
    Only,
    /// A person whom no organisation has made a member.
    NotAMember,
    /// A clock never goes backwards.
    Past {
        now: DateTime<Utc>,
    },
    TooFar {
        years: u32,
    },
    /// Somebody else is moving the clock.
    Travelling,
    /// The vendor itself is not scripted for anybody.
    ScriptIsAPartners,
}

impl From<SandboxRefusal> for Refusal {
    fn from(refusal: SandboxRefusal) -> Self {
        use SandboxRefusal as R;
        match refusal {
            R::Only => Self::new(Code::Precondition, "SANDBOX_ONLY"),
            R::NotAMember => Self::new(Code::Forbidden, "NOT_A_MEMBER"),
            R::Past { now } => Self::new(Code::InvalidInput, "SANDBOX_TIME_PAST")
                .at("at")
                .with("now", now.to_rfc3339_opts(SecondsFormat::Micros, true)),
            R::TooFar { years } => Self::new(Code::InvalidInput, "SANDBOX_TIME_TOO_FAR")
                .at("at")
                .with("years", years),
            R::Travelling => Self::new(Code::Conflict, "SANDBOX_TRAVELLING"),
            R::ScriptIsAPartners => Self::new(Code::Forbidden, "SANDBOX_SCRIPT_IS_A_PARTNERS"),
        }
    }
}

/// What is wrong with one rule of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScriptFault {
    TooManyRules {
        limit: usize,
    },
    AnswerDoesNotFit,
    /// None, or two.
    OneDelay,
    DelayOutOfRange {
        from: i32,
        to: i32,
    },
    ReasonRequired,
    /// A rule that shares, without what.
    DealRequired,
    /// What to share, by a rule that shares nothing.
    DealUnused,
    /// A condition on an opportunity where there is none.
    ConditionUnused,
    TextRequired,
    OfferingUnknown,
    /// The vendor shares no deal for it (R-OPP-29).
    OfferingNotShareable,
    TextTooLong {
        limit: usize,
    },
}

impl ScriptFault {
    pub(crate) fn at(self, path: &str) -> Refusal {
        let refusal = match self {
            Self::TooManyRules { limit } => {
                Refusal::new(Code::InvalidInput, "SANDBOX_RULES_TOO_MANY").with("limit", limit)
            }
            Self::AnswerDoesNotFit => Refusal::new(Code::InvalidInput, "SANDBOX_ANSWER_MISMATCH"),
            Self::OneDelay => Refusal::new(Code::InvalidInput, "SANDBOX_ONE_DELAY"),
            Self::DelayOutOfRange { from, to } => {
                Refusal::new(Code::InvalidInput, "SANDBOX_DELAY_RANGE")
                    .with("from", from)
                    .with("to", to)
            }
            Self::ReasonRequired => Refusal::new(Code::InvalidInput, "SANDBOX_REASON_REQUIRED"),
            Self::DealRequired => Refusal::new(Code::InvalidInput, "SANDBOX_DEAL_REQUIRED"),
            Self::DealUnused => Refusal::new(Code::InvalidInput, "SANDBOX_DEAL_UNUSED"),
            Self::ConditionUnused => Refusal::new(Code::InvalidInput, "SANDBOX_CONDITION_UNUSED"),
            Self::TextRequired => Refusal::new(Code::InvalidInput, "SANDBOX_TEXT_REQUIRED"),
            Self::OfferingUnknown => Refusal::new(Code::NotFound, "OFFERING_NOT_FOUND"),
            Self::OfferingNotShareable => {
                Refusal::new(Code::InvalidInput, "HO_OFFERING_NOT_ALLOWED")
            }
            Self::TextTooLong { limit } => {
                Refusal::new(Code::InvalidInput, "SANDBOX_TEXT_TOO_LONG").with("limit", limit)
            }
        };
        refusal.at(path)
    }
}

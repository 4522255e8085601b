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
            Self::TextTooLong { limit } => {
                Refusal::new(Code::InvalidInput, "SANDBOX_TEXT_TOO_LONG").with("limit", limit)
            }
        };
        refusal.at(path)
    }
}

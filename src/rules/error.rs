//! Everything that can be wrong with a request about rules, each with its code and reason.

use chrono::NaiveDate;

use crate::error::{Code, Refusal, RefusalData};
use crate::ids::{RuleId, Tagged as _};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RuleRefusal {
    NotFound,
    VersionConflict {
        current: i64,
    },
    /// Rules are the vendor's people's decision, not a machine's.
    PersonRequired,
    /// No type of rule has this name in this programme.
    Unknown,
    /// The value is not of the rule's type, or impossible.
    Unreadable {
        example: &'static str,
    },
    SourceRequired,
    ReasonRequired,
    TooLong {
        field: &'static str,
        maximum: usize,
    },
    /// A day that has begun is not changed (R-GEN-6).
    Retroactive {
        today: NaiveDate,
    },
    AlreadyScheduled {
        existing: RuleId,
    },
    /// What has held once stays.
    InForce {
        since: NaiveDate,
    },
    AlreadyWithdrawn,
}

impl From<RuleRefusal> for Refusal {
    fn from(refusal: RuleRefusal) -> Self {
        use RuleRefusal as R;
        match refusal {
            R::NotFound => Self::new(Code::NotFound, "RULE_NOT_FOUND").at("ruleId"),
            R::VersionConflict { current } => Self::version_conflict(current),
            R::PersonRequired => Self::new(Code::Forbidden, "PERSON_REQUIRED"),
            R::Unknown => Self::new(Code::InvalidInput, "RULE_UNKNOWN").at("name"),
            R::Unreadable { example } => Self::new(Code::InvalidInput, "RULE_VALUE_UNREADABLE")
                .at("value")
                .with("example", example),
            R::SourceRequired => Self::new(Code::InvalidInput, "RULE_SOURCE_REQUIRED").at("source"),
            R::ReasonRequired => Self::new(Code::InvalidInput, "RULE_REASON_REQUIRED").at("reason"),
            R::TooLong { field, maximum } => Self::new(Code::InvalidInput, "TEXT_TOO_LONG")
                .at(field)
                .with("maximum", maximum),
            R::Retroactive { today } => Self::new(Code::InvalidInput, "RULE_RETROACTIVE")
                .at("effectiveFrom")
                .with("today", today),
            R::AlreadyScheduled { existing } => Self::new(Code::Conflict, "RULE_ALREADY_SCHEDULED")
                .at("effectiveFrom")
                .data(RefusalData::Duplicate {
                    existing: Some(existing.global()),
                }),
            R::InForce { since } => {
                Self::new(Code::Precondition, "RULE_IN_FORCE").with("since", since)
            }
            R::AlreadyWithdrawn => Self::new(Code::Conflict, "RULE_ALREADY_WITHDRAWN"),
        }
    }
}

//! Everything that can go wrong with resellers, each with its code.

use crate::error::{Code, Refusal, RefusalData};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResellerRefusal {
    /// Unknown, or another distributor's: the answer is the same (R-RES-9).
    NotFound,
    Changed {
        current: i64,
    },
    Ended,
    /// Nobody of this id among the distributor's own members (R-RES-11).
    CandidateUnknown,
    CandidateDisabled,
    CandidateWithoutRole,
    AlreadyAssigned,
    NobodyAssigned,
}

impl From<ResellerRefusal> for Refusal {
    fn from(refusal: ResellerRefusal) -> Self {
        use ResellerRefusal as R;
        match refusal {
            R::NotFound => Self::new(Code::NotFound, "RESELLER_NOT_FOUND").at("resellerId"),
            R::Changed { current } => Self::version_conflict(current),
            R::Ended => Self::new(Code::Conflict, "RESELLER_ENDED").data(RefusalData::Transition {
                from: "ENDED",
                allowed: vec!["ACTIVE", "SUSPENDED"],
            }),
            R::CandidateUnknown => {
                Self::new(Code::InvalidInput, "ACCOUNT_MANAGER_UNKNOWN").at("accountManagerId")
            }
            R::CandidateDisabled => {
                Self::new(Code::InvalidInput, "ACCOUNT_MANAGER_DISABLED").at("accountManagerId")
            }
            R::CandidateWithoutRole => {
                Self::new(Code::InvalidInput, "ACCOUNT_MANAGER_ROLE_MISSING").at("accountManagerId")
            }
            R::AlreadyAssigned => {
                Self::new(Code::Conflict, "ACCOUNT_MANAGER_ALREADY_ASSIGNED").at("accountManagerId")
            }
            R::NobodyAssigned => Self::new(Code::Conflict, "ACCOUNT_MANAGER_NOT_ASSIGNED"),
        }
    }
}

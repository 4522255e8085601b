//! Everything that can go wrong with incentives, each with its code.

use crate::error::{Code, Refusal};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IncentiveRefusal {
    /// A list was asked for service months that end before they begin.
    MonthsReversed,
}

impl From<IncentiveRefusal> for Refusal {
    fn from(refusal: IncentiveRefusal) -> Self {
        match refusal {
            IncentiveRefusal::MonthsReversed => {
                Self::new(Code::InvalidInput, "SERVICE_MONTHS_REVERSED").at("where.serviceMonth.to")
            }
        }
    }
}

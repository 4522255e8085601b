//! Where the deal with the customer stands, and how the partner reports it.

use chrono::{DateTime, NaiveDate, Utc};

use super::{Opportunity, ProgressStage};
use crate::ids::{DocumentId, OpportunityId, OrganisationId, ProgressEntryId};

impl ProgressStage {
    /// Whether the contract with the customer is signed, or was.
    pub(crate) fn is_signed(self) -> bool {
        match self {
            Self::Signed | Self::Delivering | Self::Delivered => true,
            Self::Qualifying | Self::Solution | Self::Negotiation | Self::Lost => false,
        }
    }

    /// Whether nothing more can come (R-OPP-9, R-OPP-34).
    pub(crate) fn is_final(self) -> bool {
        match self {
            Self::Delivered | Self::Lost => true,
            Self::Qualifying
            | Self::Solution
            | Self::Negotiation
            | Self::Signed
            | Self::Delivering => false,
        }
    }
}

/// One report on a deal; appended and never changed (R-OPP-30).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProgressEntry {
    pub(crate) organisation: OrganisationId,
    pub(crate) id: ProgressEntryId,
    pub(crate) opportunity: OpportunityId,
    pub(crate) stage: ProgressStage,
    /// In percent.
    pub(crate) win_probability: i32,
    pub(crate) note: String,
    pub(crate) technical_exchange: Option<String>,
    pub(crate) test_details: Option<String>,
    /// The day on which what it reports happened.
    pub(crate) occurred_on: Option<NaiveDate>,
    pub(crate) documents: Vec<DocumentId>,
    /// The global id of who wrote it.
    pub(crate) author: String,
    pub(crate) at: DateTime<Utc>,
}

impl Opportunity {
    /// When the partner was last heard of: its newest entry, or the day on which both settled to work on it (R-OPP-33).
    ///
    /// `None` where no progress is owed: before that, and once the deal is over.
    pub(crate) fn progress_owed_since(&self) -> Option<DateTime<Utc>> {
        let owed = self.expect(super::Action::ProgressAdd).is_ok();
        let settled = self.review.settled_at().filter(|_| owed)?;
        Some(
            self.last_progress_at
                .map_or(settled, |last| last.max(settled)),
        )
    }
}

//! How far both sides have settled to work on a deal.

use chrono::{DateTime, Utc};

use super::ReviewState;

/// The last time that the partner handed the opportunity in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Submission {
    /// 1 for the first, one more each time (R-OPP-26).
    pub(crate) round: i32,
    pub(crate) at: DateTime<Utc>,
}

/// Why a validation ended in a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The vendor's decision.
    Because(String),
    /// The vendor let the time pass (R-OPP-13); the round is not counted (R-OPP-35).
    TimedOut,
}

/// Each state carries what becomes known when it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::enum_variant_names,
    reason = "the states are called so by the business"
)]
pub(crate) enum Review {
    Draft,
    UnderReview(Submission),
    ReviewRejected {
        submission: Submission,
        reviewed_at: DateTime<Utc>,
        reason: String,
    },
    /// Review passed; `reviewed_at` is its place in time against a duplicate (R-OPP-25).
    UnderValidation {
        submission: Submission,
        reviewed_at: DateTime<Utc>,
    },
    ValidationRejected {
        submission: Submission,
        reviewed_at: DateTime<Utc>,
        validated_at: DateTime<Utc>,
        refused: Refused,
    },
    Validated {
        submission: Submission,
        reviewed_at: DateTime<Utc>,
        validated_at: DateTime<Utc>,
    },
    /// Shared by the vendor; from here on the partner decides.
    PendingAcceptance,
    Accepted {
        at: DateTime<Utc>,
    },
    Rejected {
        at: DateTime<Utc>,
        reason: String,
    },
    /// The partner let the time pass, and the vendor took it back (R-OPP-3).
    AutoRejected {
        at: DateTime<Utc>,
    },
    /// Settled once, and ended by the vendor (R-OPP-34).
    CancelledByVendor(Cancelled),
}

/// An end that the vendor made, and what it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cancelled {
    /// Absent where the vendor itself had shared it.
    pub(crate) submission: Option<Submission>,
    pub(crate) reviewed_at: Option<DateTime<Utc>>,
    pub(crate) settled_at: DateTime<Utc>,
    pub(crate) at: DateTime<Utc>,
    pub(crate) reason: String,
}

impl Review {
    pub(crate) fn state(&self) -> ReviewState {
        match self {
            Self::Draft => ReviewState::Draft,
            Self::UnderReview(_) => ReviewState::UnderReview,
            Self::ReviewRejected { .. } => ReviewState::ReviewRejected,
            Self::UnderValidation { .. } => ReviewState::UnderValidation,
            Self::ValidationRejected { .. } => ReviewState::ValidationRejected,
            Self::Validated { .. } => ReviewState::Validated,
            Self::PendingAcceptance => ReviewState::PendingAcceptance,
            Self::Accepted { .. } => ReviewState::Accepted,
            Self::Rejected { .. } => ReviewState::Rejected,
            Self::AutoRejected { .. } => ReviewState::AutoRejected,
            Self::CancelledByVendor(_) => ReviewState::CancelledByVendor,
        }
    }

    pub(crate) fn submission(&self) -> Option<Submission> {
        match self {
            Self::UnderReview(submission)
            | Self::ReviewRejected { submission, .. }
            | Self::UnderValidation { submission, .. }
            | Self::ValidationRejected { submission, .. }
            | Self::Validated { submission, .. } => Some(*submission),
            Self::CancelledByVendor(cancelled) => cancelled.submission,
            Self::Draft
            | Self::PendingAcceptance
            | Self::Accepted { .. }
            | Self::Rejected { .. }
            | Self::AutoRejected { .. } => None,
        }
    }

    pub(crate) fn reviewed_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::ReviewRejected { reviewed_at, .. }
            | Self::UnderValidation { reviewed_at, .. }
            | Self::ValidationRejected { reviewed_at, .. }
            | Self::Validated { reviewed_at, .. } => Some(*reviewed_at),
            Self::CancelledByVendor(cancelled) => cancelled.reviewed_at,
            Self::Draft
            | Self::UnderReview(_)
            | Self::PendingAcceptance
            | Self::Accepted { .. }
            | Self::Rejected { .. }
            | Self::AutoRejected { .. } => None,
        }
    }

    /// When what follows the review was decided: the validation, or the partner's answer to what was shared.
    pub(crate) fn settled_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::ValidationRejected { validated_at, .. }
            | Self::Validated { validated_at, .. } => Some(*validated_at),
            Self::Accepted { at } | Self::Rejected { at, .. } | Self::AutoRejected { at } => {
                Some(*at)
            }
            Self::CancelledByVendor(cancelled) => Some(cancelled.settled_at),
            Self::Draft
            | Self::UnderReview(_)
            | Self::ReviewRejected { .. }
            | Self::UnderValidation { .. }
            | Self::PendingAcceptance => None,
        }
    }

    pub(crate) fn cancelled_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::CancelledByVendor(cancelled) => Some(cancelled.at),
            Self::Draft
            | Self::UnderReview(_)
            | Self::ReviewRejected { .. }
            | Self::UnderValidation { .. }
            | Self::ValidationRejected { .. }
            | Self::Validated { .. }
            | Self::PendingAcceptance
            | Self::Accepted { .. }
            | Self::Rejected { .. }
            | Self::AutoRejected { .. } => None,
        }
    }

    /// Whether it ended because somebody let the time pass.
    pub(crate) fn is_timed_out(&self) -> bool {
        matches!(
            self,
            Self::AutoRejected { .. }
                | Self::ValidationRejected {
                    refused: Refused::TimedOut,
                    ..
                }
        )
    }

    /// Why it was refused or cancelled, while it stands so (R-OPP-26, R-GEN-4); a time-out has no words of its own.
    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Self::ReviewRejected { reason, .. }
            | Self::ValidationRejected {
                refused: Refused::Because(reason),
                ..
            }
            | Self::Rejected { reason, .. } => Some(reason),
            Self::CancelledByVendor(cancelled) => Some(&cancelled.reason),
            Self::ValidationRejected {
                refused: Refused::TimedOut,
                ..
            }
            | Self::Draft
            | Self::UnderReview(_)
            | Self::UnderValidation { .. }
            | Self::Validated { .. }
            | Self::PendingAcceptance
            | Self::Accepted { .. }
            | Self::AutoRejected { .. } => None,
        }
    }
}

//! Whose turn it is in the checks, and since when (feature 44).

use chrono::{DateTime, Utc};

use super::{Action, Opportunity, Origin, ReviewState, Side, Validation};

/// Where an opportunity stands in the checks that it has to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Court {
    /// The check that it is in, from 1; 0 before it was handed in.
    pub(crate) step: i32,
    /// How many there are.
    pub(crate) steps: i32,
    /// Who has to act; nobody once the checks are over, or the rounds used up (R-OPP-35).
    pub(crate) side: Option<Side>,
    /// Since when it stands so.
    pub(crate) since: DateTime<Utc>,
}

impl ReviewState {
    /// Whose turn it is in this state.
    pub(crate) fn waits_for(self) -> Option<Side> {
        match self {
            Self::Draft
            | Self::ReviewRejected
            | Self::ValidationRejected
            | Self::PendingAcceptance => Some(Side::Partner),
            Self::UnderReview | Self::UnderValidation => Some(Side::Vendor),
            Self::Validated
            | Self::Accepted
            | Self::Rejected
            | Self::AutoRejected
            | Self::CancelledByVendor => None,
        }
    }

    /// The states in which it is the turn of one side.
    pub(crate) fn waiting_for(side: Side) -> Vec<Self> {
        let states = Self::ALL.iter().copied();
        states
            .filter(|state| state.waits_for() == Some(side))
            .collect()
    }
}

impl Opportunity {
    /// Refused so often that it cannot be handed in again: nobody can move it any more (R-OPP-35).
    pub(crate) fn is_used_up(&self, round_limit: i32) -> bool {
        Action::Submit.from().contains(&self.review.state()) && self.refused_rounds >= round_limit
    }

    pub(crate) fn court(&self, (validation, round_limit): (Validation, i32)) -> Court {
        let state = self.review.state();
        let side = state.waits_for();
        let steps = match (self.origin, validation) {
            (Origin::Partner, Validation::Follows) => 2,
            (Origin::Partner, Validation::IsSkipped) | (Origin::Vendor, _) => 1,
        };
        let step = match state {
            ReviewState::Draft => 0,
            ReviewState::UnderReview
            | ReviewState::ReviewRejected
            | ReviewState::PendingAcceptance => 1,
            ReviewState::UnderValidation
            | ReviewState::ValidationRejected
            | ReviewState::Validated
            | ReviewState::Accepted
            | ReviewState::Rejected
            | ReviewState::AutoRejected
            | ReviewState::CancelledByVendor => steps,
        };
        let review = &self.review;
        let since = review
            .cancelled_at()
            .or(review.settled_at())
            .or(review.reviewed_at())
            .or(review.submission().map(|last| last.at));
        Court {
            step,
            steps,
            side: side.filter(|_| !self.is_used_up(round_limit)),
            since: since.unwrap_or(self.created_at),
        }
    }
}

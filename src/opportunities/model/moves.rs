//! The one table of what can be done with an opportunity: by whom, from which states, and where it leads.
//!
//! Mutations, flags and transitions all ask it.

use chrono::{DateTime, Utc};

use super::{Opportunity, ProgressStage, ReviewState};
use crate::error::Refusal;
use crate::opportunities::error::OpportunityRefusal;
use crate::viewer::Permission;

/// Which of the two parties acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    Partner,
    Vendor,
}

/// Something that somebody can do with one opportunity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    Update,
    Delete,
    Submit,
    ReviewApprove,
    ReviewReject,
    ValidationApprove,
    ValidationReject,
    Accept,
    Reject,
    ProgressAdd,
    Lose,
    Cancel,
    AssignOwner,
    ReviewerAssign,
    VendorViewUpdate,
    OfferingChange,
}

use ReviewState as S;

/// Everything that is not over.
const OPEN: &[S] = &[
    S::Draft,
    S::UnderReview,
    S::ReviewRejected,
    S::UnderValidation,
    S::ValidationRejected,
    S::Validated,
    S::PendingAcceptance,
    S::Accepted,
];

impl Action {
    pub(crate) const ALL: &'static [Self] = &[
        Self::Update,
        Self::Delete,
        Self::Submit,
        Self::ReviewApprove,
        Self::ReviewReject,
        Self::ValidationApprove,
        Self::ValidationReject,
        Self::Accept,
        Self::Reject,
        Self::ProgressAdd,
        Self::Lose,
        Self::Cancel,
        Self::AssignOwner,
        Self::ReviewerAssign,
        Self::VendorViewUpdate,
        Self::OfferingChange,
    ];

    /// As the graph calls the mutation.
    pub(crate) fn mutation(self) -> &'static str {
        match self {
            Self::Update => "opportunityUpdate",
            Self::Delete => "opportunityDelete",
            Self::Submit => "opportunitySubmit",
            Self::ReviewApprove => "opportunityReviewApprove",
            Self::ReviewReject => "opportunityReviewReject",
            Self::ValidationApprove => "opportunityValidationApprove",
            Self::ValidationReject => "opportunityValidationReject",
            Self::Accept => "opportunityAccept",
            Self::Reject => "opportunityReject",
            Self::ProgressAdd => "opportunityProgressAdd",
            Self::Lose => "opportunityLose",
            Self::Cancel => "opportunityCancel",
            Self::AssignOwner => "opportunityAssignOwner",
            Self::ReviewerAssign => "opportunityReviewerAssign",
            Self::VendorViewUpdate => "opportunityVendorViewUpdate",
            Self::OfferingChange => "opportunityOfferingChange",
        }
    }

    /// Whose act it is, and the permission that it needs (R-OPP-12).
    pub(crate) fn needs(self) -> (Side, Permission) {
        match self {
            Self::Update | Self::Delete | Self::ProgressAdd | Self::Lose | Self::AssignOwner => {
                (Side::Partner, Permission::WriteOpportunities)
            }
            Self::Submit | Self::Accept | Self::Reject => {
                (Side::Partner, Permission::SubmitOpportunities)
            }
            Self::ReviewApprove
            | Self::ReviewReject
            | Self::ReviewerAssign
            | Self::OfferingChange => (Side::Vendor, Permission::ReviewOpportunities),
            Self::ValidationApprove | Self::ValidationReject | Self::VendorViewUpdate => {
                (Side::Vendor, Permission::ValidateOpportunities)
            }
            Self::Cancel => (Side::Vendor, Permission::CancelOpportunities),
        }
    }

    /// The states in which it can be done at all.
    pub(crate) fn from(self) -> &'static [ReviewState] {
        match self {
            Self::Update | Self::Submit => &S::OPEN_TO_PARTNER,
            Self::Delete => &[S::Draft],
            Self::ReviewApprove | Self::ReviewReject => &[S::UnderReview],
            Self::ValidationApprove | Self::ValidationReject => &[S::UnderValidation],
            Self::Accept | Self::Reject => &[S::PendingAcceptance],
            Self::ProgressAdd | Self::Lose | Self::Cancel => &S::SETTLED,
            Self::AssignOwner | Self::VendorViewUpdate => OPEN,
            Self::ReviewerAssign => &[S::UnderReview, S::UnderValidation],
            Self::OfferingChange => &[
                S::UnderReview,
                S::UnderValidation,
                S::Validated,
                S::Accepted,
            ],
        }
    }

    /// Where it leads; `None` where the state stays, or where the input says which stage is next.
    pub(crate) fn to(self, validation: Validation) -> Option<&'static str> {
        let state = match self {
            Self::Submit => S::UnderReview,
            Self::ReviewApprove => match validation {
                Validation::Follows => S::UnderValidation,
                Validation::IsSkipped => S::Validated,
            },
            Self::ReviewReject => S::ReviewRejected,
            Self::ValidationApprove => S::Validated,
            Self::ValidationReject => S::ValidationRejected,
            Self::Accept => S::Accepted,
            Self::Reject => S::Rejected,
            Self::Cancel => S::CancelledByVendor,
            Self::Lose => return Some(ProgressStage::Lost.as_str()),
            Self::Delete => return Some("DELETED"),
            Self::Update
            | Self::ProgressAdd
            | Self::AssignOwner
            | Self::ReviewerAssign
            | Self::VendorViewUpdate
            | Self::OfferingChange => return None,
        };
        Some(state.as_str())
    }

    /// What the mutation's input must hold beside the object, its version and the key.
    pub(crate) fn required_fields(self) -> &'static [&'static str] {
        match self {
            Self::ReviewReject | Self::ValidationReject | Self::Reject | Self::Cancel => {
                &["reason"]
            }
            Self::ProgressAdd => &["stage", "winProbability", "note"],
            Self::Lose => &["reasonCode"],
            Self::AssignOwner => &["ownerId"],
            Self::OfferingChange => &["offeringIds"],
            Self::ReviewerAssign => &["reviewerId"],
            Self::Update
            | Self::Delete
            | Self::Submit
            | Self::ReviewApprove
            | Self::ValidationApprove
            | Self::Accept
            | Self::VendorViewUpdate => &[],
        }
    }

    /// What the mutation answers in a state that it is not open in.
    fn refusal(self, from: ReviewState) -> OpportunityRefusal {
        use OpportunityRefusal as R;
        let allowed = self.from();
        match self {
            Self::Update | Self::Delete => R::NotWithdrawable { from, allowed },
            Self::Submit => R::NotSubmittable { from },
            Self::ReviewApprove | Self::ReviewReject => R::NotUnderReview { from },
            Self::ValidationApprove | Self::ValidationReject => R::NotUnderValidation { from },
            Self::Accept | Self::Reject => R::NotPending { from },
            Self::ProgressAdd | Self::Lose => R::ProgressNotAllowed { from },
            Self::Cancel => R::NotCancellable { from },
            Self::AssignOwner | Self::VendorViewUpdate | Self::OfferingChange => {
                R::Closed { from, allowed }
            }
            Self::ReviewerAssign => R::NotWithVendor { from },
        }
    }
}

impl ReviewState {
    /// The decision that may be about duplicates in this state (R-OPP-24, R-OPP-25).
    pub(crate) fn judged_by(self) -> Option<Action> {
        let judges = [Action::ReviewApprove, Action::ValidationApprove];
        judges
            .into_iter()
            .find(|judge| judge.from().contains(&self))
    }
}

/// Whether the vendor's second check is made on the partner's site (R-OPP-8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Validation {
    Follows,
    IsSkipped,
}

impl Opportunity {
    /// Refuses what the clock has decided already. It comes before everything else that is asked of the object: whoever
    /// comes too late has read a version that the time-out has overtaken, and is to learn of the time-out.
    pub(crate) fn expect_in_time(&self, action: Action) -> Result<(), Refusal> {
        let judged_by_clock = matches!(
            action,
            Action::ValidationApprove | Action::ValidationReject | Action::Accept | Action::Reject
        );
        match &self.deadline {
            Some(deadline) if judged_by_clock && self.review.is_timed_out() => {
                Err(deadline.refusal())
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Refuses what its state does not allow: too late before not now, the review before the progress.
    pub(crate) fn expect(&self, action: Action) -> Result<(), Refusal> {
        self.expect_in_time(action)?;
        let from = self.review.state();
        if !action.from().contains(&from) {
            return Err(action.refusal(from).into());
        }
        self.expect_progress(action).map_err(Refusal::from)
    }

    /// What has been reached with the customer closes what the review alone would leave open.
    fn expect_progress(&self, action: Action) -> Result<(), OpportunityRefusal> {
        let Some(stage) = self.progress else {
            return Ok(());
        };
        let is_over = stage.is_final();
        match action {
            Action::Cancel if is_over || stage.is_signed() => {
                Err(OpportunityRefusal::SignedAlready { stage })
            }
            Action::ProgressAdd
            | Action::Lose
            | Action::AssignOwner
            | Action::VendorViewUpdate
            | Action::OfferingChange
                if is_over =>
            {
                Err(OpportunityRefusal::ProgressEnded { stage })
            }
            Action::Update
            | Action::Delete
            | Action::Submit
            | Action::ReviewApprove
            | Action::ReviewReject
            | Action::ValidationApprove
            | Action::ValidationReject
            | Action::Accept
            | Action::Reject
            | Action::ProgressAdd
            | Action::Lose
            | Action::Cancel
            | Action::AssignOwner
            | Action::ReviewerAssign
            | Action::VendorViewUpdate
            | Action::OfferingChange => Ok(()),
        }
    }

    /// Until when what it waits for can still come, while a deadline runs.
    pub(crate) fn waits_until(&self) -> Option<DateTime<Utc>> {
        let deadline = self.deadline.as_ref()?;
        let runs = deadline.ended_at.is_none() && !self.review.is_timed_out();
        runs.then_some(deadline.due_until)
    }
}

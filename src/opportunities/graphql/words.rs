//! The closed lists of words, as the graph spells them.

use async_graphql::Enum;

use super::super::model;

/// Who brought the deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Origin")]
pub(crate) enum OpportunityOrigin {
    /// Shared with the vendor by the partner.
    Partner,
    /// Shared with the partner by the vendor.
    Vendor,
}

/// How far partner and vendor have settled to work on the deal together. New states may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::ReviewState")]
pub(crate) enum OpportunityReviewState {
    /// Begun by the partner and seen by nobody else; may be incomplete.
    Draft,
    /// Submitted; the vendor checks that it is complete and plausible. The partner cannot change it any more.
    UnderReview,
    /// Refused in review, with a reason. The partner may edit and submit it again, as a new round.
    ReviewRejected,
    /// Passed the review; the vendor checks with the customer that it is valid and nobody else's.
    UnderValidation,
    /// Refused in validation, with a reason. The partner may edit and submit it again, as a new round.
    ValidationRejected,
    /// Settled: both work on it and the partner reports progress.
    Validated,
    /// Shared by the vendor; the partner has to accept or reject it.
    PendingAcceptance,
    /// Accepted by the partner, who reports progress.
    Accepted,
    /// Rejected by the partner, with a reason.
    Rejected,
    /// The partner did not answer in time, so the vendor took it back.
    AutoRejected,
    /// Ended by the vendor after both had settled to work on it, with a reason; final.
    CancelledByVendor,
}

/// Where the deal with the customer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::ProgressStage")]
pub(crate) enum OpportunityProgressStage {
    /// Finding out what the customer needs.
    Qualifying,
    /// Working out the solution.
    Solution,
    /// Talking about the contract.
    Negotiation,
    /// The contract is signed (签单完成).
    Signed,
    /// Delivery is under way.
    Delivering,
    /// Delivery is complete (交付完成).
    Delivered,
    /// The deal is lost; final.
    Lost,
}

/// What somebody can do with an opportunity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Action")]
pub(crate) enum OpportunityAction {
    /// Editing it.
    Update,
    /// Deleting the draft.
    Delete,
    /// Submitting it to the vendor's review.
    Submit,
    /// Passing the review.
    ReviewApprove,
    /// Refusing it in review.
    ReviewReject,
    /// Passing the validation.
    ValidationApprove,
    /// Refusing it in validation.
    ValidationReject,
    /// Accepting what the vendor shared.
    Accept,
    /// Rejecting what the vendor shared.
    Reject,
    /// Reporting progress.
    ProgressAdd,
    /// Giving the deal up for lost.
    Lose,
    /// Cancelling it by the vendor.
    Cancel,
    /// Naming another owner.
    AssignOwner,
    /// Naming who of the vendor's people decides.
    ReviewerAssign,
    /// Writing the vendor's own view.
    VendorViewUpdate,
    /// Changing the offerings of what was handed in, by the vendor.
    OfferingChange,
}

/// Why a deal was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::LossReason")]
pub(crate) enum OpportunityLossReason {
    /// The price was too high.
    Price,
    /// Another vendor won it.
    Competitor,
    /// The customer has no budget any more.
    NoBudget,
    /// The customer decided nothing.
    NoDecision,
    /// The customer gave the project up.
    ProjectCancelled,
    /// The product lacks what the customer needs.
    ProductGap,
    /// Law or policy stood against it.
    Compliance,
    /// It came too early or too late.
    Timing,
    /// The customer does not answer any more.
    CustomerUnreachable,
    /// The customer does it alone.
    BuiltInHouse,
    /// The contract was signed and then terminated.
    ContractTerminated,
    /// The same deal is pursued elsewhere.
    Duplicate,
    /// Something else; the note says what.
    Other,
}

//! What mutations ask for.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use uuid::Uuid;

use super::content::{OpportunityContentInput, OpportunityDealInput};
use super::rounds::OpportunityForecast;
use super::{OpportunityLossReason, OpportunityProgressStage};
use crate::graphql::{Date, Version};

/// Opens a draft.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityCreateInput {
    /// What it is called; 1 to 100 characters.
    pub(super) name: String,
    #[graphql(flatten)]
    pub(super) content: OpportunityContentInput,
    /// A new UUID for each intention; the same one repeats it safely.
    pub(super) idempotency_key: Uuid,
}

/// Edits an opportunity. A field that is absent stays as it is; null clears it.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityUpdateInput {
    /// Which opportunity; another organisation's answers like one that nobody has.
    pub(super) opportunity_id: ID,
    /// The version that the viewer saw.
    pub(super) expected_version: Version,
    /// What it is called; 1 to 100 characters. Cannot be null.
    pub(super) name: MaybeUndefined<String>,
    #[graphql(flatten)]
    pub(super) content: OpportunityContentInput,
    /// A new UUID for each intention; the same one repeats it safely.
    pub(super) idempotency_key: Uuid,
}

/// Submits an opportunity to the vendor's review.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunitySubmitInput {
    /// Which opportunity; another organisation's answers like one that nobody has.
    pub(super) opportunity_id: ID,
    /// The version that the viewer saw.
    pub(super) expected_version: Version,
    /// A new UUID for each intention; the same one repeats it safely.
    pub(super) idempotency_key: Uuid,
}

/// Deletes a draft.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityDeleteInput {
    /// Which opportunity; another organisation's answers like one that nobody has.
    pub(super) opportunity_id: ID,
    /// The version that the viewer saw.
    pub(super) expected_version: Version,
    /// A new UUID for each intention; the same one repeats it safely.
    pub(super) idempotency_key: Uuid,
}

/// Passes the review of an opportunity.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityReviewApproveInput {
    /// Which opportunity; another organisation's answers like one that nobody has.
    pub(super) opportunity_id: ID,
    /// The version that the viewer saw.
    pub(super) expected_version: Version,
    /// A new UUID for each intention; the same one repeats it safely.
    pub(super) idempotency_key: Uuid,
}

/// Refuses an opportunity in review.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityReviewRejectInput {
    /// Which opportunity; another organisation's answers like one that nobody has.
    pub(super) opportunity_id: ID,
    /// The version that the viewer saw.
    pub(super) expected_version: Version,
    /// Why, in words that the partner reads; 1 to 500 characters that are not only spaces.
    pub(super) reason: String,
    /// A new UUID for each intention; the same one repeats it safely.
    pub(super) idempotency_key: Uuid,
}

/// Passes the validation of an opportunity.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityValidationApproveInput {
    /// Which opportunity; another organisation's answers like one that nobody has.
    pub(super) opportunity_id: ID,
    /// The version that the viewer saw.
    pub(super) expected_version: Version,
    /// A new UUID for each intention; the same one repeats it safely.
    pub(super) idempotency_key: Uuid,
}

/// Refuses an opportunity in validation.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityValidationRejectInput {
    /// Which opportunity; another organisation's answers like one that nobody has.
    pub(super) opportunity_id: ID,
    /// The version that the viewer saw.
    pub(super) expected_version: Version,
    /// Why, in words that the partner reads; 1 to 500 characters that are not only spaces.
    pub(super) reason: String,
    /// A new UUID for each intention; the same one repeats it safely.
    pub(super) idempotency_key: Uuid,
}

/// Shares a deal of the vendor's with a partner.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityShareInput {
    /// The partner that is to answer; must be an active one.
    pub(super) organisation_id: ID,
    /// What it is called; 1 to 100 characters.
    pub(super) name: String,
    #[graphql(flatten)]
    pub(super) deal: OpportunityDealInput,
    /// A new UUID for each intention; the same one repeats it safely.
    pub(super) idempotency_key: Uuid,
}

/// Accepts an opportunity that the vendor shared.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityAcceptInput {
    /// Which opportunity; another organisation's answers like one that nobody has.
    pub(super) opportunity_id: ID,
    /// The version that the viewer saw.
    pub(super) expected_version: Version,
    /// The active member who is to answer for the deal; whoever it was shared with, unless given.
    pub(super) owner_id: Option<ID>,
    /// A new UUID for each intention; the same one repeats it safely.
    pub(super) idempotency_key: Uuid,
}

/// Rejects an opportunity that the vendor shared.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityRejectInput {
    /// Which opportunity; another organisation's answers like one that nobody has.
    pub(super) opportunity_id: ID,
    /// The version that the viewer saw.
    pub(super) expected_version: Version,
    /// Why, in words that the vendor reads; 1 to 500 characters that are not only spaces.
    pub(super) reason: String,
    /// A new UUID for each intention; the same one repeats it safely.
    pub(super) idempotency_key: Uuid,
}

/// Cancels an opportunity that both had settled to work on.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityCancelInput {
    /// Which opportunity; another organisation's answers like one that nobody has.
    pub(super) opportunity_id: ID,
    /// The version that the viewer saw.
    pub(super) expected_version: Version,
    /// Why, in words that the partner reads; 1 to 500 characters that are not only spaces.
    pub(super) reason: String,
    /// A new UUID for each intention; the same one repeats it safely.
    pub(super) idempotency_key: Uuid,
}

/// Gives a deal up for lost.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityLoseInput {
    /// Which opportunity; another organisation's answers like one that nobody has.
    pub(super) opportunity_id: ID,
    /// The version that the viewer saw.
    pub(super) expected_version: Version,
    /// The cause, of a closed list.
    pub(super) reason_code: OpportunityLossReason,
    /// More about it, for people; 500 characters at most.
    pub(super) note: Option<String>,
    /// A new UUID for each intention; the same one repeats it safely.
    pub(super) idempotency_key: Uuid,
}

/// Reports progress of a deal.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityProgressAddInput {
    /// Which opportunity; another organisation's answers like one that nobody has.
    pub(super) opportunity_id: ID,
    /// The version that the viewer saw.
    pub(super) expected_version: Version,
    /// Where the deal stands: the stage reached already or a later one. A delivery follows a signature; a loss is reported
    /// with opportunityLose.
    pub(super) stage: OpportunityProgressStage,
    /// How sure the partner is that the deal comes, from 0 to 100 percent.
    pub(super) win_probability: i32,
    /// What happened; 1 to 2,000 characters.
    pub(super) note: String,
    /// What was talked over with the customer's technicians; 2,000 characters at most.
    pub(super) technical_exchange: Option<String>,
    /// What was tried out at the customer's; 2,000 characters at most.
    pub(super) test_details: Option<String>,
    /// The day on which it happened, such as that of the signature; not after today.
    pub(super) occurred_on: Option<Date>,
    /// Uploaded documents that prove it, 20 at most. DELIVERED needs one.
    #[graphql(default)]
    pub(super) document_ids: Vec<ID>,
    /// A new UUID for each intention; the same one repeats it safely.
    pub(super) idempotency_key: Uuid,
}

/// Names another owner.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityAssignOwnerInput {
    /// Which opportunity; another organisation's answers like one that nobody has.
    pub(super) opportunity_id: ID,
    /// The version that the viewer saw.
    pub(super) expected_version: Version,
    /// One of assignableMembers.
    pub(super) owner_id: ID,
    /// A new UUID for each intention; the same one repeats it safely.
    pub(super) idempotency_key: Uuid,
}

/// Names who of the vendor's people decides next.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityReviewerAssignInput {
    /// Which opportunity; another organisation's answers like one that nobody has.
    pub(super) opportunity_id: ID,
    /// The version that the viewer saw.
    pub(super) expected_version: Version,
    /// An active member of the vendor whose roles let him decide the check that runs; null for nobody.
    pub(super) reviewer_id: Option<ID>,
    /// A new UUID for each intention; the same one repeats it safely.
    pub(super) idempotency_key: Uuid,
}

/// Writes the vendor's own view of a deal. A field that is absent stays as it is; null clears it.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityVendorViewUpdateInput {
    /// Which opportunity; another organisation's answers like one that nobody has.
    pub(super) opportunity_id: ID,
    /// The version that the viewer saw.
    pub(super) expected_version: Version,
    /// When the vendor expects the contract, from the year 2000 to 2100.
    pub(super) expected_close_on: MaybeUndefined<Date>,
    /// What the vendor does next; 500 characters at most.
    pub(super) next_step: MaybeUndefined<String>,
    /// An active member of the vendor who answers for the customer.
    pub(super) customer_owner_id: MaybeUndefined<ID>,
    /// How sure the vendor is; the partner does not read it.
    pub(super) forecast: MaybeUndefined<OpportunityForecast>,
    /// What the vendor keeps to itself; 2,000 characters at most. The partner does not read it.
    pub(super) internal_note: MaybeUndefined<String>,
    /// A new UUID for each intention; the same one repeats it safely.
    pub(super) idempotency_key: Uuid,
}

/// What is decided on one opportunity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum OpportunityDecision {
    /// It passes.
    Approve,
    /// It is refused, with a reason.
    Reject,
}

/// A decision on one opportunity among many.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityDecisionInput {
    /// Which opportunity.
    pub(super) opportunity_id: ID,
    /// The version that the viewer saw.
    pub(super) expected_version: Version,
    /// What is decided.
    pub(super) decision: OpportunityDecision,
    /// Why it is refused, in words that the partner reads; 1 to 500 characters. Not read for an approval.
    pub(super) reason: Option<String>,
}

/// Decides many reviews at once.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityReviewDecideInput {
    /// 1 to 50 decisions; each is made by itself.
    pub(super) items: Vec<OpportunityDecisionInput>,
    /// A new UUID for each intention; the same one repeats it safely.
    pub(super) idempotency_key: Uuid,
}

/// Decides many validations at once.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityValidationDecideInput {
    /// 1 to 50 decisions; each is made by itself.
    pub(super) items: Vec<OpportunityDecisionInput>,
    /// A new UUID for each intention; the same one repeats it safely.
    pub(super) idempotency_key: Uuid,
}

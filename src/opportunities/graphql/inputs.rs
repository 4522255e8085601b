//! What mutations ask for.

use async_graphql::{ID, InputObject, MaybeUndefined};
use uuid::Uuid;

use super::OpportunityLossReason;
use super::content::{OpportunityContentInput, OpportunityDealInput};
use crate::graphql::Version;

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

//! The words of notices in the graph.

use async_graphql::Enum;

use super::super::model;
use crate::i18n::Locale;

/// What a notice says. New kinds may come; `message` is always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::NoticeKind")]
pub(in super::super) enum NoticeKind {
    /// A partner handed in again what the reader reviews.
    OpportunityResubmitted,
    /// The vendor's review passed; validation follows.
    OpportunityReviewApproved,
    /// The vendor's review refused it, with a reason.
    OpportunityReviewRejected,
    /// The vendor validated the opportunity.
    OpportunityValidated,
    /// The vendor's validation refused it, with a reason.
    OpportunityValidationRejected,
    /// The vendor did not validate it in time.
    OpportunityValidationTimedOut,
    /// The vendor shared an opportunity with the reader's organisation; it waits to be accepted.
    OpportunityShared,
    /// A partner accepted what the reader shared.
    OpportunityAccepted,
    /// A partner refused what the reader shared, with a reason.
    OpportunityRejected,
    /// Nobody accepted a shared opportunity in time.
    OpportunityAutoRejected,
    /// The vendor cancelled an opportunity.
    OpportunityCancelledByVendor,
    /// The partner gave up an opportunity.
    OpportunityLost,
    /// Somebody else wrote progress of the reader's opportunity.
    OpportunityProgressed,
    /// The reader answers for an opportunity from now on.
    OpportunityOwnerAssigned,
    /// The offering of the reader's opportunity was changed.
    OpportunityOfferingChanged,
    /// The reader reviews an opportunity from now on.
    OpportunityReviewerAssigned,
    /// A person accepted an invitation to dedicated personnel.
    DedicatedPersonBound,
    /// A person ended the association with the reader's organisation (R-DED-17).
    DedicatedPersonLeft,
    /// The vendor approved a dedicated person.
    DedicatedPersonApproved,
    /// The vendor refused to make a person dedicated, with a reason.
    DedicatedPersonRejected,
    /// The vendor agreed to end a dedicated status.
    DedicatedPersonCancelApproved,
    /// The vendor refused to end a dedicated status, with a reason.
    DedicatedPersonCancelRejected,
    /// The vendor took a dedicated status away, with a reason.
    DedicatedPersonDisqualified,
    /// Somebody was invited to become a member of the reader's organisation.
    InvitationSent,
    /// Somebody accepted an invitation and is a member now.
    InvitationAccepted,
    /// Nobody confirmed an incentive in time: it is not paid.
    IncentiveLapsed,
    /// An incentive has to be confirmed soon.
    IncentiveDeadlineNear,
    /// A correction of the calendar gives an incentive more time to be confirmed.
    IncentiveDeadlineMoved,
    /// Something has to be done soon.
    DeadlineNear,
    /// A correction of the calendar moved a deadline later.
    DeadlineMoved,
    /// The vendor approved the organisation's application for a programme.
    ProgrammeApproved,
    /// The vendor refused the organisation's application for a programme, with a reason.
    ProgrammeRejected,
    /// The vendor invites the organisation to a programme or path.
    ProgrammeInvited,
    /// A customer accepted an invitation of the reader's organisation.
    CustomerAssociated,
    /// The relation of a customer to its partner has ended.
    CustomerDissociated,
    /// The reader looks after a customer from now on.
    CustomerAccountManagerAssigned,
}

/// What can be asked for or done without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Topic")]
pub(in super::super) enum NoticeTopic {
    /// Decisions on what the member handed in, shared or reviews.
    Reviews,
    /// What has an end, and what came of it.
    Deadlines,
    /// What the member was made to answer for.
    Assignments,
    /// What happens to the member's deals otherwise.
    Deals,
    /// Who comes into the member's organisation.
    People,
    /// Customers that come and go.
    Customers,
}

/// A way out of the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Channel")]
pub(in super::super) enum NoticeChannel {
    /// To the member's e-mail address.
    Email,
    /// To the member's mobile number.
    Sms,
}

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::DeliveryState")]
pub(in super::super) enum NoticeDeliveryState {
    /// Waits for its first or next attempt.
    Pending,
    /// The server took it.
    Sent,
    /// It was given up.
    Failed,
}

/// In which language somebody is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Locale")]
pub(in super::super) enum Language {
    /// Simplified Chinese.
    ZhCn,
    /// English.
    En,
}

//! The words of customers in the graph.

use async_graphql::Enum;

use super::super::model;
use crate::catalogue::accounts;

/// Who bills a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::AssociationType")]
pub(super) enum CustomerAssociationType {
    /// The customer pays the vendor itself (顾问销售).
    Referral,
    /// The partner bills and invoices the customer (代售).
    Resale,
}

/// How the relation of a customer to its partner stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::CustomerState")]
pub(super) enum CustomerState {
    /// The partner serves the customer.
    Associated,
    /// The relation is over; it is kept as history, and another partner may invite the customer.
    Dissociated,
}

/// What an invitation of a customer is worth at the time of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::InvitationState")]
pub(super) enum CustomerInvitationState {
    /// Can be accepted until it expires.
    Open,
    /// Nobody accepted in time; it can be sent again.
    Expired,
    /// A customer was associated by it.
    Accepted,
    /// Taken back.
    Revoked,
}

/// Whose account it is in the vendor's eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "accounts::AccountKind")]
pub(super) enum CustomerAccountKind {
    /// An account of the vendor's cloud itself (云账号).
    Cloud,
    /// A person's account of the vendor's identity service (个人账号); it can have the cloud account's name.
    Personal,
}

/// How an account stands with the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "accounts::AccountStatus")]
pub(super) enum CustomerAccountStatus {
    /// In use.
    Active,
    /// Frozen by the vendor.
    Frozen,
    /// Closed for good.
    Closed,
}

/// What a person releases of a personal account (R-CUS-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "accounts::Attribute")]
pub(super) enum CustomerAttribute {
    /// The account's name.
    AccountName,
    /// The mobile number.
    Mobile,
    /// The e-mail address.
    Email,
    /// The country or region of registration.
    Country,
    /// The account's identifier.
    AccountId,
    /// The account's status.
    AccountStatus,
}

/// What helps after an acceptance that was refused (R-CUS-7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Remedy")]
pub(super) enum CustomerInvitationRemedy {
    /// The link is the trouble: the partner sends another one.
    InviteAgain,
    /// The customer mends the input: another account, or the tick under the texts that hold now.
    Correct,
    /// The customer's own state is the trouble: another link changes nothing.
    NotPossible,
}

/// A value of a customer that is masked by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::PersonalField")]
pub(super) enum CustomerPersonalField {
    /// The e-mail address.
    Email,
    /// The mobile number.
    Mobile,
}

//! Refusals that only the vendor lifts, as clients read them. Translation only.

use async_graphql::SimpleObject;

use super::ErrorCode;

/// The viewer's organisation is frozen; what the vendor's rule set leaves open goes on.
#[derive(SimpleObject)]
pub(crate) struct OrganisationFrozen {
    /// The kind of refusal.
    pub(super) code: ErrorCode,
    /// The exact cause, stable.
    pub(super) reason: String,
    /// A sentence for the user that says what to do.
    pub(super) message: String,
    /// The input field at fault, from the input object down.
    pub(super) path: Vec<String>,
    /// Why it is frozen, as the vendor wrote it.
    pub(super) cause: String,
    /// What has to happen before it is released, as the vendor wrote it.
    pub(super) release: String,
}

/// Only the vendor can lift it: ask this contact (R-PRG-16).
#[derive(SimpleObject)]
pub(crate) struct VendorHelpNeeded {
    /// The kind of refusal.
    pub(super) code: ErrorCode,
    /// The exact cause, stable.
    pub(super) reason: String,
    /// A sentence for the user that says what to do.
    pub(super) message: String,
    /// The input field at fault, from the input object down.
    pub(super) path: Vec<String>,
    /// The partner's ecosystem manager, or the vendor's partner desk.
    pub(super) contact_name: String,
    /// An e-mail address or a telephone number.
    pub(super) contact: String,
}

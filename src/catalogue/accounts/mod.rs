//! The vendor's accounts of people, as far as the vendor's facts tell of them: who holds which, and what of an account
//! stands in the way of a partner.
//!
//! * **Cloud account**: an account of the vendor's cloud itself.
//! * **Personal account**: a person's account of the vendor's identity service, which may have the cloud account's name.
//! * **Circumstance**: something about an account that stops an association (R-CUS-7) or its end (R-CUS-9).

mod model;
mod store;

pub(crate) use model::{
    AccountKind, AccountStatus, Attribute, Circumstance, Holding, HoldingFacts, VendorAccount,
};

use std::collections::HashMap;

use crate::db::{StoreError, Tx};
use crate::ids::IdentityId;

/// The accounts that a person holds, in no order, with whose customer each is.
pub(crate) async fn of_person(
    tx: &mut Tx,
    identity: IdentityId,
) -> Result<Vec<Holding>, StoreError> {
    store::of_person(tx, identity).await
}

/// Takes the turn of an account: whatever else would associate it waits until the transaction ends.
pub(crate) async fn hold(tx: &mut Tx, account: &str) -> Result<(), StoreError> {
    store::hold(tx, account).await
}

/// What the vendor says of the accounts of relations, and when relations of them ended before; by account.
pub(crate) async fn facts_of(
    tx: &mut Tx,
    accounts: &[String],
) -> Result<HashMap<String, HoldingFacts>, StoreError> {
    store::facts_of(tx, accounts).await
}

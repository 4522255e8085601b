//! The IAMs whose assertions are believed. Their metadata is kept as text; reading it is `saml`'s job.

mod store;

use crate::db::{StoreError, Tx};
use crate::ids::IdpId;

/// An IAM as it is to be registered.
#[derive(Debug, Clone)]
pub struct Registration<'a> {
    pub entity_id: &'a str,
    pub display_name: &'a str,
    /// XML, already read and found usable: with a signing key and a stable subject (decision 4).
    pub metadata: &'a str,
    pub subject: Subject<'a>,
}

/// Where a provider puts the stable name of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    PersistentNameId,
    Attribute(&'a str),
}

/// A registered IAM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    pub id: IdpId,
    pub entity_id: String,
    pub display_name: String,
    pub metadata: String,
    /// The attribute that holds the stable subject; without one it is the persistent NameID.
    pub subject_attribute: Option<String>,
}

/// Registers a provider, or replaces the metadata of the one with this entity id; its people stay the same people.
///
/// One that was disabled stays disabled.
pub async fn register(tx: &mut Tx, registration: Registration<'_>) -> Result<IdpId, StoreError> {
    store::upsert(tx, &registration).await
}

/// Those that people may sign in with, by name.
pub async fn list_active(tx: &mut Tx) -> Result<Vec<Provider>, StoreError> {
    store::list_active(tx).await
}

/// The active provider of this entity id.
pub async fn find_by_entity_id(
    tx: &mut Tx,
    entity_id: &str,
) -> Result<Option<Provider>, StoreError> {
    store::find_by_entity_id(tx, entity_id).await
}

//! People as their IAM knows them: (provider, stable subject). They own nothing and are in no member list (R-ORG-1).

mod store;

use std::collections::HashMap;

use crate::db::{StoreError, Tx};
use crate::ids::{IdentityId, IdpId};

/// What a valid assertion says of a person.
#[derive(Debug, Clone)]
pub struct Seen<'a> {
    pub idp: IdpId,
    /// Stable: a persistent NameID or a named attribute, never an e-mail address that can change hands.
    pub subject: &'a str,
    pub display_name: Option<&'a str>,
    pub email: Option<&'a str>,
}

/// A person as the last valid assertion described them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederatedIdentity {
    pub id: IdentityId,
    pub idp: IdpId,
    pub display_name: Option<String>,
    pub email: Option<String>,
}

/// Notes that a person signed in. Touches no member, link or invitation, whatever the assertion says (R-ORG-1).
pub async fn seen(tx: &mut Tx, seen: Seen<'_>) -> Result<IdentityId, StoreError> {
    store::upsert(tx, &seen).await
}

/// Those of these identities that are known.
pub async fn find_all(
    tx: &mut Tx,
    ids: &[IdentityId],
) -> Result<HashMap<IdentityId, FederatedIdentity>, StoreError> {
    store::find_all(tx, ids).await
}

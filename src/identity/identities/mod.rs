//! People as their IAM knows them: (provider, stable subject). They own nothing and are in no member list (R-ORG-1).

mod store;

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::db::{StoreError, Tx};
use crate::ids::{IdentityId, IdpId, MemberId, OrganisationId};

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

/// Whom an organisation looks for: by any of these, and whether only among those it has to do with.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) identity: Option<IdentityId>,
    pub(crate) email: Option<String>,
    /// Whoever is or was linked to this member last.
    pub(crate) member: Option<MemberId>,
    pub(crate) organisation: OrganisationId,
    /// Only an identity with a link to the organisation, a former one included, or whose address its invitations or its
    /// IAM tenant have (R-ORG-22).
    pub(crate) only_related: bool,
}

/// An identity from the point of view of one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) id: IdentityId,
    pub(crate) email: Option<String>,
    pub(crate) provider: String,
    pub(crate) is_provider_active: bool,
    pub(crate) last_seen_at: DateTime<Utc>,
    /// The member of the organisation as whom it signs in or did last, and whether that is over.
    pub(crate) link: Option<(MemberId, bool)>,
}

impl Found {
    pub(crate) fn is_linked(&self) -> bool {
        self.link.is_some_and(|(_, is_over)| !is_over)
    }

    pub(crate) fn link_ended(&self) -> bool {
        self.link.is_some_and(|(_, is_over)| is_over)
    }
}

/// The one that fits best: linked before formerly linked before unlinked, then the one that was seen last.
pub(crate) async fn find_related(
    tx: &mut Tx,
    wanted: &Wanted,
) -> Result<Option<Found>, StoreError> {
    store::find_related(tx, wanted).await
}

/// The identity of this id, or the one that was seen last with this address.
pub(crate) async fn find_any(
    tx: &mut Tx,
    asked: (Option<IdentityId>, Option<&str>),
) -> Result<Option<FederatedIdentity>, StoreError> {
    store::find_any(tx, asked).await
}

//! What a viewer can read of organisations.

pub(in crate::organisation) mod freezing;
pub(crate) mod site;

use std::collections::HashMap;

use uuid::Uuid;

use super::model::Organisation;
use super::store;
use crate::db::{Scope, Snapshot, StoreError, Tx};
use crate::error::Failure;
use crate::ids::{MemberId, OrganisationId};
use crate::paging::{Page, Sort, Window};
use crate::viewer::{OrganisationKind, OrganisationState, Permission, Viewer};

/// Which organisations are asked for. An absent condition does not narrow; an empty list matches nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    pub(super) kinds: Option<Vec<OrganisationKind>>,
    pub(super) states: Option<Vec<OrganisationState>>,
    pub(super) name_contains: Option<String>,
}

/// One page of a list.
#[derive(Debug, Clone)]
pub(super) struct Listing {
    pub(super) filter: Filter,
    pub(super) sort: Sort,
    pub(super) window: Window,
}

/// Those of `ids` that the viewer may see; the rest is absent, like ids that nobody has.
pub(super) async fn read(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[OrganisationId],
) -> Result<Vec<Organisation>, Failure> {
    let mut reading = snapshot.read().await?;
    Ok(store::find(&mut reading, &viewer.read_scope(), ids).await?)
}

/// The organisations of the whole network: only the vendor's roles give the permission, and the scope confines the rest.
pub(super) async fn list(
    viewer: &Viewer,
    snapshot: &Snapshot,
    listing: &Listing,
) -> Result<Page<Organisation>, Failure> {
    viewer.require(Permission::ReadOrganisations)?;
    let mut reading = snapshot.read().await?;
    Ok(store::list(&mut reading, &viewer.read_scope(), listing).await?)
}

pub(super) async fn count(
    viewer: &Viewer,
    snapshot: &Snapshot,
    filter: &Filter,
) -> Result<i64, Failure> {
    viewer.require(Permission::ReadOrganisations)?;
    let mut reading = snapshot.read().await?;
    Ok(store::count(&mut reading, &viewer.read_scope(), filter).await?)
}

/// A partner of the network as the vendor sees it; nobody else's organisation is one.
pub(crate) async fn partner(
    tx: &mut Tx,
    scope: &Scope,
    id: OrganisationId,
) -> Result<Option<Organisation>, StoreError> {
    let found = store::find(tx, scope, &[id]).await?.pop();
    Ok(found.filter(|found| found.kind == OrganisationKind::Partner))
}

/// Who holds the main account of each organisation that the scope may see and that has one (R-ORG-20).
pub(crate) async fn main_accounts(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[OrganisationId],
) -> Result<HashMap<OrganisationId, MemberId>, StoreError> {
    let found = store::find(tx, scope, ids).await?.into_iter();
    Ok(found
        .filter_map(|found| Some((found.id, found.main_account?)))
        .collect())
}

/// Who answers for an organisation when nobody is named: the holder of its main account while that is an active member,
/// else its administrator of longest standing.
pub(crate) async fn responsible(
    tx: &mut Tx,
    organisation: &Organisation,
) -> Result<Option<MemberId>, StoreError> {
    store::responsible(tx, organisation).await
}

/// Takes the turn of the scope's own organisation for a decision over all its members.
pub(in crate::organisation) async fn lock_own(
    tx: &mut Tx,
    scope: &Scope,
) -> Result<Organisation, Failure> {
    let own = scope.organisation().unwrap_or(OrganisationId(Uuid::nil()));
    Ok(store::lock(tx, scope, own)
        .await?
        .ok_or_else(|| StoreError::corrupt("organisations.id", own.0))?)
}

/// Takes the turn of an organisation that the scope may change.
pub(in crate::organisation) async fn lock_of(
    tx: &mut Tx,
    scope: &Scope,
    id: OrganisationId,
) -> Result<Option<Organisation>, Failure> {
    Ok(store::lock(tx, scope, id).await?)
}

/// An organisation as the scope sees it.
pub(in crate::organisation) async fn seen(
    tx: &mut Tx,
    scope: &Scope,
    id: OrganisationId,
) -> Result<Option<Organisation>, Failure> {
    Ok(store::find(tx, scope, &[id]).await?.pop())
}

/// The viewer's own organisation, for who asks about it from within.
pub(in crate::organisation) async fn own(
    tx: &mut Tx,
    own: OrganisationId,
) -> Result<Option<Organisation>, Failure> {
    let found = store::find(tx, &Scope::Own(own), &[own]).await?;
    Ok(found.into_iter().next())
}

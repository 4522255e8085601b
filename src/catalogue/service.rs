//! What later domains ask of the vendor's facts, and what a viewer can read of them.

use std::collections::HashMap;

use uuid::Uuid;

use super::model::{CloudService, ListState, Offering, Office};
use super::store;
use crate::db::{Scope, Snapshot, StoreError, Tx};
use crate::error::Failure;
use crate::ids::{OfferingId, OrganisationId};
use crate::paging::{Page, Sort, Window};
use crate::text::fold;
use crate::viewer::{Permission, Viewer};

/// The vendor's own lists are told whole; a longer one is an import by mistake.
const LIST: i64 = 1_000;

/// Those of the ids that are offerings of this organisation, in the order of the ids (R-OPP-20).
pub(crate) async fn offerings(
    tx: &mut Tx,
    organisation: OrganisationId,
    ids: &[OfferingId],
) -> Result<Vec<Offering>, StoreError> {
    let found = offerings_of_any(tx, &Scope::Own(organisation), ids).await?;
    let mut found: HashMap<OfferingId, Offering> = found
        .into_iter()
        .map(|offering| (offering.id, offering))
        .collect();
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// Those of the ids that the scope may see, in no order.
pub(crate) async fn offerings_of_any(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[OfferingId],
) -> Result<Vec<Offering>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    store::offerings(tx, scope, &ids).await
}

/// The vendor's office for an end customer in this region, however the region is written (R-OPP-27).
pub(crate) async fn office_of(tx: &mut Tx, region: &str) -> Result<Option<Office>, StoreError> {
    let found = store::offices_of_regions(tx, &[fold(region)]).await?;
    Ok(found.into_iter().next().map(|(_, office)| office))
}

/// Those of the codes that the vendor has as cloud services, retired ones included.
pub(crate) async fn known_services(
    tx: &mut Tx,
    codes: &[String],
) -> Result<Vec<CloudService>, StoreError> {
    store::services(tx, codes).await
}

/// Whether the viewer may read what the vendor states about this organisation: it is its own, or the viewer works for
/// the vendor and may read organisations.
pub(super) fn may_read(viewer: &Viewer, organisation: OrganisationId) -> bool {
    if viewer.is_vendor() {
        viewer.may(Permission::ReadOrganisations)
    } else {
        viewer.organisation() == Some(organisation)
    }
}

/// What the scope may see and the viewer may read, by id.
pub(super) async fn read_offerings(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[OfferingId],
) -> Result<Vec<Offering>, Failure> {
    let mut tx = snapshot.read().await?;
    let found = offerings_of_any(&mut tx, snapshot.scope(), ids).await?;
    // An offering stands in opportunities, so whoever reads those reads it too.
    let reads = viewer.may(Permission::ReadOpportunities);
    let may = |offering: &Offering| reads || may_read(viewer, offering.organisation);
    Ok(found.into_iter().filter(may).collect())
}

pub(super) async fn list_offerings(
    snapshot: &Snapshot,
    wanted: (OrganisationId, Option<ListState>),
    (sort, window): (Sort, &Window),
) -> Result<Page<Offering>, Failure> {
    let mut tx = snapshot.read().await?;
    let rows = store::list_offerings(&mut tx, snapshot.scope(), wanted, (sort, window)).await?;
    Ok(Page::of(rows, window))
}

pub(super) async fn count_offerings(
    snapshot: &Snapshot,
    wanted: (OrganisationId, Option<ListState>),
) -> Result<i64, Failure> {
    let mut tx = snapshot.read().await?;
    Ok(store::count_offerings(&mut tx, snapshot.scope(), wanted).await?)
}

/// The vendor's lists are for whoever acts for an organisation.
fn require_member(viewer: &Viewer) -> Result<(), Failure> {
    match viewer.acting_for() {
        Some(_) => Ok(()),
        None => {
            Err(crate::error::Refusal::new(crate::error::Code::Forbidden, "NOT_A_MEMBER").into())
        }
    }
}

pub(super) async fn list_offices(
    viewer: &Viewer,
    snapshot: &Snapshot,
) -> Result<Vec<Office>, Failure> {
    require_member(viewer)?;
    let mut tx = snapshot.read().await?;
    Ok(store::list_offices(&mut tx, LIST).await?)
}

pub(super) async fn list_services(
    viewer: &Viewer,
    snapshot: &Snapshot,
) -> Result<Vec<CloudService>, Failure> {
    require_member(viewer)?;
    let mut tx = snapshot.read().await?;
    Ok(store::list_services(&mut tx, LIST).await?)
}

pub(super) async fn read_offices(
    snapshot: &Snapshot,
    codes: &[String],
) -> Result<Vec<Office>, Failure> {
    let mut tx = snapshot.read().await?;
    Ok(store::offices(&mut tx, codes).await?)
}

/// The office of each region, by the region as it was asked.
pub(super) async fn offices_of(
    snapshot: &Snapshot,
    regions: &[String],
) -> Result<HashMap<String, Office>, Failure> {
    let folded: Vec<String> = regions.iter().map(|region| fold(region)).collect();
    let mut tx = snapshot.read().await?;
    let found = store::offices_of_regions(&mut tx, &folded).await?;
    let found: HashMap<String, Office> = found.into_iter().collect();
    let asked = regions.iter().zip(&folded);
    Ok(asked
        .filter_map(|(region, folded)| Some((region.clone(), found.get(folded)?.clone())))
        .collect())
}

pub(super) async fn read_services(
    snapshot: &Snapshot,
    codes: &[String],
) -> Result<Vec<CloudService>, Failure> {
    let mut tx = snapshot.read().await?;
    Ok(store::services(&mut tx, codes).await?)
}

//! With whom the vendor may share a deal, and for what (R-OPP-28, R-OPP-29).

use chrono::{DateTime, Months};

use super::facts::today;
use super::times::Times;
use crate::catalogue::{self, PathStage, Programme};
use crate::db::{Scope, Snapshot, StoreError, Tx};
use crate::error::{Failure, Faults};
use crate::explain::{Remover, Verdict};
use crate::ids::OrganisationId;
use crate::opportunities::error::{Fault, OpportunityRefusal};
use crate::opportunities::model::Content;
use crate::opportunities::store;
use crate::organisation;
use crate::rules::{self, OpportunityEligibility, OpportunityUpdating, Ruled, Site};
use crate::viewer::{Permission, Viewer};

/// What stands in the way of sharing deals with a partner: it joined the co-sell programme, is differentiated on a path, or
/// role validated with so many of its own deals delivered within so many months, whenever they were signed; and it keeps
/// its deals up to date (R-OPP-33).
pub(super) async fn verdict(
    tx: &mut Tx,
    (partner, site): (OrganisationId, Site),
) -> Result<Verdict, StoreError> {
    let day = today(tx);
    let joined = catalogue::has_joined(tx, partner, Programme::CoSell, day).await?;
    let stage = catalogue::highest_stage(tx, partner).await?;
    let stands = match stage {
        Some(PathStage::Differentiated) => None,
        Some(PathStage::RoleValidated) => too_few_delivered(tx, (partner, site)).await?,
        Some(PathStage::Selected) | None => Some(OpportunityRefusal::StageTooLow),
    };
    let removable = match stage {
        Some(PathStage::RoleValidated) => Remover::Partner,
        Some(PathStage::Selected | PathStage::Differentiated) | None => Remover::Vendor,
    };
    let not_joined = (!joined).then_some(OpportunityRefusal::PartnerNotJoined);
    Ok(Verdict::new("opportunityShare")
        .unless(not_joined, Remover::Partner)
        .unless(stands, removable)
        .unless(not_updating(tx, (partner, site)).await?, Remover::Partner))
}

async fn too_few_delivered(
    tx: &mut Tx,
    (partner, site): (OrganisationId, Site),
) -> Result<Option<OpportunityRefusal>, StoreError> {
    let now = tx.now();
    let rule: Ruled<OpportunityEligibility> = rules::of_site(tx, site, now).await?;
    let (minimum, months) = (rule.value.minimum_delivered, rule.value.within_months);
    let since = now.checked_sub_months(Months::new(months));
    let since = since.unwrap_or(DateTime::UNIX_EPOCH);
    let delivered = store::count_delivered(tx, partner, since).await?;
    Ok(
        (delivered < minimum).then_some(OpportunityRefusal::TooFewDelivered {
            minimum,
            months,
            delivered,
        }),
    )
}

/// So many of its deals have been without a word for too long, and these are too many. It counts what is so now, and its
/// deals are counted in one statement, however many there are.
async fn not_updating(
    tx: &mut Tx,
    (partner, site): (OrganisationId, Site),
) -> Result<Option<OpportunityRefusal>, StoreError> {
    let now = tx.now();
    let rule: Ruled<OpportunityUpdating> = rules::of_site(tx, site, now).await?;
    let times = Times::of_site(tx, site).await?;
    let stalled = store::count_stalled(tx, partner, times.stalled_before(site)).await?;
    let maximum = rule.value.maximum_stalled;
    Ok(
        (stalled > maximum).then_some(OpportunityRefusal::NotUpdating {
            stalled,
            maximum,
            working_days: times.stall_working_days(site).unwrap_or_default(),
        }),
    )
}

/// Refuses a deal without an offering of the partner's that the vendor shares deals for; every fault at once.
pub(super) async fn check_offerings(
    tx: &mut Tx,
    partner: OrganisationId,
    content: &Content,
) -> Result<(), Failure> {
    let particulars = &content.particulars;
    let mut faults = Faults::default();
    if particulars.offerings.is_empty() {
        faults.add(Fault::NoOffering.at("offeringIds"));
    }
    let known = catalogue::offerings(tx, partner, &particulars.offerings).await?;
    for (index, id) in particulars.offerings.iter().enumerate() {
        let path = format!("offeringIds.{index}");
        match known.iter().find(|offering| offering.id == *id) {
            None => faults.add(Fault::OfferingUnknown.at(&path)),
            Some(offering) if offering.state == catalogue::ListState::Retired => {
                faults.add(Fault::OfferingRetired.at(&path));
            }
            Some(offering) if !offering.can_be_shared_for() => {
                faults.add(Fault::OfferingNotShareable.at(&path));
            }
            Some(_) => {}
        }
    }
    faults.check()
}

/// For the vendor's people, and for the partner itself; nothing for anybody else.
pub(crate) async fn read(
    viewer: &Viewer,
    snapshot: &Snapshot,
    partner: OrganisationId,
) -> Result<Option<Verdict>, Failure> {
    let is_own = viewer.organisation() == Some(partner);
    if !viewer.may(Permission::ReadOpportunities) || !(is_own || viewer.is_vendor()) {
        return Ok(None);
    }
    let mut tx = snapshot.read().await?;
    let scope: &Scope = snapshot.scope();
    let Some(found) = organisation::partner(&mut tx, scope, partner).await? else {
        return Ok(None);
    };
    Ok(Some(verdict(&mut tx, (found.id, found.site)).await?))
}

//! The vendor's change of what a deal that was handed in is about (R-OPP-22).

use serde_json::json;

use super::{Target, Written, event, open, policy};
use crate::catalogue::{self, ListState};
use crate::db::{Change, Scope, Tx};
use crate::error::{Failure, Faults};
use crate::ids::{OfferingId, Tagged as _};
use crate::opportunities::error::Fault;
use crate::opportunities::model::{Action, Origin};
use crate::opportunities::store;
use crate::viewer::Viewer;

/// Puts other offerings of the partner's in; the partner sees them, and the tags that follow, at once.
#[derive(Debug, Clone)]
pub(crate) struct OfferingChange {
    pub(crate) target: Target,
    pub(crate) offerings: Vec<OfferingId>,
}

impl Change for OfferingChange {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.offering_change";
    const ACTION: &'static str = "opportunityOfferingChange";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::scope(Action::OfferingChange, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let opened = open(tx, scope, (Action::OfferingChange, self.target)).await?;
        let mut opportunity = opened.opportunity;
        let known = catalogue::offerings(tx, opportunity.organisation, &self.offerings).await?;
        let mut faults = Faults::default();
        if self.offerings.is_empty() {
            faults.add(Fault::NoOffering.at("offeringIds"));
        }
        for (index, id) in self.offerings.iter().enumerate() {
            let path = format!("offeringIds.{index}");
            let stood = opportunity.content.particulars.offerings.contains(id);
            match known.iter().find(|offering| offering.id == *id) {
                None => faults.add(Fault::OfferingUnknown.at(&path)),
                Some(_) if stood => {}
                Some(offering) if offering.state == ListState::Retired => {
                    faults.add(Fault::OfferingRetired.at(&path));
                }
                Some(offering)
                    if opportunity.origin == Origin::Vendor && !offering.can_be_shared_for() =>
                {
                    faults.add(Fault::OfferingNotShareable.at(&path));
                }
                Some(_) => {}
            }
        }
        faults.check()?;
        let before = opportunity.content.particulars.offerings.clone();
        if opportunity.change_offerings(&self.offerings, tx.now())? {
            store::record_offerings(tx, &opportunity).await?;
            let ids = |ids: &[OfferingId]| ids.iter().map(|id| id.global()).collect::<Vec<_>>();
            let changed = event(&opportunity, "opportunity.offering_changed");
            tx.record(changed.detail(json!({
                "from": ids(&before),
                "to": ids(&opportunity.content.particulars.offerings),
            })))
            .await?;
        }
        Ok(Written::from(&opportunity))
    }
}

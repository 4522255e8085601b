//! What another deal for the same customer need means for one (R-OPP-24, R-OPP-25).

use super::{Origin, ProgressStage, ReviewState};
use crate::explain::Remover;
use crate::ids::OpportunityId;
use crate::opportunities::error::OpportunityRefusal;
use crate::viewer::{Permission, Viewer};

/// A deal that was there first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Duplicate {
    pub(crate) id: OpportunityId,
    pub(crate) origin: Origin,
    pub(crate) state: ReviewState,
    pub(crate) progress: Option<ProgressStage>,
}

impl Duplicate {
    /// What it is refused with that a deal of this origin goes on.
    pub(crate) fn refuses(self, later: Origin) -> OpportunityRefusal {
        let existing = Some(self.id);
        match (later, self.origin) {
            (Origin::Partner, Origin::Partner | Origin::Vendor) => {
                OpportunityRefusal::PartnersDealDuplicate { existing }
            }
            (Origin::Vendor, Origin::Partner) => {
                OpportunityRefusal::SharedDealDuplicate { existing }
            }
            (Origin::Vendor, Origin::Vendor) => OpportunityRefusal::SharedAlready { existing },
        }
    }

    /// Who can end it, for a viewer of the vendor: the vendor itself until the contract is signed, and the partner until
    /// it is delivered (R-OPP-34). What waits for a partner's answer is that partner's to decline.
    pub(crate) fn removable_by(self, viewer: &Viewer) -> Remover {
        if self.progress.is_some_and(ProgressStage::is_final) {
            return Remover::Nobody;
        }
        let is_signed = self.progress.is_some_and(ProgressStage::is_signed);
        if is_signed || !ReviewState::SETTLED.contains(&self.state) {
            return Remover::Partner;
        }
        let permission = Permission::CancelOpportunities;
        if viewer.may(permission) {
            Remover::Viewer
        } else {
            Remover::VendorColleague(permission)
        }
    }
}

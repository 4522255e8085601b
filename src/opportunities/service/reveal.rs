//! Reading the masked values of a customer's people in full: per field, for a purpose, and recorded (R-GEN-3).

use super::super::error::OpportunityRefusal;
use super::super::model::{ContactField, Opportunity};
use super::super::store;
use crate::db::{Change, Scope, Tx};
use crate::error::{Failure, Faults};
use crate::ids::{OpportunityId, RevealId};
use crate::timeline::{self, ObjectRef, Reveal};
use crate::viewer::{Permission, Viewer};

/// Whether the viewer gets the contacts in full: who writes them down for the partner has to read them.
pub(in super::super) fn discloses_contacts(viewer: &Viewer, opportunity: &Opportunity) -> bool {
    viewer.organisation() == Some(opportunity.organisation)
        && viewer.may(Permission::WriteOpportunities)
}

/// Records that the viewer reads these values; the caller hands them out once, when this was not a replay.
pub(in super::super) struct RevealContacts {
    pub(in super::super) id: OpportunityId,
    pub(in super::super) fields: Vec<ContactField>,
    pub(in super::super) purpose: String,
}

impl Change for RevealContacts {
    type Outcome = RevealId;
    const NAME: &'static str = "opportunities.reveal_contacts";
    const ACTION: &'static str = "opportunityContactReveal";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        viewer.require(Permission::ReadOpportunities)?;
        if viewer.is_vendor() {
            viewer.vendor(Permission::RevealPersonalData)
        } else {
            viewer.own(Permission::RevealPersonalData)
        }
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<RevealId, Failure> {
        let mut faults = Faults::default();
        timeline::check_reveal(&mut faults, self.fields.len(), &self.purpose);
        faults.check()?;
        let found = store::find(tx, scope, &[self.id]).await?;
        let opportunity = found.first().ok_or(OpportunityRefusal::NotFound)?;
        let reveal = Reveal {
            organisation: opportunity.organisation,
            subject: ObjectRef::from(opportunity.id),
            fields: self.fields.iter().map(|field| field.as_str()).collect(),
            purpose: self.purpose.clone(),
        };
        Ok(timeline::record_reveal(tx, reveal).await?)
    }
}

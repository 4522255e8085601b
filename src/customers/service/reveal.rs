//! Reading a customer's masked values in full: per field, for a purpose, and recorded (R-GEN-3).

use super::super::error::CustomerRefusal;
use super::super::model::{Customer, PersonalField};
use super::super::policy::{self, Action};
use super::super::store;
use super::Reach;
use crate::db::{Change, Scope, Tx};
use crate::error::{Failure, Faults};
use crate::ids::{CustomerId, RevealId};
use crate::timeline::{self, ObjectRef, Reveal};
use crate::viewer::Viewer;

/// Whether the viewer gets the values in full: the customer's own people.
pub(in super::super) fn discloses(viewer: &Viewer, customer: &Customer) -> bool {
    viewer.organisation() == Some(customer.organisation)
}

/// Records that the viewer reads these values; the caller hands them out once, when this was not a replay.
pub(in super::super) struct RevealCustomer {
    pub(in super::super) customer: CustomerId,
    pub(in super::super) fields: Vec<PersonalField>,
    pub(in super::super) purpose: String,
}

impl Change for RevealCustomer {
    type Outcome = RevealId;
    const NAME: &'static str = "customers.reveal";
    const ACTION: &'static str = "customerReveal";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(Action::Reveal, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<RevealId, Failure> {
        let mut faults = Faults::default();
        timeline::check_reveal(&mut faults, self.fields.len(), &self.purpose);
        faults.check()?;
        let found = store::find(tx, scope, (&[self.customer], Reach::All)).await?;
        let customer = found.into_iter().next().ok_or(CustomerRefusal::NotFound)?;
        // The partner's own record says what its people read; the vendor's stands with the customer's.
        let organisation = match scope {
            Scope::Own(own) | Scope::Distributor(own) => *own,
            Scope::Vendor | Scope::Job(_) | Scope::Nobody => customer.organisation,
        };
        let reveal = Reveal {
            organisation,
            subject: ObjectRef::from(customer.id),
            fields: self.fields.iter().map(|field| field.as_str()).collect(),
            purpose: self.purpose.clone(),
        };
        Ok(timeline::record_reveal(tx, reveal).await?)
    }
}

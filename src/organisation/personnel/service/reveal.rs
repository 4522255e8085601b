//! Reading a person's masked values in full: per field, for a purpose, and recorded (R-GEN-3).

use super::super::error::PersonnelRefusal;
use super::super::store;
use crate::db::{Change, Scope, Tx};
use crate::error::{Failure, Faults};
use crate::ids::{PersonId, RevealId};
use crate::timeline::{self, ObjectRef, Reveal};
use crate::viewer::{Permission, Viewer};
use crate::words::words;

words! {
    /// A value that is masked.
    PersonalField {
        Email = "email",
        Mobile = "mobile",
    }
}

/// Records that the viewer reads these values; the caller hands them out once, when this was not a replay.
pub(in super::super) struct RevealPerson {
    pub(in super::super) person: PersonId,
    pub(in super::super) fields: Vec<PersonalField>,
    pub(in super::super) purpose: String,
}

impl Change for RevealPerson {
    type Outcome = RevealId;
    const NAME: &'static str = "personnel.reveal";
    const ACTION: &'static str = "dedicatedPersonReveal";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        viewer.require(Permission::ReadPersonnel)?;
        if viewer.is_vendor() {
            viewer.vendor(Permission::RevealPersonalData)
        } else {
            viewer.own(Permission::RevealPersonalData)
        }
    }

    /// Of who shares nothing there is nothing to read: such a person is as unknown as nobody.
    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<RevealId, Failure> {
        let mut faults = Faults::default();
        timeline::check_reveal(&mut faults, self.fields.len(), &self.purpose);
        faults.check()?;
        let found = store::find(tx, scope, &[self.person]).await?;
        let found = found.into_iter().find(|person| person.profile.is_some());
        let person = found.ok_or(PersonnelRefusal::NotFound)?;
        let reveal = Reveal {
            organisation: person.organisation,
            subject: ObjectRef::from(person.id),
            fields: self.fields.iter().map(|field| field.as_str()).collect(),
            purpose: self.purpose.clone(),
        };
        Ok(timeline::record_reveal(tx, reveal).await?)
    }
}

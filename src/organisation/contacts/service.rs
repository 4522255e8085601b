//! A partner names whom its customers turn to (R-ORG-15).

use std::collections::HashMap;

use super::model::{ContactRefusal, CustomerContact, Particulars};
use super::{policy, store};
use crate::db::{Change, Scope, Snapshot, Tx};
use crate::error::{Failure, Faults};
use crate::ids::{CustomerContactId, MemberId, OrganisationId};
use crate::organisation::service::lock_own;
use crate::rules::{self, CustomerContacts, Ruled};
use crate::timeline::Event;
use crate::viewer::Viewer;

/// Names another contact.
#[derive(Debug, Clone)]
pub(super) struct Add {
    pub(super) particulars: Particulars,
}

impl Change for Add {
    type Outcome = CustomerContactId;
    const NAME: &'static str = "customer_contacts.add";
    const ACTION: &'static str = "customerContactAdd";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<CustomerContactId, Failure> {
        check(&self.particulars)?;
        let organisation = lock_own(tx, scope).await?.id;
        let now = tx.now();
        let rule: Ruled<CustomerContacts> = rules::of_organisation(tx, organisation, now).await?;
        let found = store::of_organisations(tx, scope, &[organisation]).await?;
        let used = i64::try_from(found.len()).unwrap_or(i64::MAX);
        let limit = rule.value.maximum;
        if used >= limit {
            return Err(ContactRefusal::TooMany { limit, used }.into());
        }
        let contact = CustomerContact {
            organisation,
            id: tx.fresh_id(),
            particulars: self.particulars.clone(),
            is_removed: false,
            version: 1,
        };
        store::insert(tx, &contact).await?;
        let mut added = event(&contact, "customer_contact.added");
        added.to = Some("ACTIVE");
        tx.record(added).await?;
        Ok(contact.id)
    }
}

/// Writes a contact anew.
#[derive(Debug, Clone)]
pub(super) struct Update {
    pub(super) contact: CustomerContactId,
    pub(super) expected_version: i64,
    pub(super) particulars: Particulars,
}

impl Change for Update {
    type Outcome = CustomerContactId;
    const NAME: &'static str = "customer_contacts.update";
    const ACTION: &'static str = "customerContactUpdate";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<CustomerContactId, Failure> {
        let mut contact = lock(tx, scope, self.contact, self.expected_version).await?;
        check(&self.particulars)?;
        contact.particulars = self.particulars.clone();
        contact.version += 1;
        store::record(tx, &contact).await?;
        tx.record(event(&contact, "customer_contact.updated"))
            .await?;
        Ok(contact.id)
    }
}

/// Takes a contact away; without any, customers see the administrator.
#[derive(Debug, Clone, Copy)]
pub(super) struct Remove {
    pub(super) contact: CustomerContactId,
    pub(super) expected_version: i64,
}

impl Change for Remove {
    type Outcome = CustomerContactId;
    const NAME: &'static str = "customer_contacts.remove";
    const ACTION: &'static str = "customerContactRemove";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<CustomerContactId, Failure> {
        let mut contact = lock(tx, scope, self.contact, self.expected_version).await?;
        contact.is_removed = true;
        contact.version += 1;
        store::record(tx, &contact).await?;
        let action = "customer_contact.removed";
        let removed = Event::new(contact.organisation, contact.id, contact.version, action);
        tx.record(removed.moved("ACTIVE", "REMOVED")).await?;
        Ok(contact.id)
    }
}

fn check(particulars: &Particulars) -> Result<(), Failure> {
    let mut faults = Faults::default();
    for fault in particulars.faults() {
        faults.add(fault);
    }
    faults.check()
}

async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    id: CustomerContactId,
    expected_version: i64,
) -> Result<CustomerContact, Failure> {
    let contact = store::lock(tx, scope, id).await?;
    let contact = contact.ok_or(ContactRefusal::NotFound)?;
    if contact.version != expected_version {
        let current = contact.version;
        return Err(ContactRefusal::VersionConflict { current }.into());
    }
    contact.expect_present()?;
    Ok(contact)
}

fn event(contact: &CustomerContact, action: &'static str) -> Event {
    let given = &contact.particulars;
    let event = Event::new(contact.organisation, contact.id, contact.version, action);
    let event = event.personal("name", &given.name);
    let event = match &given.phone {
        Some(phone) => event.personal("phone", phone),
        None => event,
    };
    match &given.email {
        Some(email) => event.personal("email", email),
        None => event,
    }
}

/// Whom customers see: the contacts, or, while there are none, the member who answers for the organisation.
#[derive(Debug, Clone)]
pub(super) enum Shown {
    Contacts(Vec<CustomerContact>),
    Administrator(MemberId),
}

/// The same of several organisations, in two statements; one of which nothing can be shown is absent.
pub(super) async fn shown(
    viewer: &Viewer,
    snapshot: &Snapshot,
    organisations: &[OrganisationId],
) -> Result<HashMap<OrganisationId, Shown>, Failure> {
    let scope = viewer.read_scope();
    let mut reading = snapshot.read().await?;
    let administrators = store::administrators(&mut reading, &scope, organisations).await?;
    let mut shown: HashMap<OrganisationId, Shown> = administrators
        .into_iter()
        .map(|(organisation, member)| (organisation, Shown::Administrator(member)))
        .collect();
    let mut contacts: HashMap<OrganisationId, Vec<CustomerContact>> = HashMap::new();
    for contact in store::of_organisations(&mut reading, &scope, organisations).await? {
        contacts
            .entry(contact.organisation)
            .or_default()
            .push(contact);
    }
    let contacts = contacts.into_iter();
    shown.extend(contacts.map(|(organisation, found)| (organisation, Shown::Contacts(found))));
    Ok(shown)
}

/// Those of the ids that the viewer may see.
pub(super) async fn read(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[CustomerContactId],
) -> Result<Vec<CustomerContact>, Failure> {
    let mut reading = snapshot.read().await?;
    Ok(store::find(&mut reading, &viewer.read_scope(), ids).await?)
}

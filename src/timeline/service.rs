//! What a viewer reads of histories.

use std::collections::HashMap;

use super::model::{Entry, Head};
use super::store::pages::{self, About};
use super::{Event, ObjectRef};
use crate::db::{Snapshot, StoreError, Tx};
use crate::error::{Code, Failure, Faults, Refusal};
use crate::ids::{OrganisationId, RevealId, global_of};
use crate::paging::{Page, Window};
use crate::viewer::{Permission, Viewer};

/// The newest entries of several objects, in one statement: those of a list.
pub(super) async fn first_pages(
    viewer: &Viewer,
    snapshot: &Snapshot,
    (objects, count): (&[ObjectRef], u32),
) -> Result<HashMap<ObjectRef, Page<Entry>>, Failure> {
    let window = Window::First { count, after: None };
    let about: Vec<About> = objects.iter().map(About::from).collect();
    let mut reading = snapshot.read().await?;
    let found = pages::read(&mut reading, &viewer.read_scope(), (&about, &window)).await?;
    let mut rows: HashMap<uuid::Uuid, Vec<Entry>> = HashMap::new();
    for (object, entry) in found {
        rows.entry(object).or_default().push(entry);
    }
    Ok(objects
        .iter()
        .map(|object| {
            let rows = rows.remove(&object.id).unwrap_or_default();
            (*object, Page::of(rows, &window))
        })
        .collect())
}

/// One page of one object's history.
pub(super) async fn page(
    viewer: &Viewer,
    snapshot: &Snapshot,
    (object, window): (ObjectRef, &Window),
) -> Result<Page<Entry>, Failure> {
    let about = [About::from(&object)];
    let mut reading = snapshot.read().await?;
    let found = pages::read(&mut reading, &viewer.read_scope(), (&about, window)).await?;
    let rows = found.into_iter().map(|(_, entry)| entry).collect();
    Ok(Page::of(rows, window))
}

/// Where an object's chain ends, for who audits it: the vendor's auditors and the organisation whose record it is.
pub(super) async fn proof(
    viewer: &Viewer,
    snapshot: &Snapshot,
    object: uuid::Uuid,
) -> Result<Option<Head>, Failure> {
    viewer.require(Permission::ReadAudit)?;
    let mut reading = snapshot.read().await?;
    Ok(pages::head(&mut reading, &viewer.read_scope(), object).await?)
}

/// Whether the viewer reads what belongs to the record's own people: request ids, and what an entry holds beside the
/// change itself.
pub(super) fn reads_audit(viewer: &Viewer, entry: &Entry) -> bool {
    viewer.may(Permission::ReadAudit)
        && (viewer.is_vendor() || viewer.organisation() == Some(entry.organisation))
}

/// Whether the viewer reads the request id of an entry.
pub(super) fn reads_correlation(viewer: &Viewer, entry: &Entry) -> bool {
    viewer.organisation() == Some(entry.organisation) || reads_audit(viewer, entry)
}

/// Whether the viewer learns who the actor is. A partner deals with the vendor, not with one of its people.
pub(super) fn names_actor(viewer: &Viewer, entry: &Entry) -> bool {
    entry.actor_kind != super::ActorKind::VendorStaff || viewer.is_vendor()
}

/// That somebody read personal values in full: which, whose and what for. It has a history of its own, so that reading
/// changes no version, and shows in the history of the object that it is about.
pub(crate) struct Reveal {
    pub(crate) organisation: OrganisationId,
    pub(crate) subject: ObjectRef,
    pub(crate) fields: Vec<&'static str>,
    pub(crate) purpose: String,
}

/// Characters of a purpose at most.
const PURPOSE_LENGTH: usize = 500;

/// What is wrong with the input of a reveal: it names values and says what for.
pub(crate) fn check_reveal(faults: &mut Faults, fields: usize, purpose: &str) {
    if fields == 0 {
        faults.add(Refusal::new(Code::InvalidInput, "REVEAL_FIELDS_REQUIRED").at("fields"));
    }
    if purpose.trim().is_empty() || purpose.chars().count() > PURPOSE_LENGTH {
        faults.add(
            Refusal::new(Code::InvalidInput, "REVEAL_PURPOSE_REQUIRED")
                .at("purpose")
                .with("maximum", PURPOSE_LENGTH),
        );
    }
}

/// Records a reveal in the transaction of whoever reads the values.
pub(crate) async fn record_reveal(tx: &mut Tx, reveal: Reveal) -> Result<RevealId, StoreError> {
    let id: RevealId = tx.fresh_id();
    let subject = global_of(reveal.subject.kind, reveal.subject.id);
    let event = Event::new(reveal.organisation, id, 1, "personal.revealed")
        .because(reveal.purpose)
        .detail(serde_json::json!({ "subject": subject, "fields": reveal.fields }));
    tx.record(event).await?;
    Ok(id)
}

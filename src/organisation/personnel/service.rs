//! Who does what with dedicated personnel, and what a viewer reads of them. Each change is a file of its own.

mod accept;
mod applying;
mod batch;
mod deciding;
mod ending;
mod invite;
mod maintain;
mod reveal;
#[cfg(test)]
mod tests;
mod waiting;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub(super) use self::accept::{Accept, Found};
pub(super) use self::applying::{Apply, ApplyItem, Cancel, CancelWithdraw};
pub(super) use self::batch::ItemResult;
pub(super) use self::deciding::{Decide, DecideItem, Decision, Disqualify};
pub(super) use self::ending::{Leave, Unbind};
pub(super) use self::invite::{Invite, Invited, Resend};
pub(super) use self::maintain::Update;
pub(super) use self::reveal::{PersonalField, RevealPerson};
pub(crate) use self::waiting::waiting;
use super::error::PersonnelRefusal;
use super::model::account::PersonalAccount;
use super::model::moves::Action;
use super::model::record::{Dedication, Record};
use super::model::{DedicatedPath, DedicatedPerson};
use super::policy::{self, Relation};
use super::store;
use super::store::applications::Application;
use super::store::list::Filter;
use crate::db::{Acting, Db, Scope, Snapshot, Tx};
use crate::error::Failure;
use crate::ids::{IdentityId, OrganisationId, PersonId, PersonalAccountId, Tagged as _};
use crate::paging::{Page, Sort, Window};
use crate::timeline::Event;
use crate::viewer::{Permission, Viewer};

/// The person that a change wrote, and the version that it made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Written {
    pub(crate) id: PersonId,
    pub(crate) version: i64,
}

/// A person as it was read, for a change to exactly that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) id: PersonId,
    pub(crate) expected_version: i64,
}

/// A person for somebody who may read it.
#[derive(Debug, Clone)]
pub(crate) struct Readable {
    pub(crate) person: DedicatedPerson,
    pub(crate) relation: Relation,
    /// The instant of the read.
    pub(crate) now: DateTime<Utc>,
}

/// Reads and holds the person that a change is about: it is there, at the version that was read, and in a state in which
/// the action is open.
async fn open(
    tx: &mut Tx,
    scope: &Scope,
    (action, target): (Action, Target),
) -> Result<DedicatedPerson, Failure> {
    let person = store::lock(tx, scope, target.id)
        .await?
        .ok_or(PersonnelRefusal::NotFound)?;
    person.at_version(target.expected_version)?;
    policy::check(action, &person)?;
    Ok(person)
}

/// Writes the person and the entry of the version that the change made.
async fn save(
    tx: &mut Tx,
    person: &DedicatedPerson,
    event: impl FnOnce(Event) -> Event,
    action: &'static str,
) -> Result<Written, Failure> {
    store::write::save(tx, person).await?;
    let made = Event::new(person.organisation, person.id, person.version, action);
    tx.record(event(made)).await?;
    Ok(Written {
        id: person.id,
        version: person.version,
    })
}

/// In whose name the record of a person is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Party {
    /// The person himself, in his association with this partner.
    Himself(IdentityId, OrganisationId),
    Organisation,
}

/// Asks the database whether the record is the viewer's own, before there is any scope.
async fn party(db: &Db, viewer: &Viewer, id: PersonId) -> Result<Party, Failure> {
    let Some(identity) = policy::identity(viewer) else {
        return Ok(Party::Organisation);
    };
    let mut tx = nobody(db, identity).await?;
    let own = store::own(&mut tx, identity).await?;
    let own = own.into_iter().find(|person| person.id == id);
    Ok(own.map_or(Party::Organisation, |person| {
        Party::Himself(identity, person.organisation)
    }))
}

async fn nobody(db: &Db, identity: IdentityId) -> Result<Tx, Failure> {
    let acting = Acting {
        actor: identity.global(),
        correlation_id: String::new(),
    };
    Ok(db.begin(&Scope::Nobody, &acting).await?)
}

/// The viewer's own associations, and with the permission those of the viewer's organisation, for the vendor of all.
pub(super) async fn by_id(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[PersonId],
) -> Result<HashMap<PersonId, Readable>, Failure> {
    let mut tx = snapshot.read().await?;
    let now = tx.now();
    let mut found = HashMap::new();
    if viewer.may(Permission::ReadPersonnel) {
        let persons = store::find(&mut tx, snapshot.scope(), ids).await?;
        let relation = Relation::Other;
        found.extend(persons.into_iter().map(|person| {
            (
                person.id,
                Readable {
                    person,
                    relation,
                    now,
                },
            )
        }));
    }
    // Whoever reads the persons of an organisation is rarely one of them.
    if found.len() < ids.len()
        && let Some(identity) = policy::identity(viewer)
    {
        let own = store::own(&mut tx, identity).await?.into_iter();
        let own = own.filter(|person| ids.contains(&person.id));
        let relation = Relation::Himself;
        found.extend(own.map(|person| {
            (
                person.id,
                Readable {
                    person,
                    relation,
                    now,
                },
            )
        }));
    }
    Ok(found)
}

/// The viewer's own associations and invitations, the latest first.
pub(super) async fn own(viewer: &Viewer, snapshot: &Snapshot) -> Result<Vec<Readable>, Failure> {
    let Some(identity) = policy::identity(viewer) else {
        return Ok(Vec::new());
    };
    let mut tx = snapshot.read().await?;
    let now = tx.now();
    let own = store::own(&mut tx, identity).await?.into_iter();
    let relation = Relation::Himself;
    Ok(own
        .map(|person| Readable {
            person,
            relation,
            now,
        })
        .collect())
}

/// Whether the viewer may list an organisation's persons.
pub(super) fn may_list(viewer: &Viewer, organisation: OrganisationId) -> bool {
    viewer.may(Permission::ReadPersonnel)
        && (viewer.is_vendor() || viewer.organisation() == Some(organisation))
}

pub(super) async fn list(
    viewer: &Viewer,
    snapshot: &Snapshot,
    (filter, sort, window): (&Filter, Sort, &Window),
) -> Result<Page<Readable>, Failure> {
    viewer.require(Permission::ReadPersonnel)?;
    let mut tx = snapshot.read().await?;
    let now = tx.now();
    let page = store::list::page(&mut tx, snapshot.scope(), (filter, sort, window)).await?;
    let relation = Relation::Other;
    Ok(page.map(|person| Readable {
        person,
        relation,
        now,
    }))
}

pub(super) async fn count(
    viewer: &Viewer,
    snapshot: &Snapshot,
    filter: &Filter,
) -> Result<i64, Failure> {
    viewer.require(Permission::ReadPersonnel)?;
    let mut tx = snapshot.read().await?;
    Ok(store::list::count(&mut tx, snapshot.scope(), filter).await?)
}

/// What stands in the records of these persons, as far as the viewer reads it.
pub(super) async fn records(
    viewer: &Viewer,
    snapshot: &Snapshot,
    persons: &[PersonId],
) -> Result<HashMap<PersonId, Vec<Record>>, Failure> {
    let mut tx = snapshot.read().await?;
    let mut found: HashMap<PersonId, Vec<Record>> = HashMap::new();
    let mut records = Vec::new();
    if viewer.may(Permission::ReadPersonnel) {
        records = store::records::find(&mut tx, snapshot.scope(), persons).await?;
    }
    if let (Viewer::Federated(_), Some(identity)) = (viewer, policy::identity(viewer)) {
        let own = store::records::own(&mut tx, identity).await?.into_iter();
        records.extend(own.filter(|record| persons.contains(&record.person)));
    }
    for record in records {
        found.entry(record.person).or_default().push(record);
    }
    Ok(found)
}

/// What was asked for these persons, for the people of the partner and the vendor.
pub(super) async fn applications(
    viewer: &Viewer,
    snapshot: &Snapshot,
    persons: &[PersonId],
) -> Result<HashMap<PersonId, Vec<Application>>, Failure> {
    let mut found: HashMap<PersonId, Vec<Application>> = HashMap::new();
    if !viewer.may(Permission::ReadPersonnel) {
        return Ok(found);
    }
    let mut tx = snapshot.read().await?;
    let applications = store::applications::find(&mut tx, snapshot.scope(), persons).await?;
    for application in applications {
        found
            .entry(application.person)
            .or_default()
            .push(application);
    }
    Ok(found)
}

/// The accounts among which an administrator chooses, as they were found when he was asked to.
pub(super) async fn accounts(
    snapshot: &Snapshot,
    ids: &[PersonalAccountId],
) -> Result<Vec<PersonalAccount>, Failure> {
    let mut tx = snapshot.read().await?;
    let mut found = Vec::new();
    for id in ids {
        found.extend(store::accounts::by(&mut tx, ("ID", &id.0.to_string())).await?);
    }
    Ok(found)
}

/// Those of the persons who were dedicated for a path at an instant: whom a claim can be made for (R-DED-16).
pub(crate) async fn dedicated_at(
    tx: &mut Tx,
    scope: &Scope,
    persons: &[PersonId],
    (at, path): (DateTime<Utc>, DedicatedPath),
) -> Result<Vec<PersonId>, Failure> {
    let times = store::records::dedications(tx, scope, (persons, at)).await?;
    let holding = times
        .iter()
        .filter(|time: &&Dedication| time.holds_at(at, path));
    Ok(holding.map(|time| time.person).collect())
}

/// The same within a read request.
pub(super) async fn read_dedicated_at(
    snapshot: &Snapshot,
    persons: &[PersonId],
    wanted: (DateTime<Utc>, DedicatedPath),
) -> Result<Vec<PersonId>, Failure> {
    let mut tx = snapshot.read().await?;
    dedicated_at(&mut tx, snapshot.scope(), persons, wanted).await
}

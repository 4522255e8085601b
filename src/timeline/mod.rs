//! The append-only record that every change writes in its own transaction (R-GEN-2).
//!
//! * **Entry**: what happened to one version of one object. It is also the event that notices and subscriptions are
//!   made from; nothing commits without it.
//! * **Chain**: the entries of one object in the order of its versions, each with the hash of the one before. The
//!   database hangs an entry onto its chain; the roles of the application cannot write a hash.
//! * **Head**: how many entries a chain has and the hash of its last one, so that a cut at the end is found.
//! * **Personal value**: stands beside the entry, which holds only its salted digest: erasing it leaves the chain whole.
//! * **Feed**: entries in the order in which they became visible (`crate::feed`).

pub mod audit;
mod digest;
mod graphql;
mod model;
mod service;
mod store;

use openssl::rand::rand_bytes;
use serde_json::Value;

pub(crate) use self::graphql::{TimelineEntryConnection, TimelineQuery, connection_of};
pub(crate) use self::model::{ActorKind, Entry};
pub(crate) use self::service::{Reveal, check_reveal, record_reveal};
pub(crate) use self::store::Row;
use crate::db::{StoreError, Tx};
use crate::ids::{OrganisationId, Tagged};
use crate::paging::{Direction, Sort};

/// The order of a history.
const NEWEST_FIRST: Sort = Sort {
    name: "AT",
    column: "at",
    direction: Direction::Descending,
};

/// What happened to one object.
#[derive(Debug, Clone)]
pub struct Event {
    /// Whose history it belongs to.
    pub organisation: OrganisationId,
    pub object: ObjectRef,
    /// The version that this event made; one event per version.
    pub version: i64,
    /// Domain and verb in the past: `opportunity.submitted`.
    pub action: &'static str,
    pub from: Option<&'static str>,
    pub to: Option<&'static str>,
    pub reason: Option<String>,
    /// Ids and plain values; never a name, an address or a number of a person.
    pub details: Value,
    /// Who did it, where that is not whoever the transaction acts for.
    pub actor: Option<String>,
    /// What was set of a person: field and value.
    personal: Vec<(&'static str, String)>,
}

/// The object of an event: the tag of its ids, and the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ObjectRef {
    pub kind: &'static str,
    pub id: uuid::Uuid,
}

impl ObjectRef {
    /// The object's id as clients know it.
    pub fn global(self) -> String {
        crate::ids::global_of(self.kind, self.id)
    }
}

impl<I: Tagged> From<I> for ObjectRef {
    fn from(id: I) -> Self {
        Self {
            kind: I::TAG,
            id: id.uuid(),
        }
    }
}

impl Event {
    pub fn new(
        organisation: OrganisationId,
        object: impl Into<ObjectRef>,
        version: i64,
        action: &'static str,
    ) -> Self {
        Self {
            organisation,
            object: object.into(),
            version,
            action,
            from: None,
            to: None,
            reason: None,
            details: serde_json::json!({}),
            actor: None,
            personal: Vec::new(),
        }
    }

    #[must_use]
    pub fn moved(mut self, from: &'static str, to: &'static str) -> Self {
        (self.from, self.to) = (Some(from), Some(to));
        self
    }

    /// Names somebody else than whoever the transaction acts for: what the clock did is recorded by who comes first.
    #[must_use]
    pub fn by(mut self, actor: String) -> Self {
        self.actor = Some(actor);
        self
    }

    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    #[must_use]
    pub fn detail(mut self, details: Value) -> Self {
        self.details = details;
        self
    }

    /// A name, an address or a number of a person, as it is after the event; each field once.
    #[must_use]
    pub fn personal(mut self, field: &'static str, value: impl Into<String>) -> Self {
        self.personal.push((field, value.into()));
        self
    }
}

/// A personal value with what makes its digest worthless to whoever guesses values.
struct Salted {
    field: &'static str,
    salt: [u8; digest::SALT],
    value: String,
}

impl Tx {
    /// Writes the event in this transaction, under the lock of the object's row, which the change holds.
    pub async fn record(&mut self, event: Event) -> Result<(), StoreError> {
        let mut personal = Vec::with_capacity(event.personal.len());
        for (field, value) in &event.personal {
            let mut salt = [0; digest::SALT];
            rand_bytes(&mut salt)?;
            personal.push(Salted {
                field,
                salt,
                value: value.clone(),
            });
        }
        store::insert(self, event, &personal).await
    }
}

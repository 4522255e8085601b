//! The append-only record that every change writes in its own transaction (R-GEN-2).
//!
//! The row is also the event that notices and subscriptions are made from; nothing commits without it.

mod store;

use crate::db::{StoreError, Tx};
use crate::ids::{OrganisationId, Tagged};

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
    pub details: serde_json::Value,
    /// Who did it, where that is not whoever the transaction acts for.
    pub actor: Option<String>,
}

/// The object of an event: the tag of its ids, and the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectRef {
    pub kind: &'static str,
    pub id: uuid::Uuid,
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
    pub fn detail(mut self, details: serde_json::Value) -> Self {
        self.details = details;
        self
    }
}

impl Tx {
    /// Writes the event in this transaction.
    pub async fn record(&mut self, event: Event) -> Result<(), StoreError> {
        store::insert(self, event).await
    }
}

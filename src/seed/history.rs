//! The timeline entries of seeded objects: one for each version, like those that a change writes.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::random;
use super::store::insert_into;

#[derive(Serialize)]
pub(super) struct Entry {
    pub(super) organisation_id: Uuid,
    pub(super) id: Uuid,
    pub(super) object_kind: &'static str,
    pub(super) object_id: Uuid,
    pub(super) object_version: i64,
    pub(super) at: DateTime<Utc>,
    pub(super) actor: String,
    pub(super) action: &'static str,
    pub(super) from_state: Option<&'static str>,
    pub(super) to_state: Option<&'static str>,
    pub(super) reason: Option<&'static str>,
    pub(super) correlation_id: &'static str,
    pub(super) details: serde_json::Value,
}

insert_into!(
    Entry,
    "timeline_entries",
    "organisation_id, id, object_kind, object_id, object_version, at, actor, action, from_state, to_state, reason,
     correlation_id, details"
);

impl Entry {
    /// The entry of one version of an object, so far without a move.
    pub(super) fn new(
        organisation_id: Uuid,
        (object_kind, object_id): (&'static str, Uuid),
        (object_version, at): (i64, DateTime<Utc>),
        action: &'static str,
    ) -> Self {
        let version = usize::try_from(object_version).unwrap_or(0);
        Self {
            organisation_id,
            id: random::id(0, &format!("entry of {object_id}"), version),
            object_kind,
            object_id,
            object_version,
            at,
            actor: super::ACTOR.to_owned(),
            action,
            from_state: None,
            to_state: None,
            reason: None,
            correlation_id: "seed",
            details: serde_json::json!({}),
        }
    }
}

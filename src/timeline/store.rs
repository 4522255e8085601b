//! The only SQL about timeline entries: they are inserted and read, never changed.

use super::Event;
use crate::db::{StoreError, Tx};
use crate::ids::TimelineEntryId;

pub(super) async fn insert(tx: &mut Tx, event: Event) -> Result<(), StoreError> {
    let id: TimelineEntryId = tx.fresh_id();
    let (now, acting) = (tx.now(), tx.acting().clone());
    sqlx::query!(
        "INSERT INTO timeline_entries (organisation_id, id, object_kind, object_id, object_version, at, actor, action,
             from_state, to_state, reason, correlation_id, details)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        event.organisation.0,
        id.0,
        event.object.kind,
        event.object.id,
        event.version,
        now,
        event.actor.unwrap_or(acting.actor),
        event.action,
        event.from,
        event.to,
        event.reason,
        acting.correlation_id,
        event.details,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

//! The only SQL about timeline entries: they are inserted and read, never changed.

pub(super) mod audit;
pub(super) mod pages;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::model::{ActorKind, Entry, Source};
use super::{Event, Salted, digest};
use crate::db::{Scope, StoreError, Tx};
use crate::ids::{OrganisationId, TimelineEntryId};

/// Writes the entry, its personal values and the feed's note of it in one statement. The chain is the database's work.
pub(super) async fn insert(
    tx: &mut Tx,
    event: Event,
    personal: &[Salted],
) -> Result<(), StoreError> {
    let id: TimelineEntryId = tx.fresh_id();
    let (now, acting, scope) = (tx.now(), tx.acting().clone(), tx.scope().clone());
    let actor = event.actor.unwrap_or(acting.actor);
    let kind = ActorKind::of(&actor, &scope);
    // What the clock did is on nobody's behalf, whoever comes first to record it.
    let is_somebodys = kind != ActorKind::Job;
    let digests: serde_json::Map<String, Value> = personal
        .iter()
        .map(|one| {
            let digest = digest::of_personal(&one.salt, one.field, &one.value);
            (one.field.to_owned(), Value::String(digest))
        })
        .collect();
    sqlx::query!(
        r#"WITH acting AS (
             SELECT CASE WHEN $17::bool THEN (SELECT id FROM organisations WHERE kind = 'VENDOR') ELSE $18::uuid END
                 AS organisation
         ), entry AS (
             INSERT INTO timeline_entries (organisation_id, id, object_kind, object_id, object_version, at, actor, action,
                 from_state, to_state, reason, correlation_id, details, actor_kind, on_behalf_of, source, personal)
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
                 CASE WHEN $14 = 'VENDOR_STAFF' AND acting.organisation = $1 THEN 'MEMBER' ELSE $14 END,
                 nullif(acting.organisation, $1), $15, $16
             FROM acting
         )
         INSERT INTO feed_pending (entry_id, organisation_id) VALUES ($2, $1)"#,
        event.organisation.0,
        id.0,
        event.object.kind,
        event.object.id,
        event.version,
        now,
        actor,
        event.action,
        event.from,
        event.to,
        event.reason,
        acting.correlation_id,
        event.details,
        kind.as_str(),
        kind.source().as_str(),
        Value::Object(digests),
        is_somebodys && scope == Scope::Vendor,
        scope
            .organisation()
            .filter(|_| is_somebodys)
            .map(|organisation| organisation.0),
    )
    .execute(tx.connection())
    .await?;
    if personal.is_empty() {
        return Ok(());
    }
    insert_personal(tx, (event.organisation, id), personal).await
}

/// Writes the values beside their entry. A statement of its own: its policy looks for the entry.
async fn insert_personal(
    tx: &mut Tx,
    (organisation, entry): (OrganisationId, TimelineEntryId),
    personal: &[Salted],
) -> Result<(), StoreError> {
    let fields: Vec<String> = personal.iter().map(|one| one.field.to_owned()).collect();
    let salts: Vec<Vec<u8>> = personal.iter().map(|one| one.salt.to_vec()).collect();
    let values: Vec<String> = personal.iter().map(|one| one.value.clone()).collect();
    sqlx::query!(
        "INSERT INTO timeline_personal_values (organisation_id, entry_id, field, salt, value)
         SELECT $1, $2, given.field, given.salt, given.value
         FROM unnest($3::text[], $4::bytea[], $5::text[]) AS given (field, salt, value)",
        organisation.0,
        entry.0,
        &fields,
        &salts,
        &values,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// An entry as the table has it.
#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) organisation_id: Uuid,
    pub(crate) id: Uuid,
    pub(crate) object_kind: String,
    pub(crate) object_id: Uuid,
    pub(crate) object_version: i64,
    pub(crate) at: DateTime<Utc>,
    pub(crate) actor: String,
    pub(crate) actor_kind: String,
    pub(crate) on_behalf_of: Option<Uuid>,
    pub(crate) source: String,
    pub(crate) action: String,
    pub(crate) from_state: Option<String>,
    pub(crate) to_state: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) correlation_id: String,
    pub(crate) details: Value,
    pub(crate) personal: Value,
    /// {field: value} of what is left and the reader may see.
    pub(crate) personal_values: Value,
}

impl TryFrom<Row> for Entry {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt(column, row.id);
        let Value::Object(digests) = row.personal else {
            return Err(corrupt("timeline_entries.personal"));
        };
        let value = |field: &str| row.personal_values.get(field).and_then(Value::as_str);
        let personal = digests.keys().map(|field| {
            let value = value(field).map(str::to_owned);
            (field.clone(), value)
        });
        Ok(Self {
            personal: personal.collect(),
            id: TimelineEntryId(row.id),
            organisation: OrganisationId(row.organisation_id),
            object_id: row.object_id,
            version: row.object_version,
            at: row.at,
            actor_kind: ActorKind::parse(&row.actor_kind)
                .ok_or(corrupt("timeline_entries.actor_kind"))?,
            source: Source::parse(&row.source).ok_or(corrupt("timeline_entries.source"))?,
            object_kind: row.object_kind,
            actor: row.actor,
            on_behalf_of: row.on_behalf_of.map(OrganisationId),
            action: row.action,
            from: row.from_state,
            to: row.to_state,
            reason: row.reason,
            correlation_id: row.correlation_id,
            details: row.details,
        })
    }
}

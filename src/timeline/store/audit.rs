//! What the audit reads: streams, so that a history of any length fits into memory.

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use sqlx::{Connection as _, PgConnection, Postgres, Transaction};
use uuid::Uuid;

use super::super::digest::Chained;
use crate::db::StoreError;
use crate::ids::global_of;

/// A connection as the owner of the tables: the application's roles do not see every row.
pub type Owner = PgConnection;

/// Begins what the whole audit reads in: writers go on meanwhile and are not seen.
pub(in super::super) async fn snapshot(
    owner: &mut Owner,
) -> Result<Transaction<'_, Postgres>, StoreError> {
    Ok(owner
        .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .await?)
}

/// Where a chain's head says that it ends; empty without a head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Ending {
    pub(in super::super) entries: Option<i64>,
    pub(in super::super) version: Option<i64>,
    pub(in super::super) hash: Option<Vec<u8>>,
}

/// Every entry in the order of its chain, with where the head says that the chain ends.
pub(in super::super) fn chains(
    owner: &mut Owner,
    object: Option<Uuid>,
) -> BoxStream<'_, Result<(Chained, Ending), StoreError>> {
    let rows = sqlx::query!(
        r#"SELECT entries.organisation_id, entries.id, entries.object_kind, entries.object_id, entries.object_version,
             (extract(epoch FROM at) * 1000000)::bigint AS "at!", actor, actor_kind, on_behalf_of, source, action,
             from_state, to_state, reason, correlation_id, details::text AS "details!", personal::text AS "personal!",
             previous_hash, entries.hash, heads.entries AS "head_entries?", heads.object_version AS "head_version?",
             heads.hash AS "head_hash?"
           FROM timeline_entries AS entries LEFT JOIN timeline_heads AS heads USING (object_id)
           WHERE $1::uuid IS NULL OR entries.object_id = $1
           ORDER BY entries.object_id, entries.object_version"#,
        object,
    )
    .fetch(owner);
    rows.map(|row| {
        let row = row?;
        let ending = Ending {
            entries: row.head_entries,
            version: row.head_version,
            hash: row.head_hash,
        };
        let entry = Chained {
            organisation_id: row.organisation_id,
            id: row.id,
            object_kind: row.object_kind,
            object_id: row.object_id,
            object_version: row.object_version,
            at: row.at,
            actor: row.actor,
            actor_kind: row.actor_kind,
            on_behalf_of: row.on_behalf_of,
            source: row.source,
            action: row.action,
            from_state: row.from_state,
            to_state: row.to_state,
            reason: row.reason,
            correlation_id: row.correlation_id,
            details: row.details,
            personal: row.personal,
            previous_hash: row.previous_hash,
            hash: row.hash,
        };
        Ok((entry, ending))
    })
    .boxed()
}

/// Objects that had a history and have none.
pub(in super::super) fn heads_without_entries(
    owner: &mut Owner,
    object: Option<Uuid>,
) -> BoxStream<'_, Result<(String, i64), StoreError>> {
    let rows = sqlx::query!(
        r#"SELECT object_kind, object_id, object_version FROM timeline_heads
           WHERE ($1::uuid IS NULL OR object_id = $1)
             AND NOT EXISTS (SELECT FROM timeline_entries WHERE timeline_entries.object_id = timeline_heads.object_id)
           ORDER BY object_id"#,
        object,
    )
    .fetch(owner);
    rows.map(|row| {
        let row = row?;
        let object = global_of(&row.object_kind, row.object_id);
        Ok((object, row.object_version))
    })
    .boxed()
}

pub(in super::super) struct Personal {
    pub(in super::super) object: String,
    pub(in super::super) version: i64,
    pub(in super::super) field: String,
    pub(in super::super) salt: Vec<u8>,
    pub(in super::super) value: String,
    /// What the entry holds of it.
    pub(in super::super) digest: Option<String>,
}

pub(in super::super) fn personal(
    owner: &mut Owner,
    object: Option<Uuid>,
) -> BoxStream<'_, Result<Personal, StoreError>> {
    let rows = sqlx::query!(
        r#"SELECT object_kind, object_id, object_version, field, salt, value, personal ->> field AS digest
           FROM timeline_personal_values AS kept
           JOIN timeline_entries AS entries
             ON entries.organisation_id = kept.organisation_id AND entries.id = kept.entry_id
           WHERE $1::uuid IS NULL OR object_id = $1"#,
        object,
    )
    .fetch(owner);
    rows.map(|row| {
        let row = row?;
        Ok(Personal {
            object: global_of(&row.object_kind, row.object_id),
            version: row.object_version,
            field: row.field,
            salt: row.salt,
            value: row.value,
            digest: row.digest,
        })
    })
    .boxed()
}

/// Each number of the feed, and whether its entry is there.
pub(in super::super) fn feed(owner: &mut Owner) -> BoxStream<'_, Result<(i64, bool), StoreError>> {
    let rows = sqlx::query!(
        r#"SELECT seq, entries.id IS NOT NULL AS "exists!"
           FROM feed LEFT JOIN timeline_entries AS entries
             ON entries.organisation_id = feed.organisation_id AND entries.id = feed.entry_id
           ORDER BY seq"#,
    )
    .fetch(owner);
    rows.map(|row| {
        let row = row?;
        Ok((row.seq, row.exists))
    })
    .boxed()
}

//! The only SQL about the feed.

use super::FeedItem;
use crate::db::{StoreError, Tx};
use crate::timeline::Row;

/// Numbers up to `most` pending entries; none while another relay holds the state.
pub(super) async fn number(tx: &mut Tx, most: i64) -> Result<i64, StoreError> {
    let last = sqlx::query_scalar!("SELECT last_seq FROM feed_state FOR UPDATE SKIP LOCKED")
        .fetch_optional(tx.connection())
        .await?;
    let Some(last) = last else {
        return Ok(0);
    };
    // A statement of its own, so that it sees what was committed before the row was ours.
    Ok(sqlx::query_scalar!(
        r#"WITH taken AS (
             DELETE FROM feed_pending
             WHERE entry_id IN (SELECT entry_id FROM feed_pending ORDER BY ticket LIMIT $2)
             RETURNING entry_id, organisation_id, ticket
         ), numbered AS (
             INSERT INTO feed (seq, organisation_id, entry_id)
             SELECT $1 + row_number() OVER (ORDER BY ticket), organisation_id, entry_id FROM taken
         ), moved AS (
             UPDATE feed_state SET last_seq = $1 + (SELECT count(*) FROM taken)
             WHERE EXISTS (SELECT FROM taken)
         )
         SELECT count(*) AS "count!" FROM taken"#,
        last,
        most,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// The first `limit` entries after `since` that the transaction may see, in the order of their numbers.
///
/// Those of a draft are not the vendor's: they are skipped, and not told later.
pub(crate) async fn read(tx: &mut Tx, since: i64, limit: i64) -> Result<Vec<FeedItem>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT feed.seq, entries.organisation_id, entries.id, object_kind, object_id, object_version, at, actor,
             actor_kind, on_behalf_of, source, action, from_state, to_state, reason, correlation_id, details, personal,
             (SELECT coalesce(jsonb_object_agg(field, value), '{}') FROM timeline_personal_values
              WHERE entry_id = entries.id) AS "personal_values!"
           FROM feed
           JOIN timeline_entries AS entries
             ON entries.organisation_id = feed.organisation_id AND entries.id = feed.entry_id
           WHERE feed.seq > $1 ORDER BY feed.seq LIMIT $2"#,
        since,
        limit,
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            let entry = Row {
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
                personal_values: row.personal_values,
            };
            Ok(FeedItem {
                seq: row.seq,
                entry: entry.try_into()?,
            })
        })
        .collect()
}

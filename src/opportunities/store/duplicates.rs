//! Deals for the same customer need, across organisations. What counts is said once, in `portico_duplicates`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::model::{
    Duplicate, Opportunity, Origin, ProgressStage, ReviewState, customer_keys,
};
use crate::db::{Scope, StoreError, Tx};
use crate::ids::OpportunityId;

/// Waits for the turn of whoever decides over deals with this customer, and keeps it until the transaction ends.
///
/// The keys are taken in one order, so that two decisions never wait for each other.
pub(in crate::opportunities) async fn take_turn(
    tx: &mut Tx,
    opportunity: &Opportunity,
) -> Result<(), StoreError> {
    let keys = customer_keys(&opportunity.content);
    hold_lapsed(tx, &keys).await?;
    sqlx::query!(
        "INSERT INTO customer_turns (key)
         SELECT DISTINCT sha256(convert_to(key, 'UTF8')) FROM unnest($1::text[]) AS key ORDER BY 1
         ON CONFLICT DO NOTHING",
        &keys,
    )
    .execute(tx.connection())
    .await?;
    sqlx::query!(
        "SELECT key FROM customer_turns
         WHERE key IN (SELECT sha256(convert_to(key, 'UTF8')) FROM unnest($1::text[]) AS key)
         ORDER BY key FOR UPDATE",
        &keys,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(())
}

/// Waits for whoever still acts, from before the deadline, on a deal that has lapsed at the time of this transaction.
///
/// It comes before the turn, for that act may need the turn as well. Nobody waits in a circle: whoever is waited for
/// began before the deadline, and whoever waits began after it.
async fn hold_lapsed(tx: &mut Tx, keys: &[String]) -> Result<(), StoreError> {
    let now = tx.now();
    sqlx::query!(
        "SELECT opportunities.id FROM opportunities
         JOIN deadlines ON deadlines.organisation_id = opportunities.organisation_id
             AND deadlines.object_id = opportunities.id AND ended_at IS NULL AND due_until <= $2
         WHERE customer_keys && $1 AND review_state IN ('UNDER_VALIDATION', 'PENDING_ACCEPTANCE')
         ORDER BY opportunities.id FOR SHARE OF opportunities",
        keys,
        now,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(())
}

struct Row {
    wanted: Uuid,
    id: Uuid,
    origin: String,
    review_state: String,
    progress_stage: Option<String>,
}

impl TryFrom<Row> for Duplicate {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt(column, row.id);
        let stage = row.progress_stage.as_deref().map(|stage| {
            ProgressStage::parse(stage).ok_or_else(|| corrupt("opportunities.progress_stage"))
        });
        Ok(Self {
            id: OpportunityId(row.id),
            origin: Origin::parse(&row.origin).ok_or_else(|| corrupt("opportunities.origin"))?,
            state: ReviewState::parse(&row.review_state)
                .ok_or_else(|| corrupt("opportunities.review_state"))?,
            progress: stage.transpose()?,
        })
    }
}

/// For each deal the first one that stands in its way, if one does; for the vendor, who sees all. Each is asked with the
/// instant since when a delivered deal counts.
pub(in crate::opportunities) async fn first_duplicates(
    tx: &mut Tx,
    asked: &[(OpportunityId, DateTime<Utc>)],
) -> Result<HashMap<OpportunityId, Duplicate>, StoreError> {
    let now = tx.now();
    let ids: Vec<Uuid> = asked.iter().map(|(id, _)| id.0).collect();
    let since: Vec<DateTime<Utc>> = asked.iter().map(|(_, since)| *since).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT wanted.id AS "wanted!", found.id, found.origin, found.review_state, found.progress_stage
           FROM unnest($1::uuid[], $2::timestamptz[]) AS wanted (id, since)
           CROSS JOIN LATERAL (
               SELECT other.id, other.origin, other.review_state, other.progress_stage
               FROM portico_duplicates(wanted.id, $3, wanted.since) AS duplicate
               JOIN opportunities AS other ON other.id = duplicate.id
               ORDER BY other.created_at, other.id LIMIT 1
           ) AS found"#,
        &ids,
        &since,
        now,
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| Ok((OpportunityId(row.wanted), row.try_into()?)))
        .collect()
}

/// When the newest was shared of those deals of the vendor's that stand in the way.
pub(in crate::opportunities) async fn newest_share(
    tx: &mut Tx,
    (id, delivered_since): (OpportunityId, DateTime<Utc>),
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let now = tx.now();
    Ok(sqlx::query_scalar!(
        "SELECT max(other.created_at) FROM portico_duplicates($1, $2, $3) AS duplicate
         JOIN opportunities AS other ON other.id = duplicate.id WHERE other.origin = 'VENDOR'",
        id.0,
        now,
        delivered_since,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Whether anything stands in the way, for the partner whose deal it is, who learns no more than that.
pub(in crate::opportunities) async fn has_duplicate(
    tx: &mut Tx,
    scope: &Scope,
    (id, delivered_since): (OpportunityId, DateTime<Utc>),
) -> Result<bool, StoreError> {
    if scope.owner().is_none() {
        let found = first_duplicates(tx, &[(id, delivered_since)]).await?;
        return Ok(!found.is_empty());
    }
    let now = tx.now();
    Ok(sqlx::query_scalar!(
        r#"SELECT portico_has_duplicate($1, $2, $3) AS "yes!""#,
        id.0,
        now,
        delivered_since,
    )
    .fetch_one(tx.connection())
    .await?)
}

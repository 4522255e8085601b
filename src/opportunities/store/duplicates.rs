//! Deals for the same customer need, across organisations. What counts is said once, in `portico_duplicates`.

use chrono::{DateTime, Utc};

use super::super::model::{Opportunity, customer_keys};
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

/// The first deal that stands in the way, for the vendor, who sees all.
pub(in crate::opportunities) async fn find_duplicate(
    tx: &mut Tx,
    id: OpportunityId,
    delivered_since: DateTime<Utc>,
) -> Result<Option<OpportunityId>, StoreError> {
    let now = tx.now();
    let found = sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM portico_duplicates($1, $2, $3) LIMIT 1"#,
        id.0,
        now,
        delivered_since,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(found.map(OpportunityId))
}

/// Whether anything stands in the way, for the partner whose deal it is, who learns no more than that.
pub(in crate::opportunities) async fn has_duplicate(
    tx: &mut Tx,
    scope: &Scope,
    id: OpportunityId,
    delivered_since: DateTime<Utc>,
) -> Result<bool, StoreError> {
    if scope.owner().is_none() {
        return Ok(find_duplicate(tx, id, delivered_since).await?.is_some());
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

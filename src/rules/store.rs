//! The only SQL about the rule set.

use chrono::NaiveDate;

use crate::db::{StoreError, Tx};

/// The row with the latest effective day that is not after `day`.
pub(super) async fn find(
    tx: &mut Tx,
    name: &str,
    site: &str,
    programme: &str,
    day: NaiveDate,
) -> Result<Option<serde_json::Value>, StoreError> {
    Ok(sqlx::query_scalar!(
        "SELECT value FROM rules
         WHERE name = $1 AND site = $2 AND programme = $3 AND effective_from <= $4
         ORDER BY effective_from DESC LIMIT 1",
        name,
        site,
        programme,
        day,
    )
    .fetch_optional(tx.connection())
    .await?)
}

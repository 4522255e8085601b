//! The only SQL about the rule set.

use chrono::NaiveDate;

use crate::db::{StoreError, Tx};
use crate::ids::{OrganisationId, RuleId};

/// The row with the latest effective day that is not after `day`.
pub(super) async fn find(
    tx: &mut Tx,
    (name, site, programme): (&str, &str, &str),
    day: NaiveDate,
) -> Result<Option<(RuleId, serde_json::Value)>, StoreError> {
    let row = sqlx::query!(
        "SELECT id, value FROM rules
         WHERE name = $1 AND site = $2 AND programme = $3 AND effective_from <= $4
         ORDER BY effective_from DESC LIMIT 1",
        name,
        site,
        programme,
        day,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| (RuleId(row.id), row.value)))
}

/// The same on the site of an organisation.
pub(super) async fn find_of(
    tx: &mut Tx,
    organisation: OrganisationId,
    (name, programme): (&str, &str),
    day: NaiveDate,
) -> Result<Option<(RuleId, serde_json::Value)>, StoreError> {
    let row = sqlx::query!(
        "SELECT id, value FROM rules
         WHERE site = (SELECT site FROM organisations WHERE id = $1)
           AND name = $2 AND programme = $3 AND effective_from <= $4
         ORDER BY effective_from DESC LIMIT 1",
        organisation.0,
        name,
        programme,
        day,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| (RuleId(row.id), row.value)))
}

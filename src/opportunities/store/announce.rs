//! What news of an opportunity need to know of it.

use super::super::announce::Subject;
use crate::db::{StoreError, Tx};
use crate::ids::{MemberId, OpportunityId, OrganisationId};

/// The opportunity as the job sees it: absent while it is a draft.
pub(in crate::opportunities) async fn subject(
    tx: &mut Tx,
    id: OpportunityId,
) -> Result<Option<Subject>, StoreError> {
    let row = sqlx::query!(
        "SELECT organisation_id, number, owner_member_id FROM opportunities WHERE id = $1",
        id.0,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| Subject {
        organisation: OrganisationId(row.organisation_id),
        number: row.number,
        owner: MemberId(row.owner_member_id),
    }))
}

/// An earlier entry of the history.
pub(in crate::opportunities) struct Past {
    pub(in crate::opportunities) actor: String,
    pub(in crate::opportunities) details: serde_json::Value,
}

/// The latest of these actions on the opportunity before the version.
pub(in crate::opportunities) async fn latest(
    tx: &mut Tx,
    (id, version): (OpportunityId, i64),
    actions: &[&str],
) -> Result<Option<Past>, StoreError> {
    let actions: Vec<String> = actions.iter().map(|&action| action.to_owned()).collect();
    Ok(sqlx::query_as!(
        Past,
        "SELECT actor, details FROM timeline_entries
         WHERE object_id = $1 AND object_version < $2 AND action = ANY($3)
         ORDER BY object_version DESC LIMIT 1",
        id.0,
        version,
        &actions,
    )
    .fetch_optional(tx.connection())
    .await?)
}

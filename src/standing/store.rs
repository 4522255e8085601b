//! The only SQL about what an organisation may do.

use crate::db::{StoreError, Tx};
use crate::ids::OrganisationId;

/// The state with what is known in it.
pub(super) enum Facts {
    Active,
    Frozen { cause: String, release: String },
    Closed,
}

pub(super) async fn find(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<Option<Facts>, StoreError> {
    let row = sqlx::query!(
        "SELECT state, frozen_reason, frozen_release FROM organisations WHERE id = $1",
        organisation.0,
    )
    .fetch_optional(tx.connection())
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(
        match (row.state.as_str(), row.frozen_reason, row.frozen_release) {
            ("ACTIVE", ..) => Facts::Active,
            ("CLOSED", ..) => Facts::Closed,
            ("FROZEN", Some(cause), Some(release)) => Facts::Frozen { cause, release },
            _ => return Err(StoreError::corrupt("organisations.state", organisation.0)),
        },
    ))
}

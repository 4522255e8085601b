//! The only SQL about dedicated personnel. Rows go in and out; no rule is decided here.

use chrono::NaiveDate;
use uuid::Uuid;

use super::model::{DedicatedPerson, PersonState, Profile};
use crate::db::{Scope, StoreError, Tx};
use crate::ids::{OrganisationId, PersonId};

struct Row {
    organisation_id: Uuid,
    id: Uuid,
    name: String,
    position: String,
    base_location: Option<String>,
    state: String,
    started_on: Option<NaiveDate>,
}

impl TryFrom<Row> for DedicatedPerson {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let state = PersonState::parse(&row.state)
            .ok_or_else(|| StoreError::corrupt("dedicated_personnel.state", row.id))?;
        let profile = Profile {
            name: row.name,
            position: row.position,
            base_location: row.base_location,
            started_on: row.started_on,
        };
        let key = (OrganisationId(row.organisation_id), PersonId(row.id));
        Ok(Self::new(key, state, profile))
    }
}

pub(super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[PersonId],
) -> Result<Vec<DedicatedPerson>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Row,
        "SELECT organisation_id, id, name, position, base_location, state, started_on FROM dedicated_personnel
         WHERE id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2)",
        &ids,
        scope.owner(),
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(DedicatedPerson::try_from)
    .collect()
}

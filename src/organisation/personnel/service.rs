//! What a viewer can read of dedicated personnel.

use std::collections::HashMap;

use super::model::DedicatedPerson;
use super::store;
use crate::db::Snapshot;
use crate::error::Failure;
use crate::ids::PersonId;
use crate::viewer::{Permission, Viewer};

/// The persons of the viewer's organisation, for the vendor of all; without the permission there are none.
pub(super) async fn by_id(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[PersonId],
) -> Result<HashMap<PersonId, DedicatedPerson>, Failure> {
    if !viewer.may(Permission::ReadMembers) {
        return Ok(HashMap::new());
    }
    let mut tx = snapshot.read().await?;
    let found = store::find(&mut tx, snapshot.scope(), ids).await?;
    Ok(found
        .into_iter()
        .map(|person| (person.id, person))
        .collect())
}

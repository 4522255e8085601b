//! The only SQL about identity providers.

use uuid::Uuid;

use super::{Provider, Registration, Subject};
use crate::db::{StoreError, Tx};
use crate::ids::IdpId;

struct Row {
    id: Uuid,
    entity_id: String,
    display_name: String,
    metadata: String,
    subject_attribute: Option<String>,
}

impl From<Row> for Provider {
    fn from(row: Row) -> Self {
        Self {
            id: IdpId(row.id),
            entity_id: row.entity_id,
            display_name: row.display_name,
            metadata: row.metadata,
            subject_attribute: row.subject_attribute,
        }
    }
}

pub(super) async fn upsert(
    tx: &mut Tx,
    registration: &Registration<'_>,
) -> Result<IdpId, StoreError> {
    let (id, now): (IdpId, _) = (tx.fresh_id(), tx.now());
    let subject_attribute = match registration.subject {
        Subject::PersistentNameId => None,
        Subject::Attribute(name) => Some(name),
    };
    let id = sqlx::query_scalar!(
        "INSERT INTO identity_providers (id, entity_id, display_name, metadata, subject_attribute, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (entity_id) DO UPDATE
         SET display_name = EXCLUDED.display_name, metadata = EXCLUDED.metadata,
             subject_attribute = EXCLUDED.subject_attribute
         RETURNING id",
        id.0,
        registration.entity_id,
        registration.display_name,
        registration.metadata,
        subject_attribute,
        now,
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(IdpId(id))
}

pub(super) async fn list_active(tx: &mut Tx) -> Result<Vec<Provider>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, entity_id, display_name, metadata, subject_attribute FROM identity_providers
         WHERE state = 'ACTIVE' ORDER BY display_name, id",
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(Provider::from).collect())
}

pub(super) async fn find_by_entity_id(
    tx: &mut Tx,
    entity_id: &str,
) -> Result<Option<Provider>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, entity_id, display_name, metadata, subject_attribute FROM identity_providers
         WHERE entity_id = $1 AND state = 'ACTIVE'",
        entity_id,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(Provider::from))
}

//! The only SQL about contacts for customers.

use uuid::Uuid;

use super::model::{CustomerContact, Particulars};
use crate::db::{Scope, StoreError, Tx};
use crate::ids::{CustomerContactId, MemberId, OrganisationId};

struct Row {
    organisation_id: Uuid,
    id: Uuid,
    name: String,
    phone: Option<String>,
    email: Option<String>,
    state: String,
    version: i64,
}

impl From<Row> for CustomerContact {
    fn from(row: Row) -> Self {
        Self {
            organisation: OrganisationId(row.organisation_id),
            id: CustomerContactId(row.id),
            particulars: Particulars {
                name: row.name,
                phone: row.phone,
                email: row.email,
            },
            is_removed: row.state == "REMOVED",
            version: row.version,
        }
    }
}

macro_rules! contacts {
    ($condition:tt, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            "SELECT organisation_id, id, name, phone, email, state, version FROM customer_contacts WHERE " + $condition,
            $($argument),*
        )
    };
}

/// The contacts that these organisations have, the oldest first.
pub(super) async fn of_organisations(
    tx: &mut Tx,
    scope: &Scope,
    organisations: &[OrganisationId],
) -> Result<Vec<CustomerContact>, StoreError> {
    let organisations: Vec<Uuid> = organisations.iter().map(|id| id.0).collect();
    let rows = contacts!(
        "organisation_id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2) AND state = 'ACTIVE'
         ORDER BY created_at, id",
        &organisations,
        scope.owner()
    );
    let rows = rows.fetch_all(tx.connection()).await?.into_iter();
    Ok(rows.map(CustomerContact::from).collect())
}

pub(super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[CustomerContactId],
) -> Result<Vec<CustomerContact>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = contacts!(
        "id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2)",
        &ids,
        scope.owner()
    );
    let rows = rows.fetch_all(tx.connection()).await?.into_iter();
    Ok(rows.map(CustomerContact::from).collect())
}

pub(super) async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    id: CustomerContactId,
) -> Result<Option<CustomerContact>, StoreError> {
    let row = contacts!(
        "id = $1 AND ($2::uuid IS NULL OR organisation_id = $2) FOR UPDATE",
        id.0,
        scope.owner()
    );
    Ok(row
        .fetch_optional(tx.connection())
        .await?
        .map(CustomerContact::from))
}

/// The active administrator of longest standing of each organisation.
pub(super) async fn administrators(
    tx: &mut Tx,
    scope: &Scope,
    organisations: &[OrganisationId],
) -> Result<Vec<(OrganisationId, MemberId)>, StoreError> {
    let organisations: Vec<Uuid> = organisations.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "SELECT DISTINCT ON (members.organisation_id) members.organisation_id, members.id FROM members
         JOIN member_roles ON member_roles.organisation_id = members.organisation_id AND member_id = members.id
         WHERE members.organisation_id = ANY($1) AND ($2::uuid IS NULL OR members.organisation_id = $2)
           AND state = 'ACTIVE' AND role = 'SYSTEM_ADMIN'
         ORDER BY members.organisation_id, members.created_at, members.id",
        &organisations,
        scope.owner(),
    )
    .fetch_all(tx.connection())
    .await?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|row| (OrganisationId(row.organisation_id), MemberId(row.id)))
        .collect())
}

pub(super) async fn insert(tx: &mut Tx, contact: &CustomerContact) -> Result<(), StoreError> {
    let now = tx.now();
    sqlx::query!(
        "INSERT INTO customer_contacts (organisation_id, id, name, phone, email, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        contact.organisation.0,
        contact.id.0,
        contact.particulars.name,
        contact.particulars.phone,
        contact.particulars.email,
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn record(tx: &mut Tx, contact: &CustomerContact) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE customer_contacts SET name = $3, phone = $4, email = $5, version = $6,
             state = CASE WHEN $7 THEN 'REMOVED' ELSE 'ACTIVE' END
         WHERE organisation_id = $1 AND id = $2",
        contact.organisation.0,
        contact.id.0,
        contact.particulars.name,
        contact.particulars.phone,
        contact.particulars.email,
        contact.version,
        contact.is_removed,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

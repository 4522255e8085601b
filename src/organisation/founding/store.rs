//! The SQL of the first day. It runs as a job, before there is anybody whose scope could be asked for.

use super::NewCustomer;
use crate::db::{StoreError, Tx};
use crate::ids::{MemberId, OrganisationId};

pub(super) async fn find_vendor(tx: &mut Tx) -> Result<Option<OrganisationId>, StoreError> {
    let id = sqlx::query_scalar!("SELECT id FROM organisations WHERE kind = 'VENDOR'")
        .fetch_optional(tx.connection())
        .await?;
    Ok(id.map(OrganisationId))
}

pub(super) async fn insert_vendor(
    tx: &mut Tx,
    id: OrganisationId,
    number: &str,
    name: &str,
) -> Result<(), StoreError> {
    let now = tx.now();
    sqlx::query!(
        "INSERT INTO organisations (id, number, kind, name, business_area, created_at)
         VALUES ($1, $2, 'VENDOR', $3, 'ALL', $4)",
        id.0,
        number,
        name,
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn record_main_account(
    tx: &mut Tx,
    organisation: OrganisationId,
    member: MemberId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE organisations SET main_account_id = $2 WHERE id = $1",
        organisation.0,
        member.0,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn insert_customer(
    tx: &mut Tx,
    number: &str,
    customer: &NewCustomer<'_>,
) -> Result<(), StoreError> {
    let now = tx.now();
    sqlx::query!(
        "INSERT INTO organisations (id, number, kind, name, site, business_area, created_at)
         VALUES ($1, $2, 'CUSTOMER', $3, $4, $5, $6)",
        customer.organisation.0,
        number,
        customer.name,
        customer.site.as_str(),
        customer.business_area,
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

//! The only SQL about service accounts. The table is global, so each statement names the organisation itself.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{NewServiceAccount, ServiceAccount};
use crate::db::{StoreError, Tx};
use crate::identity::store::acting_for;
use crate::ids::{MemberId, OrganisationId, ServiceAccountId};
use crate::viewer::{ActingService, Permission};

struct Row {
    id: Uuid,
    organisation_id: Uuid,
    name: String,
    scopes: Vec<String>,
    created_by: Option<Uuid>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    version: i64,
}

impl From<Row> for ServiceAccount {
    fn from(row: Row) -> Self {
        Self {
            id: ServiceAccountId(row.id),
            organisation: OrganisationId(row.organisation_id),
            name: row.name,
            // A permission that there is no longer gives nothing.
            permissions: row
                .scopes
                .iter()
                .filter_map(|scope| Permission::parse(scope))
                .collect(),
            created_by: row.created_by.map(MemberId),
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
            version: row.version,
        }
    }
}

pub(super) async fn insert(
    tx: &mut Tx,
    account: &NewServiceAccount<'_>,
    token_hash: [u8; 32],
) -> Result<ServiceAccountId, StoreError> {
    let (id, now): (ServiceAccountId, _) = (tx.fresh_id(), tx.unmoved_now());
    let scopes: Vec<String> = account
        .permissions
        .iter()
        .map(|permission| permission.as_str().to_owned())
        .collect();
    sqlx::query!(
        "INSERT INTO service_accounts (id, organisation_id, name, token_hash, scopes, created_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        id.0,
        account.organisation.0,
        account.name,
        &token_hash[..],
        &scopes,
        account.created_by.map(|member| member.0),
        now,
        account.expires_at,
    )
    .execute(tx.connection())
    .await?;
    Ok(id)
}

/// The next version, in which the account is ended.
pub(super) async fn revoke(tx: &mut Tx, account: ServiceAccountId) -> Result<i64, StoreError> {
    let now = tx.unmoved_now();
    Ok(sqlx::query_scalar!(
        "UPDATE service_accounts SET revoked_at = $2, version = version + 1 WHERE id = $1 RETURNING version",
        account.0,
        now,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// The next version, with another token and end.
pub(super) async fn record_rotated(
    tx: &mut Tx,
    account: ServiceAccountId,
    token_hash: [u8; 32],
    expires_at: DateTime<Utc>,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "UPDATE service_accounts SET token_hash = $2, expires_at = $3, version = version + 1
         WHERE id = $1 RETURNING version",
        account.0,
        &token_hash[..],
        expires_at,
    )
    .fetch_one(tx.connection())
    .await?)
}

pub(super) async fn record_used(tx: &mut Tx, account: ServiceAccountId) -> Result<(), StoreError> {
    let now = tx.unmoved_now();
    sqlx::query!(
        "UPDATE service_accounts SET last_used_at = $2 WHERE id = $1",
        account.0,
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Holds the organisation's row, so that its machines are counted by one at a time.
pub(super) async fn lock_organisation(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "SELECT id FROM organisations WHERE id = $1 FOR UPDATE",
        organisation.0,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn count_active(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<i64, StoreError> {
    let now = tx.unmoved_now();
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM service_accounts
           WHERE organisation_id = $1 AND revoked_at IS NULL AND expires_at > $2"#,
        organisation.0,
        now,
    )
    .fetch_one(tx.connection())
    .await?)
}

pub(super) async fn lock(
    tx: &mut Tx,
    organisation: OrganisationId,
    account: ServiceAccountId,
) -> Result<Option<ServiceAccount>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, organisation_id, name, scopes, created_by, created_at, expires_at, revoked_at, last_used_at, version
         FROM service_accounts WHERE organisation_id = $1 AND id = $2 FOR UPDATE",
        organisation.0,
        account.0,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(ServiceAccount::from))
}

/// Ended ones as well: what they did stays in histories. The newest first, at most 200.
pub(super) async fn of_organisation(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<Vec<ServiceAccount>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, organisation_id, name, scopes, created_by, created_at, expires_at, revoked_at, last_used_at, version
         FROM service_accounts WHERE organisation_id = $1
         ORDER BY revoked_at IS NOT NULL, created_at DESC, id DESC LIMIT 200",
        organisation.0,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(ServiceAccount::from).collect())
}

pub(super) async fn find_all(
    tx: &mut Tx,
    organisation: OrganisationId,
    accounts: &[ServiceAccountId],
) -> Result<Vec<ServiceAccount>, StoreError> {
    let ids: Vec<Uuid> = accounts.iter().map(|account| account.0).collect();
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, organisation_id, name, scopes, created_by, created_at, expires_at, revoked_at, last_used_at, version
         FROM service_accounts WHERE organisation_id = $1 AND id = ANY($2)",
        organisation.0,
        &ids,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(ServiceAccount::from).collect())
}

/// The account of this token, unless it was revoked or has run out; and whether its use is to be noted. Not each one
/// is: that would be a write per request.
pub(super) async fn find_active(
    tx: &mut Tx,
    token_hash: [u8; 32],
) -> Result<Option<(ActingService, bool)>, StoreError> {
    let now = tx.unmoved_now();
    let row = sqlx::query!(
        r#"SELECT account.id, account.organisation_id, account.scopes, account.expires_at,
               COALESCE(account.last_used_at < $2::timestamptz - interval '1 hour', true) AS "is_due!",
               organisation.kind AS "kind!", organisation.state AS "state!"
           FROM service_accounts AS account, portico_organisation_facts(account.organisation_id) AS organisation
           WHERE account.token_hash = $1 AND account.revoked_at IS NULL AND account.expires_at > $2"#,
        &token_hash[..],
        now,
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(|row| {
        let service = ActingService {
            account: ServiceAccountId(row.id),
            acting_for: acting_for(row.organisation_id, &row.kind, &row.state)?,
            permissions: row
                .scopes
                .iter()
                .filter_map(|scope| Permission::parse(scope))
                .collect(),
            expires_at: row.expires_at,
        };
        Ok((service, row.is_due))
    })
    .transpose()
}

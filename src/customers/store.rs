//! The only SQL about customers. Rows go in and out; no rule is decided here.

pub(super) mod consents;
pub(super) mod invitations;
pub(super) mod list;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{FromRow, Postgres, QueryBuilder};
use uuid::Uuid;

use super::model::{Account, AssociationType, Customer, Released, Standing};
use super::service::Reach;
use crate::catalogue::accounts::{AccountKind, AccountStatus};
use crate::db::{Scope, StoreError, Tx};
use crate::ids::{CustomerId, CustomerInvitationId, MemberId, OrganisationId};
use crate::organisation::members::{Held, MOST_NAMED};
use crate::waiting::Bounds;

/// A relation, flat and nullable where [`Standing`] and [`Released`] are precise.
#[derive(FromRow)]
struct Row {
    organisation_id: Uuid,
    id: Uuid,
    number: String,
    partner_id: Uuid,
    account_id: String,
    account_name: String,
    account_kind: String,
    account_status: Option<String>,
    country: Option<String>,
    email: Option<String>,
    mobile: Option<String>,
    association_type: String,
    account_manager_id: Option<Uuid>,
    state: String,
    invitation_id: Uuid,
    notice_version: i32,
    associated_at: DateTime<Utc>,
    dissociated_at: Option<DateTime<Utc>>,
    dissociation_reason: Option<String>,
    version: i64,
}

impl TryFrom<Row> for Customer {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt(column, row.id);
        let ended = (row.dissociated_at, row.dissociation_reason);
        let standing = match (row.state.as_str(), ended) {
            ("ASSOCIATED", (None, None)) => Standing::Associated,
            ("DISSOCIATED", (Some(at), Some(reason))) => Standing::Dissociated { at, reason },
            _ => return Err(corrupt("customers.state")),
        };
        let status = row.account_status.as_deref().map(AccountStatus::parse);
        let released = match (status, row.country) {
            (None, None) => None,
            (Some(Some(status)), Some(country)) => Some(Released {
                status,
                country,
                email: row.email,
                mobile: row.mobile,
            }),
            _ => return Err(corrupt("customers.account_status")),
        };
        Ok(Self {
            account: Account {
                kind: AccountKind::parse(&row.account_kind)
                    .ok_or_else(|| corrupt("customers.account_kind"))?,
                id: row.account_id,
                name: row.account_name,
                released,
            },
            association: AssociationType::parse(&row.association_type)
                .ok_or_else(|| corrupt("customers.association_type"))?,
            id: CustomerId(row.id),
            number: row.number,
            organisation: OrganisationId(row.organisation_id),
            partner: OrganisationId(row.partner_id),
            account_manager: row.account_manager_id.map(MemberId),
            standing,
            invitation: CustomerInvitationId(row.invitation_id),
            notice_version: row.notice_version,
            associated_at: row.associated_at,
            version: row.version,
        })
    }
}

/// Reads relations that the scope's organisation is a party of, as far as the viewer's reach goes.
pub(super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    (ids, reach): (&[CustomerId], Reach),
) -> Result<Vec<Customer>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Row,
        "SELECT organisation_id, id, number, partner_id, account_id, account_name, account_kind, account_status, country,
             email, mobile, association_type, account_manager_id, state, invitation_id, notice_version, associated_at,
             dissociated_at, dissociation_reason, version
         FROM customers
         WHERE id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2 OR partner_id = $2)
           AND ($3::uuid IS NULL OR account_manager_id = $3)",
        &ids,
        scope.owner(),
        reach.member().map(|member| member.0),
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(Customer::try_from)
    .collect()
}

/// Reads one relation under its partner and locks it until the transaction ends.
pub(super) async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    id: CustomerId,
) -> Result<Option<Customer>, StoreError> {
    let Some(partner) = scope.organisation() else {
        return Ok(None);
    };
    sqlx::query_as!(
        Row,
        "SELECT organisation_id, id, number, partner_id, account_id, account_name, account_kind, account_status, country,
             email, mobile, association_type, account_manager_id, state, invitation_id, notice_version, associated_at,
             dissociated_at, dissociation_reason, version
         FROM customers WHERE id = $1 AND partner_id = $2 FOR UPDATE",
        id.0,
        partner.0,
    )
    .fetch_optional(tx.connection())
    .await?
    .map(Customer::try_from)
    .transpose()
}

pub(super) async fn insert(tx: &mut Tx, customer: &Customer) -> Result<(), StoreError> {
    let account = &customer.account;
    let released = account.released.as_ref();
    sqlx::query!(
        "INSERT INTO customers (organisation_id, id, number, partner_id, account_id, account_name, account_kind,
             account_status, country, email, mobile, association_type, state, invitation_id, notice_version, associated_at,
             version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'ASSOCIATED', $13, $14, $15, $16)",
        customer.organisation.0,
        customer.id.0,
        customer.number,
        customer.partner.0,
        account.id,
        account.name,
        account.kind.as_str(),
        released.map(|released| released.status.as_str()),
        released.map(|released| released.country.as_str()),
        released.and_then(|released| released.email.as_deref()),
        released.and_then(|released| released.mobile.as_deref()),
        customer.association.as_str(),
        customer.invitation.0,
        customer.notice_version,
        customer.associated_at,
        customer.version,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Stores who looks after a locked customer.
pub(super) async fn record_account_manager(
    tx: &mut Tx,
    customer: &Customer,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE customers SET account_manager_id = $3, version = $4 WHERE organisation_id = $1 AND id = $2",
        customer.organisation.0,
        customer.id.0,
        customer.account_manager.map(|member| member.0),
        customer.version,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Stores that a locked relation has ended.
pub(super) async fn record_dissociated(tx: &mut Tx, customer: &Customer) -> Result<(), StoreError> {
    let Standing::Dissociated { at, reason } = &customer.standing else {
        return Ok(());
    };
    sqlx::query!(
        "UPDATE customers SET state = 'DISSOCIATED', dissociated_at = $3, dissociation_reason = $4, version = $5
         WHERE organisation_id = $1 AND id = $2",
        customer.organisation.0,
        customer.id.0,
        at,
        reason,
        customer.version,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// What each of these members looks after.
pub(super) async fn managed_by(
    tx: &mut Tx,
    scope: &Scope,
    members: &[MemberId],
) -> Result<HashMap<MemberId, Held>, StoreError> {
    let partner = scope.organisation().map(|organisation| organisation.0);
    let members: Vec<Uuid> = members.iter().map(|member| member.0).collect();
    let rows = sqlx::query!(
        r#"SELECT account_manager_id AS "account_manager_id!", count(*) AS "count!",
               (array_agg(id ORDER BY associated_at, id))[1:$3] AS "first!: Vec<Uuid>"
           FROM customers
           WHERE account_manager_id = ANY($1) AND partner_id = $2 AND state = 'ASSOCIATED'
           GROUP BY account_manager_id"#,
        &members,
        partner,
        i32::try_from(MOST_NAMED).unwrap_or(i32::MAX),
    )
    .fetch_all(tx.connection())
    .await?;
    let held = |count, first| Held { count, first };
    Ok(rows
        .into_iter()
        .map(|row| (MemberId(row.account_manager_id), held(row.count, row.first)))
        .collect())
}

/// All that one member looks after, in the order in which rows are held.
pub(super) async fn managed_ids(
    tx: &mut Tx,
    scope: &Scope,
    member: MemberId,
) -> Result<Vec<CustomerId>, StoreError> {
    let partner = scope.organisation().map(|organisation| organisation.0);
    let ids = sqlx::query_scalar!(
        "SELECT id FROM customers
         WHERE account_manager_id = $1 AND partner_id = $2 AND state = 'ASSOCIATED'
         ORDER BY associated_at, id",
        member.0,
        partner,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(ids.into_iter().map(CustomerId).collect())
}

/// Customers of a partner that nobody looks after, for the inbox.
pub(super) fn push_unmanaged(query: &mut QueryBuilder<Postgres>, bounds: Bounds) {
    query.push(
        "SELECT id, number, account_name AS name, NULL::timestamptz AS due_until, NULL::numeric AS amount,
             NULL::text AS currency, associated_at AS since, NULL::uuid AS owner_id
         FROM customers WHERE account_manager_id IS NULL AND state = 'ASSOCIATED' AND partner_id = ",
    );
    query.push_bind(bounds.organisation);
}

/// To whom news of a relation goes: its number and its partner.
pub(super) struct Subject {
    pub(super) number: String,
    pub(super) partner: OrganisationId,
}

/// What a sentence about a relation needs. The job sees every row.
pub(super) async fn subject(tx: &mut Tx, id: CustomerId) -> Result<Option<Subject>, StoreError> {
    let row = sqlx::query!(
        "SELECT number, partner_id FROM customers WHERE id = $1",
        id.0
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| Subject {
        number: row.number,
        partner: OrganisationId(row.partner_id),
    }))
}

/// A text that a parameter can carry. PostgreSQL knows no NUL, so nothing is found for a text with one; null does that.
fn storable(text: &str) -> Option<String> {
    (!text.contains('\0')).then(|| text.to_owned())
}

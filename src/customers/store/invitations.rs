//! The SQL about invitations of customers. The table is global, because a token is looked up before its organisation is
//! known: every other function here narrows to one organisation itself.

use chrono::{DateTime, Utc};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::super::model::{
    Answer, AssociationType, Cause, Invitation, InvitationState, Inviter, RefusedAttempt,
};
use crate::db::{StoreError, Tx};
use crate::ids::{CustomerId, CustomerInvitationId, MemberId, OrganisationId};
use crate::paging::{LARGEST_COUNT, Page, Sort, Window};
use crate::rules::Site;
use crate::viewer::OrganisationState;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    organisation_id: Uuid,
    association_type: String,
    label: String,
    state: String,
    sent_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    invited_by: Uuid,
    customer_id: Option<Uuid>,
    refused_at: Option<DateTime<Utc>>,
    refused_because: Vec<String>,
    version: i64,
}

impl TryFrom<Row> for Invitation {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt(column, row.id);
        let answer = match (row.state.as_str(), row.customer_id) {
            ("SENT", None) => Answer::None,
            ("ACCEPTED", Some(customer)) => Answer::Accepted {
                customer: CustomerId(customer),
            },
            ("REVOKED", None) => Answer::Revoked,
            _ => return Err(corrupt("customer_invitations.state")),
        };
        let causes = row.refused_because.iter().map(|word| Cause::parse(word));
        let causes: Option<Vec<Cause>> = causes.collect();
        let causes = causes.ok_or_else(|| corrupt("customer_invitations.refused_because"))?;
        Ok(Self {
            id: CustomerInvitationId(row.id),
            organisation: OrganisationId(row.organisation_id),
            association: AssociationType::parse(&row.association_type)
                .ok_or_else(|| corrupt("customer_invitations.association_type"))?,
            label: row.label,
            invited_by: MemberId(row.invited_by),
            sent_at: row.sent_at,
            expires_at: row.expires_at,
            answer,
            refused: row.refused_at.map(|at| RefusedAttempt { at, causes }),
            version: row.version,
        })
    }
}

/// The invitation that has this token.
pub(in super::super) async fn find_by_token(
    tx: &mut Tx,
    token_hash: &[u8; 32],
) -> Result<Option<Invitation>, StoreError> {
    sqlx::query_as!(
        Row,
        "SELECT id, organisation_id, association_type, label, state, sent_at, expires_at, invited_by, customer_id,
             refused_at, refused_because, version
         FROM customer_invitations WHERE token_hash = $1",
        &token_hash[..],
    )
    .fetch_optional(tx.connection())
    .await?
    .map(Invitation::try_from)
    .transpose()
}

/// Two acceptances of one link take turns.
pub(in super::super) async fn hold_token(
    tx: &mut Tx,
    token_hash: &[u8; 32],
) -> Result<(), StoreError> {
    sqlx::query("SELECT FROM customer_invitations WHERE token_hash = $1 FOR UPDATE")
        .bind(&token_hash[..])
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(in super::super) async fn lock(
    tx: &mut Tx,
    organisation: OrganisationId,
    id: CustomerInvitationId,
) -> Result<Option<Invitation>, StoreError> {
    sqlx::query_as!(
        Row,
        "SELECT id, organisation_id, association_type, label, state, sent_at, expires_at, invited_by, customer_id,
             refused_at, refused_because, version
         FROM customer_invitations WHERE id = $1 AND organisation_id = $2 FOR UPDATE",
        id.0,
        organisation.0,
    )
    .fetch_optional(tx.connection())
    .await?
    .map(Invitation::try_from)
    .transpose()
}

pub(in super::super) async fn find(
    tx: &mut Tx,
    organisation: OrganisationId,
    ids: &[CustomerInvitationId],
) -> Result<Vec<Invitation>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Row,
        "SELECT id, organisation_id, association_type, label, state, sent_at, expires_at, invited_by, customer_id,
             refused_at, refused_because, version
         FROM customer_invitations WHERE id = ANY($1) AND organisation_id = $2",
        &ids,
        organisation.0,
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(Invitation::try_from)
    .collect()
}

pub(in super::super) async fn list(
    tx: &mut Tx,
    narrowed: (OrganisationId, Option<&[InvitationState]>),
    (sort, window): (Sort, &Window),
) -> Result<Page<Invitation>, StoreError> {
    let mut query = QueryBuilder::new(
        "SELECT id, organisation_id, association_type, label, state, sent_at, expires_at, invited_by, customer_id,
             refused_at, refused_because, version",
    );
    narrow(&mut query, narrowed, tx.now());
    sort.push(&mut query, window);
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx.connection()).await?;
    let items = rows.into_iter().map(Invitation::try_from);
    Ok(Page::of(items.collect::<Result<_, _>>()?, window))
}

/// Counts up to one more than a client is told.
pub(in super::super) async fn count(
    tx: &mut Tx,
    narrowed: (OrganisationId, Option<&[InvitationState]>),
) -> Result<i64, StoreError> {
    let mut query = QueryBuilder::new("SELECT count(*) FROM (SELECT");
    narrow(&mut query, narrowed, tx.now());
    query
        .push(" LIMIT ")
        .push_bind(LARGEST_COUNT + 1)
        .push(") AS matching");
    Ok(query
        .build_query_scalar()
        .fetch_one(tx.connection())
        .await?)
}

fn narrow(
    query: &mut QueryBuilder<Postgres>,
    (organisation, states): (OrganisationId, Option<&[InvitationState]>),
    now: DateTime<Utc>,
) {
    query
        .push(" FROM customer_invitations WHERE organisation_id = ")
        .push_bind(organisation.0);
    let Some(states) = states else { return };
    let states: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
    query.push(" AND CASE WHEN state <> 'SENT' THEN state WHEN expires_at > ");
    query.push_bind(now);
    query.push(" THEN 'OPEN' ELSE 'EXPIRED' END = ANY(");
    query.push_bind(states).push(")");
}

/// Who invites; only a partner does.
pub(in super::super) async fn inviter(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<Option<Inviter>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT name AS "name!", state AS "state!", site AS "site!", business_area AS "business_area!"
           FROM portico_inviter($1)"#,
        organisation.0,
    )
    .fetch_optional(tx.connection())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let corrupt = |column| StoreError::corrupt(column, organisation.0);
    Ok(Some(Inviter {
        state: match row.state.as_str() {
            "ACTIVE" => OrganisationState::Active,
            "FROZEN" => OrganisationState::Frozen,
            "CLOSED" => OrganisationState::Closed,
            _ => return Err(corrupt("organisations.state")),
        },
        site: Site::parse(&row.site).ok_or_else(|| corrupt("organisations.site"))?,
        name: row.name,
        business_area: row.business_area,
    }))
}

pub(in super::super) async fn insert(
    tx: &mut Tx,
    invitation: &Invitation,
    token_hash: &[u8; 32],
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO customer_invitations (id, organisation_id, association_type, label, token_hash, state, sent_at,
             expires_at, invited_by, version)
         VALUES ($1, $2, $3, $4, $5, 'SENT', $6, $7, $8, $9)",
        invitation.id.0,
        invitation.organisation.0,
        invitation.association.as_str(),
        invitation.label,
        &token_hash[..],
        invitation.sent_at,
        invitation.expires_at,
        invitation.invited_by.0,
        invitation.version,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Puts another token in the place of the older one, which nobody knows from then on.
pub(in super::super) async fn record_resent(
    tx: &mut Tx,
    invitation: &Invitation,
    token_hash: &[u8; 32],
    (sent_at, expires_at): (DateTime<Utc>, DateTime<Utc>),
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "UPDATE customer_invitations
         SET token_hash = $3, sent_at = $4, expires_at = $5, refused_at = NULL, refused_because = '{}',
             version = version + 1
         WHERE organisation_id = $1 AND id = $2 RETURNING version",
        invitation.organisation.0,
        invitation.id.0,
        &token_hash[..],
        sent_at,
        expires_at,
    )
    .fetch_one(tx.connection())
    .await?)
}

pub(in super::super) async fn record_revoked(
    tx: &mut Tx,
    invitation: &Invitation,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "UPDATE customer_invitations SET state = 'REVOKED', version = version + 1
         WHERE organisation_id = $1 AND id = $2 RETURNING version",
        invitation.organisation.0,
        invitation.id.0,
    )
    .fetch_one(tx.connection())
    .await?)
}

pub(in super::super) async fn record_accepted(
    tx: &mut Tx,
    invitation: &Invitation,
    customer: CustomerId,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "UPDATE customer_invitations SET state = 'ACCEPTED', customer_id = $3, version = version + 1
         WHERE organisation_id = $1 AND id = $2 RETURNING version",
        invitation.organisation.0,
        invitation.id.0,
        customer.0,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Keeps why the last attempt came to nothing.
pub(in super::super) async fn record_refused(
    tx: &mut Tx,
    invitation: &Invitation,
    causes: &[String],
) -> Result<i64, StoreError> {
    let now = tx.now();
    Ok(sqlx::query_scalar!(
        "UPDATE customer_invitations SET refused_at = $3, refused_because = $4, version = version + 1
         WHERE organisation_id = $1 AND id = $2 RETURNING version",
        invitation.organisation.0,
        invitation.id.0,
        now,
        causes,
    )
    .fetch_one(tx.connection())
    .await?)
}

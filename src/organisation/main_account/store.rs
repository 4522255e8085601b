//! The only SQL about offers of the main account.

use chrono::{DateTime, Utc};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::model::{Answer, MainAccountOffer, OfferedBy};
use crate::db::{Scope, StoreError, Tx};
use crate::ids::{MainAccountOfferId, MemberId, OrganisationId};
use crate::waiting::Bounds;

struct Row {
    organisation_id: Uuid,
    id: Uuid,
    from_member_id: Option<Uuid>,
    to_member_id: Uuid,
    offered_by: String,
    reason: Option<String>,
    offered_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    state: String,
    version: i64,
    holder_id: Option<Uuid>,
}

impl TryFrom<Row> for MainAccountOffer {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt(column, row.id);
        Ok(Self {
            by: match row.offered_by.as_str() {
                "HOLDER" => OfferedBy::Holder,
                "VENDOR" => OfferedBy::Vendor,
                _ => return Err(corrupt("main_account_offers.offered_by")),
            },
            answer: match row.state.as_str() {
                "OPEN" => Answer::None,
                "ACCEPTED" => Answer::Accepted,
                "REVOKED" => Answer::Revoked,
                _ => return Err(corrupt("main_account_offers.state")),
            },
            id: MainAccountOfferId(row.id),
            organisation: OrganisationId(row.organisation_id),
            from: row.from_member_id.map(MemberId),
            to: MemberId(row.to_member_id),
            reason: row.reason,
            offered_at: row.offered_at,
            expires_at: row.expires_at,
            version: row.version,
        })
    }
}

/// A query for rows; `holder_id` is who holds the main account now.
macro_rules! offers {
    ($condition:tt, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"SELECT organisation_id, id, from_member_id, to_member_id, offered_by, reason, offered_at, expires_at, state,
                version, (SELECT main_account_id FROM organisations WHERE organisations.id = organisation_id) AS holder_id
                FROM main_account_offers WHERE "#
                + $condition,
            $($argument),*
        )
    };
}

pub(super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[MainAccountOfferId],
) -> Result<Vec<(MainAccountOffer, Option<MemberId>)>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = offers!(
        "id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2)",
        &ids,
        scope.owner()
    );
    rows.fetch_all(tx.connection())
        .await?
        .into_iter()
        .map(|row| {
            let holder = row.holder_id.map(MemberId);
            Ok((MainAccountOffer::try_from(row)?, holder))
        })
        .collect()
}

/// Reads one within the scope and holds it until the transaction ends.
pub(super) async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    id: MainAccountOfferId,
) -> Result<Option<MainAccountOffer>, StoreError> {
    offers!(
        "id = $1 AND ($2::uuid IS NULL OR organisation_id = $2) FOR UPDATE",
        id.0,
        scope.owner()
    )
    .fetch_optional(tx.connection())
    .await?
    .map(MainAccountOffer::try_from)
    .transpose()
}

/// The unanswered one of an organisation, expired or not, held until the transaction ends.
pub(super) async fn lock_open(
    tx: &mut Tx,
    scope: &Scope,
    organisation: OrganisationId,
) -> Result<Option<MainAccountOffer>, StoreError> {
    offers!(
        "organisation_id = $1 AND ($2::uuid IS NULL OR organisation_id = $2) AND state = 'OPEN' FOR UPDATE",
        organisation.0,
        scope.owner()
    )
    .fetch_optional(tx.connection())
    .await?
    .map(MainAccountOffer::try_from)
    .transpose()
}

/// Whose main account it is about.
pub(super) async fn organisation_of(
    tx: &mut Tx,
    scope: &Scope,
    id: MainAccountOfferId,
) -> Result<Option<OrganisationId>, StoreError> {
    let found = sqlx::query_scalar!(
        "SELECT organisation_id FROM main_account_offers
         WHERE id = $1 AND ($2::uuid IS NULL OR organisation_id = $2)",
        id.0,
        scope.owner(),
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(found.map(OrganisationId))
}

/// Those of these organisations that can be accepted now; one each at most.
pub(super) async fn open(
    tx: &mut Tx,
    scope: &Scope,
    organisations: &[OrganisationId],
) -> Result<Vec<(OrganisationId, MainAccountOfferId)>, StoreError> {
    let now = tx.now();
    let organisations: Vec<Uuid> = organisations.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "SELECT organisation_id, id FROM main_account_offers
         WHERE organisation_id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2) AND state = 'OPEN'
           AND expires_at > $3",
        &organisations,
        scope.owner(),
        now,
    )
    .fetch_all(tx.connection())
    .await?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|row| {
            (
                OrganisationId(row.organisation_id),
                MainAccountOfferId(row.id),
            )
        })
        .collect())
}

pub(super) async fn insert(tx: &mut Tx, offer: &MainAccountOffer) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO main_account_offers (organisation_id, id, from_member_id, to_member_id, offered_by, reason, offered_at,
             expires_at, state, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'OPEN', $9)",
        offer.organisation.0,
        offer.id.0,
        offer.from.map(|from| from.0),
        offer.to.0,
        offer.by.as_str(),
        offer.reason,
        offer.offered_at,
        offer.expires_at,
        offer.version,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Ends a locked offer; its next version.
pub(super) async fn record_answer(
    tx: &mut Tx,
    offer: &MainAccountOffer,
    state: &'static str,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "UPDATE main_account_offers SET state = $3, version = version + 1
         WHERE organisation_id = $1 AND id = $2 RETURNING version",
        offer.organisation.0,
        offer.id.0,
        state,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Those that can be accepted, for the inbox: in the hands of whoever they are offered to.
pub(super) fn push_open(query: &mut QueryBuilder<Postgres>, bounds: Bounds) {
    query.push(
        "SELECT main_account_offers.id, organisations.number, organisations.name, expires_at AS due_until,
             NULL::numeric AS amount, NULL::text AS currency, offered_at AS since, to_member_id AS owner_id
         FROM main_account_offers JOIN organisations ON organisations.id = organisation_id
         WHERE main_account_offers.state = 'OPEN' AND organisation_id = ",
    );
    query.push_bind(bounds.organisation);
    query.push(" AND expires_at > ").push_bind(bounds.now);
}

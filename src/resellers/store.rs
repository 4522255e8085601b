//! The only SQL about resellers. Rows go in and out; no rule is decided here.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{FromRow, Postgres, QueryBuilder};
use uuid::Uuid;

use super::model::{Reseller, Standing, State};
use super::service::Filter;
use crate::db::{Scope, StoreError, Tx};
use crate::ids::{MemberId, OrganisationId, ResellerId};
use crate::organisation::members::{Held, MOST_NAMED};
use crate::paging::{LARGEST_COUNT, Page, Sort, Window};
use crate::viewer::Visibility;
use crate::waiting::Bounds;

/// A relation and the company's name, flat and nullable where [`Standing`] is precise.
#[derive(FromRow)]
struct Row {
    organisation_id: Uuid,
    id: Uuid,
    number: String,
    distributor_id: Uuid,
    account_manager_id: Option<Uuid>,
    state: String,
    business_area: String,
    associated_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    version: i64,
    company_name: String,
}

impl TryFrom<Row> for Reseller {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let standing = match (row.state.as_str(), row.ended_at) {
            ("ACTIVE", None) => Standing::Active,
            ("SUSPENDED", None) => Standing::Suspended,
            ("ENDED", Some(at)) => Standing::Ended { at },
            _ => return Err(StoreError::corrupt("resellers.state", row.id)),
        };
        Ok(Self {
            id: ResellerId(row.id),
            number: row.number,
            organisation: OrganisationId(row.organisation_id),
            distributor: OrganisationId(row.distributor_id),
            account_manager: row.account_manager_id.map(MemberId),
            standing,
            business_area: row.business_area,
            associated_at: row.associated_at,
            version: row.version,
            company_name: row.company_name,
        })
    }
}

/// Reads relations that the scope's organisation is a party of: of those that it supplies, an account manager alone sees
/// his (R-ORG-7), and everybody its own relation to its distributor.
pub(super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[ResellerId],
) -> Result<Vec<Reseller>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Row,
        r#"SELECT resellers.organisation_id, resellers.id, resellers.number, distributor_id, account_manager_id,
               resellers.state, resellers.business_area, associated_at, ended_at, resellers.version,
               organisations.name AS company_name
           FROM resellers JOIN organisations ON organisations.id = resellers.organisation_id
           WHERE resellers.id = ANY($1)
             AND ($2::uuid IS NULL OR organisation_id = $2 OR distributor_id = $2)
             AND ($3::uuid IS NULL OR distributor_id = $3)
             AND ($4::uuid IS NULL OR account_manager_id = $4 OR organisation_id = $2)"#,
        &ids,
        scope.owner(),
        scope.distributor(),
        tx.visibility().assigned_to(),
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(Reseller::try_from)
    .collect()
}

/// Reads one relation under its distributor and locks it until the transaction ends.
pub(super) async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    id: ResellerId,
) -> Result<Option<Reseller>, StoreError> {
    let Some(distributor) = scope.distributor() else {
        return Ok(None);
    };
    sqlx::query_as!(
        Row,
        r#"SELECT resellers.organisation_id, resellers.id, resellers.number, distributor_id, account_manager_id,
               resellers.state, resellers.business_area, associated_at, ended_at, resellers.version,
               organisations.name AS company_name
           FROM resellers JOIN organisations ON organisations.id = resellers.organisation_id
           WHERE resellers.id = $1 AND distributor_id = $2 AND ($3::uuid IS NULL OR account_manager_id = $3)
           FOR UPDATE OF resellers"#,
        id.0,
        distributor,
        tx.visibility().assigned_to(),
    )
    .fetch_optional(tx.connection())
    .await?
    .map(Reseller::try_from)
    .transpose()
}

/// The relations that have not ended and that each of these members looks after.
pub(super) async fn managed_by(
    tx: &mut Tx,
    scope: &Scope,
    members: &[MemberId],
) -> Result<HashMap<MemberId, Held>, StoreError> {
    let distributor = scope.organisation().map(|organisation| organisation.0);
    let members: Vec<Uuid> = members.iter().map(|member| member.0).collect();
    let rows = sqlx::query!(
        r#"SELECT account_manager_id AS "account_manager_id!", count(*) AS "count!",
               (array_agg(id ORDER BY associated_at, id))[1:$3] AS "first!: Vec<Uuid>"
           FROM resellers
           WHERE account_manager_id = ANY($1) AND distributor_id = $2 AND state <> 'ENDED'
           GROUP BY account_manager_id"#,
        &members,
        distributor,
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

/// All of one member's, the oldest first.
pub(super) async fn managed_ids(
    tx: &mut Tx,
    scope: &Scope,
    member: MemberId,
) -> Result<Vec<ResellerId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM resellers
         WHERE account_manager_id = $1 AND distributor_id = $2 AND state <> 'ENDED' ORDER BY associated_at, id",
        member.0,
        scope.distributor(),
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(ids.into_iter().map(ResellerId).collect())
}

/// Stores who looks after a locked reseller.
pub(super) async fn record_account_manager(
    tx: &mut Tx,
    reseller: &Reseller,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE resellers SET account_manager_id = $3, version = $4 WHERE organisation_id = $1 AND id = $2",
        reseller.organisation.0,
        reseller.id.0,
        reseller.account_manager.map(|member| member.0),
        reseller.version,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn list(
    tx: &mut Tx,
    scope: &Scope,
    filter: &Filter,
    (sort, window): (Sort, &Window),
) -> Result<Page<Reseller>, StoreError> {
    let mut query = QueryBuilder::new("SELECT *");
    narrow(&mut query, (scope, tx.visibility()), filter);
    sort.push(&mut query, window);
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx.connection()).await?;
    let resellers: Result<Vec<Reseller>, StoreError> =
        rows.into_iter().map(Reseller::try_from).collect();
    Ok(Page::of(resellers?, window))
}

/// Counts up to one more than a client is told.
pub(super) async fn count(tx: &mut Tx, scope: &Scope, filter: &Filter) -> Result<i64, StoreError> {
    let mut query = QueryBuilder::new("SELECT count(*) FROM (SELECT");
    narrow(&mut query, (scope, tx.visibility()), filter);
    query
        .push(" LIMIT ")
        .push_bind(LARGEST_COUNT + 1)
        .push(") AS matching");
    Ok(query
        .build_query_scalar()
        .fetch_one(tx.connection())
        .await?)
}

/// A text that a parameter can carry. PostgreSQL knows no NUL, so nothing is found for a text with one; null does that.
fn storable(text: &str) -> Option<String> {
    (!text.contains('\0')).then(|| text.to_owned())
}

/// `FROM … WHERE …`: the relations of the scope, and of the account manager who asks (R-ORG-7), that pass the filter.
fn narrow(
    query: &mut QueryBuilder<Postgres>,
    (scope, visibility): (&Scope, Visibility),
    filter: &Filter,
) {
    query.push(
        " FROM (
              SELECT resellers.*, organisations.name AS company_name
              FROM resellers JOIN organisations ON organisations.id = resellers.organisation_id
          ) AS relations WHERE true",
    );
    if let Some(party) = scope.owner() {
        query.push(" AND (organisation_id = ").push_bind(party);
        query
            .push(" OR distributor_id = ")
            .push_bind(party)
            .push(")");
    }
    if let Some(distributor) = scope.distributor() {
        query.push(" AND distributor_id = ").push_bind(distributor);
    }
    if let Some(member) = visibility.assigned_to() {
        query.push(" AND (account_manager_id = ").push_bind(member);
        query
            .push(" OR organisation_id = ")
            .push_bind(scope.owner());
        query.push(")");
    }
    if let Some(states) = &filter.states {
        let states: Vec<&str> = states.iter().copied().map(State::as_str).collect();
        query.push(" AND state = ANY(").push_bind(states).push(")");
    }
    if let Some(area) = &filter.business_area {
        let area = storable(area);
        query.push(" AND business_area = ").push_bind(area);
    }
    if let Some(member) = filter.account_manager {
        query.push(" AND account_manager_id = ").push_bind(member.0);
    }
    if let Some(part) = &filter.name_part {
        query
            .push(" AND strpos(lower(company_name), lower(")
            .push_bind(storable(part))
            .push(")) > 0");
    }
}

/// Relations of a distributor that have not ended and that nobody looks after, for the inbox.
pub(super) fn push_unmanaged(query: &mut QueryBuilder<Postgres>, bounds: Bounds) {
    query.push(
        "SELECT resellers.id, resellers.number, organisations.name, NULL::timestamptz AS due_until,
             NULL::numeric AS amount, NULL::text AS currency, associated_at AS since, NULL::uuid AS owner_id
         FROM resellers JOIN organisations ON organisations.id = resellers.organisation_id
         WHERE account_manager_id IS NULL AND resellers.state <> 'ENDED' AND distributor_id = ",
    );
    query.push_bind(bounds.organisation);
}

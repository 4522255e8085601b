//! The only SQL about organisations. Rows go in and out; no rule is decided here.

use chrono::{DateTime, Utc};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::model::{Condition, Organisation, Site};
use super::service::{Filter, Listing};
use crate::db::{Scope, StoreError, Tx};
use crate::ids::{MemberId, OrganisationId};
use crate::paging::{LARGEST_COUNT, Page};
use crate::viewer::OrganisationKind;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    number: String,
    kind: String,
    name: String,
    state: String,
    site: String,
    business_area: String,
    main_account_id: Option<Uuid>,
    created_at: DateTime<Utc>,
    version: i64,
    frozen_reason: Option<String>,
    frozen_release: Option<String>,
}

impl TryFrom<Row> for Organisation {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt(column, row.id);
        Ok(Self {
            kind: kind(&row.kind).ok_or_else(|| corrupt("organisations.kind"))?,
            condition: match (row.state.as_str(), row.frozen_reason, row.frozen_release) {
                ("ACTIVE", ..) => Condition::Active,
                ("FROZEN", Some(cause), Some(release)) => Condition::Frozen { cause, release },
                ("CLOSED", ..) => Condition::Closed,
                _ => return Err(corrupt("organisations.state")),
            },
            site: Site::parse(&row.site).ok_or_else(|| corrupt("organisations.site"))?,
            id: OrganisationId(row.id),
            number: row.number,
            name: row.name,
            business_area: row.business_area,
            main_account: row.main_account_id.map(MemberId),
            created_at: row.created_at,
            version: row.version,
        })
    }
}

fn kind(text: &str) -> Option<OrganisationKind> {
    match text {
        "VENDOR" => Some(OrganisationKind::Vendor),
        "PARTNER" => Some(OrganisationKind::Partner),
        "CUSTOMER" => Some(OrganisationKind::Customer),
        _ => None,
    }
}

fn kind_text(kind: OrganisationKind) -> &'static str {
    match kind {
        OrganisationKind::Vendor => "VENDOR",
        OrganisationKind::Partner => "PARTNER",
        OrganisationKind::Customer => "CUSTOMER",
    }
}

/// Those of `ids` that the scope may see: its own, and the other party of its relations, for an account manager of those
/// that are his (R-ORG-7).
pub(super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[OrganisationId],
) -> Result<Vec<Organisation>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Row,
        "SELECT id, number, kind, name, state, site, business_area, main_account_id, created_at, version,
             frozen_reason, frozen_release
         FROM organisations
         WHERE id = ANY($1)
           AND ($2::uuid IS NULL OR id = $2 OR EXISTS (
               SELECT FROM resellers
               WHERE (resellers.organisation_id = organisations.id AND resellers.distributor_id = $2
                      AND ($3::uuid IS NULL OR resellers.account_manager_id = $3))
                  OR (resellers.distributor_id = organisations.id AND resellers.organisation_id = $2))
             OR EXISTS (
               SELECT FROM customers
               WHERE (customers.organisation_id = organisations.id AND customers.partner_id = $2
                      AND ($3::uuid IS NULL OR customers.account_manager_id = $3))
                  OR (customers.partner_id = organisations.id AND customers.organisation_id = $2)))",
        &ids,
        scope.owner(),
        tx.visibility().assigned_to(),
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(Organisation::try_from)
    .collect()
}

/// Reads the organisation and holds its row: whatever decides over all its members at once waits here for its turn.
pub(super) async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    id: OrganisationId,
) -> Result<Option<Organisation>, StoreError> {
    sqlx::query_as!(
        Row,
        "SELECT id, number, kind, name, state, site, business_area, main_account_id, created_at, version,
             frozen_reason, frozen_release
         FROM organisations
         WHERE id = $1 AND ($2::uuid IS NULL OR id = $2)
         FOR NO KEY UPDATE",
        id.0,
        scope.owner(),
    )
    .fetch_optional(tx.connection())
    .await?
    .map(Organisation::try_from)
    .transpose()
}

/// The active holder of the main account, else the active administrator of longest standing; held until the transaction
/// ends.
pub(super) async fn responsible(
    tx: &mut Tx,
    organisation: &Organisation,
) -> Result<Option<MemberId>, StoreError> {
    let found = sqlx::query_scalar!(
        "SELECT id FROM members
         WHERE organisation_id = $1 AND state = 'ACTIVE'
           AND (id = $2 OR EXISTS (
               SELECT FROM member_roles
               WHERE member_roles.organisation_id = members.organisation_id AND member_id = members.id
                 AND role = 'SYSTEM_ADMIN'))
         ORDER BY id = $2 DESC NULLS LAST, created_at, id LIMIT 1
         FOR SHARE",
        organisation.id.0,
        organisation.main_account.map(|holder| holder.0),
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(found.map(MemberId))
}

/// Freezes a locked organisation with its texts, or releases it without any; its next version.
pub(super) async fn record_frozen(
    tx: &mut Tx,
    id: OrganisationId,
    texts: Option<(&str, &str)>,
) -> Result<i64, StoreError> {
    let (cause, release) = texts.unzip();
    Ok(sqlx::query_scalar!(
        "UPDATE organisations SET state = CASE WHEN $2::text IS NULL THEN 'ACTIVE' ELSE 'FROZEN' END,
             frozen_reason = $2, frozen_release = $3, version = version + 1
         WHERE id = $1 RETURNING version",
        id.0,
        cause,
        release,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Gives a locked organisation another holder of its main account; its next version.
pub(super) async fn record_main_account(
    tx: &mut Tx,
    id: OrganisationId,
    holder: MemberId,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "UPDATE organisations SET main_account_id = $2, version = version + 1 WHERE id = $1 RETURNING version",
        id.0,
        holder.0,
    )
    .fetch_one(tx.connection())
    .await?)
}

pub(super) async fn list(
    tx: &mut Tx,
    scope: &Scope,
    listing: &Listing,
) -> Result<Page<Organisation>, StoreError> {
    let mut query = QueryBuilder::new(
        "SELECT id, number, kind, name, state, site, business_area, main_account_id, created_at, version,
             frozen_reason, frozen_release
         FROM organisations WHERE ",
    );
    push_filter(&mut query, scope, &listing.filter);
    listing.sort.push(&mut query, &listing.window);
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx.connection()).await?;
    let items = rows
        .into_iter()
        .map(Organisation::try_from)
        .collect::<Result<_, _>>()?;
    Ok(Page::of(items, &listing.window))
}

/// How many match, up to one more than is ever told.
pub(super) async fn count(tx: &mut Tx, scope: &Scope, filter: &Filter) -> Result<i64, StoreError> {
    let mut query = QueryBuilder::new("SELECT count(*) FROM (SELECT FROM organisations WHERE ");
    push_filter(&mut query, scope, filter);
    query
        .push(" LIMIT ")
        .push_bind(LARGEST_COUNT + 1)
        .push(") AS counted");
    Ok(query
        .build_query_scalar()
        .fetch_one(tx.connection())
        .await?)
}

fn push_filter(query: &mut QueryBuilder<Postgres>, scope: &Scope, filter: &Filter) {
    let owner = scope.owner();
    query
        .push("(")
        .push_bind(owner)
        .push("::uuid IS NULL OR id = ")
        .push_bind(owner)
        .push(")");
    if let Some(kinds) = &filter.kinds {
        let kinds: Vec<&str> = kinds.iter().map(|&kind| kind_text(kind)).collect();
        query.push(" AND kind = ANY(").push_bind(kinds).push(")");
    }
    if let Some(states) = &filter.states {
        let states: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
        query.push(" AND state = ANY(").push_bind(states).push(")");
    }
    if let Some(part) = &filter.name_contains {
        query
            .push(" AND strpos(lower(name), lower(")
            .push_bind(part.clone())
            .push(")) > 0");
    }
}

//! The SQL that reads the vendor's facts. Rows go out; no rule is decided here.

use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::model::{CloudService, ListState, Offering, OfferingKind, Office};
use crate::db::{Scope, StoreError, Tx};
use crate::ids::{OfferingId, OrganisationId};
use crate::paging::{Sort, Window};

#[derive(sqlx::FromRow)]
struct OfferingRow {
    organisation_id: Uuid,
    id: Uuid,
    code: String,
    name: String,
    kind: String,
    joint_operation: bool,
    demand_tags: Vec<String>,
    state: String,
}

impl TryFrom<OfferingRow> for Offering {
    type Error = StoreError;

    fn try_from(row: OfferingRow) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt(column, row.id);
        Ok(Self {
            id: OfferingId(row.id),
            organisation: OrganisationId(row.organisation_id),
            code: row.code,
            name: row.name,
            kind: OfferingKind::parse(&row.kind).ok_or_else(|| corrupt("offerings.kind"))?,
            joint_operation: row.joint_operation,
            demand_tags: row.demand_tags,
            state: ListState::parse(&row.state).ok_or_else(|| corrupt("offerings.state"))?,
        })
    }
}

pub(super) async fn offerings(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[Uuid],
) -> Result<Vec<Offering>, StoreError> {
    sqlx::query_as!(
        OfferingRow,
        "SELECT organisation_id, id, code, name, kind, joint_operation, demand_tags, state FROM offerings
         WHERE id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2)",
        ids,
        scope.owner(),
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(Offering::try_from)
    .collect()
}

/// One row more than the window holds, as [`crate::paging::Page::of`] expects.
pub(super) async fn list_offerings(
    tx: &mut Tx,
    scope: &Scope,
    (organisation, state): (OrganisationId, Option<ListState>),
    (sort, window): (Sort, &Window),
) -> Result<Vec<Offering>, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT organisation_id, id, code, name, kind, joint_operation, demand_tags, state FROM offerings
         WHERE organisation_id = ",
    );
    push_offerings(&mut query, scope, (organisation, state));
    sort.push(&mut query, window);
    let rows: Vec<OfferingRow> = query.build_query_as().fetch_all(tx.connection()).await?;
    rows.into_iter().map(Offering::try_from).collect()
}

/// How many there are, up to one more than is ever told.
pub(super) async fn count_offerings(
    tx: &mut Tx,
    scope: &Scope,
    wanted: (OrganisationId, Option<ListState>),
) -> Result<i64, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT count(*) FROM (SELECT FROM offerings WHERE organisation_id = ",
    );
    push_offerings(&mut query, scope, wanted);
    query
        .push(" LIMIT ")
        .push_bind(crate::paging::LARGEST_COUNT + 1)
        .push(") AS counted");
    Ok(query
        .build_query_scalar()
        .fetch_one(tx.connection())
        .await?)
}

fn push_offerings(
    query: &mut QueryBuilder<Postgres>,
    scope: &Scope,
    (organisation, state): (OrganisationId, Option<ListState>),
) {
    query.push_bind(organisation.0);
    if let Some(owner) = scope.owner() {
        query.push(" AND organisation_id = ").push_bind(owner);
    }
    if let Some(state) = state {
        query.push(" AND state = ").push_bind(state.as_str());
    }
}

struct OfficeRow {
    code: String,
    name_zh: String,
    name_en: String,
}

impl From<OfficeRow> for Office {
    fn from(row: OfficeRow) -> Self {
        Self {
            code: row.code,
            name_zh: row.name_zh,
            name_en: row.name_en,
        }
    }
}

/// The vendor's whole list of offices, up to `limit`.
pub(super) async fn list_offices(tx: &mut Tx, limit: i64) -> Result<Vec<Office>, StoreError> {
    let rows = sqlx::query_as!(
        OfficeRow,
        "SELECT code, name_zh, name_en FROM offices ORDER BY code LIMIT $1",
        limit,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(Office::from).collect())
}

pub(super) async fn offices(tx: &mut Tx, codes: &[String]) -> Result<Vec<Office>, StoreError> {
    let rows = sqlx::query_as!(
        OfficeRow,
        "SELECT code, name_zh, name_en FROM offices WHERE code = ANY($1)",
        codes,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(Office::from).collect())
}

/// The office of each folded region: that of the longest region of the list with which it begins.
pub(super) async fn offices_of_regions(
    tx: &mut Tx,
    regions: &[String],
) -> Result<Vec<(String, Office)>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT DISTINCT ON (asked.region) asked.region AS "region!", code, name_zh, name_en
           FROM unnest($1::text[]) AS asked (region)
           JOIN office_regions ON starts_with(asked.region, office_regions.region)
           JOIN offices ON code = office_code
           ORDER BY asked.region, length(office_regions.region) DESC"#,
        regions,
    )
    .fetch_all(tx.connection())
    .await?;
    let office = |code, name_zh, name_en| Office {
        code,
        name_zh,
        name_en,
    };
    Ok(rows
        .into_iter()
        .map(|row| (row.region, office(row.code, row.name_zh, row.name_en)))
        .collect())
}

struct ServiceRow {
    code: String,
    name_zh: String,
    name_en: String,
    state: String,
}

impl TryFrom<ServiceRow> for CloudService {
    type Error = StoreError;

    fn try_from(row: ServiceRow) -> Result<Self, StoreError> {
        Ok(Self {
            state: ListState::parse(&row.state)
                .ok_or_else(|| StoreError::corrupt("cloud_services.state", Uuid::nil()))?,
            code: row.code,
            name_zh: row.name_zh,
            name_en: row.name_en,
        })
    }
}

/// The vendor's cloud services that can be chosen, up to `limit`.
pub(super) async fn list_services(
    tx: &mut Tx,
    limit: i64,
) -> Result<Vec<CloudService>, StoreError> {
    sqlx::query_as!(
        ServiceRow,
        "SELECT code, name_zh, name_en, state FROM cloud_services WHERE state = 'ACTIVE' ORDER BY code LIMIT $1",
        limit,
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(CloudService::try_from)
    .collect()
}

pub(super) async fn services(
    tx: &mut Tx,
    codes: &[String],
) -> Result<Vec<CloudService>, StoreError> {
    sqlx::query_as!(
        ServiceRow,
        "SELECT code, name_zh, name_en, state FROM cloud_services WHERE code = ANY($1)",
        codes,
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(CloudService::try_from)
    .collect()
}

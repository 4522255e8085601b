//! The only SQL about incentives. Rows go in and out; no rule is decided here.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::{FromRow, Postgres, QueryBuilder};
use uuid::Uuid;

use super::model::{Incentive, State, Variant};
use super::service::Filter;
use crate::db::{Scope, StoreError, Tx};
use crate::deadlines::{self, Deadline, DeadlineKind};
use crate::ids::{IncentiveId, OpportunityId, OrganisationId, PersonId};
use crate::money::{Currency, Money};
use crate::paging::{LARGEST_COUNT, Page, Sort, Window};
use crate::waiting::Bounds;

#[derive(FromRow)]
struct Row {
    organisation_id: Uuid,
    id: Uuid,
    number: String,
    variant: String,
    service_month: NaiveDate,
    amount: Decimal,
    currency: String,
    state: String,
    opportunity_id: Option<Uuid>,
    generated_at: DateTime<Utc>,
    version: i64,
    specialists: Vec<Uuid>,
}

impl Row {
    /// The incentive as it stands at `now`.
    fn at(self, confirmation: Deadline, now: DateTime<Utc>) -> Result<Incentive, StoreError> {
        let state = stored_state(&self.state, self.id)?;
        let variant = Variant::parse(&self.variant)
            .ok_or(StoreError::corrupt("incentives.variant", self.id))?;
        let currency = Currency::parse(&self.currency)
            .ok_or(StoreError::corrupt("incentives.currency", self.id))?;
        Ok(Incentive {
            id: IncentiveId(self.id),
            organisation: OrganisationId(self.organisation_id),
            number: self.number,
            variant,
            service_month: self.service_month,
            amount: Money {
                amount: self.amount,
                currency,
            },
            state: state.at(now, confirmation.due_until),
            opportunity: self.opportunity_id.map(OpportunityId),
            specialists: self.specialists.into_iter().map(PersonId).collect(),
            generated_at: self.generated_at,
            confirmation,
            version: self.version,
        })
    }
}

pub(super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[IncentiveId],
) -> Result<Vec<Incentive>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let mut query = QueryBuilder::new(COLUMNS);
    query.push(" WHERE id = ANY(").push_bind(ids).push(")");
    within(&mut query, scope);
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx.connection()).await?;
    with_deadlines(tx, scope, rows).await
}

/// The incentives of these rows, in their order, each with its newest deadline: one statement for all of them.
async fn with_deadlines(
    tx: &mut Tx,
    scope: &Scope,
    rows: Vec<Row>,
) -> Result<Vec<Incentive>, StoreError> {
    let now = tx.now();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut newest: HashMap<Uuid, Deadline> = HashMap::with_capacity(ids.len());
    // The oldest come first, so that a later one takes their place.
    for deadline in deadlines::of_objects(tx, scope, &ids).await? {
        if deadline.kind == DeadlineKind::ConfirmIncentive {
            newest.insert(deadline.object.id, deadline);
        }
    }
    let with_deadline = |row: Row| {
        let deadline = newest.remove(&row.id);
        let deadline = deadline.ok_or(StoreError::corrupt("incentives.due_until", row.id))?;
        row.at(deadline, now)
    };
    rows.into_iter().map(with_deadline).collect()
}

fn stored_state(text: &str, id: Uuid) -> Result<State, StoreError> {
    State::parse(text).ok_or(StoreError::corrupt("incentives.state", id))
}

/// An incentive as it is stored, locked until the transaction ends.
pub(super) struct Locked {
    pub(super) state: State,
}

pub(super) async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    IncentiveId(id): IncentiveId,
) -> Result<Option<Locked>, StoreError> {
    let owner = scope.organisation().map(|organisation| organisation.0);
    let row = sqlx::query!(
        "SELECT state FROM incentives WHERE id = $1 AND ($2::uuid IS NULL OR organisation_id = $2) FOR UPDATE",
        id,
        owner,
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(|row| {
        let state = stored_state(&row.state, id)?;
        Ok(Locked { state })
    })
    .transpose()
}

/// Answers the version that it made.
pub(super) async fn record_lapsed(
    tx: &mut Tx,
    IncentiveId(id): IncentiveId,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "UPDATE incentives SET state = 'LAPSED', version = version + 1 WHERE id = $1 RETURNING version",
        id,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Keeps the copy by which lists are sorted; answers the version that it made.
pub(super) async fn record_moved(
    tx: &mut Tx,
    IncentiveId(id): IncentiveId,
    due_until: DateTime<Utc>,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "UPDATE incentives SET due_until = $2, version = version + 1 WHERE id = $1 RETURNING version",
        id,
        due_until,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// What people call it.
pub(super) async fn number(
    tx: &mut Tx,
    IncentiveId(id): IncentiveId,
) -> Result<Option<String>, StoreError> {
    Ok(
        sqlx::query_scalar!("SELECT number FROM incentives WHERE id = $1", id)
            .fetch_optional(tx.connection())
            .await?,
    )
}

pub(super) async fn list(
    tx: &mut Tx,
    scope: &Scope,
    filter: &Filter,
    (sort, window): (Sort, &Window),
) -> Result<Page<Incentive>, StoreError> {
    let at = tx.now();
    let mut query = QueryBuilder::new(COLUMNS);
    query.push(" WHERE true");
    within(&mut query, scope);
    narrow(&mut query, filter, at);
    sort.push(&mut query, window);
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx.connection()).await?;
    let incentives = with_deadlines(tx, scope, rows).await?;
    Ok(Page::of(incentives, window))
}

/// Counts up to one more than a client is told.
pub(super) async fn count(tx: &mut Tx, scope: &Scope, filter: &Filter) -> Result<i64, StoreError> {
    let at = tx.now();
    let mut query = QueryBuilder::new("SELECT count(*) FROM (SELECT FROM incentives WHERE true");
    within(&mut query, scope);
    narrow(&mut query, filter, at);
    query
        .push(" LIMIT ")
        .push_bind(LARGEST_COUNT + 1)
        .push(") AS matching");
    Ok(query
        .build_query_scalar()
        .fetch_one(tx.connection())
        .await?)
}

/// An incentive with the ids of its specialists, so that a page needs one more statement for all of their records.
const COLUMNS: &str = "SELECT incentives.*, ARRAY(
        SELECT person_id FROM incentive_specialists
        WHERE incentive_specialists.organisation_id = incentives.organisation_id AND incentive_id = incentives.id
        ORDER BY person_id
    ) AS specialists
    FROM incentives";

fn within(query: &mut QueryBuilder<Postgres>, scope: &Scope) {
    if let Some(owner) = scope.organisation().map(|organisation| organisation.0) {
        query.push(" AND organisation_id = ").push_bind(owner);
    }
}

fn narrow(query: &mut QueryBuilder<Postgres>, filter: &Filter, at: DateTime<Utc>) {
    if let Some(states) = &filter.states {
        let states: Vec<&str> = states.iter().copied().map(State::as_str).collect();
        // `State::at` in SQL: a filter must not show what then reads differently.
        query
            .push(" AND CASE WHEN state = 'PENDING_CONFIRM' AND due_until <= ")
            .push_bind(at)
            .push(" THEN 'LAPSED' ELSE state END = ANY(")
            .push_bind(states)
            .push(")");
    }
    if let Some(variants) = &filter.variants {
        let variants: Vec<&str> = variants.iter().copied().map(Variant::as_str).collect();
        query
            .push(" AND variant = ANY(")
            .push_bind(variants)
            .push(")");
    }
    if let Some(month) = filter.from_month {
        query.push(" AND service_month >= ").push_bind(month);
    }
    if let Some(month) = filter.to_month {
        query.push(" AND service_month <= ").push_bind(month);
    }
    if let Some(instant) = filter.due_before {
        query.push(" AND due_until < ").push_bind(instant);
    }
}

/// What can still be confirmed, for the inbox: at its end it is lapsed, whether or not that is recorded yet (R-FH-7).
pub(super) fn push_unconfirmed(query: &mut QueryBuilder<Postgres>, bounds: Bounds) {
    query.push(
        "SELECT id, number, to_char(service_month, 'YYYY-MM') AS name, due_until, amount, currency,
             generated_at AS since, NULL::uuid AS owner_id
         FROM incentives WHERE state = 'PENDING_CONFIRM' AND organisation_id = ",
    );
    query.push_bind(bounds.organisation);
    query.push(" AND due_until > ").push_bind(bounds.now);
}

//! The only SQL about incentives. Rows go in and out; no rule is decided here.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::{FromRow, Postgres, QueryBuilder};
use uuid::Uuid;

use super::model::{Confirmation, Incentive, State, Variant};
use super::service::Filter;
use crate::db::{Scope, StoreError, Tx};
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
    due_until: DateTime<Utc>,
    last_day_on: NaiveDate,
    working_days: i32,
    calendar_version: i64,
    provisional: bool,
    version: i64,
    specialists: Vec<Uuid>,
}

impl Row {
    /// The incentive as it stands at `now`.
    fn at(self, now: DateTime<Utc>) -> Result<Incentive, StoreError> {
        let state =
            State::parse(&self.state).ok_or(StoreError::corrupt("incentives.state", self.id))?;
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
            state: state.at(now, self.due_until),
            opportunity: self.opportunity_id.map(OpportunityId),
            specialists: self.specialists.into_iter().map(PersonId).collect(),
            generated_at: self.generated_at,
            confirmation: Confirmation {
                due_until: self.due_until,
                last_day_on: self.last_day_on,
                working_days: self.working_days,
                calendar_version: self.calendar_version,
                provisional: self.provisional,
            },
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
    let at = tx.now();
    let mut query = QueryBuilder::new(COLUMNS);
    query.push(" WHERE id = ANY(").push_bind(ids).push(")");
    within(&mut query, scope);
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx.connection()).await?;
    rows.into_iter().map(|row| row.at(at)).collect()
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
    let incentives: Result<Vec<Incentive>, StoreError> =
        rows.into_iter().map(|row| row.at(at)).collect();
    Ok(Page::of(incentives?, window))
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

//! Pages of customers.

use sqlx::{Postgres, QueryBuilder};

use super::super::model::{AssociationType, Customer, CustomerState};
use super::super::service::{Filter, Reach};
use super::{Row, storable};
use crate::catalogue::accounts::AccountKind;
use crate::db::{Scope, StoreError, Tx};
use crate::paging::{LARGEST_COUNT, Page, Sort, Window};

pub(in super::super) async fn page(
    tx: &mut Tx,
    narrowed: (&Scope, Reach, &Filter),
    (sort, window): (Sort, &Window),
) -> Result<Page<Customer>, StoreError> {
    let mut query = QueryBuilder::new("SELECT *");
    narrow(&mut query, narrowed);
    sort.push(&mut query, window);
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx.connection()).await?;
    let customers: Result<Vec<Customer>, StoreError> =
        rows.into_iter().map(Customer::try_from).collect();
    Ok(Page::of(customers?, window))
}

/// Counts up to one more than a client is told.
pub(in super::super) async fn count(
    tx: &mut Tx,
    narrowed: (&Scope, Reach, &Filter),
) -> Result<i64, StoreError> {
    let mut query = QueryBuilder::new("SELECT count(*) FROM (SELECT");
    narrow(&mut query, narrowed);
    query
        .push(" LIMIT ")
        .push_bind(LARGEST_COUNT + 1)
        .push(") AS matching");
    Ok(query
        .build_query_scalar()
        .fetch_one(tx.connection())
        .await?)
}

/// `FROM … WHERE …`: the relations of the scope and the reach that pass the filter.
fn narrow(query: &mut QueryBuilder<Postgres>, (scope, reach, filter): (&Scope, Reach, &Filter)) {
    query.push(" FROM customers WHERE true");
    if let Some(party) = scope.owner() {
        query.push(" AND (organisation_id = ").push_bind(party);
        query.push(" OR partner_id = ").push_bind(party).push(")");
    }
    if let Some(member) = reach.member() {
        query.push(" AND account_manager_id = ").push_bind(member.0);
    }
    let mut any = |column: &str, words: Vec<&'static str>| {
        query.push(" AND ").push(column).push(" = ANY(");
        query.push_bind(words).push(")");
    };
    if let Some(states) = &filter.states {
        any(
            "state",
            states.iter().copied().map(CustomerState::as_str).collect(),
        );
    }
    if let Some(types) = &filter.associations {
        let words = types.iter().copied().map(AssociationType::as_str);
        any("association_type", words.collect());
    }
    if let Some(kinds) = &filter.kinds {
        let words = kinds.iter().copied().map(AccountKind::as_str);
        any("account_kind", words.collect());
    }
    if let Some(partner) = filter.partner {
        query.push(" AND partner_id = ").push_bind(partner.0);
    }
    if let Some(member) = filter.account_manager {
        query.push(" AND account_manager_id = ").push_bind(member.0);
    }
    if let Some(managed) = filter.managed {
        query.push(" AND (account_manager_id IS NOT NULL) = ");
        query.push_bind(managed);
    }
    if let Some(account) = &filter.account {
        query
            .push(" AND account_id = ")
            .push_bind(storable(account));
    }
    if let Some(part) = &filter.name_part {
        query.push(" AND strpos(lower(account_name), lower(");
        query.push_bind(storable(part)).push(")) > 0");
    }
}

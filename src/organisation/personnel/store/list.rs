//! The list of an organisation's persons.

use sqlx::{Postgres, QueryBuilder};

use super::super::model::{DedicatedPerson, PersonState, Reader};
use super::Row;
use crate::db::{Scope, StoreError, Tx};
use crate::ids::OrganisationId;
use crate::paging::{LARGEST_COUNT, Page, Sort, Window};

/// Which persons are wanted; an absent condition does not narrow, an empty list matches nothing.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Filter {
    /// `None`: whosever they are, for the vendor.
    pub(in super::super) organisation: Option<OrganisationId>,
    pub(in super::super) states: Option<Vec<PersonState>>,
}

pub(in super::super) async fn page(
    tx: &mut Tx,
    scope: &Scope,
    (filter, sort, window): (&Filter, Sort, &Window),
) -> Result<Page<DedicatedPerson>, StoreError> {
    let now = tx.now();
    let mut query = QueryBuilder::new(
        "SELECT organisation_id, id, state, account_id, identity_id, invited_as, invited_by, sent_at, expires_at, name,
             account_name, email, mobile, position, employment, base_location, started_on, path, decision_reason, bound_at,
             ended_at, ended_by, changed_at, version, NULL::text AS partner_name, NULL::text AS partner_state
         FROM dedicated_personnel WHERE ",
    );
    push(&mut query, scope, (filter, now));
    sort.push(&mut query, window);
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx.connection()).await?;
    let shown = |row: Row| Ok(row.person(now)?.shown_to(Reader::Organisation));
    let items: Result<Vec<_>, StoreError> = rows.into_iter().map(shown).collect();
    Ok(Page::of(items?, window))
}

/// How many match, up to one more than is ever told.
pub(in super::super) async fn count(
    tx: &mut Tx,
    scope: &Scope,
    filter: &Filter,
) -> Result<i64, StoreError> {
    let now = tx.now();
    let mut query =
        QueryBuilder::new("SELECT count(*) FROM (SELECT FROM dedicated_personnel WHERE ");
    push(&mut query, scope, (filter, now));
    query.push(" LIMIT ").push_bind(LARGEST_COUNT + 1);
    query.push(") AS counted");
    let count = query.build_query_scalar();
    Ok(count.fetch_one(tx.connection()).await?)
}

/// Filters by the state that readers see: an invitation that nobody accepted in time has expired.
fn push(
    query: &mut QueryBuilder<Postgres>,
    scope: &Scope,
    (filter, now): (&Filter, chrono::DateTime<chrono::Utc>),
) {
    query.push("(").push_bind(scope.owner());
    query.push("::uuid IS NULL OR organisation_id = ");
    query.push_bind(scope.owner()).push(")");
    if let Some(organisation) = filter.organisation {
        query
            .push(" AND organisation_id = ")
            .push_bind(organisation.0);
    }
    if let Some(states) = &filter.states {
        let states: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
        query.push(" AND CASE WHEN state = 'INVITED' AND expires_at <= ");
        query
            .push_bind(now)
            .push(" THEN 'EXPIRED' ELSE state END = ANY(");
        query.push_bind(states).push(")");
    }
}

//! Lists of members: the one statement that is put together, from literals of ours and bound values.

use sqlx::{Postgres, QueryBuilder};

use super::Row;
use crate::db::{Scope, StoreError, Tx};
use crate::organisation::members::model::Member;
use crate::organisation::members::service::{Filter, Listing};
use crate::paging::{LARGEST_COUNT, Page};

pub(in crate::organisation::members) async fn list(
    tx: &mut Tx,
    scope: &Scope,
    listing: &Listing,
) -> Result<Page<Member>, StoreError> {
    let mut query = QueryBuilder::new(
        "SELECT organisation_id, id, account_name, name, email, mobile, state, director_id, created_at, version,
             ARRAY(SELECT role FROM member_roles
                   WHERE member_roles.organisation_id = members.organisation_id AND member_id = members.id) AS roles,
             ARRAY(SELECT role_id FROM member_custom_roles AS given
                   WHERE given.organisation_id = members.organisation_id AND given.member_id = members.id) AS custom_role_ids
         FROM members WHERE ",
    );
    push_filter(&mut query, scope, &listing.filter);
    listing.sort.push(&mut query, &listing.window);
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx.connection()).await?;
    let items = rows.into_iter().map(Member::try_from);
    Ok(Page::of(items.collect::<Result<_, _>>()?, &listing.window))
}

/// How many match, up to one more than is ever told.
pub(in crate::organisation::members) async fn count(
    tx: &mut Tx,
    scope: &Scope,
    filter: &Filter,
) -> Result<i64, StoreError> {
    let mut query = QueryBuilder::new("SELECT count(*) FROM (SELECT FROM members WHERE ");
    push_filter(&mut query, scope, filter);
    query.push(" LIMIT ").push_bind(LARGEST_COUNT + 1);
    query.push(") AS counted");
    let count = query.build_query_scalar();
    Ok(count.fetch_one(tx.connection()).await?)
}

fn push_filter(query: &mut QueryBuilder<Postgres>, scope: &Scope, filter: &Filter) {
    query.push("organisation_id = ");
    query.push_bind(filter.organisation.0).push(" AND (");
    query.push_bind(scope.owner());
    query.push("::uuid IS NULL OR organisation_id = ");
    query.push_bind(scope.owner()).push(")");
    if let Some(states) = &filter.states {
        let states: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
        query.push(" AND state = ANY(").push_bind(states).push(")");
    }
    if let Some(roles) = &filter.roles {
        let roles: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
        query.push(
            " AND EXISTS (SELECT FROM member_roles
                WHERE member_roles.organisation_id = members.organisation_id AND member_id = members.id AND role = ANY(",
        );
        query.push_bind(roles).push("))");
    }
    if let Some(director) = filter.director {
        query.push(" AND director_id = ").push_bind(director.0);
    }
    if let Some(permission) = filter.permission {
        query.push(
            " AND EXISTS (SELECT FROM member_permissions AS held
                WHERE held.organisation_id = members.organisation_id AND held.member_id = members.id
                  AND held.permission = ",
        );
        query.push_bind(permission.as_str()).push(")");
    }
    if let Some(part) = &filter.name_contains {
        query.push(" AND strpos(lower(name), lower(");
        query.push_bind(part.clone()).push(")) > 0");
    }
}

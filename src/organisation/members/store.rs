//! The only SQL about members and their roles. Rows go in and out; no rule is decided here.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::model::{Member, MemberRole, MemberState};
use super::service::{Filter, Listing};
use crate::db::{Scope, StoreError, Tx};
use crate::ids::{MemberId, OrganisationId};
use crate::paging::{LARGEST_COUNT, Page};
use crate::viewer::Permission;

#[derive(sqlx::FromRow)]
struct Row {
    organisation_id: Uuid,
    id: Uuid,
    account_name: String,
    name: String,
    email: String,
    mobile: Option<String>,
    state: String,
    created_at: DateTime<Utc>,
    version: i64,
    roles: Vec<String>,
}

impl TryFrom<Row> for Member {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt(column, row.id);
        let roles = row.roles.iter().map(|role| MemberRole::parse(role));
        Ok(Self {
            state: MemberState::parse(&row.state).ok_or_else(|| corrupt("members.state"))?,
            roles: roles
                .collect::<Option<_>>()
                .ok_or_else(|| corrupt("member_roles.role"))?,
            organisation: OrganisationId(row.organisation_id),
            id: MemberId(row.id),
            account_name: row.account_name,
            name: row.name,
            email: row.email,
            mobile: row.mobile,
            created_at: row.created_at,
            version: row.version,
        })
    }
}

/// Those of `ids` that the scope may see: its own people, and the account manager who is named to a reseller or a
/// customer.
pub(super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[MemberId],
) -> Result<Vec<Member>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Row,
        r#"SELECT organisation_id, id, account_name, name, email, mobile, state, created_at, version,
             ARRAY(SELECT role FROM member_roles
                   WHERE member_roles.organisation_id = members.organisation_id AND member_id = members.id) AS "roles!"
         FROM members
         WHERE id = ANY($1)
           AND ($2::uuid IS NULL OR organisation_id = $2 OR EXISTS (
               SELECT FROM resellers
               WHERE resellers.account_manager_id = members.id AND resellers.organisation_id = $2)
             OR EXISTS (
               SELECT FROM customers
               WHERE customers.account_manager_id = members.id AND customers.organisation_id = $2
                 AND customers.state = 'ASSOCIATED'))"#,
        &ids,
        scope.owner(),
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(Member::try_from)
    .collect()
}

/// Reads one member of the scope's own organisation and holds the row until the transaction ends.
pub(super) async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    id: MemberId,
) -> Result<Option<Member>, StoreError> {
    sqlx::query_as!(
        Row,
        r#"SELECT organisation_id, id, account_name, name, email, mobile, state, created_at, version,
             ARRAY(SELECT role FROM member_roles
                   WHERE member_roles.organisation_id = members.organisation_id AND member_id = members.id) AS "roles!"
         FROM members
         WHERE id = $1 AND ($2::uuid IS NULL OR organisation_id = $2)
         FOR NO KEY UPDATE"#,
        id.0,
        scope.owner(),
    )
    .fetch_optional(tx.connection())
    .await?
    .map(Member::try_from)
    .transpose()
}

/// Reads one member of the organisation that the scope acts for; until the transaction ends the row stays as it is, and
/// others may hold it too.
pub(super) async fn hold(
    tx: &mut Tx,
    scope: &Scope,
    id: MemberId,
) -> Result<Option<Member>, StoreError> {
    let organisation = scope.organisation().map(|organisation| organisation.0);
    sqlx::query_as!(
        Row,
        r#"SELECT organisation_id, id, account_name, name, email, mobile, state, created_at, version,
             ARRAY(SELECT role FROM member_roles
                   WHERE member_roles.organisation_id = members.organisation_id AND member_id = members.id) AS "roles!"
         FROM members
         WHERE id = $1 AND organisation_id = $2
         FOR SHARE"#,
        id.0,
        organisation,
    )
    .fetch_optional(tx.connection())
    .await?
    .map(Member::try_from)
    .transpose()
}

pub(super) async fn list(
    tx: &mut Tx,
    scope: &Scope,
    listing: &Listing,
) -> Result<Page<Member>, StoreError> {
    let mut query = QueryBuilder::new(
        "SELECT organisation_id, id, account_name, name, email, mobile, state, created_at, version,
             ARRAY(SELECT role FROM member_roles
                   WHERE member_roles.organisation_id = members.organisation_id AND member_id = members.id) AS roles
         FROM members WHERE ",
    );
    push_filter(&mut query, scope, &listing.filter);
    listing.sort.push(&mut query, &listing.window);
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx.connection()).await?;
    let items = rows.into_iter().map(Member::try_from);
    Ok(Page::of(items.collect::<Result<_, _>>()?, &listing.window))
}

/// How many match, up to one more than is ever told.
pub(super) async fn count(tx: &mut Tx, scope: &Scope, filter: &Filter) -> Result<i64, StoreError> {
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
    if let Some(permission) = filter.permission {
        query.push(
            " AND EXISTS (SELECT FROM member_roles JOIN roles ON roles.code = member_roles.role
                WHERE member_roles.organisation_id = members.organisation_id AND member_id = members.id AND ",
        );
        query
            .push_bind(permission.as_str())
            .push(" = ANY(roles.permissions))");
    }
    if let Some(part) = &filter.name_contains {
        query.push(" AND strpos(lower(name), lower(");
        query.push_bind(part.clone()).push(")) > 0");
    }
}

/// The active members of the scope's organisation; with a role, only those who have it.
pub(super) async fn active(
    tx: &mut Tx,
    scope: &Scope,
    organisation: OrganisationId,
    role: Option<MemberRole>,
) -> Result<Vec<MemberId>, StoreError> {
    let members = sqlx::query_scalar!(
        "SELECT id FROM members
         WHERE organisation_id = $1 AND ($2::uuid IS NULL OR organisation_id = $2) AND state = 'ACTIVE'
           AND ($3::text IS NULL OR EXISTS (
               SELECT FROM member_roles
               WHERE member_roles.organisation_id = $1 AND member_id = members.id AND role = $3))",
        organisation.0,
        scope.owner(),
        role.map(MemberRole::as_str),
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(members.into_iter().map(MemberId).collect())
}

/// The first few active members, by name, whose roles give each of the permissions.
pub(super) async fn holders(
    tx: &mut Tx,
    organisation: OrganisationId,
    (permissions, most): (&[Permission], i64),
) -> Result<Vec<(Permission, MemberId)>, StoreError> {
    let wanted: Vec<String> = permissions
        .iter()
        .map(|permission| permission.as_str().to_owned())
        .collect();
    let rows = sqlx::query!(
        r#"SELECT wanted.permission AS "permission!", holder.id AS "id!"
           FROM unnest($2::text[]) AS wanted (permission)
           CROSS JOIN LATERAL (
               SELECT members.id FROM members
               WHERE members.organisation_id = $1 AND members.state = 'ACTIVE' AND EXISTS (
                   SELECT FROM member_roles JOIN roles ON roles.code = member_roles.role
                   WHERE member_roles.organisation_id = $1 AND member_roles.member_id = members.id
                     AND wanted.permission = ANY(roles.permissions))
               ORDER BY members.name, members.id LIMIT $3
           ) AS holder"#,
        organisation.0,
        &wanted,
        most,
    )
    .fetch_all(tx.connection())
    .await?;
    let rows = rows.into_iter();
    Ok(rows
        .filter_map(|row| Some((Permission::parse(&row.permission)?, MemberId(row.id))))
        .collect())
}

/// Which of a new member's names are in use already.
pub(super) struct Taken {
    /// By a member of any state: an account name is never given twice (R-ORG-11).
    pub(super) account_name: bool,
    /// By an active member.
    pub(super) email: bool,
}

pub(super) async fn taken(
    tx: &mut Tx,
    organisation: OrganisationId,
    account_name: &str,
    email: &str,
) -> Result<Taken, StoreError> {
    Ok(sqlx::query_as!(
        Taken,
        r#"SELECT
             EXISTS (SELECT FROM members WHERE organisation_id = $1 AND account_name = $2) AS "account_name!",
             EXISTS (SELECT FROM members
                     WHERE organisation_id = $1 AND lower(email) = lower($3) AND state = 'ACTIVE') AS "email!""#,
        organisation.0,
        account_name,
        email,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Writes a new member and its roles.
pub(super) async fn insert(tx: &mut Tx, member: &Member) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO members (organisation_id, id, account_name, name, email, mobile, state, created_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        member.organisation.0,
        member.id.0,
        member.account_name,
        member.name,
        member.email,
        member.mobile,
        member.state.as_str(),
        member.created_at,
        member.version,
    )
    .execute(tx.connection())
    .await?;
    insert_roles(tx, member, &member.roles).await
}

async fn insert_roles(
    tx: &mut Tx,
    member: &Member,
    roles: &BTreeSet<MemberRole>,
) -> Result<(), StoreError> {
    let roles: Vec<String> = roles.iter().map(|role| role.as_str().to_owned()).collect();
    sqlx::query!(
        "INSERT INTO member_roles (organisation_id, member_id, role) SELECT $1, $2, unnest($3::text[])",
        member.organisation.0,
        member.id.0,
        &roles,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Replaces the roles of a locked member; its next version goes with it.
pub(super) async fn record_roles(
    tx: &mut Tx,
    member: &Member,
    roles: &BTreeSet<MemberRole>,
) -> Result<i64, StoreError> {
    sqlx::query!(
        "DELETE FROM member_roles WHERE organisation_id = $1 AND member_id = $2",
        member.organisation.0,
        member.id.0,
    )
    .execute(tx.connection())
    .await?;
    insert_roles(tx, member, roles).await?;
    record_touched(tx, member).await
}

/// Gives a locked member its next version, for what is written in other tables.
pub(super) async fn record_touched(tx: &mut Tx, member: &Member) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "UPDATE members SET version = version + 1 WHERE organisation_id = $1 AND id = $2 RETURNING version",
        member.organisation.0,
        member.id.0,
    )
    .fetch_one(tx.connection())
    .await?)
}

pub(super) async fn record_disabled(tx: &mut Tx, member: &Member) -> Result<i64, StoreError> {
    let now = tx.now();
    Ok(sqlx::query_scalar!(
        "UPDATE members SET state = 'DISABLED', disabled_at = $3, version = version + 1
         WHERE organisation_id = $1 AND id = $2 RETURNING version",
        member.organisation.0,
        member.id.0,
        now,
    )
    .fetch_one(tx.connection())
    .await?)
}

//! The only SQL about members and their roles. Rows go in and out; no rule is decided here.

mod directors;
mod list;
mod roles;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub(super) use directors::{directed, lock_directed, record_director};
pub(super) use list::{count, list};
pub(super) use roles::{beyond, has_role, locked_roles, permissions_of, permissions_of_roles};

use super::model::{Member, MemberRole, MemberState};
use crate::db::{Scope, StoreError, Tx};
use crate::ids::{MemberId, OrganisationId, RoleId};
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
    director_id: Option<Uuid>,
    created_at: DateTime<Utc>,
    version: i64,
    roles: Vec<String>,
    custom_role_ids: Vec<Uuid>,
}

/// A query for rows whose text is known here and checked against the database when this is built.
macro_rules! members {
    ($condition:tt, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"SELECT organisation_id, id, account_name, name, email, mobile, state, director_id, created_at, version,
                ARRAY(SELECT role FROM member_roles
                      WHERE member_roles.organisation_id = members.organisation_id AND member_id = members.id) AS "roles!",
                ARRAY(SELECT role_id FROM member_custom_roles AS given
                      WHERE given.organisation_id = members.organisation_id AND given.member_id = members.id) AS "custom_role_ids!"
                FROM members WHERE "#
                + $condition,
            $($argument),*
        )
    };
}
use members;

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
            custom_roles: row.custom_role_ids.into_iter().map(RoleId).collect(),
            director: row.director_id.map(MemberId),
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
    members!(
        r#"id = ANY($1)
           AND ($2::uuid IS NULL OR organisation_id = $2 OR EXISTS (
               SELECT FROM resellers
               WHERE resellers.account_manager_id = members.id AND resellers.organisation_id = $2)
             OR EXISTS (
               SELECT FROM customers
               WHERE customers.account_manager_id = members.id AND customers.organisation_id = $2
                 AND customers.state = 'ASSOCIATED'))"#,
        &ids,
        scope.owner()
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(Member::try_from)
    .collect()
}

/// By what a member is looked for; whatever is absent matches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::organisation) struct Matching<'a> {
    pub(in crate::organisation) id: Option<MemberId>,
    pub(in crate::organisation) account_name: Option<&'a str>,
    pub(in crate::organisation) email: Option<&'a str>,
}

/// The one member of an organisation that matches best: by id, then an active one, then the newest.
pub(in crate::organisation) async fn matching(
    tx: &mut Tx,
    scope: &Scope,
    (organisation, by): (OrganisationId, Matching<'_>),
) -> Result<Option<Member>, StoreError> {
    members!(
        "organisation_id = $1 AND ($2::uuid IS NULL OR organisation_id = $2)
         AND (id = $3 OR account_name = $4 OR lower(email) = lower($5))
         ORDER BY (id = $3) DESC NULLS LAST, state = 'ACTIVE' DESC, created_at DESC, id LIMIT 1",
        organisation.0,
        scope.owner(),
        by.id.map(|id| id.0),
        by.account_name,
        by.email
    )
    .fetch_optional(tx.connection())
    .await?
    .map(Member::try_from)
    .transpose()
}

/// Reads one member of the scope's own organisation and holds the row until the transaction ends.
pub(super) async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    id: MemberId,
) -> Result<Option<Member>, StoreError> {
    members!(
        r#"id = $1 AND ($2::uuid IS NULL OR organisation_id = $2)
         FOR NO KEY UPDATE"#,
        id.0,
        scope.owner()
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
    members!(
        r#"id = $1 AND organisation_id = $2
         FOR SHARE"#,
        id.0,
        organisation
    )
    .fetch_optional(tx.connection())
    .await?
    .map(Member::try_from)
    .transpose()
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
                   SELECT FROM member_permissions AS held
                   WHERE held.organisation_id = $1 AND held.member_id = members.id
                     AND held.permission = wanted.permission)
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

/// Replaces the roles of a locked member, who has a director only as an account manager; its next version goes with it.
pub(super) async fn record_roles(
    tx: &mut Tx,
    member: &Member,
    (roles, customs): (&BTreeSet<MemberRole>, &BTreeSet<RoleId>),
) -> Result<i64, StoreError> {
    roles::record_custom(tx, member, customs).await?;
    sqlx::query!(
        "DELETE FROM member_roles WHERE organisation_id = $1 AND member_id = $2",
        member.organisation.0,
        member.id.0,
    )
    .execute(tx.connection())
    .await?;
    insert_roles(tx, member, roles).await?;
    let manages = roles.contains(&MemberRole::AccountManager);
    Ok(sqlx::query_scalar!(
        "UPDATE members SET director_id = CASE WHEN $3 THEN director_id END, version = version + 1
         WHERE organisation_id = $1 AND id = $2 RETURNING version",
        member.organisation.0,
        member.id.0,
        manages,
    )
    .fetch_one(tx.connection())
    .await?)
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
        "UPDATE members SET state = 'DISABLED', disabled_at = $3, director_id = NULL, version = version + 1
         WHERE organisation_id = $1 AND id = $2 RETURNING version",
        member.organisation.0,
        member.id.0,
        now,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Writes a member's own particulars; the next version.
pub(super) async fn record_profile(tx: &mut Tx, member: &Member) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "UPDATE members SET name = $3, mobile = $4, version = version + 1
         WHERE organisation_id = $1 AND id = $2 RETURNING version",
        member.organisation.0,
        member.id.0,
        member.name,
        member.mobile,
    )
    .fetch_one(tx.connection())
    .await?)
}

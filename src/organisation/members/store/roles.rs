//! What roles give, who has them, and which of them are held fast.

use std::collections::{BTreeSet, HashSet};

use uuid::Uuid;

use crate::db::{StoreError, Tx};
use crate::ids::{MemberId, OrganisationId, RoleId};
use crate::organisation::members::model::{Member, MemberRole};
use crate::viewer::Permission;

/// What these preset roles give together.
pub(in crate::organisation::members) async fn permissions_of_roles(
    tx: &mut Tx,
    roles: &BTreeSet<MemberRole>,
) -> Result<BTreeSet<Permission>, StoreError> {
    let roles: Vec<String> = roles.iter().map(|role| role.as_str().to_owned()).collect();
    let permissions = sqlx::query_scalar!(
        r#"SELECT DISTINCT unnest(permissions) AS "permission!" FROM roles WHERE code = ANY($1)"#,
        &roles,
    )
    .fetch_all(tx.connection())
    .await?;
    let permissions = permissions.iter();
    Ok(permissions
        .filter_map(|permission| Permission::parse(permission))
        .collect())
}

/// Whether an active member of the organisation has this preset role.
pub(in crate::organisation::members) async fn has_role(
    tx: &mut Tx,
    (organisation, member): (OrganisationId, MemberId),
    role: MemberRole,
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM member_roles
             WHERE organisation_id = $1 AND member_id = $2 AND role = $3) AS "has!""#,
        organisation.0,
        member.0,
        role.as_str(),
    )
    .fetch_one(tx.connection())
    .await?)
}

/// The roles whose qualification the vendor reviews of this member (R-ORG-10).
pub(in crate::organisation::members) async fn locked_roles(
    tx: &mut Tx,
    member: &Member,
) -> Result<BTreeSet<MemberRole>, StoreError> {
    let roles = sqlx::query_scalar!(
        "SELECT role FROM qualification_reviews
         WHERE organisation_id = $1 AND account_name = $2 AND state = 'UNDER_REVIEW'",
        member.organisation.0,
        member.account_name,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(roles
        .iter()
        .filter_map(|role| MemberRole::parse(role))
        .collect())
}

/// Replaces the custom roles of a locked member.
pub(in crate::organisation::members) async fn record_custom(
    tx: &mut Tx,
    member: &Member,
    customs: &BTreeSet<RoleId>,
) -> Result<(), StoreError> {
    let customs: Vec<Uuid> = customs.iter().map(|custom| custom.0).collect();
    sqlx::query!(
        "DELETE FROM member_custom_roles WHERE organisation_id = $1 AND member_id = $2",
        member.organisation.0,
        member.id.0,
    )
    .execute(tx.connection())
    .await?;
    sqlx::query!(
        "INSERT INTO member_custom_roles (organisation_id, member_id, role_id) SELECT $1, $2, unnest($3::uuid[])",
        member.organisation.0,
        member.id.0,
        &customs,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// What a member may do, by whatever role.
pub(in crate::organisation::members) async fn permissions_of(
    tx: &mut Tx,
    (organisation, member): (OrganisationId, MemberId),
) -> Result<BTreeSet<Permission>, StoreError> {
    let permissions = sqlx::query_scalar!(
        r#"SELECT DISTINCT permission AS "permission!" FROM member_permissions
           WHERE organisation_id = $1 AND member_id = $2"#,
        organisation.0,
        member.0,
    )
    .fetch_all(tx.connection())
    .await?;
    let permissions = permissions.iter();
    Ok(permissions
        .filter_map(|permission| Permission::parse(permission))
        .collect())
}

/// Those of the members who may do something that whoever asks may not; none for one with the administrator's role.
pub(in crate::organisation::members) async fn beyond(
    tx: &mut Tx,
    (organisation, administrator): (OrganisationId, MemberRole),
    (asks, members): (Option<MemberId>, &[MemberId]),
) -> Result<HashSet<MemberId>, StoreError> {
    let members: Vec<Uuid> = members.iter().map(|member| member.0).collect();
    let found = sqlx::query_scalar!(
        r#"SELECT DISTINCT held.member_id AS "member_id!" FROM member_permissions AS held
           WHERE held.organisation_id = $1 AND held.member_id = ANY($2)
             AND NOT EXISTS (SELECT FROM member_permissions AS own
                 WHERE own.organisation_id = $1 AND own.member_id = $3 AND own.permission = held.permission)
             AND NOT EXISTS (SELECT FROM member_roles
                 WHERE member_roles.organisation_id = $1 AND member_roles.member_id = $3 AND role = $4)"#,
        organisation.0,
        &members,
        asks.map(|asks| asks.0),
        administrator.as_str(),
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(found.into_iter().map(MemberId).collect())
}

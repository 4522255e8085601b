//! The only SQL about roles. Rows go in and out; no rule is decided here.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::model::{Role, RoleKind};
use crate::db::{Scope, StoreError, Tx};
use crate::ids::{OrganisationId, RoleId};
use crate::organisation::members::MemberRole;
use crate::organisation::model::Organisation;
use crate::viewer::{OrganisationKind, Permission};

struct Row {
    organisation_id: Uuid,
    id: Uuid,
    name: String,
    description: String,
    permissions: Vec<String>,
    state: String,
    version: i64,
}

impl TryFrom<Row> for Role {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let is_retired = match row.state.as_str() {
            "ACTIVE" => false,
            "RETIRED" => true,
            _ => return Err(StoreError::corrupt("custom_roles.state", row.id)),
        };
        Ok(Self {
            id: RoleId(row.id),
            kind: RoleKind::Custom {
                organisation: OrganisationId(row.organisation_id),
                is_retired,
            },
            name: row.name,
            description: row.description,
            permissions: known(&row.permissions),
            version: row.version,
        })
    }
}

/// A permission that this version of the program does not know gives nothing.
fn known(texts: &[String]) -> BTreeSet<Permission> {
    texts
        .iter()
        .filter_map(|text| Permission::parse(text))
        .collect()
}

fn texts(role: &Role) -> Vec<String> {
    let permissions = role.permissions.iter();
    permissions.map(|it| it.as_str().to_owned()).collect()
}

macro_rules! roles {
    ($condition:tt, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            "SELECT organisation_id, id, name, description, permissions, state, version FROM custom_roles WHERE "
                + $condition,
            $($argument),*
        )
    };
}

fn side(kind: OrganisationKind) -> &'static str {
    match kind {
        OrganisationKind::Vendor => "VENDOR",
        OrganisationKind::Partner | OrganisationKind::Customer => "PARTNER",
    }
}

/// What roles of this kind of organisation can hold: whatever one of its preset roles holds.
pub(super) async fn offered_to(
    tx: &mut Tx,
    kind: OrganisationKind,
) -> Result<BTreeSet<Permission>, StoreError> {
    let texts = sqlx::query_scalar!(
        r#"SELECT DISTINCT unnest(permissions) AS "permission!" FROM roles WHERE side = $1"#,
        side(kind),
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(known(&texts))
}

/// What these active custom roles of an organisation give together; absent when one of them is none.
pub(in crate::organisation) async fn active_permissions(
    tx: &mut Tx,
    scope: &Scope,
    (organisation, ids): (OrganisationId, &BTreeSet<RoleId>),
) -> Result<Option<BTreeSet<Permission>>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = roles!(
        "id = ANY($1) AND organisation_id = $2 AND ($3::uuid IS NULL OR organisation_id = $3) AND state = 'ACTIVE'",
        &ids,
        organisation.0,
        scope.owner()
    )
    .fetch_all(tx.connection())
    .await?;
    if rows.len() < ids.len() {
        return Ok(None);
    }
    Ok(Some(
        rows.iter()
            .flat_map(|row| known(&row.permissions))
            .collect(),
    ))
}

/// The preset roles of this kind of organisation.
pub(super) async fn preset(tx: &mut Tx, kind: OrganisationKind) -> Result<Vec<Role>, StoreError> {
    let rows = sqlx::query!(
        "SELECT code, permissions FROM roles WHERE side = $1 ORDER BY code",
        side(kind),
    )
    .fetch_all(tx.connection())
    .await?;
    let role = |code: &str, permissions: &[String]| {
        let preset = MemberRole::parse(code)?;
        Some(Role {
            id: preset.id(),
            kind: RoleKind::Preset(preset),
            name: code.to_owned(),
            description: String::new(),
            permissions: known(permissions),
            version: 1,
        })
    };
    let rows = rows.iter();
    Ok(rows
        .filter_map(|row| role(&row.code, &row.permissions))
        .collect())
}

/// All custom roles of an organisation, the active ones first, by name.
pub(super) async fn custom(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<Vec<Role>, StoreError> {
    roles!(
        "organisation_id = $1 ORDER BY state, name, id LIMIT 1000",
        organisation.0
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(Role::try_from)
    .collect()
}

pub(super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[RoleId],
) -> Result<Vec<Role>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    roles!(
        "id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2)",
        &ids,
        scope.owner()
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(Role::try_from)
    .collect()
}

pub(super) async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    id: RoleId,
) -> Result<Option<Role>, StoreError> {
    roles!(
        "id = $1 AND ($2::uuid IS NULL OR organisation_id = $2) FOR UPDATE",
        id.0,
        scope.owner()
    )
    .fetch_optional(tx.connection())
    .await?
    .map(Role::try_from)
    .transpose()
}

pub(super) async fn count_active(
    tx: &mut Tx,
    scope: &Scope,
    organisation: OrganisationId,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM custom_roles
           WHERE organisation_id = $1 AND ($2::uuid IS NULL OR organisation_id = $2) AND state = 'ACTIVE'"#,
        organisation.0,
        scope.owner(),
    )
    .fetch_one(tx.connection())
    .await?)
}

pub(super) async fn is_name_taken(
    tx: &mut Tx,
    scope: &Scope,
    (organisation, of): (OrganisationId, Option<RoleId>),
    name: &str,
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM custom_roles
             WHERE organisation_id = $1 AND ($2::uuid IS NULL OR organisation_id = $2) AND lower(name) = lower($3)
               AND state = 'ACTIVE' AND id IS DISTINCT FROM $4) AS "taken!""#,
        organisation.0,
        scope.owner(),
        name.replace('\0', ""),
        of.map(|of| of.0),
    )
    .fetch_one(tx.connection())
    .await?)
}

/// How many active members have it.
pub(super) async fn count_holders(
    tx: &mut Tx,
    scope: &Scope,
    (organisation, role): (OrganisationId, RoleId),
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM member_custom_roles AS given
           JOIN members ON members.organisation_id = given.organisation_id AND members.id = given.member_id
           WHERE given.organisation_id = $1 AND ($2::uuid IS NULL OR given.organisation_id = $2) AND role_id = $3
             AND members.state = 'ACTIVE'"#,
        organisation.0,
        scope.owner(),
        role.0,
    )
    .fetch_one(tx.connection())
    .await?)
}

pub(super) async fn insert(
    tx: &mut Tx,
    organisation: &Organisation,
    role: &Role,
) -> Result<(), StoreError> {
    let now = tx.now();
    sqlx::query!(
        "INSERT INTO custom_roles (organisation_id, id, name, description, permissions, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        organisation.id.0,
        role.id.0,
        role.name,
        role.description,
        &texts(role),
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn record(
    tx: &mut Tx,
    organisation: &Organisation,
    role: &Role,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE custom_roles SET name = $3, description = $4, permissions = $5, version = $6
         WHERE organisation_id = $1 AND id = $2",
        organisation.id.0,
        role.id.0,
        role.name,
        role.description,
        &texts(role),
        role.version,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn record_retired(
    tx: &mut Tx,
    organisation: &Organisation,
    role: RoleId,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "UPDATE custom_roles SET state = 'RETIRED', version = version + 1
         WHERE organisation_id = $1 AND id = $2 RETURNING version",
        organisation.id.0,
        role.0,
    )
    .fetch_one(tx.connection())
    .await?)
}

//! The scripts of a sandbox, and the people in whose name they answer.

use std::collections::HashMap;
use std::sync::Arc;

use sqlx::types::Json;

use crate::db::{Scope, StoreError, Tx};
use crate::ids::{IdentityId, MemberId, OrganisationId, SandboxScriptId, SessionId};
use crate::sandbox::model::script::ScriptRule;
use crate::viewer::{
    ActingFor, ActingMember, OrganisationKind, OrganisationState, Permission, Viewer, Visibility,
};

/// Sets the script of an organisation in place of any other.
pub(in crate::sandbox) async fn put_script(
    tx: &mut Tx,
    organisation: OrganisationId,
    rules: &[ScriptRule],
) -> Result<(), StoreError> {
    let (id, now): (SandboxScriptId, _) = (tx.fresh_id(), tx.now());
    let actor = tx.acting().actor.clone();
    sqlx::query!(
        "INSERT INTO sandbox_scripts (organisation_id, id, rules, set_at, set_by) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (organisation_id) DO UPDATE
         SET rules = EXCLUDED.rules, set_at = EXCLUDED.set_at, set_by = EXCLUDED.set_by",
        organisation.0,
        id.0,
        Json(rules) as _,
        now,
        actor,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Gives an organisation back to the script that Portico brings along.
pub(in crate::sandbox) async fn remove_script(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM sandbox_scripts WHERE organisation_id = $1",
        organisation.0
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The scripts in the scope, by organisation.
pub(in crate::sandbox) async fn scripts(
    tx: &mut Tx,
    scope: &Scope,
) -> Result<HashMap<OrganisationId, Arc<[ScriptRule]>>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT organisation_id, rules AS "rules: Json<Vec<ScriptRule>>" FROM sandbox_scripts
           WHERE $1::uuid IS NULL OR organisation_id = $1"#,
        scope.owner(),
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (OrganisationId(row.organisation_id), row.rules.0.into()))
        .collect())
}

/// The vendor's active members with what they may do, the longest-serving first.
pub(in crate::sandbox) async fn vendor_members(tx: &mut Tx) -> Result<Vec<Viewer>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT member.organisation_id, member.id,
               array_agg(held.permission) AS "permissions!: Vec<String>"
           FROM members AS member
               JOIN organisations AS organisation ON organisation.id = member.organisation_id
               JOIN member_permissions AS held ON held.organisation_id = member.organisation_id
                   AND held.member_id = member.id
           WHERE organisation.kind = 'VENDOR' AND organisation.state = 'ACTIVE' AND member.state = 'ACTIVE'
           GROUP BY member.organisation_id, member.id, member.created_at
           ORDER BY member.created_at, member.id"#,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            Viewer::Member(ActingMember {
                member: MemberId(row.id),
                // Nobody is signed in.
                identity: IdentityId(uuid::Uuid::nil()),
                session: SessionId(uuid::Uuid::nil()),
                acting_for: ActingFor {
                    organisation: OrganisationId(row.organisation_id),
                    kind: OrganisationKind::Vendor,
                    state: OrganisationState::Active,
                },
                permissions: row
                    .permissions
                    .iter()
                    .filter_map(|permission| Permission::parse(permission))
                    .collect(),
                visibility: Visibility::All,
            })
        })
        .collect())
}

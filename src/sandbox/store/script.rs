//! The scripts of a sandbox, and the people in whose name they answer.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
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
         SET id = EXCLUDED.id, rules = EXCLUDED.rules, set_at = EXCLUDED.set_at, set_by = EXCLUDED.set_by,
             shared_rules = '{}'",
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

/// A script as it was set, and what of it is done.
#[derive(Debug, Clone)]
pub(in crate::sandbox) struct Script {
    /// Another one each time that a script is set.
    pub(in crate::sandbox) id: SandboxScriptId,
    pub(in crate::sandbox) rules: Arc<[ScriptRule]>,
    pub(in crate::sandbox) set_at: DateTime<Utc>,
    /// The places of the rules that have shared what they say.
    pub(in crate::sandbox) shared: Vec<i32>,
}

/// The scripts in the scope, by organisation.
pub(in crate::sandbox) async fn scripts(
    tx: &mut Tx,
    scope: &Scope,
) -> Result<HashMap<OrganisationId, Script>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT organisation_id, id, rules AS "rules: Json<Vec<ScriptRule>>", set_at, shared_rules FROM sandbox_scripts
           WHERE $1::uuid IS NULL OR organisation_id = $1"#,
        scope.owner(),
    )
    .fetch_all(tx.connection())
    .await?;
    let scripts = rows.into_iter().map(|row| {
        let script = Script {
            id: SandboxScriptId(row.id),
            rules: row.rules.0.into(),
            set_at: row.set_at,
            shared: row.shared_rules,
        };
        (OrganisationId(row.organisation_id), script)
    });
    Ok(scripts.collect())
}

/// Notes that a rule of a script has shared what it says, unless another script was set meanwhile.
pub(in crate::sandbox) async fn note_shared(
    tx: &mut Tx,
    (script, place): (SandboxScriptId, i32),
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE sandbox_scripts SET shared_rules = shared_rules || $2::integer
         WHERE id = $1 AND NOT $2 = ANY(shared_rules)",
        script.0,
        place,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
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

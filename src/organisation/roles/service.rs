//! Custom roles are made, changed and retired; what members of live sessions may do changes with them at once.

use std::collections::BTreeSet;

use super::error::RoleRefusal;
use super::model::{Role, RoleKind, Wanted};
use super::{policy, store};
use crate::db::{Change, Scope, Snapshot, Tx};
use crate::error::{Failure, Faults};
use crate::identity::sessions;
use crate::ids::RoleId;
use crate::organisation::members::MemberRole;
use crate::organisation::model::Organisation;
use crate::organisation::service::lock_own;
use crate::rules::{self, CustomRoles, Ruled};
use crate::timeline::Event;
use crate::viewer::{OrganisationKind, Permission, Viewer};

/// Makes a role of the own organisation (R-ORG-12).
#[derive(Debug, Clone)]
pub(super) struct Create {
    pub(super) wanted: Wanted,
    /// What the maker has.
    pub(super) granted: BTreeSet<Permission>,
}

impl Change for Create {
    type Outcome = RoleId;
    const NAME: &'static str = "roles.create";
    const ACTION: &'static str = "roleCreate";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<RoleId, Failure> {
        let organisation = lock_own(tx, scope).await?;
        let wanted = (&self.wanted, &self.granted);
        let permissions = check(tx, scope, (&organisation, None), wanted).await?;
        let now = tx.now();
        let most: Ruled<CustomRoles> = rules::of_organisation(tx, organisation.id, now).await?;
        let used = store::count_active(tx, scope, organisation.id).await?;
        let limit = most.value.maximum;
        if used >= limit {
            return Err(RoleRefusal::TooMany { limit, used }.into());
        }
        let role = Role {
            id: tx.fresh_id(),
            kind: RoleKind::Custom {
                organisation: organisation.id,
                is_retired: false,
            },
            name: self.wanted.name.trim().to_owned(),
            description: self.wanted.description.clone(),
            permissions,
            version: 1,
        };
        store::insert(tx, &organisation, &role).await?;
        let mut created = Event::new(organisation.id, role.id, 1, "role.created");
        created.to = Some("ACTIVE");
        tx.record(created.detail(details(&role))).await?;
        Ok(role.id)
    }
}

fn details(role: &Role) -> serde_json::Value {
    let permissions = role.permissions.iter().map(|it| it.as_str());
    let permissions: Vec<&str> = permissions.collect();
    serde_json::json!({ "name": role.name, "permissions": permissions })
}

/// Everything that is wrong at once, for the form; `of` is the role that keeps its own name.
async fn check(
    tx: &mut Tx,
    scope: &Scope,
    (organisation, of): (&Organisation, Option<RoleId>),
    (wanted, granted): (&Wanted, &BTreeSet<Permission>),
) -> Result<BTreeSet<Permission>, Failure> {
    let offered = store::offered_to(tx, organisation.kind).await?;
    let mut faults = Faults::default();
    let checked = wanted.check(&offered, granted);
    let permissions = checked.unwrap_or_else(|found| {
        for fault in found {
            faults.add(fault);
        }
        BTreeSet::new()
    });
    if store::is_name_taken(tx, scope, (organisation.id, of), wanted.name.trim()).await? {
        faults.add(RoleRefusal::NameTaken);
    }
    faults.check()?;
    Ok(permissions)
}

/// Gives a custom role another name, text or other permissions; whoever has it may do that from then on.
#[derive(Debug, Clone)]
pub(super) struct Update {
    pub(super) role: RoleId,
    pub(super) expected_version: i64,
    pub(super) wanted: Wanted,
    /// What the maker has.
    pub(super) granted: BTreeSet<Permission>,
}

impl Change for Update {
    type Outcome = RoleId;
    const NAME: &'static str = "roles.update";
    const ACTION: &'static str = "roleUpdate";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<RoleId, Failure> {
        let organisation = lock_own(tx, scope).await?;
        let role = lock(tx, scope, (&organisation, self.role), self.expected_version).await?;
        let asked = (&self.wanted, &self.granted);
        let about = (&organisation, Some(role.id));
        let permissions = check(tx, scope, about, asked).await?;
        let role = Role {
            name: self.wanted.name.trim().to_owned(),
            description: self.wanted.description.clone(),
            permissions,
            version: role.version + 1,
            ..role
        };
        store::record(tx, &organisation, &role).await?;
        sessions::forget_viewers_of_organisation(tx, organisation.id).await?;
        let updated = Event::new(organisation.id, role.id, role.version, "role.updated");
        tx.record(updated.detail(details(&role))).await?;
        Ok(role.id)
    }
}

/// From its commit on a custom role is given to nobody; refused while somebody has it, so that no member is left without
/// a role (R-ORG-4).
#[derive(Debug, Clone, Copy)]
pub(super) struct Retire {
    pub(super) role: RoleId,
    pub(super) expected_version: i64,
}

impl Change for Retire {
    type Outcome = RoleId;
    const NAME: &'static str = "roles.retire";
    const ACTION: &'static str = "roleRetire";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<RoleId, Failure> {
        let organisation = lock_own(tx, scope).await?;
        let role = lock(tx, scope, (&organisation, self.role), self.expected_version).await?;
        let count = store::count_holders(tx, scope, (organisation.id, role.id)).await?;
        if count > 0 {
            return Err(RoleRefusal::InUse { count }.into());
        }
        let version = store::record_retired(tx, &organisation, role.id).await?;
        let retired = Event::new(organisation.id, role.id, version, "role.retired");
        tx.record(retired.moved("ACTIVE", "RETIRED")).await?;
        Ok(role.id)
    }
}

/// Locks a custom role of the organisation whose turn this is.
async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    (organisation, id): (&Organisation, RoleId),
    expected_version: i64,
) -> Result<Role, Failure> {
    let preset = MemberRole::of_id(id);
    if preset.is_some_and(|role| role.is_for(organisation.kind)) {
        return Err(RoleRefusal::Preset.into());
    }
    let role = store::lock(tx, scope, id).await?;
    let role = role.ok_or(RoleRefusal::NotFound)?;
    role.expect_version(expected_version)?;
    role.expect_changeable()?;
    Ok(role)
}

/// The roles of the viewer's own organisation: the preset ones of its kind, then its own.
pub(super) async fn list(viewer: &Viewer, snapshot: &Snapshot) -> Result<Vec<Role>, Failure> {
    let own = viewer.require(Permission::ReadMembers)?;
    let mut reading = snapshot.read().await?;
    let mut roles = store::preset(&mut reading, own.kind).await?;
    roles.extend(store::custom(&mut reading, own.organisation).await?);
    Ok(roles)
}

/// Those of the ids that the viewer may see.
pub(super) async fn read(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[RoleId],
) -> Result<Vec<Role>, Failure> {
    if !viewer.may(Permission::ReadMembers) {
        return Ok(Vec::new());
    }
    let Some(acting) = viewer.acting_for() else {
        return Ok(Vec::new());
    };
    let mut reading = snapshot.read().await?;
    let mut found = store::find(&mut reading, &viewer.read_scope(), ids).await?;
    let asks_for = |role: &Role| ids.contains(&role.id);
    if ids.iter().any(|&id| MemberRole::of_id(id).is_some()) {
        let preset = store::preset(&mut reading, acting.kind).await?;
        found.extend(preset.into_iter().filter(asks_for));
    }
    Ok(found)
}

/// Every permission, with the kinds of organisation whose roles can hold it.
pub(super) async fn permissions(
    viewer: &Viewer,
    snapshot: &Snapshot,
) -> Result<Vec<(Permission, Vec<OrganisationKind>)>, Failure> {
    viewer.require(Permission::ReadMembers)?;
    let mut reading = snapshot.read().await?;
    let of_partners = store::offered_to(&mut reading, OrganisationKind::Partner).await?;
    let of_vendor = store::offered_to(&mut reading, OrganisationKind::Vendor).await?;
    let kinds = |permission: &Permission| {
        let mut kinds = Vec::new();
        if of_vendor.contains(permission) {
            kinds.push(OrganisationKind::Vendor);
        }
        if of_partners.contains(permission) {
            kinds.extend([OrganisationKind::Partner, OrganisationKind::Customer]);
        }
        kinds
    };
    let all = Permission::ALL.iter();
    Ok(all.map(|it| (*it, kinds(it))).collect())
}

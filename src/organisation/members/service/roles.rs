//! Another set of roles for a member.

use std::collections::BTreeSet;

use super::super::duties::{Duties, Remaining, Succession};
use super::super::error::MemberRefusal;
use super::super::model::{Member, MemberRole, check_roles};
use super::super::policy::{self, Action};
use super::super::store;
use super::{decide, lock};
use crate::db::{Change, Scope, Tx};
use crate::error::Failure;
use crate::identity::sessions;
use crate::ids::{MemberId, RoleId, Tagged as _};
use crate::organisation::model::Organisation;
use crate::organisation::roles;
use crate::rules::{self, MemberRoles};
use crate::timeline::Event;
use crate::viewer::{Permission, Viewer};

/// Replaces a member's roles; in force on every replica within a second. An administrator may give up the role himself,
/// as long as another one can sign in.
pub(in super::super) struct ChangeRoles {
    pub(in super::super) member: MemberId,
    pub(in super::super) expected_version: i64,
    pub(in super::super) roles: BTreeSet<MemberRole>,
    /// `None`: the custom roles stay.
    pub(in super::super) custom_roles: Option<BTreeSet<RoleId>>,
    /// What whoever asks may do.
    pub(in super::super) granted: BTreeSet<Permission>,
    pub(in super::super) duties: Duties,
    /// Who takes over what the remaining roles do not let the member go on with.
    pub(in super::super) handover: Vec<Succession>,
}

impl Change for ChangeRoles {
    type Outcome = MemberId;
    const NAME: &'static str = "members.change_roles";
    const ACTION: &'static str = "memberRolesChange";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<MemberId, Failure> {
        let (organisation, member) = lock(tx, scope, (self.member, self.expected_version)).await?;
        let asked = (Action::ChangeRoles, &Duties::default());
        let facts = decide(tx, scope, (&organisation, &member), asked).await?;
        let now = tx.now();
        let limits = rules::of_organisation::<MemberRoles>(tx, organisation.id, now)
            .await?
            .value;
        let customs = self.custom_roles.as_ref().unwrap_or(&member.custom_roles);
        check_roles((&self.roles, customs.len()), organisation.kind, limits)?;
        let permissions = self
            .permissions(tx, scope, (&organisation, &member))
            .await?;
        let administrator = MemberRole::administrator_of(organisation.kind);
        if facts.is_last_administrator && !self.roles.contains(&administrator) {
            return Err(MemberRefusal::LastAdministrator.into());
        }
        let remaining = Remaining {
            permissions,
            roles: self.roles.clone(),
        };
        let about = (&organisation, &member);
        let settled = (&remaining, self.handover.as_slice());
        self.duties.settle(tx, scope, about, settled).await?;
        let version = store::record_roles(tx, &member, (&self.roles, customs)).await?;
        sessions::forget_viewers_of_member(tx, member.id).await?;
        let names = |roles: &BTreeSet<MemberRole>| -> Vec<&str> {
            roles.iter().map(|role| role.as_str()).collect()
        };
        let (from, to) = (names(&member.roles), names(&self.roles));
        let details = if *customs == member.custom_roles {
            serde_json::json!({ "from": from, "to": to })
        } else {
            let customs: Vec<String> = customs.iter().map(|id| id.global()).collect();
            serde_json::json!({ "from": from, "to": to, "customRoles": customs })
        };
        let changed = Event::new(
            member.organisation,
            member.id,
            version,
            "member.roles_changed",
        );
        tx.record(changed.detail(details)).await?;
        Ok(member.id)
    }
}

impl ChangeRoles {
    /// What the wanted roles give together. Refused are custom roles that there are not, a role that is under review, and
    /// more than whoever is no administrator has himself.
    async fn permissions(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        (organisation, member): (&Organisation, &Member),
    ) -> Result<BTreeSet<Permission>, Failure> {
        let locked = store::locked_roles(tx, member).await?;
        let mut lost = member.roles.difference(&self.roles);
        if let Some(&role) = lost.find(|role| locked.contains(*role)) {
            return Err(MemberRefusal::RoleLocked { role }.into());
        }
        let customs = self.custom_roles.as_ref().unwrap_or(&member.custom_roles);
        let asked = (organisation.id, customs);
        let given = roles::active_permissions(tx, scope, asked).await?;
        let given = given.ok_or(MemberRefusal::CustomRoleUnknown)?;
        let added: BTreeSet<MemberRole> = self.roles.difference(&member.roles).copied().collect();
        let mut beyond = store::permissions_of_roles(tx, &added).await?;
        if *customs != member.custom_roles {
            beyond.extend(given.iter().copied());
        }
        let is_beyond = !beyond.is_subset(&self.granted);
        if is_beyond && !is_administrator(tx, organisation).await? {
            return Err(MemberRefusal::RoleBeyondOwn.into());
        }
        let mut all = store::permissions_of_roles(tx, &self.roles).await?;
        all.extend(given);
        Ok(all)
    }
}

/// Whether whoever acts has the role that manages this kind of organisation, and so gives any of its roles.
async fn is_administrator(tx: &mut Tx, organisation: &Organisation) -> Result<bool, Failure> {
    let Some(actor) = MemberId::parse(&tx.acting().actor) else {
        return Ok(false);
    };
    let role = MemberRole::administrator_of(organisation.kind);
    Ok(store::has_role(tx, (organisation.id, actor), role).await?)
}

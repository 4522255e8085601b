//! Another set of roles for a member.

use std::collections::BTreeSet;

use super::super::duties::Duties;
use super::super::model::{MemberRole, check_roles};
use super::super::store;
use super::{lock, succession};
use crate::db::{Change, Scope, Tx};
use crate::error::Failure;
use crate::identity::sessions;
use crate::ids::MemberId;
use crate::rules::{self, MemberRoles};
use crate::timeline::Event;
use crate::viewer::{Permission, Viewer};

/// Replaces a member's roles; in force on every replica within a second. An administrator may give up the role himself,
/// as long as another one can sign in.
pub(in super::super) struct ChangeRoles {
    pub(in super::super) member: MemberId,
    pub(in super::super) expected_version: i64,
    pub(in super::super) roles: BTreeSet<MemberRole>,
    pub(in super::super) duties: Duties,
}

impl Change for ChangeRoles {
    type Outcome = MemberId;
    const NAME: &'static str = "members.change_roles";
    const ACTION: &'static str = "memberRolesChange";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        viewer.own(Permission::ManageMembers)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<MemberId, Failure> {
        let (organisation, member) = lock(tx, scope, (self.member, self.expected_version)).await?;
        member.expect_active()?;
        let now = tx.now();
        let limits: MemberRoles = rules::of(tx, now).await?;
        check_roles(&self.roles, organisation.kind, limits)?;
        if !self
            .roles
            .contains(&MemberRole::administrator_of(organisation.kind))
        {
            succession::expect_another_administrator(tx, scope, (&organisation, &member)).await?;
        }
        succession::expect_no_duties(tx, scope, &member, (&self.duties, &self.roles)).await?;
        let version = store::record_roles(tx, &member, &self.roles).await?;
        sessions::forget_viewers_of_member(tx, member.id).await?;
        let names = |roles: &BTreeSet<MemberRole>| -> Vec<&str> {
            roles.iter().map(|role| role.as_str()).collect()
        };
        let details = serde_json::json!({ "from": names(&member.roles), "to": names(&self.roles) });
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

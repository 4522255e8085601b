//! Another set of roles for a member.

use std::collections::BTreeSet;

use super::super::duties::Duties;
use super::super::error::MemberRefusal;
use super::super::model::{MemberRole, check_roles};
use super::super::policy::{self, Action};
use super::super::store;
use super::{decide, lock};
use crate::db::{Change, Scope, Tx};
use crate::error::Failure;
use crate::identity::sessions;
use crate::ids::MemberId;
use crate::rules::{self, MemberRoles};
use crate::timeline::Event;
use crate::viewer::Viewer;

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
        check_roles(&self.roles, organisation.kind, limits)?;
        let administrator = MemberRole::administrator_of(organisation.kind);
        if facts.is_last_administrator && !self.roles.contains(&administrator) {
            return Err(MemberRefusal::LastAdministrator.into());
        }
        let mut duties = self.duties.of(tx, scope, &[member.id], &self.roles).await?;
        if let Some(duties) = duties.remove(&member.id) {
            return Err(MemberRefusal::HasDuties { duties }.into());
        }
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

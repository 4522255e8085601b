//! Account managers have a director: a member with `ACCOUNT_MANAGER_DIRECTOR` of the same organisation (R-ORG-9).

use std::collections::HashMap;

use futures_util::future::BoxFuture;

use super::super::duties::{Duties, DutyHolder, DutyKind, Handover, Held, Remaining};
use super::super::error::MemberRefusal;
use super::super::model::{Member, MemberRole};
use super::super::policy::{self, Action};
use super::super::store;
use super::{decide, lock};
use crate::db::{Change, Scope, StoreError, Tx};
use crate::error::Failure;
use crate::ids::{MemberId, Tagged as _};
use crate::timeline::Event;
use crate::viewer::Viewer;

/// Gives an account manager a director, another one, or none.
pub(in super::super) struct AssignDirector {
    pub(in super::super) member: MemberId,
    pub(in super::super) director: Option<MemberId>,
    pub(in super::super) expected_version: i64,
}

impl Change for AssignDirector {
    type Outcome = MemberId;
    const NAME: &'static str = "members.assign_director";
    const ACTION: &'static str = "memberDirectorAssign";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<MemberId, Failure> {
        let (organisation, member) = lock(tx, scope, (self.member, self.expected_version)).await?;
        let asked = (Action::AssignDirector, &Duties::default());
        decide(tx, scope, (&organisation, &member), asked).await?;
        if let Some(director) = self.director {
            let found = store::hold(tx, scope, director).await?;
            let found = found.filter(Member::is_active);
            let found = found.ok_or(MemberRefusal::DirectorUnknown)?;
            expect_director(&found)?;
        }
        if member.director != self.director {
            direct(tx, &member, self.director).await?;
        }
        Ok(member.id)
    }
}

fn expect_director(member: &Member) -> Result<(), MemberRefusal> {
    if member.roles.contains(&MemberRole::AccountManagerDirector) {
        Ok(())
    } else {
        Err(MemberRefusal::NotDirector)
    }
}

/// Stores who directs a locked account manager, with the entry of that version.
async fn direct(tx: &mut Tx, member: &Member, director: Option<MemberId>) -> Result<(), Failure> {
    let version = store::record_director(tx, member, director).await?;
    let details = serde_json::json!({
        "from": member.director.map(MemberId::global),
        "to": director.map(MemberId::global),
    });
    let action = "member.director_assigned";
    let assigned = Event::new(member.organisation, member.id, version, action);
    Ok(tx.record(assigned.detail(details)).await?)
}

/// A director cannot leave, or lose the role, before somebody else directs his account managers, or it is said that
/// nobody does (R-ORG-9, R-ORG-21).
pub(crate) struct DirectedAccountManagers;

impl DutyHolder for DirectedAccountManagers {
    fn kind(&self) -> DutyKind {
        DutyKind::DirectedAccountManagers
    }

    fn held<'a>(
        &'a self,
        tx: &'a mut Tx,
        scope: &'a Scope,
        members: &'a [MemberId],
        remaining: &'a Remaining,
    ) -> BoxFuture<'a, Result<HashMap<MemberId, Held>, StoreError>> {
        Box::pin(async move {
            if remaining
                .roles
                .contains(&MemberRole::AccountManagerDirector)
            {
                return Ok(HashMap::new());
            }
            store::directed(tx, scope, members).await
        })
    }

    fn hand_over<'a>(
        &'a self,
        tx: &'a mut Tx,
        scope: &'a Scope,
        handover: &'a Handover<'a>,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            if let Some(to) = handover.to {
                expect_director(to)?;
            }
            for member in store::lock_directed(tx, scope, handover.from).await? {
                direct(tx, &member, handover.to.map(|to| to.id)).await?;
            }
            Ok(())
        })
    }
}

//! An administrator opens or closes the door between an identity of IAM and a member.

use super::super::duties::{Duties, Remaining, Succession};
use super::super::error::MemberRefusal;
use super::super::policy::{self, Action};
use super::super::store;
use super::{decide, lock};
use crate::db::{Change, Scope, Tx};
use crate::error::Failure;
use crate::identity::identities;
use crate::identity::links::{self, MadeBy};
use crate::ids::{IdentityId, MemberId};
use crate::timeline::Event;
use crate::viewer::Viewer;

/// Links an identity to a member that has none. The identity's id comes from its owner: no list shows it (R-ORG-1).
pub(in super::super) struct Link {
    pub(in super::super) member: MemberId,
    pub(in super::super) identity: IdentityId,
    pub(in super::super) expected_version: i64,
}

impl Change for Link {
    type Outcome = MemberId;
    const NAME: &'static str = "members.link";
    const ACTION: &'static str = "memberLink";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<MemberId, Failure> {
        let (organisation, member) = lock(tx, scope, (self.member, self.expected_version)).await?;
        let asked = (Action::Link, &Duties::default());
        decide(tx, scope, (&organisation, &member), asked).await?;
        if identities::find_all(tx, &[self.identity]).await?.is_empty() {
            return Err(MemberRefusal::IdentityNotFound.into());
        }
        let (organisation, by) = (member.organisation, MadeBy::Administrator);
        links::make(tx, self.identity, organisation, member.id, by).await?;
        let version = store::record_touched(tx, &member).await?;
        let linked = Event::new(organisation, member.id, version, "member.linked")
            .detail(serde_json::json!({ "identity": self.identity }));
        tx.record(linked).await?;
        Ok(member.id)
    }
}

/// Ends a member's link and the sessions over it; the member stays and can be linked again.
pub(in super::super) struct Unlink {
    pub(in super::super) member: MemberId,
    pub(in super::super) expected_version: i64,
    pub(in super::super) duties: Duties,
    /// Who takes over what nobody would do as this member any more.
    pub(in super::super) handover: Vec<Succession>,
}

impl Change for Unlink {
    type Outcome = MemberId;
    const NAME: &'static str = "members.unlink";
    const ACTION: &'static str = "memberUnlink";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<MemberId, Failure> {
        let (organisation, member) = lock(tx, scope, (self.member, self.expected_version)).await?;
        let asked = (Action::Unlink, &Duties::default());
        decide(tx, scope, (&organisation, &member), asked).await?;
        let about = (&organisation, &member);
        let settled = (&Remaining::default(), self.handover.as_slice());
        self.duties.settle(tx, scope, about, settled).await?;
        let Some(identity) = links::end_of_member(tx, member.id).await? else {
            return Err(MemberRefusal::NotLinked.into());
        };
        let version = store::record_touched(tx, &member).await?;
        let unlinked = Event::new(member.organisation, member.id, version, "member.unlinked")
            .detail(serde_json::json!({ "identity": identity }));
        tx.record(unlinked).await?;
        Ok(member.id)
    }
}

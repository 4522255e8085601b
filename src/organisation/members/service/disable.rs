//! A member stops acting for the organisation; the history and the account name stay.

use super::super::duties::{Duties, Remaining, Succession};
use super::super::policy::{self, Action};
use super::super::store;
use super::{decide, lock};
use crate::db::{Change, Scope, Tx};
use crate::error::Failure;
use crate::identity::links;
use crate::ids::MemberId;
use crate::timeline::Event;
use crate::viewer::Viewer;

/// Ends a member's link and sessions; refused for oneself, the main account's holder, the last administrator and whoever
/// still has duties that nobody is named to take over (R-ORG-20, R-ORG-21).
pub(in super::super) struct Disable {
    pub(in super::super) member: MemberId,
    pub(in super::super) expected_version: i64,
    pub(in super::super) reason: Option<String>,
    pub(in super::super) duties: Duties,
    /// Who takes over what the member holds.
    pub(in super::super) handover: Vec<Succession>,
}

impl Change for Disable {
    type Outcome = MemberId;
    const NAME: &'static str = "members.disable";
    const ACTION: &'static str = "memberDisable";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<MemberId, Failure> {
        let (organisation, member) = lock(tx, scope, (self.member, self.expected_version)).await?;
        let asked = (Action::Disable, &Duties::default());
        decide(tx, scope, (&organisation, &member), asked).await?;
        let about = (&organisation, &member);
        let settled = (&Remaining::default(), self.handover.as_slice());
        self.duties.settle(tx, scope, about, settled).await?;
        let version = store::record_disabled(tx, &member).await?;
        // Ends the sessions too, on every replica within a second.
        let identity = links::end_of_member(tx, member.id).await?;
        let mut disabled = Event::new(member.organisation, member.id, version, "member.disabled")
            .moved("ACTIVE", "DISABLED")
            .detail(serde_json::json!({ "identity": identity }));
        disabled.reason.clone_from(&self.reason);
        tx.record(disabled).await?;
        Ok(member.id)
    }
}

//! The vendor decides on applications.

use super::{Target, check_reason, lock, standing, today};
use crate::db::{Change, Scope, StoreError, Tx};
use crate::error::{Failure, Faults};
use crate::ids::ProgrammeMembershipId;
use crate::organisation::programmes::model::{self, MembershipState, Tier};
use crate::organisation::programmes::{policy, store};
use crate::timeline::Event;
use crate::viewer::Viewer;

/// The application becomes a membership; its rights begin in this transaction (R-PRG-3).
#[derive(Debug, Clone, Copy)]
pub(in crate::organisation::programmes) struct Approve {
    pub(in crate::organisation::programmes) target: Target,
}

impl Change for Approve {
    type Outcome = ProgrammeMembershipId;
    const NAME: &'static str = "programmes.approve";
    const ACTION: &'static str = "programmeApplicationApprove";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::vendor_access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<ProgrammeMembershipId, Failure> {
        let mut membership = lock(tx, scope, self.target).await?;
        if let Some(refusal) = policy::of_application(&membership) {
            return Err(refusal.into());
        }
        let standing = standing(tx, scope, membership.organisation).await?;
        let target = model::Target::Programme(membership.programme);
        let rule = StoreError::Rule("programme.catalogue");
        let definition = standing.catalogue.definition(target).ok_or(rule)?;
        // What the vendor states may be another than on the day of the application (R-PRG-4).
        let mut faults = Faults::default();
        for blocked in policy::against(target, definition, &standing.account) {
            faults.add(blocked.refusal(&standing.contact));
        }
        faults.check()?;
        let (from, day) = (membership.state, today(tx));
        membership.state = MembershipState::Active;
        membership.valid_from = day;
        membership.valid_until = definition.valid_until(day);
        membership.tier =
            (membership.programme == model::Programme::Csp).then_some(Tier::Preferred);
        membership.decided_at = Some(tx.now());
        membership.version += 1;
        store::update_programme(tx, &membership).await?;
        let id = membership.id;
        let event = Event::new(
            membership.organisation,
            id,
            membership.version,
            "programme.approved",
        )
        .moved(from.as_str(), MembershipState::Active.as_str());
        let details = serde_json::json!({ "validUntil": membership.valid_until });
        tx.record(event.detail(details)).await?;
        Ok(id)
    }
}

/// The application is refused, with a reason that the partner reads (R-GEN-4).
#[derive(Debug, Clone)]
pub(in crate::organisation::programmes) struct Reject {
    pub(in crate::organisation::programmes) target: Target,
    pub(in crate::organisation::programmes) reason: String,
}

impl Change for Reject {
    type Outcome = ProgrammeMembershipId;
    const NAME: &'static str = "programmes.reject";
    const ACTION: &'static str = "programmeApplicationReject";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::vendor_access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<ProgrammeMembershipId, Failure> {
        let mut membership = lock(tx, scope, self.target).await?;
        if let Some(refusal) = policy::of_application(&membership) {
            return Err(refusal.into());
        }
        let reason = check_reason(&self.reason)?;
        let from = membership.state;
        membership.state = MembershipState::Rejected;
        membership.decided_at = Some(tx.now());
        membership.reason = Some(reason.to_owned());
        membership.version += 1;
        store::update_programme(tx, &membership).await?;
        let id = membership.id;
        let event = Event::new(
            membership.organisation,
            id,
            membership.version,
            "programme.rejected",
        )
        .moved(from.as_str(), MembershipState::Rejected.as_str());
        tx.record(event.because(reason)).await?;
        Ok(id)
    }
}

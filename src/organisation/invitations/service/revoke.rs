//! An administrator takes an unanswered invitation back.

use super::super::error::InvitationRefusal;
use super::super::{policy, store};
use crate::db::{Change, Scope, Tx};
use crate::error::Failure;
use crate::ids::InvitationId;
use crate::organisation::service::lock_own;
use crate::timeline::Event;
use crate::viewer::Viewer;

/// From its commit on the link is refused.
pub(in super::super) struct Revoke {
    pub(in super::super) invitation: InvitationId,
    pub(in super::super) expected_version: i64,
}

impl Change for Revoke {
    type Outcome = InvitationId;
    const NAME: &'static str = "invitations.revoke";
    const ACTION: &'static str = "memberInvitationRevoke";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<InvitationId, Failure> {
        let organisation = lock_own(tx, scope).await?.id;
        let invitation = store::lock(tx, organisation, self.invitation)
            .await?
            .ok_or(InvitationRefusal::NotFound)?;
        if invitation.version != self.expected_version {
            let current = invitation.version;
            return Err(InvitationRefusal::VersionConflict { current }.into());
        }
        policy::of_invitation(&invitation).check_first()?;
        let version = store::record_revoked(tx, organisation, invitation.id).await?;
        let revoked = Event::new(organisation, invitation.id, version, "invitation.revoked");
        tx.record(revoked.moved("SENT", "REVOKED")).await?;
        Ok(invitation.id)
    }
}

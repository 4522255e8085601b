//! The vendor invites an organisation to what is joined by invitation alone, and takes that back (R-PRG-5).

use chrono::TimeDelta;
use serde_json::json;

use crate::db::{Change, Scope, StoreError, Tx};
use crate::error::Failure;
use crate::ids::{OrganisationId, ProgrammeInvitationId};
use crate::organisation::programmes::error::ProgrammeRefusal;
use crate::organisation::programmes::model::{
    InvitationState, ProgrammeCatalogue, ProgrammeInvitation, ProgrammeInvitationRule, Target, Term,
};
use crate::organisation::programmes::{policy, store};
use crate::rules::{self, Ruled};
use crate::timeline::Event;
use crate::viewer::Viewer;

/// Invites an organisation; whatever was open for the same target is void from then on.
#[derive(Debug, Clone, Copy)]
pub(in crate::organisation::programmes) struct Invite {
    pub(in crate::organisation::programmes) organisation: OrganisationId,
    /// The one thing that is named; naming both or neither is no invitation.
    pub(in crate::organisation::programmes) target: Option<Target>,
}

impl Change for Invite {
    type Outcome = ProgrammeInvitationId;
    const NAME: &'static str = "programmes.invite";
    const ACTION: &'static str = "programmeInvite";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::vendor_access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, _: &Scope) -> Result<ProgrammeInvitationId, Failure> {
        let (to, now) = (self.organisation, tx.now());
        let target = self.target.ok_or(ProgrammeRefusal::OneTarget)?;
        if !store::lock_partner(tx, to).await? {
            return Err(ProgrammeRefusal::OrganisationNotFound.into());
        }
        let catalogue: Ruled<ProgrammeCatalogue> = rules::of_organisation(tx, to, now).await?;
        let rule = StoreError::Rule("programme.catalogue");
        let definition = catalogue.value.definition(target).ok_or(rule)?;
        if !definition.has(Term::ByInvitation) {
            return Err(ProgrammeRefusal::InvitationNotNeeded.into());
        }
        for (older, version) in store::void_invitations(tx, to, target).await? {
            let voided = Event::new(to, older, version, "programme_invitation.revoked");
            let voided = voided.moved("SENT", "REVOKED").because("REPLACED");
            tx.record(voided).await?;
        }
        let validity: Ruled<ProgrammeInvitationRule> = rules::of_organisation(tx, to, now).await?;
        let invitation = ProgrammeInvitation {
            id: tx.fresh_id(),
            organisation: to,
            target,
            state: InvitationState::Sent,
            sent_at: now,
            expires_at: now + TimeDelta::days(validity.value.valid_days),
            version: 1,
        };
        store::insert_invitation(tx, &invitation).await?;
        let (kind, code) = target.spelled();
        let details = json!({ "kind": kind, "code": code, "expiresAt": invitation.expires_at });
        let sent = Event::new(to, invitation.id, 1, "programme_invitation.sent");
        tx.record(sent.detail(details)).await?;
        Ok(invitation.id)
    }
}

/// Takes an unanswered invitation back.
#[derive(Debug, Clone, Copy)]
pub(in crate::organisation::programmes) struct RevokeInvitation {
    pub(in crate::organisation::programmes) invitation: ProgrammeInvitationId,
    pub(in crate::organisation::programmes) expected_version: i64,
}

impl Change for RevokeInvitation {
    type Outcome = ProgrammeInvitationId;
    const NAME: &'static str = "programmes.revoke_invitation";
    const ACTION: &'static str = "programmeInvitationRevoke";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::vendor_access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<ProgrammeInvitationId, Failure> {
        let invitation = store::lock_invitation(tx, scope, self.invitation)
            .await?
            .ok_or(ProgrammeRefusal::InvitationNotFound)?;
        if invitation.version != self.expected_version {
            let current = invitation.version;
            return Err(ProgrammeRefusal::VersionConflict { current }.into());
        }
        if let Some(refusal) = policy::of_invitation(invitation.state_at(tx.now())) {
            return Err(refusal.into());
        }
        let id = invitation.id;
        let version = store::record_invitation(tx, id, "REVOKED").await?;
        let to = invitation.organisation;
        let revoked = Event::new(to, id, version, "programme_invitation.revoked");
        tx.record(revoked.moved("SENT", "REVOKED")).await?;
        Ok(id)
    }
}

//! An administrator offers a membership to an address.

use chrono::TimeDelta;

use super::super::error::InvitationRefusal;
use super::super::model::{Answer, Invitation, Invitee};
use super::super::{policy, store};
use crate::db::{Change, Scope, Tx};
use crate::error::{Failure, Faults};
use crate::identity::RandomToken;
use crate::ids::{InvitationId, MemberId, Tagged as _};
use crate::organisation::members::{self, MemberRefusal, check_roles, names_taken};
use crate::organisation::model::Organisation;
use crate::organisation::service::lock_own;
use crate::rules::{self, MemberInvitation, MemberRoles};
use crate::timeline::Event;
use crate::viewer::Viewer;

/// Invites a person to become a member (R-ORG-2). Whatever was open for the address is void from then on, so this is
/// also how an invitation is sent again.
pub(in super::super) struct Invite {
    pub(in super::super) invitee: Invitee,
    /// Made before the transaction, which may run twice; only its digest is stored.
    pub(in super::super) token: RandomToken,
}

impl Change for Invite {
    type Outcome = InvitationId;
    const NAME: &'static str = "invitations.invite";
    const ACTION: &'static str = "memberInvite";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access_to_invite(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<InvitationId, Failure> {
        let inviter =
            MemberId::parse(&tx.acting().actor).ok_or(InvitationRefusal::PersonRequired)?;
        let organisation = lock_own(tx, scope).await?;
        self.check(tx, scope, &organisation).await?;
        self.void_older(tx, &organisation).await?;
        let now = tx.now();
        let validity = rules::of_organisation::<MemberInvitation>(tx, organisation.id, now)
            .await?
            .value;
        let invitation = Invitation {
            id: tx.fresh_id(),
            organisation: organisation.id,
            invitee: self.invitee.clone(),
            invited_by: inviter,
            sent_at: now,
            expires_at: now + TimeDelta::days(validity.valid_days),
            answer: Answer::None,
            version: 1,
        };
        store::insert(tx, &invitation, &self.token.sha256()).await?;
        let roles: Vec<&str> = self
            .invitee
            .roles
            .iter()
            .map(|role| role.as_str())
            .collect();
        let sent = Event::new(organisation.id, invitation.id, 1, "invitation.sent")
            .detail(serde_json::json!({ "roles": roles, "expiresAt": invitation.expires_at }))
            .personal("name", &self.invitee.name)
            .personal("email", &self.invitee.email);
        tx.record(sent).await?;
        Ok(invitation.id)
    }
}

impl Invite {
    /// Everything that is wrong at once, for the form.
    async fn check(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        organisation: &Organisation,
    ) -> Result<(), Failure> {
        let mut faults = Faults::default();
        for fault in self.invitee.faults() {
            faults.add(fault);
        }
        let now = tx.now();
        let limits = rules::of_organisation::<MemberRoles>(tx, organisation.id, now)
            .await?
            .value;
        if let Err(refusal) = check_roles((&self.invitee.roles, 0), organisation.kind, limits) {
            faults.add(refusal);
        }
        if members::gives_beyond_own(tx, organisation, &self.invitee.roles).await? {
            faults.add(MemberRefusal::RoleBeyondOwn);
        }
        let names = (
            self.invitee.account_name.as_str(),
            self.invitee.email.as_str(),
        );
        for taken in names_taken(tx, scope, organisation.id, names).await? {
            faults.add(InvitationRefusal::from(taken));
        }
        if store::is_promised(tx, organisation.id, &self.invitee).await? {
            faults.add(InvitationRefusal::AccountNameTaken);
        }
        faults.check()
    }

    async fn void_older(&self, tx: &mut Tx, organisation: &Organisation) -> Result<(), Failure> {
        for (id, version) in store::record_voided(tx, organisation.id, &self.invitee.email).await? {
            let voided = Event::new(organisation.id, id, version, "invitation.revoked")
                .moved("SENT", "REVOKED")
                .because("REPLACED");
            tx.record(voided).await?;
        }
        Ok(())
    }
}

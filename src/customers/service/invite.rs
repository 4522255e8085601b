//! A partner invites a customer, sends the link again, or takes it back.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::super::error::CustomerRefusal;
use super::super::model::{Answer, AssociationType, Invitation};
use super::super::policy::{self, InvitationAction};
use super::super::store::invitations as store;
use crate::db::{Change, Scope, Tx};
use crate::error::Failure;
use crate::identity::RandomToken;
use crate::ids::{CustomerInvitationId, MemberId, OrganisationId, Tagged as _};
use crate::rules::{self, CustomerInviting};
use crate::timeline::Event;
use crate::viewer::Viewer;

const LABEL_LENGTH: usize = 100;

/// Invites whoever gets the link. It is told once and kept as a digest.
pub(in super::super) struct Invite {
    pub(in super::super) association: AssociationType,
    pub(in super::super) label: String,
    /// Made before the transaction, which may run twice; only its digest is stored.
    pub(in super::super) token: RandomToken,
}

impl Change for Invite {
    type Outcome = CustomerInvitationId;
    const NAME: &'static str = "customers.invite";
    const ACTION: &'static str = "customerInvite";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access_to_invite(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<CustomerInvitationId, Failure> {
        let own = partner(scope)?;
        let invited_by =
            MemberId::parse(&tx.acting().actor).ok_or(CustomerRefusal::PersonRequired)?;
        if !is_line(&self.label) {
            return Err(CustomerRefusal::LabelInvalid.into());
        }
        let now = tx.now();
        let invitation = Invitation {
            id: tx.fresh_id(),
            organisation: own,
            association: self.association,
            label: self.label.clone(),
            invited_by,
            sent_at: now,
            expires_at: expiry(tx, own).await?,
            answer: Answer::None,
            refused: None,
            version: 1,
        };
        store::insert(tx, &invitation, &self.token.sha256()).await?;
        let sent = Event::new(own, invitation.id, 1, "customer_invitation.sent").detail(json!({
            "associationType": invitation.association.as_str(),
            "expiresAt": invitation.expires_at,
        }));
        tx.record(sent).await?;
        Ok(invitation.id)
    }
}

/// Makes a new link for an unanswered invitation, expired or not. The older link is void from then on (R-CUS-7).
pub(in super::super) struct Resend {
    pub(in super::super) invitation: CustomerInvitationId,
    pub(in super::super) expected_version: i64,
    pub(in super::super) token: RandomToken,
}

impl Change for Resend {
    type Outcome = CustomerInvitationId;
    const NAME: &'static str = "customers.resend_invitation";
    const ACTION: &'static str = "customerInvitationResend";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access_to_invite(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<CustomerInvitationId, Failure> {
        let own = partner(scope)?;
        let wanted = (self.invitation, self.expected_version);
        let invitation = lock(tx, own, wanted, InvitationAction::Resend).await?;
        let sent = (tx.now(), expiry(tx, own).await?);
        let version = store::record_resent(tx, &invitation, &self.token.sha256(), sent).await?;
        let resent = Event::new(own, invitation.id, version, "customer_invitation.resent")
            .detail(json!({ "expiresAt": sent.1 }));
        tx.record(resent).await?;
        Ok(invitation.id)
    }
}

/// From its commit on the link is refused.
pub(in super::super) struct Revoke {
    pub(in super::super) invitation: CustomerInvitationId,
    pub(in super::super) expected_version: i64,
}

impl Change for Revoke {
    type Outcome = CustomerInvitationId;
    const NAME: &'static str = "customers.revoke_invitation";
    const ACTION: &'static str = "customerInvitationRevoke";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access_to_invite(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<CustomerInvitationId, Failure> {
        let own = partner(scope)?;
        let wanted = (self.invitation, self.expected_version);
        let invitation = lock(tx, own, wanted, InvitationAction::Revoke).await?;
        let version = store::record_revoked(tx, &invitation).await?;
        let revoked = Event::new(own, invitation.id, version, "customer_invitation.revoked");
        tx.record(revoked.moved("SENT", "REVOKED")).await?;
        Ok(invitation.id)
    }
}

async fn lock(
    tx: &mut Tx,
    own: OrganisationId,
    (id, expected_version): (CustomerInvitationId, i64),
    action: InvitationAction,
) -> Result<Invitation, Failure> {
    let invitation = store::lock(tx, own, id)
        .await?
        .ok_or(CustomerRefusal::InvitationNotFound)?;
    if invitation.version != expected_version {
        let current = invitation.version;
        return Err(CustomerRefusal::Changed { current }.into());
    }
    policy::of_invitation(action, &invitation).check_first()?;
    Ok(invitation)
}

/// When a link that is made now expires, by the rule set of the partner's site.
async fn expiry(tx: &mut Tx, own: OrganisationId) -> Result<DateTime<Utc>, Failure> {
    let now = tx.now();
    let rule = rules::of_organisation::<CustomerInviting>(tx, own, now).await?;
    Ok(now + TimeDelta::days(rule.value.valid_days))
}

fn partner(scope: &Scope) -> Result<OrganisationId, Failure> {
    Ok(scope
        .organisation()
        .ok_or(CustomerRefusal::InvitationNotFound)?)
}

fn is_line(text: &str) -> bool {
    (1..=LABEL_LENGTH).contains(&text.chars().count())
        && text.trim() == text
        && !text.contains(char::is_control)
}

//! How an invitation of a customer looks to the partner.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::super::model::{Answer, Invitation};
use super::super::policy::{self, InvitationAction};
use super::CustomerObject;
use super::words::{CustomerAssociationType, CustomerInvitationState};
use crate::error::Refusal;
use crate::graphql::{
    ActionPermission, ContextExt as _, PageInput, Result, Transition, UserError, Version, loaded,
};
use crate::ids::Tagged as _;
use crate::organisation::MemberObject;
use crate::timeline::{self, TimelineEntryConnection};

/// What the viewer may do with an invitation of a customer now. Each answer is the one that the mutation would give.
#[derive(SimpleObject)]
struct CustomerInvitationViewerPermissions {
    /// Making a new link; the older one is void then.
    can_resend: ActionPermission,
    /// Taking it back.
    can_revoke: ActionPermission,
}

/// An attempt that the customer's account did not allow. Another link does not help: the customer's own state has to
/// change first (R-CUS-7).
#[derive(SimpleObject)]
struct CustomerInvitationRefusal {
    /// When it was tried last.
    at: DateTime<Utc>,
    /// Every cause, each with a sentence that says what can be done.
    causes: Vec<UserError>,
}

pub(crate) struct CustomerInvitationObject(pub(crate) Invitation, pub(crate) DateTime<Utc>);

/// A partner's invitation of a customer: for whoever has the link or the QR code, used once.
#[Object(name = "CustomerInvitation")]
impl CustomerInvitationObject {
    /// Opaque and global; `node` finds it by this id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// What happened to it, the newest first, back to its beginning: at most 100 entries at a time.
    #[expect(clippy::too_many_arguments, reason = "four of them are for paging")]
    async fn timeline(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<TimelineEntryConnection> {
        let page = PageInput::of(first, after, last, before);
        timeline::connection_of(ctx, self.0.id, page).await
    }

    /// For whom it was made, in the partner's own words. The customer does not see it.
    async fn label(&self) -> &str {
        &self.0.label
    }

    /// Who bills the customer that accepts it.
    async fn association_type(&self) -> CustomerAssociationType {
        self.0.association.into()
    }

    /// What it can be used for now.
    async fn state(&self) -> CustomerInvitationState {
        self.0.state(self.1).into()
    }

    /// When its link was made.
    async fn sent_at(&self) -> DateTime<Utc> {
        self.0.sent_at
    }

    /// The first instant at which it is too late.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }

    /// Who invited; null when the viewer may not see that person.
    async fn invited_by(&self, ctx: &Context<'_>) -> Result<Option<MemberObject>> {
        Ok(loaded(ctx, self.0.invited_by).await?.map(MemberObject))
    }

    /// The customer that accepted it; null until then, or when the viewer does not see that customer.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<CustomerObject>> {
        match self.0.answer {
            Answer::Accepted { customer } => Ok(loaded(ctx, customer).await?.map(CustomerObject)),
            Answer::None | Answer::Revoked => Ok(None),
        }
    }

    /// The last attempt to accept that failed for the account's own state; null when there was none since the link was
    /// made.
    async fn last_refusal(&self, ctx: &Context<'_>) -> Option<CustomerInvitationRefusal> {
        let refused = self.0.refused.as_ref()?;
        let causes = refused.causes.iter().copied().map(Refusal::from);
        Some(CustomerInvitationRefusal {
            at: refused.at,
            causes: causes
                .map(|refusal| UserError::new(&refusal, ctx.locale()))
                .collect(),
        })
    }

    /// What the viewer may do with this invitation now, and why not.
    async fn viewer_permissions(&self, ctx: &Context<'_>) -> CustomerInvitationViewerPermissions {
        let permission = |action| {
            let verdict = policy::invitation_verdict(action, ctx.viewer(), &self.0);
            ActionPermission::new(ctx, verdict)
        };
        CustomerInvitationViewerPermissions {
            can_resend: permission(InvitationAction::Resend),
            can_revoke: permission(InvitationAction::Revoke),
        }
    }

    /// The moves out of the state that it is in. Accepting is the customer's, with the link.
    async fn transitions(&self, ctx: &Context<'_>) -> Vec<Transition> {
        let moves = policy::invitation_moves(ctx.viewer(), &self.0).into_iter();
        moves.map(Transition::from).collect()
    }

    /// The version to send as expectedVersion with a change.
    async fn version(&self) -> Version {
        Version(self.0.version)
    }
}

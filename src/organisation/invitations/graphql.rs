//! How invitations look to a client. Translation only; a rule here is in the wrong file.

mod mutations;

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::dataloader::Loader;
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

pub(crate) use mutations::InvitationMutation;

use super::model::{self, Answer, Invitation};
use super::{policy, service};
use crate::error::Failure;
use crate::graphql::{
    ActionPermission, ContextExt as _, PageInput, Read, Result, Totals, Transition, Version,
    answer, connection, loaded,
};
use crate::ids::{InvitationId, Tagged as _};
use crate::organisation::MemberObject;
use crate::organisation::members::MemberRoleValue;
use crate::paging::{Direction, Position, Sort, SortKey};
use crate::timeline::{self, TimelineEntryConnection};

/// What an invitation is worth at the time of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "MemberInvitationState", remote = "model::InvitationState")]
enum InvitationState {
    /// Can be accepted until it expires.
    Open,
    /// Nobody answered in time; a new invitation to the same address replaces it.
    Expired,
    /// Somebody became a member by it.
    Accepted,
    /// Taken back, or replaced by a newer one.
    Revoked,
}

/// What the viewer may do with an invitation now. Each answer is the one that the mutation would give.
#[derive(SimpleObject)]
#[graphql(name = "MemberInvitationViewerPermissions")]
struct InvitationViewerPermissions {
    /// Taking it back.
    can_revoke: ActionPermission,
}

pub(crate) struct InvitationObject(pub(crate) Invitation, pub(crate) DateTime<Utc>);

/// An invitation to become a member; it is accepted once, by the invited person.
#[Object(name = "MemberInvitation")]
impl InvitationObject {
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

    /// Who accepts must have this address at IAM, if IAM tells one.
    async fn email(&self) -> &str {
        &self.0.invitee.email
    }

    /// The name that people read.
    async fn name(&self) -> &str {
        &self.0.invitee.name
    }

    /// The account name that the member will have.
    async fn account_name(&self) -> &str {
        &self.0.invitee.account_name
    }

    /// The roles that the member will have.
    async fn roles(&self) -> Vec<MemberRoleValue> {
        self.0
            .invitee
            .roles
            .iter()
            .copied()
            .map(Into::into)
            .collect()
    }

    /// What it can be used for now.
    async fn state(&self) -> InvitationState {
        self.0.state(self.1).into()
    }

    /// When it was made.
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

    /// The member that accepting made; null until then.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<MemberObject>> {
        match self.0.answer {
            Answer::Accepted { member } => Ok(loaded(ctx, member).await?.map(MemberObject)),
            Answer::None | Answer::Revoked => Ok(None),
        }
    }

    /// What the viewer may do with this invitation now, and why not.
    async fn viewer_permissions(&self, ctx: &Context<'_>) -> InvitationViewerPermissions {
        let verdict = policy::revoke(ctx.viewer(), &self.0);
        InvitationViewerPermissions {
            can_revoke: ActionPermission::new(ctx, verdict),
        }
    }

    /// The moves out of the state that it is in. Accepting is the invited person's, with the link alone.
    async fn transitions(&self, ctx: &Context<'_>) -> Vec<Transition> {
        let moves = policy::moves(ctx.viewer(), &self.0).into_iter();
        moves.map(Transition::from).collect()
    }

    /// The version to send as expectedVersion with a change.
    async fn version(&self) -> Version {
        Version(self.0.version)
    }
}

/// The newest first.
const BY_SENDING: Sort = Sort {
    name: "SENT_AT",
    column: "sent_at",
    direction: Direction::Descending,
};

#[derive(Default)]
pub(crate) struct InvitationQuery;

#[Object]
impl InvitationQuery {
    /// The invitations of the viewer's organisation, the newest first; needs member.manage.
    #[expect(clippy::too_many_arguments, reason = "four of them are for paging")]
    async fn member_invitations(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<Connection<String, InvitationObject, Totals, EmptyFields>>> {
        let page = PageInput::of(first, after, last, before);
        let window = page.window(ctx, BY_SENDING)?;
        let loaders = ctx.loaders();
        let Read { snapshot, viewer } = loaders.loader();
        let page = answer(
            ctx,
            service::list(viewer, snapshot, (BY_SENDING, &window)).await,
        )?;
        let total = if Totals::are_selected(ctx) {
            Some(answer(ctx, service::count(viewer, snapshot).await)?)
        } else {
            None
        };
        let place = |(invitation, _): &(Invitation, DateTime<Utc>)| Position {
            key: SortKey::Instant(invitation.sent_at),
            id: invitation.id.0,
        };
        let page = (page, BY_SENDING, Totals::of(total));
        let object = |(invitation, now)| InvitationObject(invitation, now);
        Ok(Some(connection(ctx, page, place, object)))
    }
}

impl Loader<InvitationId> for Read {
    type Value = (Invitation, DateTime<Utc>);
    type Error = Arc<Failure>;

    async fn load(
        &self,
        ids: &[InvitationId],
    ) -> std::result::Result<HashMap<InvitationId, Self::Value>, Arc<Failure>> {
        let found = service::read(&self.viewer, &self.snapshot, ids).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found
            .map(|(invitation, now)| (invitation.id, (invitation, now)))
            .collect())
    }
}

//! Where a person is signed in, and how that ends. Translation only.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{FederatedIdentityObject, federated_identity};
use crate::db::{Applied, Change as _};
use crate::error::Failure;
use crate::explain::Verdict;
use crate::graphql::{
    ActionPermission, ContextExt as _, Read, Result, UserError, answer, global_id, payload,
};
use crate::identity::service::{self, End, EndAll};
use crate::identity::sessions::SignedInSession;
use crate::ids::{SessionId, Tagged as _};

/// What the viewer may do with a session: it is the viewer's own, or it is not shown at all.
#[derive(SimpleObject)]
struct SessionViewerPermissions {
    /// Ending it.
    can_end: ActionPermission,
}

pub(in crate::identity) struct SessionObject(pub(in crate::identity) SignedInSession);

/// A browser in which the viewer is signed in, and for how long.
#[Object(name = "Session")]
impl SessionObject {
    /// For sessionEnd.
    async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// Whether it is the one of this request.
    async fn is_current(&self, ctx: &Context<'_>) -> bool {
        service::signed_in(ctx.viewer()).is_some_and(|person| person.session == self.0.id)
    }

    /// When it began: at sign-in, or when the acting member changed.
    async fn started_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was used last, known to the minute.
    async fn last_used_at(&self) -> DateTime<Utc> {
        self.0.last_seen_at
    }

    /// What the browser called itself at sign-in, at most 256 characters; null when it said nothing.
    async fn user_agent(&self) -> Option<&str> {
        self.0.user_agent.as_deref()
    }

    /// The organisation that the viewer acts for in it; null when it acts for none.
    async fn organisation_name(&self) -> Option<&str> {
        self.0.organisation_name.as_deref()
    }

    /// The end, whatever happens in it.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.facts.absolute_until
    }

    /// The end if no further request comes; each one moves it, within a minute.
    async fn idle_timeout_at(&self) -> DateTime<Utc> {
        self.0.facts.idle_until
    }

    /// When the IAM asked for a proof of who it is.
    async fn authenticated_at(&self) -> DateTime<Utc> {
        self.0.facts.authenticated_at
    }

    /// The person who is signed in, as whatever member they act.
    async fn identity(&self, ctx: &Context<'_>) -> Result<FederatedIdentityObject> {
        federated_identity(ctx, self.0.identity).await
    }

    /// What the viewer may do with it.
    async fn viewer_permissions(&self, ctx: &Context<'_>) -> SessionViewerPermissions {
        SessionViewerPermissions {
            can_end: ActionPermission::new(ctx, Verdict::new(End::ACTION)),
        }
    }
}

pub(super) async fn own(ctx: &Context<'_>) -> Result<Vec<SessionObject>> {
    let loaders = ctx.loaders();
    let Read { snapshot, viewer } = loaders.loader();
    let found = answer(ctx, service::sessions(viewer, snapshot, None).await)?;
    Ok(found.into_iter().map(SessionObject).collect())
}

/// Ends one session of the viewer.
#[derive(InputObject)]
struct SessionEndInput {
    /// One of the viewer's own, from sessions.
    session_id: ID,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Ends all sessions of the viewer.
#[derive(InputObject)]
struct SessionEndAllInput {
    /// Whether the session of this request stays.
    #[graphql(default = true)]
    keep_current: bool,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// What came of ending a session.
#[derive(SimpleObject)]
struct SessionEndPayload {
    /// The session that ended; null when nothing was done.
    session_id: Option<ID>,
    /// Why nothing was done; empty when it was.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was done again.
    replayed: bool,
}

/// What came of signing out everywhere.
#[derive(SimpleObject)]
struct SessionEndAllPayload {
    /// How many sessions ended; null when nothing was done.
    ended: Option<i32>,
    /// Why nothing was done; empty when it was.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was done again.
    replayed: bool,
}

#[derive(Default)]
pub(crate) struct SessionMutation;

#[Object]
impl SessionMutation {
    /// Ends one of the viewer's own sessions, on every replica within a second; the browser in question has to sign in
    /// again.
    async fn session_end(
        &self,
        ctx: &Context<'_>,
        input: SessionEndInput,
    ) -> Result<SessionEndPayload> {
        let (ended, errors, replayed) = payload(ctx, end(ctx, &input).await)?;
        Ok(SessionEndPayload {
            session_id: ended.map(|session| ID(session.global())),
            errors,
            replayed,
        })
    }

    /// Signs the viewer out everywhere, on every replica within a second: as whatever member it acts there. This session
    /// stays unless keepCurrent is false.
    async fn session_end_all(
        &self,
        ctx: &Context<'_>,
        input: SessionEndAllInput,
    ) -> Result<SessionEndAllPayload> {
        let (ended, errors, replayed) = payload(ctx, end_all(ctx, &input).await)?;
        Ok(SessionEndAllPayload {
            ended: ended.map(|ended| i32::try_from(ended).unwrap_or(i32::MAX)),
            errors,
            replayed,
        })
    }
}

async fn end(
    ctx: &Context<'_>,
    input: &SessionEndInput,
) -> std::result::Result<Applied<SessionId>, Failure> {
    let change = End::new(ctx.viewer(), global_id(&input.session_id))?;
    ctx.apply(input.idempotency_key, &change).await
}

async fn end_all(
    ctx: &Context<'_>,
    input: &SessionEndAllInput,
) -> std::result::Result<Applied<u64>, Failure> {
    let change = EndAll::new(ctx.viewer(), input.keep_current)?;
    ctx.apply(input.idempotency_key, &change).await
}

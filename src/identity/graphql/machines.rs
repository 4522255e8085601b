//! How machines look to a client, and how they are managed. Translation only.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use crate::error::Failure;
use crate::graphql::{
    ActionPermission, ContextExt as _, PageInput, Read, Result, UserError, Version, answer,
    global_id, loaded, payload,
};
use crate::identity::service_accounts::policy::{self, Action};
use crate::identity::service_accounts::service::{self, Create, Revoke, Rotate};
use crate::identity::service_accounts::{ServiceAccount, ServiceAccountState, ServiceToken};
use crate::ids::{ServiceAccountId, Tagged as _};
use crate::organisation::{MemberObject, OrganisationObject};
use crate::timeline::{self, TimelineEntryConnection};
use crate::viewer::Permission;

/// What a service account's token is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "ServiceAccountState", remote = "ServiceAccountState")]
enum StateValue {
    /// It is accepted.
    Active,
    /// It has run out; a new token makes the account active again.
    Expired,
    /// It was ended for good.
    Revoked,
}

/// What the viewer may do with a service account now. Each answer is the one that the mutation would give.
#[derive(SimpleObject)]
struct ServiceAccountViewerPermissions {
    /// Giving it a new token.
    can_rotate: ActionPermission,
    /// Ending it.
    can_revoke: ActionPermission,
}

pub(crate) struct ServiceAccountObject(pub(crate) ServiceAccount);

/// A machine of an organisation, known by a bearer token (服务账号).
#[Object(name = "ServiceAccount")]
impl ServiceAccountObject {
    /// Opaque and global.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// The name that people read.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What the token gives, such as opportunity.read.
    async fn permissions(&self) -> Vec<&'static str> {
        self.0
            .permissions
            .iter()
            .copied()
            .map(Permission::as_str)
            .collect()
    }

    /// The organisation that it acts for.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<OrganisationObject>> {
        Ok(loaded(ctx, self.0.organisation)
            .await?
            .map(OrganisationObject))
    }

    /// What the token is worth now.
    async fn state(&self, ctx: &Context<'_>) -> Result<StateValue> {
        let loaders = ctx.loaders();
        let Read { snapshot, .. } = loaders.loader();
        let read = async || Ok::<_, Failure>(snapshot.read().await?.unmoved_now());
        let now = answer(ctx, read().await)?;
        Ok(self.0.state(now).into())
    }

    /// Who made it; null when the operator of the deployment did, or the viewer may not see that person.
    async fn created_by(&self, ctx: &Context<'_>) -> Result<Option<MemberObject>> {
        match self.0.created_by {
            Some(member) => Ok(loaded(ctx, member).await?.map(MemberObject)),
            None => Ok(None),
        }
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// From then on the token is refused.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }

    /// When it was ended; null unless it was.
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.0.revoked_at
    }

    /// When the token was used last, known to the hour; null when it never was.
    async fn last_used_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_used_at
    }

    /// The version to send as expectedVersion with a change.
    async fn version(&self) -> Version {
        Version(self.0.version)
    }

    /// What the viewer may do with it now, and why not.
    async fn viewer_permissions(&self, ctx: &Context<'_>) -> ServiceAccountViewerPermissions {
        let permission = |action| {
            let verdict = policy::verdict(action, ctx.viewer(), &self.0);
            ActionPermission::new(ctx, verdict)
        };
        ServiceAccountViewerPermissions {
            can_rotate: permission(Action::Rotate),
            can_revoke: permission(Action::Revoke),
        }
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
}

#[derive(Default)]
pub(crate) struct ServiceAccountQuery;

#[Object]
impl ServiceAccountQuery {
    /// The machines of the viewer's own organisation, ended ones last, at most 200; null for who does not manage them
    /// (`service_account.manage`).
    async fn service_accounts(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Option<Vec<ServiceAccountObject>>> {
        let loaders = ctx.loaders();
        let Read { snapshot, viewer } = loaders.loader();
        let found = answer(ctx, service::list(viewer, snapshot).await)?;
        Ok(found.map(|found| found.into_iter().map(ServiceAccountObject).collect()))
    }
}

/// Makes a service account.
#[derive(InputObject)]
struct ServiceAccountCreateInput {
    /// What people call it; 1 to 100 characters.
    name: String,
    /// What it may do, such as opportunity.read: none that the viewer does not have.
    permissions: Vec<String>,
    /// When the token ends: after now, and within as many days as the rule `service_account.limits` says.
    expires_at: DateTime<Utc>,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Gives a service account a new token.
#[derive(InputObject)]
struct ServiceAccountRotateInput {
    /// The account that it is about.
    service_account_id: ID,
    /// When the new token ends: after now, and within as many days as the rule `service_account.limits` says.
    expires_at: DateTime<Utc>,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Ends a service account.
#[derive(InputObject)]
struct ServiceAccountRevokeInput {
    /// The account that it is about.
    service_account_id: ID,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

macro_rules! token_payloads {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(SimpleObject)]
            struct $name {
                /// The account as it is now; null when nothing was done.
                service_account: Option<ServiceAccountObject>,
                /// The bearer token. It is a secret and told this once: null when the request is repeated, and nobody can
                /// read it again.
                token: Option<String>,
                /// Why nothing was done; empty when it was.
                errors: Vec<UserError>,
                /// Whether the idempotency key was used before: then nothing was done again.
                replayed: bool,
            }
        )*
    };
}

token_payloads! {
    /// What came of making a service account.
    ServiceAccountCreatePayload;
    /// What came of giving a service account a new token.
    ServiceAccountRotatePayload;
}

/// What came of ending a service account.
#[derive(SimpleObject)]
struct ServiceAccountRevokePayload {
    /// The account as it is now; null when nothing was done.
    service_account: Option<ServiceAccountObject>,
    /// Why nothing was done; empty when it was.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was done again.
    replayed: bool,
}

async fn object(
    ctx: &Context<'_>,
    id: Option<ServiceAccountId>,
) -> Result<Option<ServiceAccountObject>> {
    match id {
        Some(id) => Ok(loaded(ctx, id).await?.map(ServiceAccountObject)),
        None => Ok(None),
    }
}

#[derive(Default)]
pub(crate) struct ServiceAccountMutation;

#[Object]
impl ServiceAccountMutation {
    /// Makes a machine an account of the viewer's organisation and tells its token, once. For people who have
    /// `service_account.manage`; the machine gets nothing that its maker does not have.
    async fn service_account_create(
        &self,
        ctx: &Context<'_>,
        input: ServiceAccountCreateInput,
    ) -> Result<ServiceAccountCreatePayload> {
        let change = Create {
            viewer: ctx.viewer().clone(),
            name: input.name,
            permissions: input.permissions,
            expires_at: input.expires_at,
            token: answer(ctx, ServiceToken::fresh().map_err(Into::into))?,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (id, errors, replayed) = payload(ctx, applied)?;
        let is_new = id.is_some() && !replayed;
        Ok(ServiceAccountCreatePayload {
            service_account: object(ctx, id).await?,
            token: is_new.then(|| change.token.text().expose_secret().to_owned()),
            errors,
            replayed,
        })
    }

    /// Gives a service account a new token and end, and tells the token, once; the old one is refused from now on. It
    /// takes `service_account.manage` and everything that the account may do.
    async fn service_account_rotate(
        &self,
        ctx: &Context<'_>,
        input: ServiceAccountRotateInput,
    ) -> Result<ServiceAccountRotatePayload> {
        let change = Rotate {
            viewer: ctx.viewer().clone(),
            account: global_id(&input.service_account_id),
            expected_version: input.expected_version.0,
            expires_at: input.expires_at,
            token: answer(ctx, ServiceToken::fresh().map_err(Into::into))?,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (id, errors, replayed) = payload(ctx, applied)?;
        let is_new = id.is_some() && !replayed;
        Ok(ServiceAccountRotatePayload {
            service_account: object(ctx, id).await?,
            token: is_new.then(|| change.token.text().expose_secret().to_owned()),
            errors,
            replayed,
        })
    }

    /// Ends a service account for good: its next request is refused. Needs `service_account.manage`.
    async fn service_account_revoke(
        &self,
        ctx: &Context<'_>,
        input: ServiceAccountRevokeInput,
    ) -> Result<ServiceAccountRevokePayload> {
        let change = Revoke {
            viewer: ctx.viewer().clone(),
            account: global_id(&input.service_account_id),
            expected_version: input.expected_version.0,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (id, errors, replayed) = payload(ctx, applied)?;
        Ok(ServiceAccountRevokePayload {
            service_account: object(ctx, id).await?,
            errors,
            replayed,
        })
    }
}

//! How roles and permissions look to a client. Translation only.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::model::{Role, RoleKind, Wanted};
use super::policy::{self, Action};
use super::service::{self, Create, Retire, Update};
use crate::db::Applied;
use crate::error::Failure;
use crate::graphql::{
    ActionPermission, ContextExt as _, PageInput, Read, Result, Transition, UserError, Version,
    answer, global_id, loaded, payload,
};
use crate::i18n;
use crate::ids::{RoleId, Tagged as _};
use crate::organisation::OrganisationKindValue;
use crate::organisation::members::MemberRoleValue;
use crate::timeline::{self, TimelineEntryConnection};
use crate::viewer::{Permission, Viewer};

/// Whether a role gives anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
enum RoleState {
    /// Gives its permissions to whoever has it.
    Active,
    /// Gives nothing any more, and nobody gets it.
    Retired,
}

/// One entry of the published list of permissions.
struct PermissionObject(Permission, Vec<OrganisationKindValue>);

/// One thing that a role can allow. The list is closed: nothing else is ever checked.
#[Object(name = "Permission")]
impl PermissionObject {
    /// Its name, such as opportunity.submit.
    async fn code(&self) -> &'static str {
        self.0.as_str()
    }

    /// What it allows, in the language of the request (zh-CN or en).
    async fn description(&self, ctx: &Context<'_>) -> String {
        i18n::sentence(&key(self.0), &BTreeMap::new(), ctx.locale())
            .unwrap_or_else(|| self.0.as_str().to_owned())
    }

    /// The kinds of organisation whose roles can hold it.
    async fn held_by(&self) -> &[OrganisationKindValue] {
        &self.1
    }
}

/// The key of a permission's sentence in every language.
fn key(permission: Permission) -> String {
    let code = permission.as_str().replace('.', "_");
    format!("PERMISSION_{}", code.to_uppercase())
}

/// What the viewer may do with a role now. Each answer is the one that the mutation would give.
#[derive(SimpleObject)]
struct RoleViewerPermissions {
    /// Changing it.
    can_update: ActionPermission,
    /// Retiring it. That somebody still has it is refused by the mutation alone.
    can_retire: ActionPermission,
}

pub(crate) struct RoleObject(pub(crate) Role);

/// What a member may do (角色): one of the preset roles, or one that the organisation made itself.
#[Object(name = "Role")]
impl RoleObject {
    /// Opaque and global; `node` finds it by this id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// The name that people read; of a preset role its code.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is for, as the organisation wrote it; empty for a preset role.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// Which preset role it is; null for a custom one.
    async fn preset(&self) -> Option<MemberRoleValue> {
        match self.0.kind {
            RoleKind::Preset(role) => Some(role.into()),
            RoleKind::Custom { .. } => None,
        }
    }

    /// What it allows, such as opportunity.submit.
    async fn permissions(&self) -> Vec<&'static str> {
        let permissions = self.0.permissions.iter();
        permissions.map(|it| it.as_str()).collect()
    }

    /// Whether it gives anything.
    async fn state(&self) -> RoleState {
        match self.0.kind {
            RoleKind::Custom {
                is_retired: true, ..
            } => RoleState::Retired,
            RoleKind::Preset(_) | RoleKind::Custom { .. } => RoleState::Active,
        }
    }

    /// What happened to it, the newest first, back to its beginning: at most 100 entries at a time. Empty for a preset role.
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

    /// What the viewer may do with this role now, and why not.
    async fn viewer_permissions(&self, ctx: &Context<'_>) -> RoleViewerPermissions {
        let permission =
            |action| ActionPermission::new(ctx, policy::verdict(action, ctx.viewer(), &self.0));
        RoleViewerPermissions {
            can_update: permission(Action::Update),
            can_retire: permission(Action::Retire),
        }
    }

    /// The moves out of the state that it is in.
    async fn transitions(&self, ctx: &Context<'_>) -> Vec<Transition> {
        let moves = policy::moves(ctx.viewer(), &self.0).into_iter();
        moves.map(Transition::from).collect()
    }

    /// The version to send as expectedVersion with a change.
    async fn version(&self) -> Version {
        Version(self.0.version)
    }
}

#[derive(Default)]
pub(crate) struct RoleQuery;

#[Object]
impl RoleQuery {
    /// Everything that a role can allow, with the kinds of organisation whose roles can hold it; needs member.read.
    async fn permissions(&self, ctx: &Context<'_>) -> Result<Vec<PermissionObject>> {
        let loaders = ctx.loaders();
        let Read { snapshot, viewer } = loaders.loader();
        let all = answer(ctx, service::permissions(viewer, snapshot).await)?;
        let kinds = |kinds: Vec<crate::viewer::OrganisationKind>| {
            kinds.into_iter().map(Into::into).collect()
        };
        Ok(all
            .into_iter()
            .map(|(permission, held_by)| PermissionObject(permission, kinds(held_by)))
            .collect())
    }

    /// The roles of the viewer's organisation: the preset ones of its kind, then its own, the retired ones last; needs
    /// member.read.
    async fn roles(&self, ctx: &Context<'_>) -> Result<Vec<RoleObject>> {
        let loaders = ctx.loaders();
        let Read { snapshot, viewer } = loaders.loader();
        let roles = answer(ctx, service::list(viewer, snapshot).await)?;
        Ok(roles.into_iter().map(RoleObject).collect())
    }
}

/// Makes a role.
#[derive(InputObject)]
struct RoleCreateInput {
    /// 1 to 50 characters, unlike the names of the organisation's other roles.
    name: String,
    /// What it is for; up to 500 characters.
    #[graphql(default)]
    description: String,
    /// What it allows: codes of the published list that the viewer has as well.
    permissions: Vec<String>,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Changes a role as a whole.
#[derive(InputObject)]
struct RoleUpdateInput {
    /// The role that it is about.
    role_id: ID,
    /// 1 to 50 characters, unlike the names of the organisation's other roles.
    name: String,
    /// What it is for; up to 500 characters.
    #[graphql(default)]
    description: String,
    /// Everything that it allows from now on: codes of the published list that the viewer has as well.
    permissions: Vec<String>,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Retires a role.
#[derive(InputObject)]
struct RoleRetireInput {
    /// The role that it is about.
    role_id: ID,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(SimpleObject)]
            struct $name {
                /// The role as it is now; null when nothing was done.
                role: Option<RoleObject>,
                /// Why nothing was done; empty when it was.
                errors: Vec<UserError>,
                /// Whether the idempotency key was used before: then nothing was done again.
                replayed: bool,
            }

            impl $name {
                async fn of(
                    ctx: &Context<'_>,
                    result: std::result::Result<Applied<RoleId>, Failure>,
                ) -> Result<Self> {
                    let (role, errors, replayed) = payload(ctx, result)?;
                    let role = match role {
                        Some(role) => loaded(ctx, role).await?.map(RoleObject),
                        None => None,
                    };
                    Ok(Self { role, errors, replayed })
                }
            }
        )*
    };
}

payloads! {
    /// What came of making a role.
    RoleCreatePayload;
    /// What came of changing a role.
    RoleUpdatePayload;
    /// What came of retiring a role.
    RoleRetirePayload;
}

/// What the viewer has, and so may put into a role.
fn granted(viewer: &Viewer) -> BTreeSet<Permission> {
    let all = Permission::ALL.iter().copied();
    all.filter(|&permission| viewer.may(permission)).collect()
}

#[derive(Default)]
pub(crate) struct RoleMutation;

#[Object]
impl RoleMutation {
    /// Makes a role of the viewer's organisation out of permissions that the viewer has; at most ten; needs member.manage
    /// (R-ORG-12).
    async fn role_create(
        &self,
        ctx: &Context<'_>,
        input: RoleCreateInput,
    ) -> Result<RoleCreatePayload> {
        let change = Create {
            wanted: Wanted {
                name: input.name,
                description: input.description,
                permissions: input.permissions,
            },
            granted: granted(ctx.viewer()),
        };
        RoleCreatePayload::of(ctx, ctx.apply(input.idempotency_key, &change).await).await
    }

    /// Changes a custom role; whoever has it may do what it says within a second. Preset roles are not changed; needs
    /// member.manage (R-ORG-13).
    async fn role_update(
        &self,
        ctx: &Context<'_>,
        input: RoleUpdateInput,
    ) -> Result<RoleUpdatePayload> {
        let change = Update {
            role: global_id(&input.role_id),
            expected_version: input.expected_version.0,
            wanted: Wanted {
                name: input.name,
                description: input.description,
                permissions: input.permissions,
            },
            granted: granted(ctx.viewer()),
        };
        RoleUpdatePayload::of(ctx, ctx.apply(input.idempotency_key, &change).await).await
    }

    /// Retires a custom role that no active member has: it counts no more and is given to nobody; needs member.manage.
    async fn role_retire(
        &self,
        ctx: &Context<'_>,
        input: RoleRetireInput,
    ) -> Result<RoleRetirePayload> {
        let change = Retire {
            role: global_id(&input.role_id),
            expected_version: input.expected_version.0,
        };
        RoleRetirePayload::of(ctx, ctx.apply(input.idempotency_key, &change).await).await
    }
}

impl Loader<RoleId> for Read {
    type Value = Role;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        ids: &[RoleId],
    ) -> std::result::Result<HashMap<RoleId, Role>, Arc<Failure>> {
        let found = service::read(&self.viewer, &self.snapshot, ids).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found.map(|role| (role.id, role)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Locale;

    #[test]
    fn every_permission_of_the_published_list_says_what_it_allows_in_both_languages() {
        for permission in Permission::ALL {
            let key = key(*permission);
            for locale in [Locale::En, Locale::ZhCn] {
                assert!(
                    i18n::sentence(&key, &BTreeMap::new(), locale).is_some(),
                    "{key}"
                );
            }
        }
    }
}

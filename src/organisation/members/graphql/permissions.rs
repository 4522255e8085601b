//! What the viewer may do with a member, and whom to ask who may. Translation only.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use async_graphql::{Context, SimpleObject};

use super::super::duties::Duties;
use super::super::model::Member;
use super::super::policy::{self, Action, Facts};
use super::super::service;
use crate::error::Failure;
use crate::graphql::{ActionPermission, ContextExt as _, Read, Result, Transition, loaded};
use crate::ids::MemberId;
use crate::viewer::Permission;

/// What the viewer may do with a member now. Each answer is the one that the mutation would give.
#[derive(SimpleObject)]
#[expect(clippy::struct_field_names, reason = "each is read as a question")]
pub(in crate::organisation::members) struct MemberViewerPermissions {
    /// Giving the member other roles. Which roles go together is refused with the input.
    can_change_roles: ActionPermission,
    /// Disabling the member, without anybody who takes over: what the member holds is a blocker that `handover` removes.
    can_disable: ActionPermission,
    /// Naming the director of an account manager.
    can_assign_director: ActionPermission,
    /// Linking an identity of IAM.
    can_link: ActionPermission,
    /// Taking the link away.
    can_unlink: ActionPermission,
}

pub(super) async fn of(ctx: &Context<'_>, member: &Member) -> Result<MemberViewerPermissions> {
    let facts = facts(ctx, member).await?;
    let permission = |action| {
        let verdict = policy::verdict(action, ctx.viewer(), member, facts.as_ref());
        ActionPermission::new(ctx, verdict)
    };
    Ok(MemberViewerPermissions {
        can_change_roles: permission(Action::ChangeRoles),
        can_disable: permission(Action::Disable),
        can_assign_director: permission(Action::AssignDirector),
        can_link: permission(Action::Link),
        can_unlink: permission(Action::Unlink),
    })
}

pub(super) async fn transitions(ctx: &Context<'_>, member: &Member) -> Result<Vec<Transition>> {
    let facts = facts(ctx, member).await?;
    let moves = policy::moves(ctx.viewer(), member, facts.as_ref()).into_iter();
    Ok(moves.map(Transition::from).collect())
}

async fn facts(ctx: &Context<'_>, member: &Member) -> Result<Option<Facts>> {
    let duties = ctx.data_unchecked::<Duties>().clone();
    let key = FactsOf {
        member: member.id,
        duties,
    };
    loaded(ctx, key).await
}

/// Asks what decides over a member. The blockers of duties are those of the deployment, the same in every key.
#[derive(Clone)]
struct FactsOf {
    member: MemberId,
    duties: Duties,
}

impl PartialEq for FactsOf {
    fn eq(&self, other: &Self) -> bool {
        self.member == other.member
    }
}

impl Eq for FactsOf {}

impl Hash for FactsOf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.member.hash(state);
    }
}

impl Loader<FactsOf> for Read {
    type Value = Facts;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        keys: &[FactsOf],
    ) -> std::result::Result<HashMap<FactsOf, Facts>, Arc<Failure>> {
        let Some(first) = keys.first() else {
            return Ok(HashMap::new());
        };
        let ids: Vec<MemberId> = keys.iter().map(|key| key.member).collect();
        let found = service::facts(&self.viewer, &self.snapshot, &ids, &first.duties).await;
        let mut found = found.map_err(Arc::new)?;
        let keys = keys.iter();
        Ok(keys
            .filter_map(|key| Some((key.clone(), found.remove(&key.member)?)))
            .collect())
    }
}

/// Asks who of the viewer's own organisation has a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct HoldersOf(pub(crate) Permission);

impl Loader<HoldersOf> for Read {
    type Value = Vec<Member>;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        keys: &[HoldersOf],
    ) -> std::result::Result<HashMap<HoldersOf, Vec<Member>>, Arc<Failure>> {
        let permissions: Vec<Permission> = keys.iter().map(|key| key.0).collect();
        let found = service::holders(&self.viewer, &self.snapshot, &permissions).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found
            .map(|(permission, members)| (HoldersOf(permission), members))
            .collect())
    }
}

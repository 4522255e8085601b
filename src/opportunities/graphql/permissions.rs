//! What a viewer may do with an opportunity, as the graph tells it.

use async_graphql::Context;

use super::super::model::{Action, Opportunity};
use super::super::service::{self, policy};
use crate::graphql::{ActionPermission, ContextExt as _, Result, Transition, loaded};

pub(super) async fn all(
    ctx: &Context<'_>,
    opportunity: &Opportunity,
) -> Result<Vec<ActionPermission>> {
    let facts = loaded(ctx, service::Wanted::by(ctx.viewer(), opportunity)).await?;
    let verdicts = facts.map(|facts| service::verdicts(ctx.viewer(), opportunity, &facts));
    let verdicts = verdicts.unwrap_or_default().into_iter();
    Ok(verdicts
        .map(|verdict| ActionPermission::new(ctx, verdict))
        .collect())
}

pub(super) async fn one(
    ctx: &Context<'_>,
    opportunity: &Opportunity,
    action: Action,
) -> Result<Option<ActionPermission>> {
    let facts = loaded(ctx, service::Wanted::by(ctx.viewer(), opportunity)).await?;
    let of = |facts| policy::verdict(action, ctx.viewer(), opportunity, &facts);
    Ok(facts.map(|facts| ActionPermission::new(ctx, of(facts))))
}

pub(super) async fn transitions(
    ctx: &Context<'_>,
    opportunity: &Opportunity,
) -> Result<Vec<Transition>> {
    let facts = loaded(ctx, service::Wanted::by(ctx.viewer(), opportunity)).await?;
    let moves = facts.map(|facts| service::moves(ctx.viewer(), opportunity, &facts));
    let moves = moves.unwrap_or_default().into_iter();
    Ok(moves.map(Transition::from).collect())
}

//! How a [`Verdict`] looks to a client: the action, whether it is open, and what stands in the way.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use async_graphql::{Context, Enum, Object};
use chrono::{DateTime, Utc};

use super::context::{ContextExt as _, Read, loaded};
use super::error::{Result, UserError};
use crate::error::Failure;
use crate::explain::{self, Move, Remover, Verdict};
use crate::ids::OrganisationId;
use crate::organisation::MemberObject;
use crate::organisation::members::HoldersOf;
use crate::standing::{self, Standing};
use crate::viewer::Permission;

/// Who can remove a blocker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum BlockerRemover {
    /// The viewer, by doing something else first.
    Viewer,
    /// A member of the viewer's organisation whose roles give `permission`.
    Colleague,
    /// The holder of the organisation's main account.
    MainAccount,
    /// The partner.
    Partner,
    /// The vendor.
    Vendor,
    /// Nobody: it is final, or only time removes it.
    Nobody,
}

/// One thing that stands in the way of an action.
pub(crate) struct Blocker(explain::Blocker);

/// One thing that stands in the way of an action.
#[Object]
impl Blocker {
    /// What the mutation would answer now.
    async fn error(&self, ctx: &Context<'_>) -> UserError {
        UserError::new(&self.0.refusal, ctx.locale())
    }

    /// Who can remove it.
    async fn removable_by(&self) -> BlockerRemover {
        match self.0.removable_by {
            Remover::Viewer => BlockerRemover::Viewer,
            Remover::Colleague(_) => BlockerRemover::Colleague,
            Remover::MainAccount => BlockerRemover::MainAccount,
            Remover::Partner => BlockerRemover::Partner,
            Remover::Vendor | Remover::VendorColleague(_) => BlockerRemover::Vendor,
            Remover::Nobody => BlockerRemover::Nobody,
        }
    }

    /// The permission that whoever removes it needs, such as opportunity.submit.
    async fn permission(&self) -> Option<&'static str> {
        self.needed().map(Permission::as_str)
    }

    /// By when it can still be removed, or when it goes by itself.
    async fn until(&self) -> Option<DateTime<Utc>> {
        self.0.until
    }

    /// Up to five people of the viewer's own organisation who can do it instead, or remove it: their roles give
    /// `permission`. Empty when the viewer may not read members.
    async fn ask_members(&self, ctx: &Context<'_>) -> Result<Vec<MemberObject>> {
        let Some(permission) = self.needed() else {
            return Ok(Vec::new());
        };
        let members = loaded(ctx, HoldersOf(permission)).await?;
        let members = members.unwrap_or_default().into_iter();
        Ok(members.map(MemberObject).collect())
    }
}

impl From<explain::Blocker> for Blocker {
    fn from(blocker: explain::Blocker) -> Self {
        Self(blocker)
    }
}

impl Blocker {
    fn needed(&self) -> Option<Permission> {
        match self.0.removable_by {
            Remover::Colleague(permission) | Remover::VendorColleague(permission) => {
                Some(permission)
            }
            Remover::Viewer
            | Remover::MainAccount
            | Remover::Partner
            | Remover::Vendor
            | Remover::Nobody => None,
        }
    }
}

/// Whether the viewer may do one thing now. The mutation of that name decides by the same rules.
pub(crate) struct ActionPermission(Verdict);

/// Whether the viewer may do one thing now. The mutation of that name decides by the same rules.
#[Object]
impl ActionPermission {
    /// The mutation, such as opportunitySubmit.
    async fn action(&self) -> &'static str {
        self.0.action
    }

    /// Whether it is open to the viewer now.
    async fn allowed(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(complete(ctx, &self.0).await?.is_allowed())
    }

    /// What stands in the way, in the order in which it has to be removed; empty when nothing does.
    async fn blockers(&self, ctx: &Context<'_>) -> Result<Vec<Blocker>> {
        blockers(ctx, &self.0).await
    }
}

impl ActionPermission {
    pub(crate) fn new(_ctx: &Context<'_>, verdict: Verdict) -> Self {
        Self(verdict)
    }
}

/// A move of an object out of the state that it is in.
pub(crate) struct Transition(Move);

/// A move of an object out of the state that it is in, and whether it is open to the viewer.
#[Object]
impl Transition {
    /// The mutation that makes it, such as opportunitySubmit.
    async fn action(&self) -> &'static str {
        self.0.verdict.action
    }

    /// The state that it leads to.
    async fn to(&self) -> &'static str {
        self.0.to
    }

    /// Whether it is open to the viewer now.
    async fn allowed(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(complete(ctx, &self.0.verdict).await?.is_allowed())
    }

    /// What stands in the way, in the order in which it has to be removed; empty when nothing does.
    async fn blockers(&self, ctx: &Context<'_>) -> Result<Vec<Blocker>> {
        blockers(ctx, &self.0.verdict).await
    }

    /// What the mutation's input must hold beside the object, expectedVersion and idempotencyKey.
    async fn required_fields(&self) -> &'static [&'static str] {
        self.0.required_fields
    }

    /// The first instant that is too late; null when there is no deadline.
    async fn due_until(&self) -> Option<DateTime<Utc>> {
        self.0.due_until
    }
}

impl From<Move> for Transition {
    fn from(transition: Move) -> Self {
        Self(transition)
    }
}

async fn blockers(ctx: &Context<'_>, verdict: &Verdict) -> Result<Vec<Blocker>> {
    let blockers = complete(ctx, verdict).await?.blockers.into_iter();
    Ok(blockers.map(Blocker).collect())
}

/// The domain's verdict and what keeps the viewer's organisation from acting at all: as the runner of changes asks it.
async fn complete(ctx: &Context<'_>, verdict: &Verdict) -> Result<Verdict> {
    let verdict = verdict.clone();
    let Some(organisation) = ctx.viewer().organisation() else {
        return Ok(verdict);
    };
    Ok(match loaded(ctx, StandingOf(organisation)).await? {
        Some(standing) => verdict.under(&standing),
        None => verdict,
    })
}

/// Asks how an organisation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct StandingOf(OrganisationId);

impl Loader<StandingOf> for Read {
    type Value = Standing;
    type Error = Arc<Failure>;

    /// Asked only for the viewer's own organisation, so there is one key.
    async fn load(
        &self,
        keys: &[StandingOf],
    ) -> std::result::Result<HashMap<StandingOf, Standing>, Arc<Failure>> {
        let mut found = HashMap::new();
        let mut reading = self
            .snapshot
            .read()
            .await
            .map_err(|error| Arc::new(error.into()))?;
        for key in keys {
            let standing = standing::of(&mut reading, key.0).await;
            let standing = standing.map_err(|error| Arc::new(error.into()))?;
            found.extend(standing.map(|standing| (*key, standing)));
        }
        Ok(found)
    }
}

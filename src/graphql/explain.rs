//! How a [`Verdict`] looks to a client: the action, whether it is open, and what stands in the way.

use async_graphql::{Context, Enum, SimpleObject};
use chrono::{DateTime, Utc};

use super::context::ContextExt as _;
use super::error::UserError;
use crate::explain::{self, Remover, Verdict};

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
#[derive(SimpleObject)]
pub(crate) struct Blocker {
    /// What the mutation would answer now.
    error: UserError,
    /// Who can remove it.
    removable_by: BlockerRemover,
    /// The permission that whoever removes it needs, such as opportunity.submit.
    permission: Option<&'static str>,
    /// By when it can still be removed, or when it goes by itself.
    until: Option<DateTime<Utc>>,
}

/// Whether the viewer may do one thing now. The mutation of that name decides by the same rules.
#[derive(SimpleObject)]
pub(crate) struct ActionPermission {
    /// The mutation, such as opportunitySubmit.
    action: &'static str,
    /// Whether it is open to the viewer now.
    allowed: bool,
    /// What stands in the way, in the order in which it has to be removed; empty when nothing does.
    blockers: Vec<Blocker>,
}

impl ActionPermission {
    pub(crate) fn new(ctx: &Context<'_>, verdict: Verdict) -> Self {
        Self {
            action: verdict.action,
            allowed: verdict.is_allowed(),
            blockers: verdict
                .blockers
                .into_iter()
                .map(|blocker| Blocker::new(ctx, blocker))
                .collect(),
        }
    }
}

impl Blocker {
    fn new(ctx: &Context<'_>, blocker: explain::Blocker) -> Self {
        let (removable_by, permission) = match blocker.removable_by {
            Remover::Viewer => (BlockerRemover::Viewer, None),
            Remover::Colleague(permission) => (BlockerRemover::Colleague, Some(permission)),
            Remover::MainAccount => (BlockerRemover::MainAccount, None),
            Remover::Partner => (BlockerRemover::Partner, None),
            Remover::Vendor => (BlockerRemover::Vendor, None),
            Remover::VendorColleague(permission) => (BlockerRemover::Vendor, Some(permission)),
            Remover::Nobody => (BlockerRemover::Nobody, None),
        };
        Self {
            error: UserError::new(&blocker.refusal, ctx.locale()),
            removable_by,
            permission: permission.map(crate::viewer::Permission::as_str),
            until: blocker.until,
        }
    }
}

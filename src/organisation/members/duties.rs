//! The seam by which this domain asks the later ones what a member still has to do (R-ORG-21).
//!
//! Opportunities and resellers implement [`DutyBlocker`] and `app.rs` registers them; this domain knows neither.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::model::MemberRole;
use crate::db::{Scope, StoreError, Tx};
use crate::ids::MemberId;

/// Things of one kind that are in a member's hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Duty {
    /// What they are, in the graph's words: `openOpportunities`, `managedResellers`.
    pub(crate) kind: &'static str,
    pub(crate) count: i64,
}

/// Answers what a member may not leave behind.
pub(crate) trait DutyBlocker: Send + Sync {
    /// What `member` holds that nobody would hold with only `remaining` roles; no roles means that the member goes.
    ///
    /// Runs inside the change, under its scope, with the organisation's row locked.
    fn duties<'a>(
        &'a self,
        tx: &'a mut Tx,
        scope: &'a Scope,
        member: MemberId,
        remaining: &'a BTreeSet<MemberRole>,
    ) -> BoxFuture<'a, Result<Option<Duty>, StoreError>>;
}

/// All blockers of a deployment.
#[derive(Clone, Default)]
pub(crate) struct Duties(Arc<[Box<dyn DutyBlocker>]>);

impl Duties {
    pub(crate) fn new(blockers: Vec<Box<dyn DutyBlocker>>) -> Self {
        Self(blockers.into())
    }

    pub(super) async fn of(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        member: MemberId,
        remaining: &BTreeSet<MemberRole>,
    ) -> Result<Vec<Duty>, StoreError> {
        let mut found = Vec::new();
        for blocker in self.0.iter() {
            found.extend(blocker.duties(tx, scope, member, remaining).await?);
        }
        Ok(found)
    }
}

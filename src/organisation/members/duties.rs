//! The seam by which this domain asks the later ones what a member still has to do (R-ORG-21).
//!
//! Opportunities and resellers implement [`DutyBlocker`] and `app.rs` registers them; this domain knows neither.

use std::collections::{BTreeSet, HashMap};
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

/// Answers what members may not leave behind.
pub(crate) trait DutyBlocker: Send + Sync {
    /// What is counted, in the graph's words.
    fn kind(&self) -> &'static str;

    /// How much each of `members` holds that nobody would hold with only `remaining` roles; no roles means that the
    /// member goes. Who holds nothing is absent.
    ///
    /// Runs inside the change, under its scope, with the organisation's row locked; and inside a read, for the flag that
    /// foretells the change.
    fn counts<'a>(
        &'a self,
        tx: &'a mut Tx,
        scope: &'a Scope,
        members: &'a [MemberId],
        remaining: &'a BTreeSet<MemberRole>,
    ) -> BoxFuture<'a, Result<HashMap<MemberId, i64>, StoreError>>;
}

/// All blockers of a deployment.
#[derive(Clone, Default)]
pub(crate) struct Duties(Arc<[Box<dyn DutyBlocker>]>);

impl Duties {
    pub(crate) fn new(blockers: Vec<Box<dyn DutyBlocker>>) -> Self {
        Self(blockers.into())
    }

    /// One question to each blocker, for however many members.
    pub(super) async fn of(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        members: &[MemberId],
        remaining: &BTreeSet<MemberRole>,
    ) -> Result<HashMap<MemberId, Vec<Duty>>, StoreError> {
        let mut found: HashMap<MemberId, Vec<Duty>> = HashMap::new();
        for blocker in self.0.iter() {
            let counts = blocker.counts(tx, scope, members, remaining).await?;
            for (member, count) in counts {
                let kind = blocker.kind();
                found.entry(member).or_default().push(Duty { kind, count });
            }
        }
        Ok(found)
    }
}

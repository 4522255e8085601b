//! The refusal that lists what a member still holds.

use async_graphql::{ID, SimpleObject};

use super::ErrorCode;

/// A member still holds what has to pass to somebody else: name a successor in `handover`, or UNASSIGN.
#[derive(SimpleObject)]
pub(crate) struct MemberHasDuties {
    /// The kind of refusal.
    pub(super) code: ErrorCode,
    /// The exact cause, stable.
    pub(super) reason: String,
    /// A sentence for the user that says what to do.
    pub(super) message: String,
    /// The input field at fault, from the input object down.
    pub(super) path: Vec<String>,
    /// What the member holds, by kind.
    pub(super) duties: Vec<MemberDuty>,
}

/// Things of one kind that a member holds.
#[derive(SimpleObject)]
pub(crate) struct MemberDuty {
    /// What they are, such as openOpportunities.
    kind: &'static str,
    /// How many there are.
    count: i64,
    /// The first 20 of them; `nodes` finds them.
    object_ids: Vec<ID>,
}

impl From<(&'static str, i64, Vec<String>)> for MemberDuty {
    fn from((kind, count, ids): (&'static str, i64, Vec<String>)) -> Self {
        Self {
            kind,
            count,
            object_ids: ids.into_iter().map(ID).collect(),
        }
    }
}

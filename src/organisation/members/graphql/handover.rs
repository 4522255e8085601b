//! What becomes of what a member holds, in the same mutation that takes the member away. Translation only.

use async_graphql::{Enum, ID, InputObject, OneofObject};

use super::super::duties::{self, Succession, Successor};
use crate::graphql::global_id;

/// What can be in a member's hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "duties::DutyKind")]
pub(crate) enum MemberDutyKind {
    /// Opportunities that the member owns and that are not over; unassigned, they are the main account's.
    OpenOpportunities,
    /// Resellers that the member looks after as their account manager.
    ManagedResellers,
    /// Customers that the member looks after as their account manager.
    ManagedCustomers,
    /// Account managers whom the member directs.
    DirectedAccountManagers,
}

/// That nobody in particular takes something over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
enum MemberUnassign {
    /// Leave it to nobody in particular.
    Unassign,
}

/// Who takes something over: exactly one of these.
#[derive(OneofObject)]
enum MemberSuccessor {
    /// An active member of the organisation whose roles let him do it.
    MemberId(ID),
    /// Nobody in particular.
    Nobody(MemberUnassign),
}

/// What becomes of what a member holds (R-ORG-21).
#[derive(InputObject)]
pub(super) struct MemberHandoverInput {
    /// Of what kind; without it, every kind that no other entry names.
    duty: Option<MemberDutyKind>,
    /// Who takes it over.
    to: MemberSuccessor,
}

/// In the words of the service.
pub(super) fn successions(given: Option<Vec<MemberHandoverInput>>) -> Vec<Succession> {
    let given = given.unwrap_or_default().into_iter();
    given
        .map(|one| Succession {
            duty: one.duty.map(Into::into),
            to: match one.to {
                MemberSuccessor::MemberId(id) => Successor::Member(global_id(&id)),
                MemberSuccessor::Nobody(MemberUnassign::Unassign) => Successor::Nobody,
            },
        })
        .collect()
}

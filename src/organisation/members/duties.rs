//! The seam by which this domain asks the later ones what a member still has to do, and has them hand it over (R-ORG-21).
//!
//! Opportunities and resellers implement [`DutyHolder`] and `app.rs` registers them; this domain knows neither.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::error::MemberRefusal;
use super::model::{Member, MemberRole};
use super::store;
use crate::db::{Scope, StoreError, Tx};
use crate::error::{Failure, Refusals};
use crate::ids::{CustomerId, MemberId, OpportunityId, ResellerId, Tagged};
use crate::organisation::model::Organisation;
use crate::viewer::Permission;

/// How many of the things of one kind a refusal names; their number is told in any case.
pub(crate) const MOST_NAMED: i64 = 20;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal of $id:ty,)*) => {
        /// What can be in a member's hands.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum DutyKind {
            $($(#[$doc])* $name,)*
        }

        impl DutyKind {
            /// In the words of a sentence.
            pub(crate) fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// The tag of the ids of these things.
            pub(crate) fn tag(self) -> &'static str {
                match self {
                    $(Self::$name => <$id as Tagged>::TAG,)*
                }
            }
        }
    };
}

kinds! {
    /// Deals that the member answers for and that are not over.
    OpenOpportunities = "openOpportunities" of OpportunityId,
    /// Resellers that the member looks after.
    ManagedResellers = "managedResellers" of ResellerId,
    /// Customers that the member looks after.
    ManagedCustomers = "managedCustomers" of CustomerId,
    /// Account managers whom the member directs.
    DirectedAccountManagers = "directedAccountManagers" of MemberId,
}

/// Things of one kind that are in a member's hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Duty {
    pub(crate) kind: DutyKind,
    pub(crate) held: Held,
}

/// How many things there are, and the first of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Held {
    pub(crate) count: i64,
    /// At most [`MOST_NAMED`].
    pub(crate) first: Vec<Uuid>,
}

/// What a member can still do afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Remaining {
    pub(crate) roles: BTreeSet<MemberRole>,
    pub(crate) permissions: BTreeSet<Permission>,
}

/// What becomes of the duties of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Succession {
    /// Absent: every kind that no other one names.
    pub(crate) duty: Option<DutyKind>,
    pub(crate) to: Successor,
}

/// Who takes duties over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Successor {
    Member(MemberId),
    /// `UNASSIGN`: nobody in particular.
    Nobody,
}

/// One handing over of one kind of duty.
#[derive(Debug)]
pub(crate) struct Handover<'a> {
    pub(crate) organisation: &'a Organisation,
    pub(crate) from: MemberId,
    /// Active, of the same organisation, and held until the transaction ends. `None`: nobody in particular.
    pub(crate) to: Option<&'a Member>,
}

/// Knows what members may not leave behind, and hands it over.
pub(crate) trait DutyHolder: Send + Sync {
    fn kind(&self) -> DutyKind;

    /// What each of `members` holds that nobody would hold with only `remaining`; nothing remains of a member who goes.
    /// Who holds nothing is absent.
    ///
    /// Runs inside the change, under its scope, with the organisation's row locked; and inside a read, for the flag that
    /// foretells the change.
    fn held<'a>(
        &'a self,
        tx: &'a mut Tx,
        scope: &'a Scope,
        members: &'a [MemberId],
        remaining: &'a Remaining,
    ) -> BoxFuture<'a, Result<HashMap<MemberId, Held>, StoreError>>;

    /// Passes all of it on, each thing with its own entry in its history; refuses a successor who cannot do it.
    fn hand_over<'a>(
        &'a self,
        tx: &'a mut Tx,
        scope: &'a Scope,
        handover: &'a Handover<'a>,
    ) -> BoxFuture<'a, Result<(), Failure>>;
}

/// All that a deployment's domains put into members' hands.
#[derive(Clone, Default)]
pub(crate) struct Duties(Arc<[Box<dyn DutyHolder>]>);

impl Duties {
    pub(crate) fn new(holders: Vec<Box<dyn DutyHolder>>) -> Self {
        Self(holders.into())
    }

    /// One question to each domain, for however many members.
    pub(super) async fn of(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        members: &[MemberId],
        remaining: &Remaining,
    ) -> Result<HashMap<MemberId, Vec<Duty>>, StoreError> {
        let mut found: HashMap<MemberId, Vec<Duty>> = HashMap::new();
        for holder in self.0.iter() {
            for (member, held) in holder.held(tx, scope, members, remaining).await? {
                let kind = holder.kind();
                found.entry(member).or_default().push(Duty { kind, held });
            }
        }
        Ok(found)
    }

    /// Hands over whatever `remaining` does not let the member keep, as `successions` say; refuses with all that they say
    /// nothing about, before anything is handed over.
    pub(super) async fn settle(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        (organisation, member): (&Organisation, &Member),
        (remaining, successions): (&Remaining, &[Succession]),
    ) -> Result<(), Failure> {
        let mut held = self.of(tx, scope, &[member.id], remaining).await?;
        let held = held.remove(&member.id).unwrap_or_default();
        let left: Vec<Duty> = held
            .iter()
            .filter(|duty| successor_of(duty.kind, successions).is_none())
            .cloned()
            .collect();
        if !left.is_empty() {
            return Err(MemberRefusal::HasDuties { duties: left }.into());
        }
        let is_held = |kind| held.iter().any(|duty| duty.kind == kind);
        for holder in self.0.iter().filter(|holder| is_held(holder.kind())) {
            let to = match successor_of(holder.kind(), successions) {
                Some(Successor::Member(to)) => Some(successor(tx, scope, (member, to)).await?),
                Some(Successor::Nobody) | None => None,
            };
            let handover = Handover {
                organisation,
                from: member.id,
                to: to.as_ref(),
            };
            let handed = holder.hand_over(tx, scope, &handover).await;
            handed.map_err(at_the_handover)?;
        }
        Ok(())
    }
}

fn successor_of(kind: DutyKind, successions: &[Succession]) -> Option<Successor> {
    let of = |duty| successions.iter().find(|it| it.duty == duty);
    of(Some(kind)).or_else(|| of(None)).map(|found| found.to)
}

/// Somebody else of the organisation, active, and held so until the transaction ends.
async fn successor(
    tx: &mut Tx,
    scope: &Scope,
    (member, to): (&Member, MemberId),
) -> Result<Member, Failure> {
    let found = store::hold(tx, scope, to).await?;
    let found = found.filter(|found| found.is_active() && found.id != member.id);
    found.ok_or_else(|| MemberRefusal::SuccessorUnknown.into())
}

/// A successor who cannot take it over is the fault of that input, whatever the domain calls the field.
fn at_the_handover(failure: Failure) -> Failure {
    match failure {
        Failure::Refused(Refusals { first, rest }) => Failure::Refused(Refusals {
            first: first.at("handover"),
            rest: rest.into_iter().map(|one| one.at("handover")).collect(),
        }),
        failure @ Failure::Internal(_) => failure,
    }
}

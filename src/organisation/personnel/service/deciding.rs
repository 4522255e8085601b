//! The vendor decides what a partner asked for, and may take a dedicated status away.

use super::super::error::PersonnelRefusal;
use super::super::model::moves::Action;
use super::super::model::{DedicatedPath, DedicatedPerson, PersonState};
use super::super::store::applications::ApplicationState;
use super::super::{policy, store};
use super::applying::{reason, settle};
use super::batch::{self, ItemResult};
use super::{Target, Written, open, save};
use crate::db::{Change, Scope, Tx};
use crate::error::Failure;
use crate::timeline::Event;
use crate::viewer::Viewer;

/// Decides applications and requests to cancel, many at once; each is decided by itself.
pub(in super::super) struct Decide(pub(in super::super) Vec<DecideItem>);

pub(in super::super) struct DecideItem {
    pub(in super::super) target: Target,
    pub(in super::super) decision: Decision,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    Approve,
    /// With the reason, which the partner reads (R-GEN-4).
    Reject(String),
}

impl Change for Decide {
    type Outcome = Vec<ItemResult>;
    const NAME: &'static str = "personnel.decide";
    const ACTION: &'static str = "dedicatedPersonDecide";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(Action::Decide, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Vec<ItemResult>, Failure> {
        let targets: Vec<Target> = self.0.iter().map(|item| item.target).collect();
        let mut results = Vec::new();
        for place in batch::order(&targets)? {
            let Some(item) = self.0.get(place) else {
                continue;
            };
            // Nothing of a refused item is written before it is refused.
            let result = item.decide(tx, scope).await;
            results.push((place, ItemResult::of(item.target.id, result)?));
        }
        Ok(batch::sorted(results))
    }
}

impl DecideItem {
    async fn decide(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let person = open(tx, scope, (Action::Decide, self.target)).await?;
        let reason = match &self.decision {
            Decision::Approve => None,
            Decision::Reject(text) => Some(reason(text).ok_or(PersonnelRefusal::ReasonRequired)?),
        };
        let is_apply = person.state == PersonState::ApplyUnderReview;
        let (to, action) = match (is_apply, &reason) {
            (true, None) => (PersonState::Dedicated, "dedicated_person.approved"),
            (true, Some(_)) => (PersonState::ApplyRejected, "dedicated_person.rejected"),
            (false, None) => (
                PersonState::CancelApproved,
                "dedicated_person.cancel_approved",
            ),
            (false, Some(_)) => (PersonState::Dedicated, "dedicated_person.cancel_rejected"),
        };
        let key = (person.organisation, person.id);
        match (is_apply, to) {
            (true, PersonState::Dedicated) => {
                let path = person.path.unwrap_or(DedicatedPath::Service);
                store::records::begin_dedication(tx, key, path).await?;
            }
            (false, PersonState::CancelApproved) => {
                store::records::end_dedication(tx, key).await?;
            }
            _ => {}
        }
        decided(tx, person, (to, reason, action)).await
    }
}

/// Takes a dedicated status away, with a reason; what was asked for in the meantime is over.
pub(in super::super) struct Disqualify {
    pub(in super::super) target: Target,
    pub(in super::super) reason: String,
}

impl Change for Disqualify {
    type Outcome = Written;
    const NAME: &'static str = "personnel.disqualify";
    const ACTION: &'static str = "dedicatedPersonDisqualify";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(Action::Disqualify, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let person = open(tx, scope, (Action::Disqualify, self.target)).await?;
        let reason = reason(&self.reason).ok_or(PersonnelRefusal::ReasonRequired)?;
        let key = (person.organisation, person.id);
        store::records::end_dedication(tx, key).await?;
        store::applications::end_pending(tx, key).await?;
        let to = PersonState::Disqualified;
        decided(
            tx,
            person,
            (to, Some(reason), "dedicated_person.disqualified"),
        )
        .await
    }
}

async fn decided(
    tx: &mut Tx,
    mut person: DedicatedPerson,
    (to, reason, action): (PersonState, Option<String>, &'static str),
) -> Result<Written, Failure> {
    let from = person.state;
    let state = match reason {
        None => ApplicationState::Approved,
        Some(_) => ApplicationState::Rejected,
    };
    person.decision_reason.clone_from(&reason);
    person.go(to, tx.now());
    settle(tx, &person, (state, reason.as_deref())).await?;
    let event = |event: Event| {
        let event = event.moved(from.as_str(), to.as_str());
        match reason {
            Some(reason) => event.because(reason),
            None => event,
        }
    };
    save(tx, &person, event, action).await
}

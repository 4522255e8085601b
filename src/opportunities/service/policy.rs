//! The one policy over opportunities: what a mutation decides by, and what an object says of itself.
//!
//! Pure: everything that has to be looked up is in [`Facts`]. A rule that is added here holds for the mutation, for the
//! flag and for the transition at once.

use super::facts::Facts;
use crate::db::Scope;
use crate::error::{Code, Failure, Refusal, RefusalData, Refusals};
use crate::explain::{Blocker, Move, Remover, Verdict};
use crate::opportunities::model::{Action, Opportunity, ProgressStage, ReviewState, Side};
use crate::viewer::{Permission, Viewer};

/// Whose records an action touches, or why the viewer may not do it on any.
pub(crate) fn scope(action: Action, viewer: &Viewer) -> Result<Scope, Failure> {
    let (side, permission) = action.needs();
    match side {
        Side::Partner => viewer.partner(permission),
        Side::Vendor => viewer.vendor(permission),
    }
}

/// What the opportunity and the rules have against an action, whoever the viewer is; the first cause alone, or all the
/// faults of a submission.
pub(crate) fn check(
    (action, actor): (Action, &str),
    opportunity: &Opportunity,
    facts: &Facts,
) -> Result<(), Failure> {
    if action.needs().0 == Side::Partner {
        facts.partner.check_access(actor)?;
    }
    match action {
        Action::Submit => {
            facts.partner.check_membership()?;
            opportunity.expect_submittable(&facts.submission, &facts.catalogued)
        }
        Action::Accept => {
            facts.partner.check_membership()?;
            Ok(opportunity.expect(action)?)
        }
        Action::ReviewApprove | Action::ValidationApprove => {
            opportunity.expect(action)?;
            Ok(facts.check_first(opportunity)?)
        }
        Action::Update
        | Action::Delete
        | Action::ReviewReject
        | Action::ValidationReject
        | Action::Reject
        | Action::ProgressAdd
        | Action::Lose
        | Action::Cancel
        | Action::AssignOwner
        | Action::ReviewerAssign
        | Action::VendorViewUpdate
        | Action::OfferingChange => Ok(opportunity.expect(action)?),
    }
}

/// Whether the action is open to the viewer, and everything that stands in the way, in the order in which it is asked.
pub(crate) fn verdict(
    action: Action,
    viewer: &Viewer,
    opportunity: &Opportunity,
    facts: &Facts,
) -> Verdict {
    let mut blockers = Vec::new();
    for refusal in refused(scope(action, viewer)) {
        blockers.push(Blocker {
            removable_by: giver(action, viewer, &refusal),
            refusal,
            until: None,
        });
    }
    for refusal in refused(check((action, &viewer.actor()), opportunity, facts)) {
        let removable_by = match (&refusal.data, facts.duplicate) {
            (Some(RefusalData::Duplicate { .. }), Some(duplicate)) => {
                duplicate.removable_by(viewer)
            }
            _ => remover((action, viewer), opportunity.review.state(), &refusal),
        };
        blockers.push(Blocker {
            until: opportunity
                .waits_until()
                .filter(|_| removable_by != Remover::Nobody),
            removable_by,
            refusal,
        });
    }
    Verdict {
        action: action.mutation(),
        blockers,
    }
}

/// The moves out of the state that the opportunity is in, from the same table that the mutations ask.
pub(crate) fn moves(viewer: &Viewer, opportunity: &Opportunity, facts: &Facts) -> Vec<Move> {
    let state = opportunity.review.state();
    let mut moves = Vec::new();
    for &action in Action::ALL {
        if !action.from().contains(&state) {
            continue;
        }
        let targets = match action {
            Action::ProgressAdd => ProgressStage::reachable(opportunity.progress)
                .into_iter()
                .map(|stage| (stage.as_str(), stage == ProgressStage::Delivered))
                .collect(),
            Action::Update
            | Action::Delete
            | Action::Submit
            | Action::ReviewApprove
            | Action::ReviewReject
            | Action::ValidationApprove
            | Action::ValidationReject
            | Action::Accept
            | Action::Reject
            | Action::Lose
            | Action::Cancel
            | Action::AssignOwner
            | Action::ReviewerAssign
            | Action::VendorViewUpdate
            | Action::OfferingChange => {
                let to = action.to(facts.validation());
                to.map(|to| (to, false)).into_iter().collect::<Vec<_>>()
            }
        };
        for (to, proved) in targets {
            moves.push(Move {
                verdict: verdict(action, viewer, opportunity, facts),
                to,
                required_fields: if proved {
                    &["stage", "winProbability", "note", "documentIds"]
                } else {
                    action.required_fields()
                },
                due_until: opportunity.waits_until(),
            });
        }
    }
    moves
}

fn refused<T>(result: Result<T, Failure>) -> Vec<Refusal> {
    match result {
        Err(Failure::Refused(Refusals { first, rest })) => {
            std::iter::once(first).chain(rest).collect()
        }
        // The model and the viewer are asked without a database.
        Ok(_) | Err(Failure::Internal(_)) => Vec::new(),
    }
}

/// Who can give what the viewer lacks.
fn giver(action: Action, viewer: &Viewer, refusal: &Refusal) -> Remover {
    let (side, permission): (Side, Permission) = action.needs();
    match (refusal.code, side, viewer.is_vendor()) {
        (Code::Forbidden, Side::Partner, false) => Remover::Colleague(permission),
        (Code::Forbidden, Side::Partner, true) => Remover::Partner,
        (Code::Forbidden, Side::Vendor, true) => Remover::VendorColleague(permission),
        // Frozen and closed organisations are the vendor's to release, and its own acts are nobody else's.
        _ => Remover::Vendor,
    }
}

/// Who can bring the opportunity into a state in which the action is open.
fn remover((action, viewer): (Action, &Viewer), state: ReviewState, refusal: &Refusal) -> Remover {
    let (partner, vendor) = if viewer.is_vendor() {
        (Remover::Partner, Remover::Viewer)
    } else {
        (Remover::Viewer, Remover::Vendor)
    };
    match refusal.reason.0 {
        "MAIN_ACCOUNT_ONLY" => return Remover::MainAccount,
        "PCE_NOT_JOINED" => return partner,
        _ => {}
    }
    match &refusal.data {
        // Faults of the content: the partner writes what is missing.
        None if refusal.code == Code::InvalidInput => return partner,
        Some(RefusalData::DeadlinePassed { .. }) => return Remover::Nobody,
        _ => {}
    }
    match (state, action) {
        (
            ReviewState::UnderReview,
            Action::ValidationApprove
            | Action::ValidationReject
            | Action::ProgressAdd
            | Action::Lose
            | Action::Cancel
            | Action::Update
            | Action::Submit,
        )
        | (
            ReviewState::UnderValidation,
            Action::ProgressAdd | Action::Lose | Action::Cancel | Action::Update | Action::Submit,
        ) => vendor,
        (
            ReviewState::Draft | ReviewState::ReviewRejected | ReviewState::ValidationRejected,
            Action::ReviewApprove
            | Action::ReviewReject
            | Action::ValidationApprove
            | Action::ValidationReject
            | Action::ProgressAdd
            | Action::Lose
            | Action::Cancel
            | Action::ReviewerAssign,
        )
        | (ReviewState::PendingAcceptance, Action::ProgressAdd | Action::Lose | Action::Cancel) => {
            partner
        }
        _ => Remover::Nobody,
    }
}

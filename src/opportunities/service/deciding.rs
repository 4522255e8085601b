//! The vendor's two checks, in their order: review, then validation (R-OPP-12, R-OPP-14).

use super::{Opened, Target, Written, moved, open, record};
use super::{duplicates, policy};
use crate::db::{Change, Scope, Tx};
use crate::deadlines::{self, DeadlineKind, NewDeadline, Outcome};
use crate::error::Failure;
use crate::opportunities::model::{Action, Opportunity, RoundDecision, RoundOutcome, Validation};
use crate::opportunities::store;
use crate::viewer::Viewer;

/// Passes the review; the time for the validation begins, where the site has one (R-OPP-8, R-OPP-13).
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReviewApprove {
    pub(crate) target: Target,
}

impl Change for ReviewApprove {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.review_approve";
    const ACTION: &'static str = "opportunityReviewApprove";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::scope(Action::ReviewApprove, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let Opened {
            mut opportunity,
            from,
            facts,
        } = open(tx, scope, (Action::ReviewApprove, self.target)).await?;
        let reviewed_at = duplicates::place(tx, &opportunity).await?;
        opportunity.approve_review(facts.validation(), (reviewed_at, tx.now()))?;
        let outcome = match facts.validation() {
            Validation::Follows => {
                let begun = NewDeadline {
                    organisation: opportunity.organisation,
                    object: opportunity.id.into(),
                    kind: DeadlineKind::ValidateOpportunity,
                    outcome: Outcome::AutoReject,
                    working_days: facts.checks.value.validation_working_days,
                    rule: facts.checks.id,
                };
                opportunity.deadline = Some(deadlines::begin(tx, begun).await?);
                RoundOutcome::Running
            }
            Validation::IsSkipped => RoundOutcome::Validated,
        };
        decide(tx, &opportunity, (Check::Review, outcome)).await?;
        let approved = moved(&opportunity, from, "opportunity.review_approved");
        record(tx, &opportunity, approved).await
    }
}

/// Refuses it in review, with a reason (R-OPP-5, R-OPP-12, R-OPP-26).
#[derive(Debug, Clone)]
pub(crate) struct ReviewReject {
    pub(crate) target: Target,
    pub(crate) reason: String,
}

impl Change for ReviewReject {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.review_reject";
    const ACTION: &'static str = "opportunityReviewReject";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::scope(Action::ReviewReject, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let opened = open(tx, scope, (Action::ReviewReject, self.target)).await?;
        let mut opportunity = opened.opportunity;
        opportunity.reject_review(&self.reason, tx.now())?;
        let outcome = RoundOutcome::ReviewRejected;
        decide(tx, &opportunity, (Check::Review, outcome)).await?;
        let rejected = moved(&opportunity, opened.from, "opportunity.review_rejected");
        let reason = opportunity.review.reason().unwrap_or_default();
        record(tx, &opportunity, rejected.because(reason)).await
    }
}

/// Passes the validation with the customer: both sides work on it from now on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ValidationApprove {
    pub(crate) target: Target,
}

impl Change for ValidationApprove {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.validation_approve";
    const ACTION: &'static str = "opportunityValidationApprove";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::scope(Action::ValidationApprove, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let opened = open(tx, scope, (Action::ValidationApprove, self.target)).await?;
        let mut opportunity = opened.opportunity;
        opportunity.approve_validation(tx.now())?;
        deadlines::meet(tx, opportunity.id.into(), DeadlineKind::ValidateOpportunity).await?;
        let outcome = RoundOutcome::Validated;
        decide(tx, &opportunity, (Check::Validation, outcome)).await?;
        let validated = moved(&opportunity, opened.from, "opportunity.validated");
        record(tx, &opportunity, validated).await
    }
}

/// Refuses it in validation, with a reason.
#[derive(Debug, Clone)]
pub(crate) struct ValidationReject {
    pub(crate) target: Target,
    pub(crate) reason: String,
}

impl Change for ValidationReject {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.validation_reject";
    const ACTION: &'static str = "opportunityValidationReject";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::scope(Action::ValidationReject, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let opened = open(tx, scope, (Action::ValidationReject, self.target)).await?;
        let mut opportunity = opened.opportunity;
        opportunity.reject_validation(&self.reason, tx.now())?;
        deadlines::meet(tx, opportunity.id.into(), DeadlineKind::ValidateOpportunity).await?;
        let outcome = RoundOutcome::ValidationRejected;
        decide(tx, &opportunity, (Check::Validation, outcome)).await?;
        let rejected = moved(&opportunity, opened.from, "opportunity.validation_rejected");
        let reason = opportunity.review.reason().unwrap_or_default();
        record(tx, &opportunity, rejected.because(reason)).await
    }
}

/// Which of the vendor's two checks is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    Review,
    Validation,
}

/// Writes the decision into the round, by whoever acts.
async fn decide(
    tx: &mut Tx,
    opportunity: &Opportunity,
    (check, outcome): (Check, RoundOutcome),
) -> Result<(), Failure> {
    let actor = tx.acting().actor.clone();
    let decided = Some((tx.now(), actor.as_str()));
    let reviewed_at = opportunity.review.reviewed_at().unwrap_or(tx.now());
    let round = opportunity.review.submission().map_or(0, |last| last.round);
    let decision = RoundDecision {
        outcome,
        reviewed: (check == Check::Review).then_some((reviewed_at, actor.as_str())),
        validated: decided.filter(|_| check == Check::Validation),
        reason: opportunity.review.reason(),
    };
    Ok(store::record_decision(tx, (opportunity.id, round), &decision).await?)
}

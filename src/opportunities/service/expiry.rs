//! What the clock does to opportunities: answers that did not come in time (R-OPP-3, R-OPP-13).

use futures_util::future::BoxFuture;

use super::{event, moved};
use crate::db::{Scope, Tx};
use crate::deadlines::{self, Deadline, DeadlineKind, Ended, Expiring, MovedDeadline};
use crate::error::{Code, Failure, Refusal};
use crate::ids::OpportunityId;
use crate::opportunities::model::{Opportunity, ReviewState, RoundDecision, RoundOutcome};
use crate::opportunities::store;

/// Opportunities whose deadline of one kind has passed.
pub(crate) struct ExpiringOpportunities(pub(crate) DeadlineKind);

impl Expiring for ExpiringOpportunities {
    fn kind(&self) -> DeadlineKind {
        self.0
    }

    fn expire<'a>(
        &'a self,
        tx: &'a mut Tx,
        deadline: &'a Deadline,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let id = OpportunityId(deadline.object.id);
            if let Some(mut opportunity) = store::lock(tx, &JOB, id).await? {
                settle(tx, &mut opportunity).await?;
            }
            Ok(())
        })
    }

    fn record_move<'a>(
        &'a self,
        tx: &'a mut Tx,
        deadline: &'a MovedDeadline,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let id = OpportunityId(deadline.deadline.object.id);
            let Some(mut opportunity) = store::lock(tx, &JOB, id).await? else {
                return Ok(());
            };
            opportunity.touch(tx.now());
            store::record_state(tx, &opportunity).await?;
            let moved = event(&opportunity, "opportunity.deadline_moved");
            Ok(tx.record(moved.detail(deadline.details())).await?)
        })
    }
}

const JOB: Scope = Scope::Job(deadlines::JOB);

/// Records what the clock did to an opportunity that is locked, if nobody has yet: whoever comes first, a job or somebody
/// who acts on it. The history names the job all the same, for it is nobody's decision.
pub(super) async fn settle(tx: &mut Tx, opportunity: &mut Opportunity) -> Result<(), Failure> {
    let Some(from) = opportunity.lapse(tx.now()) else {
        return Ok(());
    };
    if let Some(deadline) = &opportunity.deadline
        && deadlines::end_expired(tx, deadline.id).await? == Ended::Already
    {
        return Err(Refusal::new(Code::Conflict, "TRY_AGAIN").into());
    }
    opportunity.updated_at = tx.now();
    store::record_state(tx, opportunity).await?;
    let job = format!("job:{}", deadlines::JOB);
    let action = match from {
        ReviewState::UnderValidation => "opportunity.validation_timed_out",
        ReviewState::Draft
        | ReviewState::UnderReview
        | ReviewState::ReviewRejected
        | ReviewState::ValidationRejected
        | ReviewState::Validated
        | ReviewState::PendingAcceptance
        | ReviewState::Accepted
        | ReviewState::Rejected
        | ReviewState::AutoRejected
        | ReviewState::CancelledByVendor => "opportunity.auto_rejected",
    };
    if let (Some(submission), Some(at)) = (
        opportunity.review.submission(),
        opportunity.review.settled_at(),
    ) {
        let decision = RoundDecision {
            outcome: RoundOutcome::TimedOut,
            reviewed: None,
            validated: Some((at, &job)),
            reason: None,
        };
        store::record_decision(tx, (opportunity.id, submission.round), &decision).await?;
    }
    let event = moved(opportunity, from, action);
    Ok(tx.record(event.by(job.clone())).await?)
}

//! What the clock does to incentives: nobody confirmed in time (R-FH-7), or the calendar was corrected (R-GEN-8).

use futures_util::future::BoxFuture;

use crate::db::{Scope, Tx};
use crate::deadlines::{self, Deadline, DeadlineKind, Ended, Expiring, MovedDeadline};
use crate::error::Failure;
use crate::ids::IncentiveId;
use crate::incentives::model::State;
use crate::incentives::store;
use crate::timeline::Event;

const JOB: Scope = Scope::Job(deadlines::JOB);

/// Incentives that were not confirmed in time.
pub(crate) struct ExpiringIncentives;

impl Expiring for ExpiringIncentives {
    fn kind(&self) -> DeadlineKind {
        DeadlineKind::ConfirmIncentive
    }

    fn expire<'a>(
        &'a self,
        tx: &'a mut Tx,
        deadline: &'a Deadline,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let id = IncentiveId(deadline.object.id);
            let Some(stored) = store::lock(tx, &JOB, id).await? else {
                return Ok(());
            };
            if stored.state != State::PendingConfirm
                || deadlines::end_expired(tx, deadline.id).await? == Ended::Already
            {
                return Ok(());
            }
            let version = store::record_lapsed(tx, id).await?;
            let lapsed = Event::new(deadline.organisation, id, version, "incentive.lapsed");
            let moved = lapsed.moved(stored.state.as_str(), State::Lapsed.as_str());
            Ok(tx.record(moved).await?)
        })
    }

    fn record_move<'a>(
        &'a self,
        tx: &'a mut Tx,
        moved: &'a MovedDeadline,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let id = IncentiveId(moved.deadline.object.id);
            if store::lock(tx, &JOB, id).await?.is_none() {
                return Ok(());
            }
            let version = store::record_moved(tx, id, moved.due_until).await?;
            let organisation = moved.deadline.organisation;
            let event = Event::new(organisation, id, version, "incentive.deadline_moved");
            Ok(tx.record(event.detail(moved.details())).await?)
        })
    }
}

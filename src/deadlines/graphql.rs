//! How a deadline looks to a client, whichever domain keeps it. Translation only.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use async_graphql::{Context, Enum, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::model::{self, DeadlineFacts, Outcome, Unit};
use crate::calendar::{self, WorkCalendar};
use crate::error::Failure;
use crate::graphql::{Date, Read, Result, loaded};
use crate::rules::PROGRAMME_ZONE;

/// What must be done in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::DeadlineKind")]
pub(crate) enum DeadlineKind {
    /// The partner accepts or rejects an opportunity that the vendor shared.
    AcceptSharedOpportunity,
    /// The vendor validates an opportunity that passed its review.
    ValidateOpportunity,
    /// The partner confirms the persons and the amount of an incentive.
    ConfirmIncentive,
}

/// What happens by itself when a deadline passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Outcome")]
pub(crate) enum ExpiryOutcome {
    /// What was offered is lost.
    Lapse,
    /// It counts as rejected.
    AutoReject,
    /// It counts as confirmed.
    AutoConfirm,
    /// It can no longer be done; nothing else changes.
    Block,
}

/// In what a deadline is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Unit")]
pub(crate) enum DayUnit {
    /// A day on which people work in China: no weekend or public holiday, but the days worked for them.
    WorkingDay,
    /// Any day.
    CalendarDay,
}

/// How a deadline stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::DeadlineState")]
pub(crate) enum DeadlineState {
    /// There is still time.
    Running,
    /// The clock stands still until a question is answered.
    Paused,
    /// It was done in time.
    Met,
    /// The time has passed; what happens on expiry holds from that instant on.
    Expired,
}

/// The calendar by which a deadline was counted.
#[derive(SimpleObject)]
pub(crate) struct DeadlineCalendar {
    /// The version of the calendar that gave the end; see workCalendar.
    version: i64,
    /// Whether it was counted through a year whose holidays are not published: it may move later, never earlier.
    provisional: bool,
}

/// The calendar and the time of a request, one statement for all its deadlines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Today;

impl Loader<Today> for Read {
    type Value = (Arc<WorkCalendar>, DateTime<Utc>);
    type Error = Arc<Failure>;

    async fn load(
        &self,
        keys: &[Today],
    ) -> std::result::Result<HashMap<Today, Self::Value>, Arc<Failure>> {
        let read = async {
            let mut tx = self.snapshot.read().await?;
            let calendar = calendar::current(&mut tx).await?;
            Ok::<_, Failure>((calendar, tx.now()))
        };
        let today = read.await.map_err(Arc::new)?;
        Ok(keys.iter().map(|key| (*key, today.clone())).collect())
    }
}

pub(crate) struct DeadlineObject(pub(crate) DeadlineFacts);

/// Until when something must be done, and what happens by itself when it is not.
#[Object(name = "Deadline")]
impl DeadlineObject {
    /// What must be done.
    async fn kind(&self) -> DeadlineKind {
        self.0.kind.into()
    }

    /// When it began; the day of the start is not counted.
    async fn starts_at(&self) -> DateTime<Utc> {
        self.0.starts_at
    }

    /// Exclusive: the first instant that is too late.
    async fn due_until(&self) -> DateTime<Utc> {
        self.0.due_until
    }

    /// The last day on which it can be done, in timeZone.
    async fn last_day_on(&self) -> Date {
        Date(self.0.last_day_on)
    }

    /// The time zone in which days are reckoned.
    async fn time_zone(&self) -> &'static str {
        PROGRAMME_ZONE.name()
    }

    /// In what length and remaining are counted.
    async fn unit(&self) -> DayUnit {
        self.0.unit.into()
    }

    /// The time that there was in all, counted in unit.
    async fn length(&self) -> i32 {
        self.0.length
    }

    /// What is left after today, counted in unit: length on the day of the start, 0 on the last day and once it has ended.
    async fn remaining(&self, ctx: &Context<'_>) -> Result<i64> {
        let Some((calendar, now)) = loaded(ctx, Today).await? else {
            return Ok(0);
        };
        Ok(self.0.remaining(&calendar, now))
    }

    /// By which calendar it was counted.
    async fn calendar(&self) -> DeadlineCalendar {
        DeadlineCalendar {
            version: self.0.calendar_version,
            provisional: self.0.provisional,
        }
    }

    /// What happens by itself at dueUntil.
    async fn outcome_on_expiry(&self) -> ExpiryOutcome {
        self.0.outcome.into()
    }

    /// How it stands at the time of this request.
    async fn state(&self, ctx: &Context<'_>) -> Result<DeadlineState> {
        let now = loaded(ctx, Today).await?.map(|(_, now)| now);
        let state = now.map_or(self.0.state, |now| self.0.state.at(now, self.0.due_until));
        Ok(state.into())
    }
}

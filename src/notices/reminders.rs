//! Deadlines that come near, called to mind once for each last day that they have.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use futures_util::future::BoxFuture;

use super::consumer::{Origin, Ways, make};
use super::model::{Channel, ReminderRule, global_id};
use super::seam::{Announcers, NearDeadline};
use super::store;
use crate::calendar;
use crate::db::{Db, StoreError};
use crate::error::Failure;
use crate::ids::{DeadlineId, Tagged as _};
use crate::jobs::{Claimed, Job, begin, claim};
use crate::rules::{BySite, Site};

const NAME: &str = "reminders";
/// Longer than any holiday and the working days of any reminder before it.
const HORIZON: TimeDelta = TimeDelta::days(60);

/// Tells who must act that the last day is near; a deadline that a correction moves is called to mind again.
pub(crate) struct Reminding {
    pub(crate) announcers: Announcers,
    pub(crate) channels: BTreeSet<Channel>,
}

impl Job for Reminding {
    fn name(&self) -> &'static str {
        NAME
    }

    fn run<'a>(&'a self, db: &'a Db) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let mut result = Ok(());
            for deadline in near(db).await? {
                // One whose announcer fails is left for the next tick and holds up no other.
                if let Err(error) = self.remind(db, &deadline).await {
                    let (id, cause) = (deadline.deadline, &error as &dyn std::error::Error);
                    tracing::error!(%id, error = cause, "a deadline could not be called to mind");
                    result = Err(error.into());
                }
            }
            result
        })
    }
}

/// The deadlines whose last day is as near as the rule says and of which nobody was told.
async fn near(db: &Db) -> Result<Vec<NearDeadline>, StoreError> {
    let mut tx = begin(db, NAME).await?;
    let now = tx.now();
    let rule = BySite::<ReminderRule>::at(&mut tx, now).await?;
    let rules = Site::ALL.into_iter().map(|site| rule.of(site));
    let kinds: BTreeSet<&String> = rules.flat_map(|rule| rule.working_days.keys()).collect();
    let kinds: Vec<String> = kinds.into_iter().cloned().collect();
    let found = store::near_deadlines(&mut tx, NAME, &kinds, now + HORIZON).await?;
    if found.is_empty() {
        return Ok(found);
    }
    let calendar = calendar::current(&mut tx).await?;
    let is_near = |deadline: &NearDeadline| {
        // The end is exclusive: the instant before it lies in the last day.
        let last_instant = deadline.due_until - TimeDelta::microseconds(1);
        let left = calendar.working_days_between(now, last_instant);
        let days = rule.of(deadline.site).working_days.get(&deadline.kind);
        days.is_some_and(|days| left <= *days)
    };
    Ok(found.into_iter().filter(is_near).collect())
}

impl Reminding {
    /// The claim and the notices are one transaction: of each last day people are told once.
    async fn remind(&self, db: &Db, deadline: &NearDeadline) -> Result<(), StoreError> {
        let mut tx = begin(db, NAME).await?;
        let day = deadline.last_day_on;
        let period = format!("{}@{day}", deadline.deadline);
        if claim(&mut tx, NAME, &period).await? == Claimed::Done {
            return Ok(());
        }
        let drafts = self.announcers.remind(&mut tx, deadline).await?;
        let origin = Origin {
            cause: format!("{}@{day}", global_id(DeadlineId::TAG, deadline.deadline)),
            entry: None,
            object_kind: deadline.object_kind.clone(),
            object: deadline.object,
            at: tx.now(),
            actor: None,
        };
        let ways = Ways {
            channels: &self.channels,
            sites: &Site::ALL,
        };
        make(&mut tx, &origin, &drafts, ways).await?;
        tx.commit().await
    }
}

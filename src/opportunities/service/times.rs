//! Working days as instants: what a list asks of days, it compares as times.

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, Utc};

use crate::calendar::{self, WorkCalendar};
use crate::db::{StoreError, Tx};
use crate::opportunities::model::{Filter, Opportunity};
use crate::rules::{self, OpportunityProgress, Site};

/// The time of one read, and the working days around it where they are asked for.
#[derive(Debug, Clone)]
pub(crate) struct Times {
    pub(crate) now: DateTime<Utc>,
    days: Option<Arc<WorkCalendar>>,
    /// Working days without a word after which a deal is stalled, by site (R-OPP-33).
    stall: Vec<(Site, i32)>,
}

impl Times {
    /// With the calendar only when the filter asks for it.
    pub(super) async fn for_filter(tx: &mut Tx, filter: &Filter) -> Result<Self, StoreError> {
        if filter.asks_of_days() {
            return Self::of(tx).await;
        }
        Ok(Self {
            now: tx.now(),
            days: None,
            stall: Vec::new(),
        })
    }

    pub(super) async fn of(tx: &mut Tx) -> Result<Self, StoreError> {
        let now = tx.now();
        let mut stall = Vec::with_capacity(2);
        for site in [Site::Cn, Site::Intl] {
            let rule = rules::of_site::<OpportunityProgress>(tx, site, now).await?;
            stall.push((site, rule.value.stall_working_days));
        }
        Ok(Self {
            now,
            days: Some(calendar::current(tx).await?),
            stall,
        })
    }

    /// Whoever was last heard of before this instant has been silent for so many whole working days.
    pub(crate) fn silent_before(&self, working_days: i32) -> DateTime<Utc> {
        let Some(calendar) = &self.days else {
            return DateTime::UNIX_EPOCH;
        };
        let today = calendar::day_of(self.now);
        calendar::midnight(nth_before(calendar, today, working_days))
    }

    /// The same by the rule of a site.
    pub(crate) fn stalled_before(&self, site: Site) -> DateTime<Utc> {
        let days = self.stall.iter().find(|(known, _)| *known == site);
        days.map_or(DateTime::UNIX_EPOCH, |(_, days)| self.silent_before(*days))
    }

    /// The end of the day that is so many working days from today.
    pub(crate) fn due_before(&self, working_days: i32) -> DateTime<Utc> {
        match &self.days {
            Some(calendar) if working_days > 0 => calendar.due(self.now, working_days).due_until,
            Some(_) | None => calendar::midnight_after(calendar::day_of(self.now)),
        }
    }

    /// When the deal began to count as stalled; `None` while it does not (R-OPP-33).
    pub(crate) fn stalled_since(&self, opportunity: &Opportunity) -> Option<DateTime<Utc>> {
        let owed = opportunity.progress_owed_since()?;
        let days = self
            .stall
            .iter()
            .find(|(site, _)| *site == opportunity.site);
        let since = self.days.as_ref()?.due(owed, days?.1).due_until;
        (since <= self.now).then_some(since)
    }

    /// Whole working days from an instant until now; its own day is not counted.
    pub(crate) fn working_days_since(&self, at: DateTime<Utc>) -> i64 {
        let days = self.days.as_ref();
        days.map_or(0, |calendar| calendar.working_days_between(at, self.now))
    }
}

/// The working day that is the n-th before `today`, which is not counted itself.
fn nth_before(calendar: &WorkCalendar, today: NaiveDate, working_days: i32) -> NaiveDate {
    let mut day = today;
    let mut left = working_days.max(0);
    while left > 0 {
        let Some(before) = day.checked_sub_days(Days::new(1)) else {
            return day;
        };
        day = before;
        if calendar.is_working_day(day) {
            left -= 1;
        }
    }
    day
}

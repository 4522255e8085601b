//! Working days as instants: what a list asks of days, it compares as times.

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, Utc};

use crate::calendar::{self, WorkCalendar};
use crate::db::{StoreError, Tx};
use crate::opportunities::model::{Filter, Opportunity};
use crate::rules::{self, OpportunityProgress, OpportunitySubmission, Site};

const SITES: [Site; 2] = [Site::Cn, Site::Intl];

/// The time of one read, and the working days around it where they are asked for.
#[derive(Debug, Clone)]
pub(crate) struct Times {
    pub(crate) now: DateTime<Utc>,
    days: Option<Arc<WorkCalendar>>,
    /// Working days without a word after which a deal is stalled, by site (R-OPP-33).
    stall: Vec<(Site, i32)>,
    /// Refused rounds after which a deal cannot be handed in again, by site (R-OPP-35).
    rounds: Vec<(Site, i32)>,
}

impl Times {
    /// With the calendar and the rules only when the filter asks for them.
    pub(super) async fn for_filter(tx: &mut Tx, filter: &Filter) -> Result<Self, StoreError> {
        let mut times = if filter.asks_of_days() {
            Self::of(tx).await?
        } else {
            Self::of_now(tx)
        };
        if filter.asks_of_rounds() {
            for site in SITES {
                let rule = rules::of_site::<OpportunitySubmission>(tx, site, times.now).await?;
                times.rounds.push((site, rule.value.round_limit));
            }
        }
        Ok(times)
    }

    fn of_now(tx: &Tx) -> Self {
        Self {
            now: tx.now(),
            days: None,
            stall: Vec::new(),
            rounds: Vec::new(),
        }
    }

    pub(super) async fn of(tx: &mut Tx) -> Result<Self, StoreError> {
        Self::of_sites(tx, &SITES).await
    }

    /// For the deals of one site alone.
    pub(super) async fn of_site(tx: &mut Tx, site: Site) -> Result<Self, StoreError> {
        Self::of_sites(tx, &[site]).await
    }

    async fn of_sites(tx: &mut Tx, sites: &[Site]) -> Result<Self, StoreError> {
        let now = tx.now();
        let mut stall = Vec::with_capacity(sites.len());
        for &site in sites {
            let rule = rules::of_site::<OpportunityProgress>(tx, site, now).await?;
            stall.push((site, rule.value.stall_working_days));
        }
        Ok(Self {
            days: Some(calendar::current(tx).await?),
            stall,
            ..Self::of_now(tx)
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
        let days = self.stall_working_days(site);
        days.map_or(DateTime::UNIX_EPOCH, |days| self.silent_before(days))
    }

    /// The working days without a word after which a deal of this site is stalled.
    pub(crate) fn stall_working_days(&self, site: Site) -> Option<i32> {
        let days = self.stall.iter().find(|(known, _)| *known == site);
        days.map(|(_, days)| *days)
    }

    /// As many refused rounds end a deal of this site (R-OPP-35).
    pub(crate) fn round_limit(&self, site: Site) -> i32 {
        let limit = self.rounds.iter().find(|(known, _)| *known == site);
        limit.map_or(i32::MAX, |(_, limit)| *limit)
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
        let days = self.stall_working_days(opportunity.site)?;
        let since = self.days.as_ref()?.due(owed, days).due_until;
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

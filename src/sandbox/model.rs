//! Where a sandbox's clock may go, and what its vendor answers. Pure: no SQL, GraphQL or clock.

pub(crate) mod script;

use chrono::{DateTime, Datelike as _, Months, NaiveDate, TimeDelta, TimeZone as _, Utc};

use super::error::SandboxRefusal;
use crate::ids::SandboxTravelId;
use crate::rules::PROGRAMME_ZONE;

/// The farthest that one travel goes. Calendars and programmes are not known for longer.
const FARTHEST_YEARS: u32 = 5;

/// What the clock does after a travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Afterwards {
    Runs,
    Stands,
}

impl Afterwards {
    /// As the table has it, spelled as in GraphQL.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Runs => "RUNS",
            Self::Stands => "STANDS",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Runs, Self::Stands]
            .into_iter()
            .find(|pace| pace.as_str() == text)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TravelState {
    UnderWay,
    Arrived,
}

impl TravelState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::UnderWay => "UNDER_WAY",
            Self::Arrived => "ARRIVED",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::UnderWay, Self::Arrived]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// One move of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Travel {
    pub(crate) id: SandboxTravelId,
    pub(crate) from: DateTime<Utc>,
    pub(crate) to: DateTime<Utc>,
    pub(crate) afterwards: Afterwards,
    pub(crate) state: TravelState,
    pub(crate) stops: i32,
    /// What happened by itself on the way.
    pub(crate) happened: Happened,
}

/// What happens by itself in a sandbox, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Happened {
    pub(crate) deadlines_expired: i64,
    pub(crate) vendor_answers: i64,
    pub(crate) notices_made: i64,
}

impl Happened {
    /// What came on top since `before` was counted.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            deadlines_expired: self.deadlines_expired - before.deadlines_expired,
            vendor_answers: self.vendor_answers - before.vendor_answers,
            notices_made: self.notices_made - before.notices_made,
        }
    }

    pub(crate) fn plus(self, more: Self) -> Self {
        Self {
            deadlines_expired: self.deadlines_expired + more.deadlines_expired,
            vendor_answers: self.vendor_answers + more.vendor_answers,
            notices_made: self.notices_made + more.notices_made,
        }
    }
}

/// Refuses a time that is not ahead of `now`, or too far ahead.
pub(crate) fn check_target(now: DateTime<Utc>, to: DateTime<Utc>) -> Result<(), SandboxRefusal> {
    if to <= now {
        return Err(SandboxRefusal::Past { now });
    }
    let farthest = now.checked_add_months(Months::new(12 * FARTHEST_YEARS));
    if farthest.is_none_or(|farthest| to > farthest) {
        return Err(SandboxRefusal::TooFar {
            years: FARTHEST_YEARS,
        });
    }
    Ok(())
}

/// The first instant of the month after `at` in the programme's zone: what is made monthly is made then.
pub(crate) fn next_month(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let day = at.with_timezone(&PROGRAMME_ZONE).date_naive();
    let first = NaiveDate::from_ymd_opt(day.year(), day.month(), 1)? + Months::new(1);
    let midnight = first.and_hms_opt(0, 0, 0)?;
    let midnight = PROGRAMME_ZONE.from_local_datetime(&midnight).earliest()?;
    Some(midnight.with_timezone(&Utc))
}

/// The midnight after `at` in the programme's zone, when people are reminded of what is due.
pub(crate) fn next_day(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let day = at.with_timezone(&PROGRAMME_ZONE).date_naive();
    let midnight = day.succ_opt()?.and_hms_opt(0, 0, 0)?;
    let midnight = PROGRAMME_ZONE.from_local_datetime(&midnight).earliest()?;
    Some(midnight.with_timezone(&Utc))
}

/// Whether something that is due at `due` may be called to mind on the next day already: no reminder comes earlier.
pub(crate) fn is_near(here: DateTime<Utc>, due: DateTime<Utc>) -> bool {
    due - here <= TimeDelta::days(60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_clock_goes_forward_only_and_five_years_at_most() {
        let now = at("2026-11-27T02:00:00Z");
        let past = SandboxRefusal::Past { now };
        assert_eq!(check_target(now, now), Err(past.clone()));
        assert_eq!(check_target(now, at("2026-11-27T01:59:59Z")), Err(past));
        assert_eq!(check_target(now, at("2026-11-27T02:00:00.000001Z")), Ok(()));
        assert_eq!(check_target(now, at("2031-11-27T02:00:00Z")), Ok(()));
        assert_eq!(
            check_target(now, at("2031-11-27T02:00:01Z")),
            Err(SandboxRefusal::TooFar { years: 5 })
        );
    }

    #[test]
    fn a_day_begins_at_midnight_in_the_programmes_zone() {
        let next = |text| next_day(at(text)).unwrap();
        assert_eq!(next("2026-11-27T02:00:00Z"), at("2026-11-27T16:00:00Z"));
        assert_eq!(next("2026-11-27T16:00:00Z"), at("2026-11-28T16:00:00Z"));
    }

    #[test]
    fn a_month_begins_at_midnight_in_the_programmes_zone() {
        let next = |text| next_month(at(text)).unwrap();
        assert_eq!(next("2026-11-27T02:00:00Z"), at("2026-11-30T16:00:00Z"));
        assert_eq!(next("2026-11-30T15:59:59Z"), at("2026-11-30T16:00:00Z"));
        assert_eq!(next("2026-11-30T16:00:00Z"), at("2026-12-31T16:00:00Z"));
    }
}

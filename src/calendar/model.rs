//! Which days are working days, and the deadlines that are counted in them. Pure: no SQL, GraphQL or clock.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, TimeZone as _, Utc, Weekday};

use crate::rules::PROGRAMME_ZONE;

/// Whether the notice of a year's holidays is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YearStatus {
    Official,
    /// Weekends alone are known: a deadline that is counted through the year may move later.
    Provisional,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind {
    /// A weekend day that is worked for a holiday.
    Work,
    /// A holiday, or a day off in lieu.
    Off,
}

/// What a notice says of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Special {
    pub kind: DayKind,
    /// The holiday that is the reason.
    pub name: String,
}

/// All that is known of one year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Year {
    pub status: YearStatus,
    pub days: BTreeMap<NaiveDate, Special>,
}

/// One version of the calendar: a day that no year speaks of is a working day from Monday to Friday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkCalendar {
    version: i64,
    years: BTreeMap<i32, Year>,
}

/// Until when so many working days are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Exclusive: midnight after the last working day, in the programme's zone.
    pub due_until: DateTime<Utc>,
    pub last_day_on: NaiveDate,
    /// Counted through a year whose holidays are not published.
    pub provisional: bool,
}

/// Why a day is counted or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    StartDay,
    Weekend,
    Holiday,
    MakeUpDay,
    WorkingDay,
}

/// One day of a count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub day: NaiveDate,
    pub cause: Cause,
    /// The holiday, or the one for which the day is worked.
    pub name: Option<String>,
}

/// A deadline with every day that led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulation {
    pub due: Due,
    pub steps: Vec<Step>,
}

impl YearStatus {
    pub const ALL: [Self; 2] = [Self::Official, Self::Provisional];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Official => "OFFICIAL",
            Self::Provisional => "PROVISIONAL",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl DayKind {
    pub const ALL: [Self; 2] = [Self::Work, Self::Off];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Work => "WORK",
            Self::Off => "OFF",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl Cause {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StartDay => "START_DAY",
            Self::Weekend => "WEEKEND",
            Self::Holiday => "HOLIDAY",
            Self::MakeUpDay => "MAKE_UP_DAY",
            Self::WorkingDay => "WORKING_DAY",
        }
    }

    /// Whether the day is one of those that the deadline is long.
    pub fn counts(self) -> bool {
        match self {
            Self::MakeUpDay | Self::WorkingDay => true,
            Self::StartDay | Self::Weekend | Self::Holiday => false,
        }
    }
}

impl WorkCalendar {
    pub fn new(version: i64, years: BTreeMap<i32, Year>) -> Self {
        Self { version, years }
    }

    pub fn version(&self) -> i64 {
        self.version
    }

    pub fn years(&self) -> &BTreeMap<i32, Year> {
        &self.years
    }

    pub fn year(&self, year: i32) -> Option<&Year> {
        self.years.get(&year)
    }

    /// Whether the holidays of the year are published and known.
    pub fn is_official(&self, year: i32) -> bool {
        self.year(year)
            .is_some_and(|year| year.status == YearStatus::Official)
    }

    /// The year whose holidays are needed and not published: this one, or from December on the next.
    pub fn unpublished(&self, now: DateTime<Utc>) -> Option<i32> {
        let today = day_of(now);
        let next = (today.month() == 12).then_some(today.year() + 1);
        std::iter::once(today.year())
            .chain(next)
            .find(|year| !self.is_official(*year))
    }

    /// The next version: the years of `correction` as it has them, all others as they are.
    #[must_use]
    pub fn corrected(&self, version: i64, correction: BTreeMap<i32, Year>) -> Self {
        let mut years = self.years.clone();
        years.extend(correction);
        Self { version, years }
    }

    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        self.cause(day).0.counts()
    }

    /// The deadline of so many working days; the day of the start is not counted (R-GEN-1).
    ///
    /// A length below one is taken for one: nothing is due before the next working day.
    pub fn due(&self, start: DateTime<Utc>, working_days: i32) -> Due {
        self.count(start, working_days, |_, _, _| {})
    }

    /// [`Self::due`], with every day that was counted or skipped and why.
    pub fn simulate(&self, start: DateTime<Utc>, working_days: i32) -> Simulation {
        let mut steps = vec![Step {
            day: day_of(start),
            cause: Cause::StartDay,
            name: None,
        }];
        let due = self.count(start, working_days, |day, cause, name| {
            steps.push(Step {
                day,
                cause,
                name: name.map(str::to_owned),
            });
        });
        Simulation { due, steps }
    }

    /// Whole working days after the day of `from`, up to and including the day of `to`: an age, or what remains.
    pub fn working_days_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
        let last = day_of(to);
        let days = day_of(from).iter_days().skip(1);
        let counted = days
            .take_while(|day| *day <= last)
            .filter(|day| self.is_working_day(*day));
        i64::try_from(counted.count()).unwrap_or(i64::MAX)
    }

    fn count(
        &self,
        start: DateTime<Utc>,
        working_days: i32,
        mut seen: impl FnMut(NaiveDate, Cause, Option<&str>),
    ) -> Due {
        let mut left = working_days.max(1);
        let mut last_day_on = day_of(start);
        let mut provisional = false;
        for day in last_day_on.iter_days().skip(1) {
            let (cause, name) = self.cause(day);
            seen(day, cause, name);
            provisional |= !self.is_official(day.year());
            last_day_on = day;
            if cause.counts() {
                left -= 1;
            }
            if left == 0 {
                break;
            }
        }
        Due {
            due_until: midnight_after(last_day_on),
            last_day_on,
            provisional,
        }
    }

    fn cause(&self, day: NaiveDate) -> (Cause, Option<&str>) {
        let special = self.year(day.year()).and_then(|year| year.days.get(&day));
        match special {
            Some(Special { kind, name }) => match kind {
                DayKind::Work => (Cause::MakeUpDay, Some(name)),
                DayKind::Off => (Cause::Holiday, Some(name)),
            },
            None if is_weekend(day) => (Cause::Weekend, None),
            None => (Cause::WorkingDay, None),
        }
    }
}

pub(super) fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The day of an instant in the programme's zone (R-GEN-7).
pub fn day_of(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&PROGRAMME_ZONE).date_naive()
}

/// When the day after `day` begins in the programme's zone.
pub fn midnight_after(day: NaiveDate) -> DateTime<Utc> {
    midnight(day.checked_add_days(Days::new(1)).unwrap_or(day))
}

/// When `day` begins in the programme's zone.
pub fn midnight(day: NaiveDate) -> DateTime<Utc> {
    let local = day.and_time(NaiveTime::MIN);
    PROGRAMME_ZONE
        .from_local_datetime(&local)
        .earliest()
        .map_or_else(|| local.and_utc(), |begins| begins.to_utc())
}

#[cfg(test)]
mod tests;

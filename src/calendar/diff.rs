//! What one version of the calendar says differently from another. Pure.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::model::{Special, WorkCalendar, YearStatus};

/// A year whose status is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YearChange {
    pub year: i32,
    /// `None`: the year was unknown.
    pub before: Option<YearStatus>,
    pub after: YearStatus,
}

/// A day of which something else is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayChange {
    pub day: NaiveDate,
    pub before: Option<Special>,
    pub after: Option<Special>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diff {
    pub years: Vec<YearChange>,
    pub days: Vec<DayChange>,
}

impl Diff {
    /// From `before` to `after`, which has every year of it.
    pub fn of(before: &WorkCalendar, after: &WorkCalendar) -> Self {
        let mut diff = Self::default();
        for (&number, year) in after.years() {
            let old = before.year(number);
            let status = old.map(|old| old.status);
            if status != Some(year.status) {
                diff.years.push(YearChange {
                    year: number,
                    before: status,
                    after: year.status,
                });
            }
            let old_days = old.into_iter().flat_map(|old| old.days.keys());
            let days: BTreeSet<NaiveDate> = old_days.chain(year.days.keys()).copied().collect();
            for day in days {
                let was = old.and_then(|old| old.days.get(&day));
                let is = year.days.get(&day);
                if was != is {
                    diff.days.push(DayChange {
                        day,
                        before: was.cloned(),
                        after: is.cloned(),
                    });
                }
            }
        }
        diff
    }

    pub fn is_empty(&self) -> bool {
        self.years.is_empty() && self.days.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{csv, shipped};
    use super::*;

    fn corrected(text: &str) -> WorkCalendar {
        let text = format!("day,kind,name\n{text}");
        shipped::calendar().corrected(2, csv::read(&text).unwrap())
    }

    #[test]
    fn a_diff_names_each_day_added_removed_and_changed() {
        let before = corrected("2027,PROVISIONAL,\n2027-01-01,OFF,元旦\n2027-01-02,OFF,元旦\n");
        let after = corrected(
            "2027,OFFICIAL,\n2027-01-01,OFF,新年\n2027-01-03,OFF,元旦\n2028,PROVISIONAL,\n",
        );
        let diff = Diff::of(&before, &after);
        let days: Vec<(String, bool, bool)> = diff
            .days
            .iter()
            .map(|change| {
                let (before, after) = (change.before.is_some(), change.after.is_some());
                (change.day.to_string(), before, after)
            })
            .collect();
        assert_eq!(
            days,
            [
                ("2027-01-01".to_owned(), true, true),
                ("2027-01-02".to_owned(), true, false),
                ("2027-01-03".to_owned(), false, true),
            ]
        );
        let years: Vec<(i32, Option<YearStatus>)> = diff
            .years
            .iter()
            .map(|change| (change.year, change.before))
            .collect();
        assert_eq!(years, [(2027, Some(YearStatus::Provisional)), (2028, None)]);
        assert!(Diff::of(&after, &after).is_empty());
    }
}

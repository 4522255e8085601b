//! A calendar as a table: a line `2027,OFFICIAL,` for each year that it speaks of, and a line for each special day.
//!
//! ```text
//! day,kind,name
//! 2027,OFFICIAL,
//! 2027-01-01,OFF,元旦
//! ```
//!
//! Lines that begin with `#` are comments. A year that is spoken of is replaced as a whole.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use ::csv::{ReaderBuilder, StringRecord, Trim};
use chrono::{Datelike as _, NaiveDate};

use super::model::{DayKind, Special, Year, YearStatus, is_weekend};

const COLUMNS: [&str; 3] = ["day", "kind", "name"];
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;
const LONGEST_NAME: usize = 100;
/// Far above what any notice needs; a wrong file is refused before it is told line by line.
const MOST_FAULTS: usize = 100;

/// What is wrong with one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowFault {
    /// As an editor counts it, from 1; 0 when it is about the table as a whole.
    pub line: u64,
    pub fault: Fault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No text that a table could be read from.
    Unreadable,
    /// The first line is not `day,kind,name`.
    Columns,
    /// Neither a day such as 2027-01-01 nor a year from 2000 to 2100.
    Day,
    /// WORK or OFF for a day.
    Kind,
    /// OFFICIAL or PROVISIONAL for a year.
    Status,
    /// One to a hundred characters for a day, none for a year.
    Name,
    /// The same day or year stands above.
    Twice,
    /// No line says whether this day's year is official.
    YearMissing,
    /// A day from Monday to Friday is worked anyway.
    WorkOnWeekday,
    /// A year without a holiday is not official.
    OfficialWithoutDays,
    /// The table has no year at all.
    Empty,
}

/// The years of a table, or everything that is wrong with it.
pub(super) fn read(text: &str) -> Result<BTreeMap<i32, Year>, Vec<RowFault>> {
    let mut reader = ReaderBuilder::new()
        .comment(Some(b'#'))
        .trim(Trim::All)
        .flexible(true)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut table = Table::default();
    match reader.headers() {
        Ok(columns) if columns.iter().eq(COLUMNS) => {}
        Ok(_) | Err(_) => {
            return Err(vec![RowFault {
                line: 1,
                fault: Fault::Columns,
            }]);
        }
    }
    for record in reader.records() {
        match record {
            Ok(record) => table.line(&record),
            Err(error) => {
                let line = error.position().map_or(0, ::csv::Position::line);
                table.fault(line, Fault::Unreadable);
            }
        }
        if table.faults.len() >= MOST_FAULTS {
            break;
        }
    }
    table.finish()
}

#[derive(Default)]
struct Table {
    years: BTreeMap<i32, (u64, Year)>,
    days: Vec<(u64, NaiveDate, Special)>,
    faults: Vec<RowFault>,
}

impl Table {
    fn fault(&mut self, line: u64, fault: Fault) {
        self.faults.push(RowFault { line, fault });
    }

    fn line(&mut self, record: &StringRecord) {
        let line = record.position().map_or(0, ::csv::Position::line);
        let cell = |index| record.get(index).unwrap_or_default();
        let (day, kind, name) = (cell(0), cell(1), cell(2));
        let result = match day.parse::<i32>() {
            Ok(year) => self.year(line, year, (kind, name)),
            Err(_) => self.day(line, day, (kind, name)),
        };
        if record.len() > COLUMNS.len() {
            self.fault(line, Fault::Columns);
        } else if let Err(fault) = result {
            self.fault(line, fault);
        }
    }

    fn year(&mut self, line: u64, year: i32, (status, name): (&str, &str)) -> Result<(), Fault> {
        if !YEARS.contains(&year) {
            return Err(Fault::Day);
        }
        // Whatever else is wrong with the line, the year's days are not to blame.
        let Entry::Vacant(entry) = self.years.entry(year) else {
            return Err(Fault::Twice);
        };
        let parsed = YearStatus::parse(status);
        entry.insert((
            line,
            Year {
                status: parsed.unwrap_or(YearStatus::Provisional),
                days: BTreeMap::new(),
            },
        ));
        match parsed {
            None => Err(Fault::Status),
            Some(_) if !name.is_empty() => Err(Fault::Name),
            Some(_) => Ok(()),
        }
    }

    fn day(&mut self, line: u64, day: &str, (kind, name): (&str, &str)) -> Result<(), Fault> {
        let day = NaiveDate::parse_from_str(day, "%Y-%m-%d")
            .ok()
            .filter(|day| YEARS.contains(&day.year()))
            .ok_or(Fault::Day)?;
        let kind = DayKind::parse(kind).ok_or(Fault::Kind)?;
        if name.is_empty() || name.chars().count() > LONGEST_NAME {
            return Err(Fault::Name);
        }
        if kind == DayKind::Work && !is_weekend(day) {
            return Err(Fault::WorkOnWeekday);
        }
        let name = name.to_owned();
        self.days.push((line, day, Special { kind, name }));
        Ok(())
    }

    /// Puts the days into their years, wherever in the table those stand.
    fn finish(mut self) -> Result<BTreeMap<i32, Year>, Vec<RowFault>> {
        for (line, day, special) in std::mem::take(&mut self.days) {
            let placed = match self.years.get_mut(&day.year()) {
                None => Err(Fault::YearMissing),
                Some((_, year)) => match year.days.insert(day, special) {
                    None => Ok(()),
                    Some(_) => Err(Fault::Twice),
                },
            };
            if let Err(fault) = placed {
                self.fault(line, fault);
            }
        }
        if self.years.is_empty() && self.faults.is_empty() {
            self.fault(0, Fault::Empty);
        }
        let bare = self.years.values().filter(|(_, year)| {
            year.status == YearStatus::Official
                && !year.days.values().any(|day| day.kind == DayKind::Off)
        });
        let bare: Vec<u64> = bare.map(|(line, _)| *line).collect();
        for line in bare {
            // The days of a faulty table may be those that are missing.
            if self.faults.is_empty() {
                self.fault(line, Fault::OfficialWithoutDays);
            }
        }
        if self.faults.is_empty() {
            Ok(self
                .years
                .into_iter()
                .map(|(number, (_, year))| (number, year))
                .collect())
        } else {
            self.faults.sort_by_key(|fault| fault.line);
            Err(self.faults)
        }
    }
}

#[cfg(test)]
mod tests;

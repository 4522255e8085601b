//! A table of text: its head, its rows, and one row's cells on their way to typed values. Pure.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::super::error::{FactFault, Place};
use crate::error::{Failure, Faults};

/// Rows of one import at most.
const ROWS: usize = 10_000;

/// The rows of a table whose head is right.
pub(super) struct Table {
    columns: &'static [&'static str],
    rows: Vec<(u64, Vec<String>)>,
}

impl Table {
    /// Reads CSV with a head that has exactly these columns, in any order. A byte order mark is no part of it.
    pub(super) fn read(csv: &str, columns: &'static [&'static str]) -> Result<Self, Failure> {
        let unreadable = || Failure::from(FactFault::Unreadable.of_table());
        let text = csv.strip_prefix('\u{FEFF}').unwrap_or(csv);
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let head = reader.headers().map_err(|_| unreadable())?.clone();
        let places = places(&head, columns)?;
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|_| unreadable())?;
            if rows.len() == ROWS {
                return Err(FactFault::TooManyRows { maximum: ROWS }.of_table().into());
            }
            let line = record.position().map_or(0, csv::Position::line);
            let cell = |place: &usize| record.get(*place).unwrap_or_default().to_owned();
            rows.push((line, places.iter().map(cell).collect()));
        }
        if rows.is_empty() {
            return Err(FactFault::Empty.of_table().into());
        }
        Ok(Self { columns, rows })
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Cells<'_>> {
        self.rows.iter().map(|(row, cells)| Cells {
            row: *row,
            cells: self
                .columns
                .iter()
                .copied()
                .zip(cells.iter().map(String::as_str))
                .collect(),
        })
    }
}

/// Where each column stands in the head; every column that is missing or too much at once.
fn places(head: &csv::StringRecord, columns: &[&str]) -> Result<Vec<usize>, Failure> {
    let mut faults = Faults::default();
    let named = |wanted: &str| head.iter().position(|cell| cell == wanted);
    let missing: Vec<&str> = columns
        .iter()
        .copied()
        .filter(|column| named(column).is_none())
        .collect();
    if !missing.is_empty() {
        let columns = missing.join(", ");
        faults.add(FactFault::ColumnMissing { columns }.of_table());
    }
    let first = |(place, cell): &(usize, &str)| named(cell) == Some(*place);
    let unknown: Vec<String> = head
        .iter()
        .enumerate()
        .filter(|cell| !columns.contains(&cell.1) || !first(cell))
        .map(|(_, cell)| cell.chars().take(64).collect())
        .collect();
    if !unknown.is_empty() {
        let columns = unknown.join(", ");
        faults.add(FactFault::ColumnUnknown { columns }.of_table());
    }
    faults.check()?;
    Ok(columns.iter().filter_map(|column| named(column)).collect())
}

/// One row. Each reader adds a fault where the cell is wrong and answers nothing.
pub(super) struct Cells<'a> {
    pub(super) row: u64,
    cells: BTreeMap<&'static str, &'a str>,
}

impl Cells<'_> {
    pub(super) fn place(&self, column: &'static str) -> Place {
        Place {
            row: self.row,
            column,
        }
    }

    fn cell(&self, column: &'static str) -> &str {
        self.cells.get(column).copied().unwrap_or_default()
    }

    /// Text of 1 to `maximum` characters that no spreadsheet would compute.
    pub(super) fn text(
        &self,
        faults: &mut Faults,
        column: &'static str,
        maximum: usize,
    ) -> Option<String> {
        let text = self.cell(column);
        let fault = if text.is_empty() {
            FactFault::CellRequired
        } else if text.chars().count() > maximum {
            FactFault::CellTooLong { maximum }
        } else if text.starts_with(['=', '+', '-', '@']) {
            FactFault::CellIsFormula
        } else if text.chars().any(char::is_control) {
            FactFault::CellUnreadable
        } else {
            return Some(text.to_owned());
        };
        faults.add(fault.at(self.place(column)));
        None
    }

    /// The same, or nothing of an empty cell; a wrong one is a fault, so that no row with it is written.
    #[expect(
        clippy::option_option,
        reason = "a wrong cell, an empty one and a text are three things"
    )]
    pub(super) fn optional_text(
        &self,
        faults: &mut Faults,
        column: &'static str,
        maximum: usize,
    ) -> Option<Option<String>> {
        if self.cell(column).is_empty() {
            return Some(None);
        }
        self.text(faults, column, maximum).map(Some)
    }

    /// Words that are separated by semicolons; none of them is fine.
    pub(super) fn list(
        &self,
        faults: &mut Faults,
        column: &'static str,
        maximum: usize,
    ) -> Option<Vec<String>> {
        if self.cell(column).is_empty() {
            return Some(Vec::new());
        }
        let whole = self.text(faults, column, maximum)?;
        let mut words: Vec<String> = whole
            .split([';', '；'])
            .map(|word| word.trim().to_owned())
            .filter(|word| !word.is_empty())
            .collect();
        words.sort_unstable();
        words.dedup();
        Some(words)
    }

    /// One word of a closed list.
    pub(super) fn word<T: Copy>(
        &self,
        faults: &mut Faults,
        column: &'static str,
        (all, spelled): (&[T], fn(T) -> &'static str),
    ) -> Option<T> {
        let text = self.cell(column);
        let found = all.iter().copied().find(|&word| spelled(word) == text);
        if found.is_none() {
            let words: Vec<&str> = all.iter().map(|&word| spelled(word)).collect();
            let words = words.join(", ");
            faults.add(FactFault::WordUnknown { words }.at(self.place(column)));
        }
        found
    }

    pub(super) fn day(&self, faults: &mut Faults, column: &'static str) -> Option<NaiveDate> {
        let day = NaiveDate::parse_from_str(self.cell(column), "%Y-%m-%d").ok();
        let day = day.filter(|day| (1900..=9999).contains(&chrono::Datelike::year(day)));
        if day.is_none() {
            faults.add(FactFault::DayUnreadable.at(self.place(column)));
        }
        day
    }

    /// A day, or nothing of an empty cell; an unreadable one is a fault, so that no row with it is written.
    pub(super) fn optional_day(
        &self,
        faults: &mut Faults,
        column: &'static str,
    ) -> Option<NaiveDate> {
        if self.cell(column).is_empty() {
            return None;
        }
        self.day(faults, column)
    }
}

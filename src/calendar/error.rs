//! Everything that can go wrong with the calendar, each with its code.

use super::csv::{Fault, RowFault};
use crate::error::{Code, Refusal};

/// The most working days that a simulation counts: more than any deadline has.
pub(super) const MOST_DAYS: i32 = 400;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CalendarRefusal {
    Row(RowFault),
    /// Nobody would know where the days come from.
    SourceMissing,
    /// The table says what the calendar says.
    Unchanged,
    /// What was published is corrected, never unpublished.
    YearIsOfficial(i32),
    DaysOutOfRange,
    StartOutOfRange,
}

impl From<CalendarRefusal> for Refusal {
    fn from(refusal: CalendarRefusal) -> Self {
        use CalendarRefusal as R;
        match refusal {
            R::Row(row) => row.into(),
            R::SourceMissing => {
                Self::new(Code::InvalidInput, "CALENDAR_SOURCE_MISSING").at("source")
            }
            R::Unchanged => Self::new(Code::Conflict, "CALENDAR_UNCHANGED").at("csv"),
            R::YearIsOfficial(year) => Self::new(Code::Conflict, "CALENDAR_YEAR_IS_OFFICIAL")
                .at("csv")
                .with("year", year),
            R::DaysOutOfRange => Self::new(Code::InvalidInput, "SIMULATION_DAYS_OUT_OF_RANGE")
                .at("days")
                .with("maximum", MOST_DAYS),
            R::StartOutOfRange => {
                Self::new(Code::InvalidInput, "SIMULATION_START_OUT_OF_RANGE").at("start")
            }
        }
    }
}

impl From<RowFault> for Refusal {
    /// The path ends with the line, as an editor counts it.
    fn from(row: RowFault) -> Self {
        let refusal = match row.fault {
            Fault::Unreadable => Self::new(Code::InvalidInput, "CALENDAR_ROW_UNREADABLE"),
            Fault::Columns => Self::new(Code::InvalidInput, "CALENDAR_COLUMNS_WRONG"),
            Fault::Day => Self::new(Code::InvalidInput, "CALENDAR_DAY_INVALID"),
            Fault::Kind => Self::new(Code::InvalidInput, "CALENDAR_KIND_INVALID"),
            Fault::Status => Self::new(Code::InvalidInput, "CALENDAR_STATUS_INVALID"),
            Fault::Name => Self::new(Code::InvalidInput, "CALENDAR_NAME_INVALID"),
            Fault::Twice => Self::new(Code::InvalidInput, "CALENDAR_DAY_TWICE"),
            Fault::YearMissing => Self::new(Code::InvalidInput, "CALENDAR_YEAR_MISSING"),
            Fault::WorkOnWeekday => Self::new(Code::InvalidInput, "CALENDAR_WORK_ON_WEEKDAY"),
            Fault::OfficialWithoutDays => {
                Self::new(Code::InvalidInput, "CALENDAR_YEAR_WITHOUT_HOLIDAYS")
            }
            Fault::Empty => Self::new(Code::InvalidInput, "CALENDAR_EMPTY"),
        };
        match row.line {
            0 => refusal.at("csv"),
            line => refusal.at(&format!("csv.{line}")).with("row", line),
        }
    }
}

//! Everything that can be wrong with an import of facts, each with its reason.

use crate::error::{Code, Refusal};

/// What is wrong with one place of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FactFault {
    /// Not UTF-8 or not CSV, or a row with more or fewer cells than the head.
    Unreadable,
    Empty,
    TooManyRows {
        maximum: usize,
    },
    ColumnMissing {
        columns: String,
    },
    ColumnUnknown {
        columns: String,
    },
    CellRequired,
    CellTooLong {
        maximum: usize,
    },
    /// Begins with a character that makes spreadsheets compute.
    CellIsFormula,
    CellUnreadable,
    WordUnknown {
        words: String,
    },
    DayUnreadable,
    DaysReversed,
    EmailInvalid,
    OrganisationUnknown,
    OfficeUnknown,
    /// Only a marketplace product can be under joint operation.
    NotAMarketplaceProduct,
    RowRepeated {
        first: u64,
    },
    /// More faults than are told at once.
    MoreFaults {
        count: usize,
    },
}

/// Where a fault is: the line of the file, and the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) row: u64,
    pub(crate) column: &'static str,
}

impl FactFault {
    /// The refusal of the table as a whole.
    pub(crate) fn of_table(self) -> Refusal {
        self.refusal().at("csv")
    }

    /// The refusal of one cell: `csv`, the row and the column are its path and stand in its sentence.
    pub(crate) fn at(self, place: Place) -> Refusal {
        let Place { row, column } = place;
        self.refusal()
            .at(&format!("csv.{row}.{column}"))
            .with("row", row)
            .with("column", column)
    }

    fn refusal(self) -> Refusal {
        let refusal = |reason| Refusal::new(Code::InvalidInput, reason);
        match self {
            Self::Unreadable => refusal("FACTS_UNREADABLE"),
            Self::Empty => refusal("FACTS_EMPTY"),
            Self::TooManyRows { maximum } => {
                refusal("FACTS_TOO_MANY_ROWS").with("maximum", maximum)
            }
            Self::ColumnMissing { columns } => {
                refusal("FACTS_COLUMN_MISSING").with("columns", columns)
            }
            Self::ColumnUnknown { columns } => {
                refusal("FACTS_COLUMN_UNKNOWN").with("columns", columns)
            }
            Self::CellRequired => refusal("FACT_CELL_REQUIRED"),
            Self::CellTooLong { maximum } => refusal("FACT_CELL_TOO_LONG").with("maximum", maximum),
            Self::CellIsFormula => refusal("FACT_CELL_IS_FORMULA"),
            Self::CellUnreadable => refusal("FACT_CELL_UNREADABLE"),
            Self::WordUnknown { words } => refusal("FACT_WORD_UNKNOWN").with("words", words),
            Self::DayUnreadable => refusal("FACT_DAY_UNREADABLE"),
            Self::DaysReversed => refusal("FACT_DAYS_REVERSED"),
            Self::EmailInvalid => refusal("FACT_EMAIL_INVALID"),
            Self::OrganisationUnknown => refusal("FACT_ORGANISATION_UNKNOWN"),
            Self::OfficeUnknown => refusal("FACT_OFFICE_UNKNOWN"),
            Self::NotAMarketplaceProduct => refusal("FACT_NOT_A_MARKETPLACE_PRODUCT"),
            Self::RowRepeated { first } => refusal("FACT_ROW_REPEATED").with("first", first),
            Self::MoreFaults { count } => refusal("FACTS_MORE_FAULTS").with("count", count),
        }
    }
}

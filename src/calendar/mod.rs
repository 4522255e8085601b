//! Working days: the versioned calendar, and the deadline that so many of its days make (R-GEN-1).
//!
//! | Word | Means |
//! |---|---|
//! | working day | Monday to Friday without public holidays, and the weekend days that are worked for them |
//! | make-up day | a weekend day that is worked for a holiday (调休) |
//! | official | the notice of a year's holidays is out and imported; until then the year is provisional |
//! | version | each import makes one; a deadline names the one that it was counted with |

mod csv;
mod diff;
mod error;
mod graphql;
mod model;
mod service;
pub mod shipped;
mod store;

pub use diff::{DayChange, Diff, YearChange};
pub(crate) use graphql::{CalendarMutation, CalendarQuery};
pub use model::{
    Cause, DayKind, Due, Simulation, Special, Step, WorkCalendar, Year, YearStatus, day_of,
    midnight, midnight_after,
};
pub use service::current;
pub(crate) use service::{
    Import, Imported, Run, WarnOfUnpublishedYear, follow, import, simulate, version, warn_at_start,
};

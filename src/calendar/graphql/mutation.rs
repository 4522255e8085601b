//! The import of a calendar. Translation only.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::diff::{DayChange, Diff, YearChange};
use super::super::model::Special;
use super::super::service::{self, Import, Imported, Move, Run};
use super::{WorkCalendarDayKind, WorkCalendarObject, WorkCalendarStatus};
use crate::deadlines::Expiries;
use crate::graphql::{ContextExt as _, Date, Result, UserError, answer, payload};
use crate::ids::global_of;

/// Imports years of the calendar.
#[derive(InputObject)]
struct WorkCalendarImportInput {
    /// A table with the columns day, kind and name: a line such as 2027,OFFICIAL, for each year that it speaks of, and
    /// one such as 2027-01-01,OFF,元旦 for each special day. A year that it speaks of is replaced as a whole.
    csv: String,
    /// Where the days come from, such as the number of the notice.
    source: String,
    /// Answers what would change, and changes nothing.
    #[graphql(default = false)]
    dry_run: bool,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// What an import does to a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
enum WorkCalendarChange {
    /// Nothing was said of the day before.
    Added,
    /// Nothing is said of the day any more.
    Removed,
    /// Something else is said of the day.
    Changed,
}

/// What is said of a day.
#[derive(SimpleObject)]
struct WorkCalendarSpecial {
    /// Whether it is worked.
    kind: WorkCalendarDayKind,
    /// The holiday that is the reason.
    name: String,
}

/// A day of which an import says something else.
#[derive(SimpleObject)]
struct WorkCalendarDayChange {
    /// Which day.
    day: Date,
    /// What the import does to it.
    change: WorkCalendarChange,
    /// What was said of it; null when it was an ordinary day.
    before: Option<WorkCalendarSpecial>,
    /// What is said of it; null when it is an ordinary day.
    after: Option<WorkCalendarSpecial>,
}

/// A year whose status an import changes.
#[derive(SimpleObject)]
struct WorkCalendarYearChange {
    /// Which year.
    year: i32,
    /// Its status before; null when it was unknown.
    before: Option<WorkCalendarStatus>,
    /// Its status now.
    after: WorkCalendarStatus,
}

/// A running deadline that an import moves. It may move later, never earlier.
#[derive(SimpleObject)]
struct MovedDeadline {
    /// What must be done, as in Deadline.kind.
    kind: String,
    /// The object that it belongs to; node finds it.
    object_id: ID,
    /// The first instant that was too late.
    from: DateTime<Utc>,
    /// The first instant that is too late.
    to: DateTime<Utc>,
}

/// What an import changes.
#[derive(SimpleObject)]
struct WorkCalendarDiff {
    /// The version that the table was compared with.
    base_version: i64,
    /// The years whose status changes.
    years: Vec<WorkCalendarYearChange>,
    /// The days that are added, removed or changed, in order.
    days: Vec<WorkCalendarDayChange>,
    /// The running deadlines that move, at most 200 of them.
    deadlines_moved: Vec<MovedDeadline>,
    /// How many running deadlines move in all.
    deadlines_moved_count: usize,
}

/// What came of an import.
#[derive(SimpleObject)]
struct WorkCalendarImportPayload {
    /// The version that was made; null by a dry run and when nothing was done.
    version: Option<i64>,
    /// What changed, or by a dry run would change; null when the import was refused.
    diff: Option<WorkCalendarDiff>,
    /// The calendar as it is now.
    work_calendar: WorkCalendarObject,
    /// Why nothing was done; empty when it was. A path that ends with a number names the line of the table.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was done again.
    replayed: bool,
}

impl From<Special> for WorkCalendarSpecial {
    fn from(special: Special) -> Self {
        Self {
            kind: special.kind.into(),
            name: special.name,
        }
    }
}

impl From<DayChange> for WorkCalendarDayChange {
    fn from(change: DayChange) -> Self {
        Self {
            day: Date(change.day),
            change: match (&change.before, &change.after) {
                (None, _) => WorkCalendarChange::Added,
                (Some(_), None) => WorkCalendarChange::Removed,
                (Some(_), Some(_)) => WorkCalendarChange::Changed,
            },
            before: change.before.map(Into::into),
            after: change.after.map(Into::into),
        }
    }
}

impl From<YearChange> for WorkCalendarYearChange {
    fn from(change: YearChange) -> Self {
        Self {
            year: change.year,
            before: change.before.map(Into::into),
            after: change.after.into(),
        }
    }
}

impl From<Move> for MovedDeadline {
    fn from(moved: Move) -> Self {
        Self {
            kind: moved.deadline,
            object_id: ID(global_of(&moved.object_kind, moved.object)),
            from: moved.from,
            to: moved.to,
        }
    }
}

impl WorkCalendarDiff {
    fn new(diff: Diff, imported: Imported) -> Self {
        Self {
            base_version: imported.base,
            years: diff.years.into_iter().map(Into::into).collect(),
            days: diff.days.into_iter().map(Into::into).collect(),
            deadlines_moved: imported.moves.into_iter().map(Into::into).collect(),
            deadlines_moved_count: imported.moves_in_all,
        }
    }
}

#[derive(Default)]
pub(crate) struct CalendarMutation;

#[Object]
impl CalendarMutation {
    /// Makes a new version of the calendar from a table of years, and gives running deadlines the time that the
    /// correction adds. All faults of the table are answered at once. Run it dry first; needs calendar.manage at the
    /// vendor.
    async fn work_calendar_import(
        &self,
        ctx: &Context<'_>,
        input: WorkCalendarImportInput,
    ) -> Result<WorkCalendarImportPayload> {
        let import = Import {
            csv: input.csv,
            source: input.source,
            run: if input.dry_run { Run::Dry } else { Run::Real },
            vendor: ctx.viewer().organisation(),
        };
        let applied = ctx.apply(input.idempotency_key, &import).await;
        let (imported, errors, replayed) = payload(ctx, applied)?;
        let version = imported.as_ref().and_then(|imported| imported.version);
        if version.is_some() && !replayed {
            service::follow(ctx.db(), ctx.data_unchecked::<Expiries>()).await;
        }
        let diff = match imported {
            Some(imported) => Some(diff(ctx, &import, imported).await?),
            None => None,
        };
        Ok(WorkCalendarImportPayload {
            version,
            diff,
            work_calendar: WorkCalendarObject::load(ctx).await?,
            errors,
            replayed,
        })
    }
}

async fn diff(ctx: &Context<'_>, import: &Import, imported: Imported) -> Result<WorkCalendarDiff> {
    let loaders = ctx.loaders();
    let read = async {
        let mut tx = loaders.loader().snapshot.read().await?;
        import.diff(&mut tx, &imported).await
    };
    let diff = answer(ctx, read.await)?;
    Ok(WorkCalendarDiff::new(diff, imported))
}

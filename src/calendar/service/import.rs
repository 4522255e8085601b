//! The import of a calendar: what it would change, and the version that it makes (R-GEN-8).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::csv;
use super::super::diff::Diff;
use super::super::error::CalendarRefusal;
use super::super::model::{WorkCalendar, Year, YearStatus};
use super::super::store;
use super::at;
use crate::db::{Change, Db, Scope, StoreError, Tx};
use crate::deadlines::{self, Expiries, MovedDeadline};
use crate::error::{Failure, Faults};
use crate::ids::{CalendarId, OrganisationId};
use crate::timeline::Event;
use crate::viewer::{Permission, Viewer};

const LONGEST_SOURCE: usize = 500;
/// Deadlines that an answer names one by one.
const MOST_MOVES: usize = 200;

/// Whether anything is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Run {
    Dry,
    Real,
}

/// A table of years, each of which replaces what the calendar says of it.
#[derive(Debug, Clone)]
pub(crate) struct Import {
    pub(crate) csv: String,
    /// The notice that the days come from.
    pub(crate) source: String,
    pub(crate) run: Run,
    /// In whose history it stands: the vendor's. A deployment without one yet has the version's row alone.
    pub(crate) vendor: Option<OrganisationId>,
}

/// What came of an import, or would come of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Imported {
    /// The version that the table was compared with.
    pub(crate) base: i64,
    /// The version that was made; none by a dry run.
    pub(crate) version: Option<i64>,
    /// The first of the deadlines that move.
    pub(crate) moves: Vec<Move>,
    pub(crate) moves_in_all: usize,
}

/// A running deadline that moves later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Move {
    pub(crate) object_kind: String,
    pub(crate) object: Uuid,
    pub(crate) deadline: String,
    pub(crate) from: DateTime<Utc>,
    pub(crate) to: DateTime<Utc>,
}

impl From<&MovedDeadline> for Move {
    fn from(moved: &MovedDeadline) -> Self {
        Self {
            object_kind: moved.deadline.object.kind.clone(),
            object: moved.deadline.object.id,
            deadline: moved.deadline.kind.as_str().to_owned(),
            from: moved.deadline.due_until,
            to: moved.due_until,
        }
    }
}

impl Import {
    /// The years of the table, or all that is wrong with it and with what is said beside it.
    fn years(&self) -> Result<BTreeMap<i32, Year>, Failure> {
        let mut faults = Faults::default();
        let source = self.source.trim();
        if source.is_empty() || source.chars().count() > LONGEST_SOURCE {
            faults.add(CalendarRefusal::SourceMissing);
        }
        let years = csv::read(&self.csv).unwrap_or_else(|rows| {
            for row in rows {
                faults.add(CalendarRefusal::Row(row));
            }
            BTreeMap::new()
        });
        faults.check()?;
        Ok(years)
    }

    /// What the table says differently from the version that it was compared with.
    pub(crate) async fn diff(&self, tx: &mut Tx, imported: &Imported) -> Result<Diff, Failure> {
        let before = at(tx, imported.base).await?;
        let after = before.corrected(imported.base, self.years()?);
        Ok(Diff::of(&before, &after))
    }
}

impl Change for Import {
    type Outcome = Imported;
    const NAME: &'static str = "calendar.import";
    const ACTION: &'static str = "workCalendarImport";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        viewer.vendor(Permission::ManageCalendar)
    }

    async fn apply(&self, tx: &mut Tx, _scope: &Scope) -> Result<Imported, Failure> {
        import(tx, self).await
    }
}

/// Compares the table with the newest version and, unless the run is dry, makes the next one.
///
/// The deadlines move afterwards, each in a transaction of its own, with its object locked first ([`follow`]).
pub(crate) async fn import(tx: &mut Tx, import: &Import) -> Result<Imported, Failure> {
    let years = import.years()?;
    if import.run == Run::Real {
        // Of two imports at once the second one compares with the version of the first.
        store::lock_versions(tx).await?;
    }
    let base = store::newest(tx).await?;
    let before = at(tx, base).await?;
    refuse_unpublishing(&before, &years)?;
    let after = before.corrected(base + 1, years.clone());
    let diff = Diff::of(&before, &after);
    let moves = if diff.days.is_empty() {
        Vec::new()
    } else {
        deadlines::moved_by(tx, &after).await?
    };
    let version = match import.run {
        Run::Dry => None,
        Run::Real if diff.is_empty() => return Err(CalendarRefusal::Unchanged.into()),
        Run::Real => {
            record(tx, import, (&after, &years)).await?;
            audit(tx, import, (&after, &diff), moves.len()).await?;
            Some(after.version())
        }
    };
    Ok(Imported {
        base,
        version,
        moves: moves.iter().take(MOST_MOVES).map(Move::from).collect(),
        moves_in_all: moves.len(),
    })
}

/// Moves the running deadlines that a new version gives more time. What is left over is the job's.
pub(crate) async fn follow(db: &Db, expiries: &Expiries) {
    if let Err(Failure::Internal(error)) = deadlines::recount(db, expiries).await {
        tracing::error!(%error, "deadlines were not counted again; the job will do it");
    }
}

fn refuse_unpublishing(before: &WorkCalendar, years: &BTreeMap<i32, Year>) -> Result<(), Failure> {
    let mut faults = Faults::default();
    for (&number, year) in years {
        if year.status == YearStatus::Provisional && before.is_official(number) {
            faults.add(CalendarRefusal::YearIsOfficial(number));
        }
    }
    faults.check()
}

async fn record(
    tx: &mut Tx,
    import: &Import,
    (after, years): (&WorkCalendar, &BTreeMap<i32, Year>),
) -> Result<(), StoreError> {
    store::insert_version(tx, after.version(), import.source.trim()).await?;
    store::insert_years(tx, after.version(), years).await
}

/// The row of the version says who, when and from where; the vendor's history says it to whoever reads that.
async fn audit(
    tx: &mut Tx,
    import: &Import,
    (after, diff): (&WorkCalendar, &Diff),
    moves: usize,
) -> Result<(), StoreError> {
    let Some(vendor) = import.vendor else {
        return Ok(());
    };
    let years: Vec<serde_json::Value> = diff
        .years
        .iter()
        .map(|change| {
            serde_json::json!({
                "year": change.year,
                "from": change.before.map(YearStatus::as_str),
                "to": change.after.as_str(),
            })
        })
        .collect();
    let event = Event::new(
        vendor,
        CalendarId::THE,
        after.version(),
        "calendar.imported",
    )
    .because(import.source.trim())
    .detail(serde_json::json!({
        "years": years, "daysChanged": diff.days.len(), "deadlinesMoved": moves,
    }));
    tx.record(event).await
}

#[cfg(test)]
mod tests;

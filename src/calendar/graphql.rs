//! How the calendar looks to a client. Translation only; a rule here is in the wrong file.

mod mutation;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_graphql::{Context, Enum, Object, SimpleObject};
use chrono::{DateTime, Datelike as _, Utc};

use super::model::{self, WorkCalendar};
use super::service;
use crate::error::Failure;
use crate::graphql::{ContextExt as _, Date, Result, answer};
use crate::i18n;
use crate::rules::PROGRAMME_ZONE;

pub(crate) use mutation::CalendarMutation;

/// Whether the holidays of a year are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::YearStatus")]
pub(crate) enum WorkCalendarStatus {
    /// The notice of the year's holidays is out and imported.
    Official,
    /// Weekends alone are counted; deadlines through the year may move later.
    Provisional,
}

/// What a notice says of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::DayKind")]
pub(crate) enum WorkCalendarDayKind {
    /// A weekend day that is worked for a holiday (调休上班).
    Work,
    /// A holiday, or a day off in lieu.
    Off,
}

/// Why a day is counted or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Cause")]
pub(crate) enum WorkCalendarCause {
    /// The day on which it starts is never counted.
    StartDay,
    /// A Saturday or Sunday that is not worked.
    Weekend,
    /// A public holiday or a day off in lieu.
    Holiday,
    /// A weekend day that is worked for a holiday: counted.
    MakeUpDay,
    /// An ordinary working day: counted.
    WorkingDay,
}

/// A day that differs from Monday to Friday, or a weekend day that a holiday covers.
#[derive(SimpleObject)]
pub(crate) struct WorkCalendarDay {
    /// Which day.
    day: Date,
    /// Whether it is worked.
    kind: WorkCalendarDayKind,
    /// The holiday that is the reason, in Chinese.
    name: String,
}

/// What is known of a year.
#[derive(SimpleObject)]
pub(crate) struct WorkCalendarYear {
    /// The year.
    year: i32,
    /// Whether its holidays are known.
    status: WorkCalendarStatus,
    /// Its special days in order; every other day is worked from Monday to Friday.
    days: Vec<WorkCalendarDay>,
}

impl WorkCalendarYear {
    fn new(number: i32, year: &model::Year) -> Self {
        let day = |(day, special): (&chrono::NaiveDate, &model::Special)| WorkCalendarDay {
            day: Date(*day),
            kind: special.kind.into(),
            name: special.name.clone(),
        };
        Self {
            year: number,
            status: year.status.into(),
            days: year.days.iter().map(day).collect(),
        }
    }
}

/// A year is needed whose holidays are not imported.
#[derive(SimpleObject)]
pub(crate) struct WorkCalendarWarning {
    /// Which year.
    year: i32,
    /// A sentence for people that says what to do, in the language of the request.
    message: String,
}

impl WorkCalendarWarning {
    fn new(ctx: &Context<'_>, reason: &str, year: i32) -> Self {
        let params = BTreeMap::from([("year", year.to_string())]);
        let message = i18n::sentence(reason, &params, ctx.locale());
        Self {
            year,
            message: message.unwrap_or_else(|| reason.to_owned()),
        }
    }
}

/// One day of a count.
#[derive(SimpleObject)]
pub(crate) struct WorkCalendarStep {
    /// Which day.
    day: Date,
    /// Whether it is one of the working days that were asked for.
    counted: bool,
    /// Why it is counted or not.
    cause: WorkCalendarCause,
    /// The holiday, or the one for which the day is worked.
    name: Option<String>,
}

/// So many working days from a start, day by day.
#[derive(SimpleObject)]
pub(crate) struct WorkCalendarSimulation {
    /// Exclusive: midnight after the last working day, in the calendar's time zone.
    due_until: DateTime<Utc>,
    /// The last working day.
    last_day_on: Date,
    /// Whether it was counted through a year whose holidays are not imported.
    provisional: bool,
    /// Every day from the start to the last working day.
    steps: Vec<WorkCalendarStep>,
    /// Why the end may move; null when every year that was counted through is official.
    warning: Option<WorkCalendarWarning>,
}

impl WorkCalendarSimulation {
    fn new(ctx: &Context<'_>, calendar: &WorkCalendar, simulation: model::Simulation) -> Self {
        let mut years = simulation.steps.iter().skip(1).map(|step| step.day.year());
        let unpublished = years.find(|year| !calendar.is_official(*year));
        Self {
            due_until: simulation.due.due_until,
            last_day_on: Date(simulation.due.last_day_on),
            provisional: simulation.due.provisional,
            warning: unpublished
                .map(|year| WorkCalendarWarning::new(ctx, "CALENDAR_COUNT_PROVISIONAL", year)),
            steps: simulation
                .steps
                .into_iter()
                .map(|step| WorkCalendarStep {
                    day: Date(step.day),
                    counted: step.cause.counts(),
                    cause: step.cause.into(),
                    name: step.name,
                })
                .collect(),
        }
    }
}

/// The calendar of one request.
pub(crate) struct WorkCalendarObject {
    calendar: Arc<WorkCalendar>,
    version: service::Version,
    now: DateTime<Utc>,
}

impl WorkCalendarObject {
    async fn load(ctx: &Context<'_>) -> Result<Self> {
        let loaders = ctx.loaders();
        let read = async {
            let mut tx = loaders.loader().snapshot.read().await?;
            let calendar = service::current(&mut tx).await?;
            let version = service::version(&mut tx, calendar.version()).await?;
            Ok::<_, Failure>(Self {
                calendar,
                version,
                now: tx.now(),
            })
        };
        answer(ctx, read.await)
    }
}

/// The working days that deadlines are counted in: Monday to Friday without public holidays, with the weekend days that
/// are worked for them. Each import makes a version.
#[Object(name = "WorkCalendar")]
impl WorkCalendarObject {
    /// The newest version; a deadline names the one that it was counted with.
    async fn version(&self) -> i64 {
        self.calendar.version()
    }

    /// When this version was imported.
    async fn imported_at(&self) -> DateTime<Utc> {
        self.version.imported_at
    }

    /// Where the days of this version come from.
    async fn source(&self) -> &str {
        &self.version.source
    }

    /// The time zone in which days are reckoned.
    async fn time_zone(&self) -> &'static str {
        PROGRAMME_ZONE.name()
    }

    /// What is known of one year; null when nothing is, and weekends alone are counted.
    async fn year(&self, #[graphql(desc = "Such as 2026.")] year: i32) -> Option<WorkCalendarYear> {
        let known = self.calendar.year(year)?;
        Some(WorkCalendarYear::new(year, known))
    }

    /// Says that a year is needed whose holidays are not imported: this one, or from 1 December on the next; else null.
    async fn warning(&self, ctx: &Context<'_>) -> Option<WorkCalendarWarning> {
        let year = self.calendar.unpublished(self.now)?;
        Some(WorkCalendarWarning::new(
            ctx,
            "CALENDAR_YEAR_UNPUBLISHED",
            year,
        ))
    }

    /// Counts working days from a start and says of each day why it is counted or not. The day of the start is not
    /// counted; what the answer says is what a deadline that begins then gets.
    async fn simulate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "When it starts; its day in the calendar's time zone is not counted.")]
        start: DateTime<Utc>,
        #[graphql(desc = "How many working days, 1 to 400.")] days: i32,
    ) -> Result<WorkCalendarSimulation> {
        let simulation = answer(ctx, service::simulate(&self.calendar, start, days))?;
        Ok(WorkCalendarSimulation::new(ctx, &self.calendar, simulation))
    }
}

#[derive(Default)]
pub(crate) struct CalendarQuery;

#[Object]
impl CalendarQuery {
    /// The working days that deadlines are counted in; the same for everybody.
    async fn work_calendar(&self, ctx: &Context<'_>) -> Result<WorkCalendarObject> {
        WorkCalendarObject::load(ctx).await
    }
}

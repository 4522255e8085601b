//! `portico calendar`: what a working day is, and the import of a year's holidays.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Subcommand};

use super::{Settings, output};
use crate::app::App;
use crate::calendar::{
    self, Diff, Import, Imported, Run, Simulation, Special, WorkCalendar, shipped,
};
use crate::clock::Clock;
use crate::config::{Config, Purpose};
use crate::error::{Failure, Refusals};
use crate::i18n::{self, Locale};
use crate::jobs;
use crate::organisation::founding;
use crate::telemetry;

const JOB: &str = "calendar_command";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Count working days from a start, and say of each day why it is counted or not
    Simulate(Simulate),
    /// Import the holidays of years from a CSV file; a new version, which may move running deadlines later
    Import(ImportFile),
    /// The version in force, what is known of each year, and a warning when a year that is needed is not official
    Status(Status),
}

#[derive(Debug, Args)]
pub(super) struct Simulate {
    #[command(flatten)]
    settings: Settings,
    /// A day such as 2026-09-30, or an instant such as 2026-09-30T15:59:59Z
    #[arg(long, value_name = "DAY", value_parser = start)]
    start: DateTime<Utc>,
    /// How many working days
    #[arg(long)]
    days: i32,
}

#[derive(Debug, Args)]
pub(super) struct ImportFile {
    #[command(flatten)]
    settings: Settings,
    /// The table, with the columns day,kind,name; - reads it from standard input
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// Where the days come from, such as the number of the notice
    #[arg(long, value_name = "TEXT")]
    source: String,
    /// Say what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
pub(super) struct Status {
    #[command(flatten)]
    settings: Settings,
}

fn start(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(calendar::midnight(day));
    }
    text.parse::<DateTime<Utc>>().map_err(|_| {
        "a start is a day such as 2026-09-30 or an instant such as 2026-09-30T15:59:59Z".to_owned()
    })
}

pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Simulate(arguments) => simulate(&arguments).await,
        Command::Import(arguments) => import(&arguments).await,
        Command::Status(arguments) => status(&arguments).await,
    }
}

/// By the database that the settings name, or without any by the calendar that this program was shipped with.
async fn simulate(arguments: &Simulate) -> anyhow::Result<ExitCode> {
    let (calendar, from) = match arguments.settings.config {
        Some(_) => {
            let app = app(&arguments.settings)?;
            (current(&app).await?, "the database")
        }
        None => (Arc::new(shipped::calendar()), "this program"),
    };
    let counted = calendar::simulate(&calendar, arguments.start, arguments.days);
    let simulation = counted.map_err(said)?;
    output::line(&format!(
        "By version {} of the calendar in {from}:",
        calendar.version()
    ));
    table(&simulation);
    if simulation.due.provisional {
        output::error(
            "WARNING: the count runs through a year whose holidays are not imported; the end may move later.",
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn table(simulation: &Simulation) {
    let mut number = 0;
    for step in &simulation.steps {
        let count = if step.cause.counts() {
            number += 1;
            number.to_string()
        } else {
            "-".to_owned()
        };
        let line = format!(
            "{}  {}  {count:>3}  {:<12}  {}",
            step.day,
            step.day.format("%a"),
            step.cause.as_str(),
            step.name.as_deref().unwrap_or_default(),
        );
        output::line(line.trim_end());
    }
    let due = simulation.due;
    output::line(&format!(
        "The last day is {}; from {} on it is too late.",
        due.last_day_on,
        due.due_until
            .with_timezone(&crate::rules::PROGRAMME_ZONE)
            .to_rfc3339(),
    ));
}

async fn import(arguments: &ImportFile) -> anyhow::Result<ExitCode> {
    let csv = read(&arguments.file)?;
    let app = app(&arguments.settings)?;
    let mut tx = jobs::begin(&app.db, JOB)
        .await
        .context("the database cannot be reached as portico_staff")?;
    let vendor = founding::find_vendor(&mut tx).await.map_err(said)?;
    let wanted = Import {
        csv,
        source: arguments.source.clone(),
        run: if arguments.dry_run {
            Run::Dry
        } else {
            Run::Real
        },
        vendor,
    };
    let imported = match calendar::import(&mut tx, &wanted).await {
        Ok(imported) => imported,
        Err(Failure::Refused(refusals)) => {
            tell(&refusals);
            bail!("the calendar was not imported");
        }
        Err(Failure::Internal(error)) => return Err(error.into()),
    };
    let diff = wanted.diff(&mut tx, &imported).await.map_err(said)?;
    tx.commit().await?;
    if imported.version.is_some() {
        calendar::follow(&app.db, &app.expiries).await;
    }
    print(&diff, &imported);
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path) -> anyhow::Result<String> {
    if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .context("standard input cannot be read as UTF-8")?;
        return Ok(text);
    }
    std::fs::read_to_string(file)
        .with_context(|| format!("cannot read {} as UTF-8", file.display()))
}

/// Every fault, in the sentences that clients of the graph read.
fn tell(refusals: &Refusals) {
    for refusal in refusals.iter() {
        let sentence = i18n::sentence(refusal.reason.0, &refusal.params, Locale::En);
        output::error(&sentence.unwrap_or_else(|| refusal.reason.0.to_owned()));
    }
}

fn print(diff: &Diff, imported: &Imported) {
    for year in &diff.years {
        let before = year.before.map_or("unknown", calendar::YearStatus::as_str);
        output::line(&format!(
            "{}: {before} -> {}",
            year.year,
            year.after.as_str()
        ));
    }
    let said = |special: Option<&Special>| {
        special.map_or_else(
            || "an ordinary day".to_owned(),
            |special| format!("{} {}", special.kind.as_str(), special.name),
        )
    };
    for change in &diff.days {
        let (before, after) = (said(change.before.as_ref()), said(change.after.as_ref()));
        output::line(&format!("{}: {before} -> {after}", change.day));
    }
    for moved in &imported.moves {
        let object = crate::ids::global_of(&moved.object_kind, moved.object);
        output::line(&format!(
            "{object} {}: {} -> {}",
            moved.deadline,
            moved.from.to_rfc3339(),
            moved.to.to_rfc3339(),
        ));
    }
    let moves = imported.moves_in_all;
    output::line(&match imported.version {
        Some(version) => {
            format!("Version {version} is in force; {moves} running deadlines move later.")
        }
        None => format!(
            "Nothing was changed. Compared with version {}: {} days differ, {moves} running deadlines would move later.",
            imported.base,
            diff.days.len(),
        ),
    });
}

async fn status(arguments: &Status) -> anyhow::Result<ExitCode> {
    let app = app(&arguments.settings)?;
    let mut tx = jobs::begin(&app.db, JOB)
        .await
        .context("the database cannot be reached as portico_staff")?;
    let calendar = calendar::current(&mut tx).await?;
    let version = calendar::version(&mut tx, calendar.version()).await?;
    output::line(&format!(
        "Version {}, imported {}: {}",
        calendar.version(),
        version.imported_at.to_rfc3339(),
        version.source
    ));
    for (number, year) in calendar.years() {
        let days = year.days.len();
        output::line(&format!(
            "{number}  {:<11}  {days} special days",
            year.status.as_str()
        ));
    }
    if let Some(year) = calendar.unpublished(tx.now()) {
        output::error(&format!(
            "WARNING: the holidays of {year} are not imported; deadlines through it count weekends alone."
        ));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

async fn current(app: &App) -> anyhow::Result<Arc<WorkCalendar>> {
    let mut tx = jobs::begin(&app.db, JOB)
        .await
        .context("the database cannot be reached as portico_staff")?;
    Ok(calendar::current(&mut tx).await?)
}

fn app(settings: &Settings) -> anyhow::Result<Arc<App>> {
    let config = Config::load(&settings.layers(), Purpose::Serve)?;
    telemetry::start(&config.log);
    App::build(config, Clock::default())
}

/// A failure in an operator's words.
fn said(failure: Failure) -> anyhow::Error {
    match failure {
        Failure::Refused(refusals) => {
            tell(&refusals);
            anyhow!("refused")
        }
        Failure::Internal(error) => error.into(),
    }
}

//! `portico seed`: data to try things with.

use std::process::ExitCode;
use std::str::FromStr;

use anyhow::Context;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use secrecy::ExposeSecret;
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;

use super::{Settings, output};
use crate::clock::Clock;
use crate::config::OwnerAccess;
use crate::seed::{self, Plan};
use crate::telemetry;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Fill an empty database with invented companies, people and business; the same numbers give the same data
    Demo(Demo),
}

#[derive(Debug, Args)]
pub(super) struct Demo {
    #[command(flatten)]
    settings: Settings,
    /// How many partners
    #[arg(long, default_value_t = 40)]
    organisations: usize,
    /// How many opportunities
    #[arg(long, default_value_t = 2_000)]
    opportunities: usize,
    /// Another number gives other data
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    let Command::Demo(arguments) = command;
    let access = OwnerAccess::load(&arguments.settings.layers())?;
    telemetry::start(&access.log);
    let options = PgConnectOptions::from_str(access.owner_url.expose_secret())
        .ok()
        .context("database.owner_url must be a connection string")?;
    let mut owner = options
        .disable_statement_logging()
        .connect()
        .await
        .context("the database cannot be reached")?;
    let plan = Plan {
        organisations: arguments.organisations,
        opportunities: arguments.opportunities,
        seed: arguments.seed,
        now: Clock::default().process(),
    };
    let bar = progress_bar()?;
    seed::demo(&mut owner, &plan, |done, of| {
        bar.set_length(u64::try_from(of).unwrap_or(u64::MAX));
        bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
    })
    .await?;
    bar.finish_and_clear();
    output::line(&format!(
        "{} organisations and {} opportunities are in the database.",
        plan.organisations, plan.opportunities
    ));
    Ok(ExitCode::SUCCESS)
}

/// Drawn on a terminal only; elsewhere nothing is.
fn progress_bar() -> anyhow::Result<ProgressBar> {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len}, {elapsed} gone, {eta} to go")?;
    Ok(ProgressBar::new(0).with_style(style))
}

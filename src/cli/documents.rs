//! `portico documents`: the store of uploaded files.

use std::process::ExitCode;

use anyhow::anyhow;
use clap::Subcommand;

use super::{Settings, output};
use crate::app::{self, App};
use crate::clock::Clock;
use crate::config::{Config, Purpose};
use crate::error::Failure;
use crate::telemetry;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Remove what uploads left behind; a running gateway does the same once an hour
    Gc(Settings),
}

pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    let Command::Gc(settings) = command;
    let config = Config::load(&settings.layers(), Purpose::Serve)?;
    telemetry::start(&config.log);
    let app = App::build(config, Clock::default())?;
    let collector = app::collector(&app.config, &app.files)?;
    let collected = collector.collect(&app.db).await.map_err(said)?;
    output::line(&format!(
        "Discarded {} documents that nobody completed; removed {} more files that belong to none.",
        collected.documents, collected.files,
    ));
    Ok(ExitCode::SUCCESS)
}

fn said(failure: Failure) -> anyhow::Error {
    match failure {
        Failure::Refused(refusals) => anyhow!("refused: {}", refusals.first.reason.0),
        Failure::Internal(error) => error.into(),
    }
}

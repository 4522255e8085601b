//! `portico facts`: what the vendor's own systems know, as tables.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::{Settings, output};
use crate::app::App;
use crate::catalogue::import::{FactKind, Import, Mode};
use crate::clock::Clock;
use crate::config::{Config, Purpose};
use crate::db::{Acting, Scope};
use crate::error::Failure;
use crate::i18n::{self, Locale};
use crate::telemetry;

const JOB: &str = "facts";
/// A table that is larger was not meant.
const LARGEST_FILE: u64 = 16 * 1024 * 1024;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Take over a table of facts; any wrong row refuses the whole table
    Import(ImportArguments),
}

#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    #[command(flatten)]
    settings: Settings,
    /// What the table is about, such as OFFERINGS
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: FactKind,
    /// The table, as CSV in UTF-8 with the names of its columns in the first line
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// Only count what would be written, and find every fault
    #[arg(long)]
    dry_run: bool,
}

fn kind(text: &str) -> Result<FactKind, String> {
    FactKind::parse(text).ok_or_else(|| {
        let all: Vec<&str> = FactKind::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("the kinds are {}", all.join(", "))
    })
}

pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    let Command::Import(arguments) = command;
    let size = std::fs::metadata(&arguments.file).map(|file| file.len());
    let named = || format!("cannot read {}", arguments.file.display());
    anyhow::ensure!(
        size.with_context(named)? <= LARGEST_FILE,
        "the file is larger than {LARGEST_FILE} bytes; import it in parts"
    );
    let import = Import {
        kind: arguments.kind,
        csv: std::fs::read_to_string(&arguments.file).with_context(named)?,
        mode: if arguments.dry_run {
            Mode::DryRun
        } else {
            Mode::Write
        },
    };
    let config = Config::load(&arguments.settings.layers(), Purpose::Serve)?;
    telemetry::start(&config.log);
    let app = App::build(config, Clock::default())?;
    let acting = Acting {
        actor: format!("job:{JOB}"),
        correlation_id: "command line".to_owned(),
    };
    let mut tx = app
        .db
        .begin(&Scope::Job(JOB), &acting)
        .await
        .context("the database cannot be reached as portico_staff")?;
    match import.run(&mut tx).await {
        Ok(imported) => {
            tx.commit().await?;
            output::line(&format!(
                "{}{} added, {} changed, {} unchanged",
                if arguments.dry_run { "dry run: " } else { "" },
                imported.added,
                imported.changed,
                imported.unchanged,
            ));
            Ok(ExitCode::SUCCESS)
        }
        Err(Failure::Refused(refusals)) => {
            for refusal in refusals.iter() {
                let reason = refusal.reason.0;
                let sentence = i18n::sentence(reason, &refusal.params, Locale::En);
                output::error(&format!("{reason}: {}", sentence.unwrap_or_default()));
            }
            output::error("nothing was written");
            Ok(ExitCode::FAILURE)
        }
        Err(Failure::Internal(error)) => Err(error.into()),
    }
}

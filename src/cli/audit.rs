//! `portico audit`: whether the history is what was written.

use std::process::ExitCode;
use std::str::FromStr;

use anyhow::Context;
use clap::{Args, Subcommand};
use secrecy::ExposeSecret;
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;

use super::{Settings, output};
use crate::config::OwnerAccess;
use crate::ids;
use crate::timeline::audit;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Walk every object's history, print what is not as it was written, and end with 1 if anything is not
    Verify(Verify),
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    #[command(flatten)]
    settings: Settings,
    /// Only the history of this object, by its global id
    #[arg(long, value_name = "ID")]
    object: Option<String>,
}

pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    let Command::Verify(arguments) = command;
    let object = match &arguments.object {
        Some(text) => {
            let (_, id) = ids::parse_any(text)
                .context("--object must be a global id such as the portal shows it")?;
            Some(id)
        }
        None => None,
    };
    let access = OwnerAccess::load(&arguments.settings.layers())?;
    let owner = PgConnectOptions::from_str(access.owner_url.expose_secret())
        .ok()
        .context("database.owner_url must be a connection string")?;
    let mut owner = owner
        .connect()
        .await
        .context("the database cannot be reached as portico_owner")?;
    let walked = audit::verify(&mut owner, object, |finding| {
        output::line(&finding.to_string());
    })
    .await?;
    output::line(&format!(
        "{} entries of {} objects: {}",
        walked.entries,
        walked.objects,
        match walked.findings {
            0 => "all as they were written".to_owned(),
            findings => format!("{findings} findings"),
        }
    ));
    Ok(ExitCode::from(u8::from(walked.findings > 0)))
}

//! `portico db` and `portico migrate`: what the database needs before the gateway serves.

use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;
use url::Url;

use super::{Settings, output};
use crate::config::OwnerAccess;
use crate::db::bootstrap::{self, Passwords};
use crate::db::migrate;
use crate::telemetry;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create the roles and the database, or print what a DBA has to run
    Bootstrap(Bootstrap),
}

#[derive(Debug, Args)]
pub(super) struct Bootstrap {
    /// Print a script for psql instead of connecting
    #[arg(long, conflicts_with = "admin_url_file")]
    print: bool,
    /// A file with the connection string of a role that may create roles and databases
    #[arg(long, value_name = "FILE", required_unless_present = "print")]
    admin_url_file: Option<PathBuf>,
    /// A file with three lines: the passwords of portico_owner, portico_app and portico_staff
    #[arg(long, value_name = "FILE", conflicts_with = "print")]
    passwords_file: Option<PathBuf>,
}

pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    let Command::Bootstrap(arguments) = command;
    let Some(admin) = &arguments.admin_url_file else {
        output::line(bootstrap::script().trim_end());
        return Ok(ExitCode::SUCCESS);
    };
    let admin = read(admin)?;
    // The driver's own error could repeat the text, password and all.
    let admin = Url::parse(admin.expose_secret())
        .ok()
        .and_then(|_| PgConnectOptions::from_str(admin.expose_secret()).ok())
        .context("--admin-url-file must hold a connection string such as postgres://dba@db.example.com/postgres")?;
    let passwords = match &arguments.passwords_file {
        Some(file) => passwords(&read(file)?)?,
        None => Passwords::default(),
    };
    bootstrap::run(&admin, &passwords)
        .await
        .context("the database could not be prepared")?;
    output::line(
        "The roles portico_owner, portico_app and portico_staff and the database portico are there.",
    );
    Ok(ExitCode::SUCCESS)
}

fn read(file: &PathBuf) -> anyhow::Result<SecretString> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(text.trim().into())
}

fn passwords(text: &SecretString) -> anyhow::Result<Passwords> {
    let lines: Vec<&str> = text.expose_secret().lines().map(str::trim).collect();
    let [owner, app, staff] = lines.as_slice() else {
        bail!(
            "--passwords-file must hold three lines: the owner's, the application's and the staff's password"
        );
    };
    let secret = |text: &str| Some(SecretString::from(text));
    Ok(Passwords {
        owner: secret(owner),
        app: secret(app),
        staff: secret(staff),
    })
}

pub(super) async fn migrate(settings: Settings) -> anyhow::Result<ExitCode> {
    let access = OwnerAccess::load(&settings.layers())?;
    telemetry::start(&access.log);
    let owner = PgConnectOptions::from_str(access.owner_url.expose_secret())
        .ok()
        .context("database.owner_url must be a connection string")?;
    let report = migrate::run(&owner).await?;
    let version = report
        .version
        .map_or_else(|| "none".to_owned(), |version| version.to_string());
    output::line(&match report.applied {
        0 => format!("Nothing to do: the schema is at {version}."),
        1 => format!("Applied 1 migration: the schema is at {version}."),
        applied => format!("Applied {applied} migrations: the schema is at {version}."),
    });
    Ok(ExitCode::SUCCESS)
}

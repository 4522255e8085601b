//! The command line: what can be asked of the binary, and which exit code answers.

mod admin;
mod audit;
mod calendar;
mod config;
mod database;
mod dev;
mod documents;
mod facts;
mod gateway;
mod identity_provider;
mod output;
mod schema;
mod seed;
mod serve;
mod signals;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Layers, Problems};

/// A GraphQL gateway for a cloud vendor's partner portal, with SAML single sign-on.
#[derive(Debug, Parser)]
#[command(
    name = "portico",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start everything on this machine, with a database, an IAM and people of its own
    Dev(dev::Dev),
    /// Start a sandbox: the same, with a clock that can be moved and a vendor that answers by a script
    Sandbox(dev::Sandbox),
    /// Serve people; refuses unsafe settings and names each
    Serve(Settings),
    /// Bring the database's schema to this version, as the role of `database.owner_url`
    Migrate(Settings),
    /// Prepare a database server
    #[command(subcommand)]
    Db(database::Command),
    /// Start a deployment; make accounts for machines
    #[command(subcommand)]
    Admin(admin::Command),
    /// What the vendor's own systems know of partners and of its catalogue
    #[command(subcommand)]
    Facts(facts::Command),
    /// The store of uploaded files
    #[command(subcommand)]
    Documents(documents::Command),
    /// Working days: simulate a deadline, import a year's holidays
    #[command(subcommand)]
    Calendar(calendar::Command),
    /// Whether the history is what was written
    #[command(subcommand)]
    Audit(audit::Command),
    /// Data to try things with
    #[command(subcommand)]
    Seed(seed::Command),
    /// The graph's schema
    #[command(subcommand)]
    Schema(schema::Command),
    /// The settings
    #[command(subcommand)]
    Config(config::Command),
    /// Print the version
    Version,
}

/// Where the settings are; variables of the environment win over the file.
#[derive(Debug, Args)]
struct Settings {
    /// The settings' file; deploy/portico.example.toml shows every one
    #[arg(long, value_name = "FILE", env = "PORTICO_CONFIG")]
    config: Option<PathBuf>,
}

impl Settings {
    fn layers(&self) -> Layers {
        Layers::of(self.config.clone())
    }
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match dispatch(cli.command) {
        Ok(code) => code,
        Err(error) => {
            report(&error);
            // Settings are the caller's to mend, like a wrong argument; clap ends with 2 for those.
            ExitCode::from(if error.is::<Problems>() {
                Problems::EXIT_CODE
            } else {
                1
            })
        }
    }
}

fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Dev(arguments) => block_on(dev::run(arguments)),
        Command::Sandbox(arguments) => block_on(dev::run_sandbox(arguments)),
        Command::Serve(settings) => block_on(serve::run(settings)),
        Command::Migrate(settings) => block_on(database::migrate(settings)),
        Command::Db(command) => block_on(database::run(command)),
        Command::Admin(command) => block_on(admin::run(command)),
        Command::Facts(command) => block_on(facts::run(command)),
        Command::Documents(command) => block_on(documents::run(command)),
        Command::Calendar(command) => block_on(calendar::run(command)),
        Command::Audit(command) => block_on(audit::run(command)),
        Command::Seed(command) => block_on(seed::run(command)),
        Command::Schema(command) => Ok(schema::run(&command)),
        Command::Config(command) => Ok(config::run(&command)),
        Command::Version => {
            output::line(concat!("portico ", env!("CARGO_PKG_VERSION")));
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Runs `work` on a runtime whose threads have room for deeply nested documents.
fn block_on(work: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(4 * 1024 * 1024)
        .build()?
        .block_on(work)
}

/// An error with its causes, one per line.
fn report(error: &anyhow::Error) {
    output::error(&format!("portico: {error}"));
    for cause in error.chain().skip(1) {
        output::error(&format!("  because: {cause}"));
    }
}

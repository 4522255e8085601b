//! `portico config`: is what is set also what may be served with?

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{Settings, output};
use crate::config::{Config, Kind, Problems, Purpose};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Name everything that `portico serve` would refuse; exit with 2 if there is anything
    Check(Check),
}

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    settings: Settings,
    /// Where key files are expected to be: on the machine that will serve, none may be missing
    #[arg(long, value_enum, default_value_t = Files::Elsewhere)]
    files: Files,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Files {
    /// This machine only checks; a file that is not here is mentioned
    Elsewhere,
    /// This machine serves; a file that is not here is a fault
    Here,
}

pub(super) fn run(command: &Command) -> ExitCode {
    let Command::Check(check) = command;
    let Err(problems) = Config::load(&check.settings.layers(), Purpose::Serve) else {
        output::line("The settings are in order.");
        return ExitCode::SUCCESS;
    };
    let mut wrong = false;
    for problem in problems.iter() {
        if problem.kind == Kind::MissingFile && check.files == Files::Elsewhere {
            output::line(&format!("not on this machine: {problem}"));
        } else {
            wrong = true;
            output::line(&problem.to_string());
        }
    }
    if wrong {
        return ExitCode::from(Problems::EXIT_CODE);
    }
    output::line(
        "The settings are in order; the files named above must be there when the gateway starts.",
    );
    ExitCode::SUCCESS
}

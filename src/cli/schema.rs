//! `portico schema`: the contract with clients.

use std::process::ExitCode;

use clap::Subcommand;

use super::output;
use crate::graphql;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print the schema as clients see it; the same text as schema.graphql and GET /schema.graphql
    Print,
}

pub(super) fn run(command: &Command) -> ExitCode {
    match command {
        Command::Print => output::line(graphql::sdl().trim_end()),
    }
    ExitCode::SUCCESS
}

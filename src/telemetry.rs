//! What the process writes about itself: lines for a person on a terminal, JSON for a machine otherwise.

mod gauges;
mod metrics;

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

pub use self::metrics::{ActiveRequest, Metrics};
use crate::config::{Log, LogFormat};

/// Starts writing to standard error, which leaves standard output to a command's result. A second call does nothing.
pub fn start(log: &Log) {
    // The filter was parsed when the settings were read.
    let filter = EnvFilter::try_new(&log.filter).unwrap_or_default();
    let lines = fmt().with_env_filter(filter).with_writer(io::stderr);
    let text = match log.format {
        LogFormat::Auto => io::stderr().is_terminal(),
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(
            place,
            message = panic.payload_as_str(),
            "a bug made a task panic"
        );
    }));
    // The only error is that a subscriber is there already.
    let _ = if text {
        lines
            .with_ansi(io::stderr().is_terminal())
            .with_target(false)
            .try_init()
    } else {
        lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .try_init()
    };
}

//! What a command prints: its result on standard output, everything else on standard error.

use std::io::{self, Write};

/// Prints one line of the result. A reader that has gone away (`| head`) is no error.
pub(super) fn line(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Prints one line about what went wrong or is under way.
pub(super) fn error(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

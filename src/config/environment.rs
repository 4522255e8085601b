//! The process's environment. No other file reads it.

use std::collections::HashMap;
use std::path::PathBuf;

/// Between the section and the key of a variable, because keys hold single ones: `PORTICO_SERVER__PUBLIC_URL`.
pub(super) const SEPARATOR: &str = "__";
const PREFIX: &str = "PORTICO_";

/// The variables that are settings. Those without a section (`PORTICO_PORT`) are arguments of a command.
#[expect(clippy::disallowed_methods, reason = "the environment is read here")]
pub fn settings() -> HashMap<String, String> {
    std::env::vars()
        .filter(|(name, _)| name.starts_with(PREFIX) && name.contains(SEPARATOR))
        .collect()
}

/// The variable that sets `key`.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase().replace('.', SEPARATOR))
}

/// Where the operator says PostgreSQL's programs are.
#[expect(clippy::disallowed_methods, reason = "the environment is read here")]
pub fn postgres_programs() -> Option<PathBuf> {
    std::env::var_os("PG_BIN").map(PathBuf::from)
}

/// The folders that hold commands.
#[expect(clippy::disallowed_methods, reason = "the environment is read here")]
pub fn search_path() -> Vec<PathBuf> {
    std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default()
}

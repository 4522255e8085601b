//! `[log]`: how much is written and in which form.

use tracing_subscriber::EnvFilter;

use super::reader::Reader;

pub struct Log {
    /// A filter of tracing: a level, or targets with levels.
    pub filter: String,
    pub format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    Auto,
    Text,
    Json,
}

impl Log {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let what =
            "a level (error, warn, info, debug, trace) or a list such as info,portico::saml=debug";
        let filter = reader.parsed("log.filter", "info".to_owned(), what, |text| {
            EnvFilter::try_new(text).ok().map(|_| text.to_owned())
        });
        let format = reader.parsed(
            "log.format",
            LogFormat::Auto,
            "`auto`, `text` or `json`",
            |text| match text {
                "auto" => Some(LogFormat::Auto),
                "text" => Some(LogFormat::Text),
                "json" => Some(LogFormat::Json),
                _ => None,
            },
        );
        Self { filter, format }
    }
}

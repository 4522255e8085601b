//! What differs between the two gateways that bring everything along.

use anyhow::bail;
use chrono::{DateTime, SecondsFormat, Utc};
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;

use crate::cli::output;
use crate::clock::Clock;
use crate::db::sandbox::{self, Marked};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Dev,
    /// `start` is when its clock begins, asked for at its first start.
    Sandbox {
        start: Option<DateTime<Utc>>,
    },
}

impl Kind {
    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Dev => "var/dev",
            Self::Sandbox { .. } => "var/sandbox",
        }
    }

    /// The name of the private PostgreSQL.
    pub(super) fn cluster(self) -> &'static str {
        match self {
            Self::Dev => "pg",
            Self::Sandbox { .. } => "pg-sandbox",
        }
    }

    /// The file of passwords, from the folder.
    pub(super) fn passwords(self) -> &'static str {
        match self {
            Self::Dev => "../demo-users.json",
            Self::Sandbox { .. } => "demo-users.json",
        }
    }

    /// Settings beside those that both have, as TOML.
    pub(super) fn settings(self) -> &'static str {
        match self {
            Self::Dev => "",
            // A travel of years with thousands of deadlines is one request.
            Self::Sandbox { .. } => "graphql.timeout = \"2m\"\n",
        }
    }

    pub(super) fn clock(self) -> Clock {
        match self {
            Self::Dev => Clock::default(),
            Self::Sandbox { .. } => Clock::sandbox(),
        }
    }

    /// Makes sure that the database is of this kind, and answers the time in it: neither kind takes the other's data.
    pub(super) async fn prepare(self, owner: &PgConnectOptions) -> anyhow::Result<DateTime<Utc>> {
        let mut connection = owner.connect().await?;
        match self {
            Self::Dev => {
                if sandbox::is_one(&mut connection).await? {
                    bail!("the database is a sandbox's: start it with `portico sandbox`");
                }
                Ok(Clock::default().process())
            }
            Self::Sandbox { start } => {
                let marked = sandbox::mark(&mut connection, start).await?;
                match marked {
                    Marked::Begun { now } => Ok(now),
                    Marked::Before { began_at, now } => {
                        if start.is_some_and(|start| start != began_at) {
                            let began_at = began_at.to_rfc3339_opts(SecondsFormat::Secs, true);
                            output::error(&format!(
                                "This sandbox began at {began_at} already; --start is for the first start."
                            ));
                        }
                        Ok(now)
                    }
                    Marked::Refused => bail!(
                        "the database holds data and is no sandbox's: give the sandbox an empty database"
                    ),
                }
            }
        }
    }
}

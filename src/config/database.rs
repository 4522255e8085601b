//! `[database]`: the PostgreSQL and how many connections of which role.

use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;

use super::reader::Reader;

pub struct Database {
    /// Partners and customers, as `portico_app`.
    pub url: SecretString,
    /// The vendor's people and jobs, as `portico_staff`.
    pub staff_url: SecretString,
    pub max_connections: u32,
    pub staff_max_connections: u32,
    pub acquire_timeout: Duration,
    pub statement_timeout: Duration,
    pub lock_timeout: Duration,
}

const URL: &str = "database.url";
const STAFF_URL: &str = "database.staff_url";
pub(super) const OWNER_URL: &str = "database.owner_url";

impl Database {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let url = reader.required_secret(URL);
        let staff_url = reader.required_secret(STAFF_URL);
        let owner_url = reader.secret(OWNER_URL);
        let app = user(reader, URL, &url);
        let staff = user(reader, STAFF_URL, &staff_url);
        let owner = owner_url.and_then(|url| user(reader, OWNER_URL, &url));
        if reader.is_for_serving() {
            for (key, role) in [(URL, &app), (STAFF_URL, &staff)] {
                refuse_mighty(reader, key, role.as_deref(), owner.as_deref());
            }
            if app.is_some() && app == staff {
                reader.refuse(
                    STAFF_URL,
                    "is the role of database.url: partners would read as the vendor",
                );
            }
        }
        Self {
            url,
            staff_url,
            max_connections: reader.count("database.max_connections", 20),
            staff_max_connections: reader.count("database.staff_max_connections", 10),
            acquire_timeout: reader.duration("database.acquire_timeout", Duration::from_secs(2)),
            statement_timeout: reader
                .duration("database.statement_timeout", Duration::from_secs(5)),
            lock_timeout: reader.duration("database.lock_timeout", Duration::from_secs(2)),
        }
    }
}

/// The role in a connection string; its text is a secret and never part of a message.
fn user(reader: &mut Reader, key: &str, url: &SecretString) -> Option<String> {
    let text = url.expose_secret();
    if text.is_empty() {
        return None;
    }
    let known = text.starts_with("postgres://") || text.starts_with("postgresql://");
    let Some(options) = known
        .then(|| PgConnectOptions::from_str(text).ok())
        .flatten()
    else {
        reader.refuse(
            key,
            "must be a connection string such as postgres://portico_app@db.example.com/portico",
        );
        return None;
    };
    Some(options.get_username().to_owned())
}

/// Row-level security shows everything to whoever owns the tables.
fn refuse_mighty(reader: &mut Reader, key: &str, role: Option<&str>, owner: Option<&str>) {
    let Some(role) = role else { return };
    if role == "portico_owner" || role == "postgres" || Some(role) == owner {
        reader.refuse(
            key,
            format!("connects as `{role}`, which no row-level security holds back"),
        );
    }
}

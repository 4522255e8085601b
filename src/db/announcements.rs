//! The connection that hears what other processes announce.
//!
//! It has to be a direct one: a pooler in front of the database hands announcements to somebody else.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::time::timeout;

use super::{Pool, StoreError};

/// How long an answer may take before the connection counts as dead.
const BUDGET: Duration = Duration::from_secs(1);

/// Everything announced on one channel, as long as the connection lasts. It is never made anew in silence, since that
/// would hide what was missed meanwhile.
pub struct Announcements(PgListener);

/// What the server said of itself.
#[derive(Debug, Clone)]
pub struct Heartbeat {
    /// The server's own time, after everything in `heard` was announced.
    pub at: DateTime<Utc>,
    /// Tells one server, and one run of it, from another.
    pub server_started_at: DateTime<Utc>,
    /// What was announced before the answer and not yet handed out.
    pub heard: Vec<String>,
}

impl Announcements {
    /// Connects as `pool` does, but beside it.
    pub async fn on(channel: &str, pool: &Pool) -> Result<Self, StoreError> {
        let one = PgPoolOptions::new()
            .max_connections(1)
            .connect_lazy_with(pool.connect_options().clone());
        within_budget(async {
            let mut listener = PgListener::connect_with(&one).await?;
            listener.eager_reconnect(false);
            listener.listen(channel).await?;
            Ok(Self(listener))
        })
        .await
    }

    /// Waits for the next announcement; `None` when the connection is lost. Can be dropped while it waits.
    pub async fn next(&mut self) -> Result<Option<String>, StoreError> {
        let heard = self.0.try_recv().await?;
        Ok(heard.map(|notification| notification.payload().to_owned()))
    }

    /// Asks the server for a sign of life.
    pub async fn heartbeat(&mut self) -> Result<Heartbeat, StoreError> {
        let listener = &mut self.0;
        let row = within_budget(
            sqlx::query!(
                r#"SELECT clock_timestamp() AS "at!", pg_postmaster_start_time() AS "server_started_at!""#
            )
            .fetch_one(listener),
        )
        .await?;
        let heard = std::iter::from_fn(|| self.0.next_buffered());
        Ok(Heartbeat {
            at: row.at,
            server_started_at: row.server_started_at,
            heard: heard
                .map(|notification| notification.payload().to_owned())
                .collect(),
        })
    }
}

async fn within_budget<T>(
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, StoreError> {
    match timeout(BUDGET, work).await {
        Ok(result) => Ok(result?),
        Err(_elapsed) => Err(sqlx::Error::PoolTimedOut.into()),
    }
}

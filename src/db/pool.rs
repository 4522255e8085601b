//! A pool that can be replaced while it is in use.
//!
//! sqlx 0.9 keeps a permit for ever when a peer falls silent (sqlx #4349, #4407): after enough of those every
//! acquire fails until a restart. The watchdog swaps in a fresh pool instead.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::StoreError;

/// How a pool connects. Times are those of data.md and of reliability F8.
#[derive(Debug, Clone)]
pub struct PoolSettings {
    pub max_connections: u32,
    pub acquire_timeout: Duration,
    pub statement_timeout: Duration,
    pub lock_timeout: Duration,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self {
            max_connections: 10,
            acquire_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(5),
            lock_timeout: Duration::from_secs(2),
        }
    }
}

#[derive(Debug)]
pub struct Pool {
    current: ArcSwap<PgPool>,
    connect: PgConnectOptions,
    settings: PoolSettings,
    begun: AtomicU64,
}

impl Pool {
    /// Makes a pool that connects when it is first used: a database that is down does not stop the start.
    pub fn lazy(url: &str, settings: PoolSettings) -> Result<Self, StoreError> {
        let connect = PgConnectOptions::from_str(url)?
            .application_name("portico")
            .options([
                (
                    "statement_timeout",
                    format!("{}ms", settings.statement_timeout.as_millis()),
                ),
                (
                    "lock_timeout",
                    format!("{}ms", settings.lock_timeout.as_millis()),
                ),
                ("idle_in_transaction_session_timeout", "15s".to_owned()),
                ("timezone", "UTC".to_owned()),
            ]);
        let current = ArcSwap::from_pointee(open(&connect, &settings));
        Ok(Self {
            current,
            connect,
            settings,
            begun: AtomicU64::new(0),
        })
    }

    pub fn current(&self) -> Arc<PgPool> {
        self.current.load_full()
    }

    /// How this pool connects, for the connection that listens.
    pub fn connect_options(&self) -> &PgConnectOptions {
        &self.connect
    }

    /// How many transactions began on it: while this grows, the pool is busy and not stuck.
    pub(super) fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    pub(super) fn count_begun(&self) {
        self.begun.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether every permit is taken and not one connection is idle.
    pub fn is_exhausted(&self) -> bool {
        let pool = self.current();
        pool.num_idle() == 0 && pool.size() >= self.settings.max_connections
    }

    /// Replaces the pool; what still runs on the old one ends there.
    pub fn rebuild(&self) {
        let old = self
            .current
            .swap(Arc::new(open(&self.connect, &self.settings)));
        tokio::spawn(async move { old.close().await });
    }
}

fn open(connect: &PgConnectOptions, settings: &PoolSettings) -> PgPool {
    PgPoolOptions::new()
        .max_connections(settings.max_connections)
        .acquire_timeout(settings.acquire_timeout)
        .connect_lazy_with(connect.clone())
}

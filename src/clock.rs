//! What time it is: the database's, unless a test or the sandbox says otherwise.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// The clock of a deployment. A transaction reads the database's time once and asks this for what it means.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<Offset>>);

#[derive(Debug)]
enum Offset {
    /// Stands still at this many microseconds since 1970 until it is moved.
    Fixed(AtomicI64),
}

impl Clock {
    /// A clock that a test moves by hand.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self(Some(Arc::new(Offset::Fixed(AtomicI64::new(
            at.timestamp_micros(),
        )))))
    }

    /// What the database's time means on this clock.
    pub fn read(&self, database: DateTime<Utc>) -> DateTime<Utc> {
        match self.0.as_deref() {
            None => database,
            Some(Offset::Fixed(micros)) => {
                DateTime::from_timestamp_micros(micros.load(Ordering::SeqCst)).unwrap_or(database)
            }
        }
    }

    /// Moves a fixed clock; any other stays as it is.
    pub fn advance(&self, by: TimeDelta) {
        if let Some(Offset::Fixed(micros)) = self.0.as_deref() {
            micros.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::SeqCst);
        }
    }

    /// The time of this process, for what has no transaction: an AuthnRequest, a cookie, a log line.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the process clock"
    )]
    pub fn process(&self) -> DateTime<Utc> {
        self.read(Utc::now())
    }
}

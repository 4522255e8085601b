//! `[jobs]`: how often this replica does what the clock starts, and how long things are kept.

use std::time::Duration;

use super::reader::Reader;

pub struct Jobs {
    /// A replica without jobs serves requests only; one of a deployment has to run them.
    pub enabled: bool,
    /// About how often each job runs.
    pub tick: Duration,
    /// How long the outcome of a mutation is kept for a client that repeats it.
    pub idempotency_retention: Duration,
    /// How long a session is kept after its end.
    pub session_retention: Duration,
}

const TICK: &str = "jobs.tick";
const IDEMPOTENCY: &str = "jobs.idempotency_retention";

impl Jobs {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let enabled = reader.parsed("jobs.enabled", true, "true or false", |text| {
            text.parse().ok()
        });
        let tick = reader.duration(TICK, Duration::from_secs(15));
        if tick > Duration::from_mins(10) {
            reader.refuse(TICK, "must be at most 10m: mail and expiry wait for it");
        }
        let idempotency_retention = reader.duration(IDEMPOTENCY, Duration::from_hours(72));
        if idempotency_retention < Duration::from_hours(24) {
            reader.refuse(
                IDEMPOTENCY,
                "must be at least 24h: a client may repeat a request the next day",
            );
        }
        Self {
            enabled,
            tick,
            idempotency_retention,
            session_retention: reader
                .duration("jobs.session_retention", Duration::from_hours(30 * 24)),
        }
    }
}

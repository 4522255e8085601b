//! What the clock starts: expiry, the feed, notices and their delivery, pruning.
//!
//! * **Job**: work that any replica may do at any time. All replicas run all jobs; what must happen once is held by a
//!   unique row that is written in the transaction of the effect, never by an election.
//! * **Period**: what a once-only effect is counted by, such as a month; [`claim`] takes it.
//! * **Lease**: `locked_until` on a row whose work takes longer than a transaction may. Whoever finds it in the past
//!   takes the work over: its holder was killed.
//!
//! Nothing that people can see waits for a job: who reads or writes asks the deadline itself.

mod pruning;
mod store;
#[cfg(test)]
mod tests;
mod ticker;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

pub(crate) use self::pruning::{Pruning, Retention};
pub(crate) use self::store::{Claimed, claim};
pub use self::ticker::Ticking;
use crate::db::{Acting, Db, Scope, StoreError, Tx};
use crate::error::Failure;
use crate::ids::TimelineEntryId;

/// One kind of work. A run does what is due and ends; the next tick runs it again.
pub(crate) trait Job: Send + Sync {
    /// Stands in the timeline as `job:<name>`, in metrics and in logs; lower case with underscores.
    fn name(&self) -> &'static str;

    /// Does what is due. A run that is dropped or killed at any point is made up for by the next one, here or elsewhere.
    fn run<'a>(&'a self, db: &'a Db) -> BoxFuture<'a, Result<(), Failure>>;
}

/// Begins a transaction of the job of this name, which sees all organisations' rows but drafts.
pub(crate) async fn begin(db: &Db, name: &'static str) -> Result<Tx, StoreError> {
    db.begin(&Scope::Job(name), &acting(db, name)).await
}

/// Whom the timeline names for what a job did.
pub(crate) fn acting(db: &Db, name: &'static str) -> Acting {
    let TimelineEntryId(trace) = db.ids().fresh();
    Acting {
        actor: format!("job:{name}"),
        correlation_id: format!("job-{}", trace.simple()),
    }
}

/// All jobs of a deployment, with what came of their runs in this process. Cheap to clone.
#[derive(Clone)]
pub struct Jobs(Arc<Inner>);

struct Inner {
    db: Db,
    jobs: Vec<Registered>,
    stop: CancellationToken,
}

struct Registered {
    job: Box<dyn Job>,
    record: Record,
}

/// What came of the runs of one job since this process started.
#[derive(Debug, Default)]
struct Record {
    runs: AtomicU64,
    failures: AtomicU64,
    /// Seconds since 1970; 0 before the first.
    last_success: AtomicI64,
}

/// What metrics show of one job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observed {
    pub name: &'static str,
    pub runs: u64,
    pub failures: u64,
    /// `None` before the first.
    pub last_success: Option<DateTime<Utc>>,
}

impl Jobs {
    /// `stop` is cancelled when this process is told to end: a job that works through many items then begins no other.
    pub(crate) fn new(db: Db, jobs: Vec<Box<dyn Job>>, stop: CancellationToken) -> Self {
        let registered = |job| Registered {
            job,
            record: Record::default(),
        };
        Self(Arc::new(Inner {
            db,
            jobs: jobs.into_iter().map(registered).collect(),
            stop,
        }))
    }

    /// Runs every job once, in the order of registration, and answers the names of those that failed.
    pub async fn tick(&self) -> Vec<&'static str> {
        let mut failed = Vec::new();
        for registered in &self.0.jobs {
            if registered.run(&self.0.db).await == Ran::Badly {
                failed.push(registered.job.name());
            }
        }
        failed
    }

    pub fn observed(&self) -> impl Iterator<Item = Observed> {
        self.0.jobs.iter().map(|registered| {
            let record = &registered.record;
            let last = record.last_success.load(Ordering::Relaxed);
            Observed {
                name: registered.job.name(),
                runs: record.runs.load(Ordering::Relaxed),
                failures: record.failures.load(Ordering::Relaxed),
                last_success: DateTime::from_timestamp(last, 0).filter(|_| last > 0),
            }
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ran {
    Well,
    Badly,
}

impl Registered {
    /// A job that fails or panics leaves the others as they are.
    async fn run(&self, db: &Db) -> Ran {
        let name = self.job.name();
        let run = AssertUnwindSafe(self.job.run(db)).catch_unwind();
        let ended = run.instrument(tracing::info_span!("job", name)).await;
        self.record.runs.fetch_add(1, Ordering::Relaxed);
        let failure = match ended {
            Ok(Ok(())) => {
                let now = db.clock().process().timestamp();
                self.record.last_success.store(now, Ordering::Relaxed);
                return Ran::Well;
            }
            // Another replica holds what this one wanted: that is how one of them comes to do it.
            Ok(Err(Failure::Internal(error)))
                if error.is_retryable() || error.is_lock_timeout() =>
            {
                tracing::debug!(job = name, "another replica was faster");
                return Ran::Well;
            }
            Ok(Err(Failure::Internal(error))) => error.to_string(),
            Ok(Err(Failure::Refused(refusals))) => refusals.first.reason.0.to_owned(),
            Err(_panic) => "a bug made it panic".to_owned(),
        };
        self.record.failures.fetch_add(1, Ordering::Relaxed);
        tracing::error!(
            job = name,
            failure,
            "a job failed; the next tick tries again"
        );
        Ran::Badly
    }
}

//! What is read at the moment of a scrape: the state of the pools, of the copies of sessions and of the jobs.

use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;

use crate::db::Db;
use crate::identity::sessions::Sessions;
use crate::jobs::Jobs;
use crate::notices::Outstanding;

/// The pools in the order of [`Db::pools`], by the role that they connect as.
const POOLS: [&str; 2] = ["app", "staff"];

pub(super) fn observe(meter: &Meter, db: &Db, sessions: &Sessions) {
    observe_connections(meter, db.clone());
    let (statements, sessions) = (db.clone(), sessions.clone());
    meter
        .u64_observable_counter("portico.db.statements")
        .with_callback(move |counter| counter.observe(statements.statements(), &[]))
        .build();
    meter
        .u64_observable_gauge("portico.session.copies_trusted")
        .with_description("0 while revocations cannot be heard and every check asks the database")
        .with_callback(move |gauge| gauge.observe(sessions.trusts_copies().into(), &[]))
        .build();
}

fn observe_connections(meter: &Meter, db: Db) {
    let name = |pool| KeyValue::new("db.client.connection.pool.name", pool);
    let state = |state| KeyValue::new("db.client.connection.state", state);
    meter
        .u64_observable_gauge("db.client.connection.count")
        .with_callback(move |gauge| {
            for (pool, label) in db.pools().into_iter().zip(POOLS) {
                let current = pool.current();
                let idle = u64::try_from(current.num_idle()).unwrap_or(u64::MAX);
                let used = u64::from(current.size()).saturating_sub(idle);
                gauge.observe(idle, &[name(label), state("idle")]);
                gauge.observe(used, &[name(label), state("used")]);
            }
        })
        .build();
}

/// A job that stands still shows as a last success that grows old.
pub(super) fn observe_jobs(meter: &Meter, jobs: &Jobs) {
    let name = |name| [KeyValue::new("job", name)];
    let (runs, failures, successes) = (jobs.clone(), jobs.clone(), jobs.clone());
    meter
        .u64_observable_counter("portico.job.runs")
        .with_callback(move |counter| {
            for job in runs.observed() {
                counter.observe(job.runs, &name(job.name));
            }
        })
        .build();
    meter
        .u64_observable_counter("portico.job.failures")
        .with_callback(move |counter| {
            for job in failures.observed() {
                counter.observe(job.failures, &name(job.name));
            }
        })
        .build();
    meter
        .i64_observable_gauge("portico.job.last_success")
        .with_unit("s")
        .with_description("Seconds since 1970 at the end of the last run that did not fail")
        .with_callback(move |gauge| {
            for job in successes.observed() {
                if let Some(at) = job.last_success {
                    gauge.observe(at.timestamp(), &name(job.name));
                }
            }
        })
        .build();
}

/// As the delivery job saw it at its last run in this process.
pub(super) fn observe_deliveries(meter: &Meter, outstanding: &Outstanding) {
    let (count, oldest) = (outstanding.clone(), outstanding.clone());
    let parked = outstanding.clone();
    meter
        .i64_observable_gauge("portico.notice.parked")
        .with_description("Entries of the history of which nobody could be told yet, because the code that says whom failed")
        .with_callback(move |gauge| gauge.observe(parked.parked(), &[]))
        .build();
    let state = |state| [KeyValue::new("state", state)];
    meter
        .i64_observable_gauge("portico.notice.deliveries")
        .with_description("Deliveries that wait for an attempt, and those that were given up")
        .with_callback(move |gauge| {
            gauge.observe(count.pending(), &state("pending"));
            gauge.observe(count.failed(), &state("failed"));
        })
        .build();
    meter
        .i64_observable_gauge("portico.notice.oldest_pending")
        .with_unit("s")
        .with_description("Seconds since 1970 when the delivery was made that has waited longest; absent when none waits")
        .with_callback(move |gauge| {
            if let Some(at) = oldest.oldest_pending() {
                gauge.observe(at.timestamp(), &[]);
            }
        })
        .build();
}

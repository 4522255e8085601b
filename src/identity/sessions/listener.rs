//! The connection that hears of ended and changed sessions, and proves twice a second that it still does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgConnectOptions, PgListener, PgNotification, PgPoolOptions};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::revocations::{Revocations, Server};
use super::{CHANNEL, SessionHash};
use crate::db::StoreError;

const HEARTBEAT: Duration = Duration::from_millis(500);
/// How long an answer may take before the connection counts as dead.
const BUDGET: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(200);

/// Runs until it is dropped. Needs a connection of its own, and a direct one: a pooler in front of the database hands
/// notifications to somebody else.
pub(super) async fn run(connect: PgConnectOptions, revocations: Arc<Revocations>) {
    loop {
        let lost = listen(&connect, &revocations).await;
        revocations.lost();
        if let Err(error) = lost {
            tracing::debug!(%error, "the connection for revocations is lost; every session is looked up");
        }
        sleep(PAUSE).await;
    }
}

async fn listen(connect: &PgConnectOptions, revocations: &Revocations) -> Result<(), StoreError> {
    let mut listener = within_budget(open(connect)).await?;
    let asked = Instant::now();
    let (answer, server) = within_budget(ask(&mut listener)).await?;
    revocations.listening(server, asked, answer);

    let mut heartbeat = interval(HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            heard = listener.try_recv() => match heard? {
                Some(notification) => note(revocations, &notification),
                None => return Ok(()),
            },
            _ = heartbeat.tick() => {
                let asked = Instant::now();
                let (answer, _) = within_budget(ask(&mut listener)).await?;
                // What was announced before the answer came before it, and is noted before the answer counts.
                while let Some(notification) = listener.next_buffered() {
                    note(revocations, &notification);
                }
                revocations.answered(asked, answer);
            }
        }
    }
}

async fn open(connect: &PgConnectOptions) -> Result<PgListener, sqlx::Error> {
    let one = PgPoolOptions::new()
        .max_connections(1)
        .connect_lazy_with(connect.clone());
    let mut listener = PgListener::connect_with(&one).await?;
    // A silent reconnect would hide what was missed meanwhile.
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

async fn ask(listener: &mut PgListener) -> Result<(DateTime<Utc>, Server), sqlx::Error> {
    let (answer, started_at) = super::store::heartbeat(listener).await?;
    Ok((answer, Server { started_at }))
}

async fn within_budget<T>(
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, StoreError> {
    match timeout(BUDGET, work).await {
        Ok(result) => Ok(result?),
        Err(_elapsed) => Err(sqlx::Error::PoolTimedOut.into()),
    }
}

fn note(revocations: &Revocations, notification: &PgNotification) {
    match SessionHash::from_hex(notification.payload()) {
        Some(session) => revocations.announced(session),
        None => revocations.announced_all(),
    }
}

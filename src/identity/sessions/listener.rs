//! Hears of ended and changed sessions, and proves twice a second that it still does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval, sleep};

use super::revocations::{Revocations, Server};
use super::{CHANNEL, SessionHash};
use crate::db::{Announcements, Db, StoreError};

const HEARTBEAT: Duration = Duration::from_millis(500);
const PAUSE: Duration = Duration::from_millis(200);

/// Runs until it is dropped.
pub(super) async fn run(db: Db, revocations: Arc<Revocations>) {
    loop {
        let lost = listen(&db, &revocations).await;
        revocations.lost();
        if let Err(error) = lost {
            tracing::debug!(%error, "the connection for revocations is lost; every session is looked up");
        }
        sleep(PAUSE).await;
    }
}

async fn listen(db: &Db, revocations: &Revocations) -> Result<(), StoreError> {
    let [pool, _] = db.pools();
    let mut announcements = Announcements::on(CHANNEL, pool).await?;
    let asked = Instant::now();
    let first = announcements.heartbeat().await?;
    let server = Server {
        started_at: first.server_started_at,
    };
    revocations.listening(server, asked, first.at);

    let mut ticks = interval(HEARTBEAT);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            heard = announcements.next() => match heard? {
                Some(session) => note(revocations, &session),
                None => return Ok(()),
            },
            _ = ticks.tick() => {
                let asked = Instant::now();
                let heartbeat = announcements.heartbeat().await?;
                // What came before the answer is noted before the answer counts.
                for session in &heartbeat.heard {
                    note(revocations, session);
                }
                revocations.answered(asked, heartbeat.at);
            }
        }
    }
}

fn note(revocations: &Revocations, session: &str) {
    match SessionHash::from_hex(session) {
        Some(session) => revocations.announced(session),
        None => revocations.announced_all(),
    }
}

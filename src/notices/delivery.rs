//! From notices to people's mailboxes: the job that leases, sends and marks.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::{BoxFuture, join_all};
use tokio_util::sync::CancellationToken;

use super::channels::{Channels, SendError};
use super::message::{self, Link};
use super::model::{Channel, DeliveryRule};
use super::store::{self, Due, Outcome, Standing};
use crate::db::{Db, StoreError};
use crate::error::Failure;
use crate::ids::Tagged as _;
use crate::jobs::{Job, begin};
use crate::rules::BySite;

/// Deliveries that one replica sends at the same time.
const AT_ONCE: i64 = 8;
/// Longer than any exchange with a server: who holds a delivery beyond this was killed.
const LEASE: TimeDelta = TimeDelta::minutes(2);
const NAME: &str = "delivery";

/// Sends what is due, over all replicas together; after a crash at the wrong moment once more.
pub(crate) struct Delivering {
    pub(crate) channels: Channels,
    pub(crate) link: Link,
    pub(crate) outstanding: Outstanding,
    pub(crate) stop: CancellationToken,
}

/// How much stood out when this replica last looked. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Outstanding(Arc<Figures>);

#[derive(Debug, Default)]
struct Figures {
    pending: AtomicI64,
    failed: AtomicI64,
    /// Seconds since 1970; 0 for none.
    oldest: AtomicI64,
    parked: AtomicI64,
}

impl Outstanding {
    pub fn pending(&self) -> i64 {
        self.0.pending.load(Ordering::Relaxed)
    }

    /// The dead letters.
    pub fn failed(&self) -> i64 {
        self.0.failed.load(Ordering::Relaxed)
    }

    /// When the notice was made that has waited longest; `None` when none waits.
    pub fn oldest_pending(&self) -> Option<DateTime<Utc>> {
        let oldest = self.0.oldest.load(Ordering::Relaxed);
        DateTime::from_timestamp(oldest, 0).filter(|_| oldest > 0)
    }

    /// The entries of which nobody could be told yet, because an announcer failed.
    pub fn parked(&self) -> i64 {
        self.0.parked.load(Ordering::Relaxed)
    }

    fn record(&self, standing: Standing) {
        let oldest = standing.oldest_pending.map_or(0, |at| at.timestamp());
        self.0.pending.store(standing.pending, Ordering::Relaxed);
        self.0.failed.store(standing.failed, Ordering::Relaxed);
        self.0.oldest.store(oldest, Ordering::Relaxed);
        self.0.parked.store(standing.parked, Ordering::Relaxed);
    }
}

impl Job for Delivering {
    fn name(&self) -> &'static str {
        NAME
    }

    fn run<'a>(&'a self, db: &'a Db) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let channels: Vec<Channel> = self.channels.open().into_iter().collect();
            while !channels.is_empty() && !self.stop.is_cancelled() {
                let due = lease(db, &channels).await?;
                if due.is_empty() {
                    break;
                }
                // What one of them meets is no reason to leave the others unmarked.
                let ended = join_all(due.iter().map(|due| self.deliver(db, due))).await;
                ended.into_iter().collect::<Result<(), _>>()?;
            }
            let mut tx = begin(db, NAME).await?;
            self.outstanding.record(store::standing(&mut tx).await?);
            Ok(())
        })
    }
}

/// Committed before anything is sent: from here on nobody else has these.
pub(super) async fn lease(db: &Db, channels: &[Channel]) -> Result<Vec<Due>, StoreError> {
    let mut tx = begin(db, NAME).await?;
    let until = tx.now() + LEASE;
    let due = store::lease(&mut tx, channels, (until, AT_ONCE)).await?;
    tx.commit().await?;
    Ok(due)
}

impl Delivering {
    async fn deliver(&self, db: &Db, due: &Due) -> Result<(), StoreError> {
        let sent = self.send(db, due).await;
        let mut tx = begin(db, NAME).await?;
        let now = tx.now();
        let outcome = match sent {
            Ok(()) => Outcome::Sent,
            Err(SendError::Never(error)) => Outcome::Failed(error),
            Err(SendError::Later(error)) => {
                let rule = BySite::<DeliveryRule>::at(&mut tx, now).await?;
                match rule.of(due.site).pause_after(due.attempts, chance()) {
                    Some(pause) => Outcome::Again(now + pause, error),
                    None => Outcome::Failed(error),
                }
            }
        };
        if let Outcome::Failed(error) = outcome {
            let delivery = due.id.global();
            tracing::error!(delivery, error, "a notice could not be delivered");
        }
        store::record(&mut tx, due, outcome).await?;
        tx.commit().await
    }

    pub(super) async fn send(&self, db: &Db, due: &Due) -> Result<(), SendError> {
        if !due.is_recipient_active {
            return Err(SendError::Never("RECIPIENT_DISABLED"));
        }
        let id = due.id.global();
        match due.channel {
            Channel::Email => {
                let mail = self.channels.mail.as_ref();
                let mail = mail.ok_or(SendError::Later("CHANNEL_CLOSED"))?;
                let letter = message::letter(&due.notice, due.language, &self.link);
                let now = db.clock().process();
                mail.send((&id, &due.email), &letter, now).await
            }
            Channel::Sms => {
                let sms = self.channels.sms.as_ref();
                let sms = sms.ok_or(SendError::Later("CHANNEL_CLOSED"))?;
                let number = due.mobile.as_deref();
                let number = number.ok_or(SendError::Never("ADDRESS_MISSING"))?;
                let text = message::text_message(&due.notice, due.language, &self.link);
                sms.send(&id, number, &text).await
            }
        }
    }
}

/// From 0 to 255; without randomness all come back at once, which does no harm.
fn chance() -> u8 {
    let mut byte = [0_u8; 1];
    let _ = openssl::rand::rand_bytes(&mut byte);
    u8::from_be_bytes(byte)
}

//! Timeline entries in the order in which they were committed (decision 9).
//!
//! A change notes its entry as pending. After the commit a relay numbers what is pending, one relay at a time and
//! without a gap, so that whoever has read up to a number has missed nothing below it. Notices read it, each reader
//! with a `since` of its own.

mod store;
#[cfg(test)]
mod tests;

use futures_util::future::BoxFuture;

pub(crate) use self::store::read;
use crate::db::{Db, StoreError};
use crate::error::Failure;
use crate::jobs::{Job, begin};
use crate::timeline::Entry;

const NAME: &str = "feed";
/// Entries that one transaction numbers.
const BATCH: i64 = 500;

/// An entry and its place.
#[derive(Debug, Clone)]
pub(crate) struct FeedItem {
    pub(crate) seq: i64,
    pub(crate) entry: Entry,
}

/// Numbers what is pending, in batches, until nothing is; answers how many entries it numbered.
///
/// While another relay is at it, this one does nothing. A relay that is killed has numbered only what it committed.
pub(crate) async fn relay(db: &Db) -> Result<usize, StoreError> {
    let mut numbered = 0;
    loop {
        let mut tx = begin(db, NAME).await?;
        let batch = store::number(&mut tx, BATCH).await?;
        tx.commit().await?;
        numbered += usize::try_from(batch).unwrap_or(0);
        if batch < BATCH {
            return Ok(numbered);
        }
    }
}

/// Numbers entries at each tick.
pub(crate) struct Relay;

impl Job for Relay {
    fn name(&self) -> &'static str {
        NAME
    }

    fn run<'a>(&'a self, db: &'a Db) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let numbered = relay(db).await?;
            tracing::trace!(numbered, "the feed is up to date");
            Ok(())
        })
    }
}

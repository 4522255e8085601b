//! Notices go when they are old: what they told of stays in the histories.

use chrono::TimeDelta;
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::model::RetentionRule;
use super::store;
use crate::db::{Db, StoreError};
use crate::error::Failure;
use crate::jobs::{Claimed, Job, begin, claim};
use crate::rules::{BySite, Site};

const NAME: &str = "notice_retention";
/// Notices that one transaction removes: short enough for nobody to wait.
const BATCH: i64 = 500;

/// Once a day, over all replicas together: removes what is older than the rule set of its reader's site says, with its
/// deliveries. What is still on its way stays. Letters and text messages are written when they are sent and kept nowhere.
pub(crate) struct PruningNotices {
    pub(crate) stop: CancellationToken,
}

impl Job for PruningNotices {
    fn name(&self) -> &'static str {
        NAME
    }

    fn run<'a>(&'a self, db: &'a Db) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let mut tx = begin(db, NAME).await?;
            let now = tx.now();
            let day = now.format("%Y-%m-%d").to_string();
            if claim(&mut tx, NAME, &day).await? == Claimed::Done {
                return Ok(());
            }
            let rule = BySite::<RetentionRule>::at(&mut tx, now).await?;
            // Whoever is killed from here on has left the rest to the next day.
            tx.commit().await?;
            for site in Site::ALL {
                let kept = TimeDelta::days(rule.of(site).kept_days);
                self.prune(db, site, kept).await?;
            }
            Ok(())
        })
    }
}

impl PruningNotices {
    async fn prune(&self, db: &Db, site: Site, kept: TimeDelta) -> Result<(), StoreError> {
        let mut removed = 0;
        while !self.stop.is_cancelled() {
            let mut tx = begin(db, NAME).await?;
            let before = tx.now() - kept;
            let batch = store::prune(&mut tx, site, (before, BATCH)).await?;
            tx.commit().await?;
            removed += batch;
            if i64::try_from(batch).is_ok_and(|batch| batch < BATCH) {
                break;
            }
        }
        if removed > 0 {
            tracing::info!(site = site.as_str(), removed, "old notices are removed");
        }
        Ok(())
    }
}

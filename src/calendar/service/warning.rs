//! The warning that a year's holidays are not imported, before deadlines are counted through it.

use futures_util::future::BoxFuture;

use super::{current, day_of};
use crate::db::Db;
use crate::error::Failure;
use crate::jobs::{self, Claimed, Job};

const NAME: &str = "calendar_warning";

/// Once a day over all replicas, while a year that is needed is not official.
pub(crate) struct WarnOfUnpublishedYear;

impl Job for WarnOfUnpublishedYear {
    fn name(&self) -> &'static str {
        NAME
    }

    fn run<'a>(&'a self, db: &'a Db) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let mut tx = jobs::begin(db, NAME).await?;
            let Some(year) = current(&mut tx).await?.unpublished(tx.now()) else {
                return Ok(());
            };
            let today = day_of(tx.now()).to_string();
            if jobs::claim(&mut tx, NAME, &today).await? == Claimed::Ours {
                tx.commit().await?;
                warn(year);
            }
            Ok(())
        })
    }
}

/// What a replica says when it starts. A database that is down is the readiness check's to report.
pub(crate) async fn warn_at_start(db: &Db) {
    let Ok(mut tx) = jobs::begin(db, NAME).await else {
        return;
    };
    if let Ok(calendar) = current(&mut tx).await
        && let Some(year) = calendar.unpublished(tx.now())
    {
        warn(year);
    }
}

fn warn(year: i32) {
    tracing::warn!(
        year,
        "WORKING-DAY CALENDAR: the holidays of the year are not imported; deadlines through it count weekends alone \
         and may move later. Import the notice with `portico calendar import` or workCalendarImport"
    );
}

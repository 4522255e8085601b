//! From the feed to notices: the job that asks the announcers and writes what they say.

use std::collections::BTreeSet;

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::model::{Channel, DeliveryRule};
use super::seam::{Announcers, Happening, NoticeDraft};
use super::store::{self, NewNotice};
use crate::db::{Db, StoreError, Tx};
use crate::error::Failure;
use crate::feed::{self, FeedItem};
use crate::ids::{MemberId, OrganisationId, Tagged as _, TimelineEntryId};
use crate::jobs::{Job, begin};
use crate::rules;

/// Entries that one transaction turns into notices.
const BATCH: i64 = 100;
pub(super) const NAME: &str = "notices";

/// Reads the feed from where it stands and makes notices of it, over all replicas together.
pub(crate) struct Making {
    pub(crate) announcers: Announcers,
    /// The channels of this deployment: on no other is anything left waiting.
    pub(crate) channels: BTreeSet<Channel>,
    pub(crate) stop: CancellationToken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    More,
    CaughtUp,
}

impl Job for Making {
    fn name(&self) -> &'static str {
        NAME
    }

    fn run<'a>(&'a self, db: &'a Db) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            while !self.stop.is_cancelled() && self.batch(db).await? == Progress::More {}
            Ok(())
        })
    }
}

impl Making {
    /// The notices of a batch and the new position are one transaction: none is lost, and none is made again.
    async fn batch(&self, db: &Db) -> Result<Progress, StoreError> {
        let mut tx = begin(db, NAME).await?;
        // Another replica at work needs no help.
        let Some(position) = store::lock_position(&mut tx).await? else {
            return Ok(Progress::CaughtUp);
        };
        let items = feed::read(&mut tx, position, BATCH).await?;
        let Some(last) = items.last().map(|item| item.seq) else {
            return Ok(Progress::CaughtUp);
        };
        let now = tx.now();
        let rule: DeliveryRule = rules::of(&mut tx, now).await?;
        for item in items {
            let happened = happening(item);
            let drafts = self.announcers.announce(&mut tx, &happened).await?;
            let channels = if rule.is_news(happened.at, now) {
                self.channels.clone()
            } else {
                BTreeSet::new()
            };
            let origin = Origin::of(&happened);
            make(&mut tx, &origin, &drafts, &channels).await?;
        }
        store::record_position(&mut tx, last).await?;
        tx.commit().await?;
        Ok(Progress::More)
    }
}

/// The one place that knows how the feed spells an entry.
fn happening(item: FeedItem) -> Happening {
    let entry = item.entry;
    Happening {
        entry: entry.id,
        organisation: entry.organisation,
        object_kind: entry.object_kind,
        object: entry.object_id,
        object_version: entry.version,
        at: entry.at,
        actor: entry.actor,
        action: entry.action,
        details: entry.details,
    }
}

/// What a notice goes back to.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) cause: String,
    pub(super) entry: Option<(OrganisationId, TimelineEntryId)>,
    pub(super) object_kind: String,
    pub(super) object: uuid::Uuid,
    pub(super) at: chrono::DateTime<chrono::Utc>,
    /// Who needs no notice: it was their own doing.
    pub(super) actor: Option<MemberId>,
}

impl Origin {
    fn of(happened: &Happening) -> Self {
        Self {
            cause: happened.entry.global(),
            entry: Some((happened.organisation, happened.entry)),
            object_kind: happened.object_kind.clone(),
            object: happened.object,
            at: happened.at,
            actor: MemberId::parse(&happened.actor),
        }
    }
}

/// Finds everybody whom the drafts are for, and writes a notice to each with the deliveries that they want.
pub(super) async fn make(
    tx: &mut Tx,
    origin: &Origin,
    drafts: &[NoticeDraft],
    channels: &BTreeSet<Channel>,
) -> Result<(), StoreError> {
    for draft in drafts {
        for person in store::people(tx, draft.audience, draft.kind.topic()).await? {
            if Some(person.member) == origin.actor {
                continue;
            }
            let notice = NewNotice {
                id: tx.fresh_id(),
                person: &person,
                draft,
                origin,
            };
            if store::insert(tx, &notice).await? == store::Inserted::Already {
                continue;
            }
            let wanted = channels.iter().copied();
            let wanted: Vec<Channel> = wanted.filter(|channel| person.wants(*channel)).collect();
            store::insert_deliveries(tx, &notice, &wanted).await?;
        }
    }
    Ok(())
}

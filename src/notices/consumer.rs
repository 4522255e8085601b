//! From the feed to notices: the job that asks the announcers and writes what they say.

use std::collections::BTreeSet;

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::model::{Channel, DeliveryRule, pause_of_parked};
use super::seam::{Announcers, Happening, NoticeDraft};
use super::store::{self, NewNotice};
use crate::db::{Db, StoreError, Tx};
use crate::error::Failure;
use crate::feed::{self, FeedItem};
use crate::ids::{MemberId, OrganisationId, Tagged as _, TimelineEntryId};
use crate::jobs::{Job, begin};
use crate::rules::{BySite, Site};

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

/// Whether an entry became notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Yes,
    /// Its announcer failed; nothing was written.
    No,
}

impl Job for Making {
    fn name(&self) -> &'static str {
        NAME
    }

    fn run<'a>(&'a self, db: &'a Db) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            while !self.stop.is_cancelled() && self.batch(db).await? == Progress::More {}
            while !self.stop.is_cancelled() && self.parked(db).await? == Progress::More {}
            Ok(())
        })
    }
}

impl Making {
    /// The notices of a batch and the new position are one transaction: none is lost, and none is made again. An entry
    /// whose announcer fails is parked in the same transaction, and holds up no other.
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
        let rule = BySite::at(&mut tx, now).await?;
        for item in items {
            let seq = item.seq;
            if self.tell(&mut tx, item, &rule).await? == Told::No {
                store::park(&mut tx, seq, now + pause_of_parked(1)).await?;
            }
        }
        store::record_position(&mut tx, last).await?;
        tx.commit().await?;
        Ok(Progress::More)
    }

    /// Tries one parked entry again whose time has come.
    async fn parked(&self, db: &Db) -> Result<Progress, StoreError> {
        let mut tx = begin(db, NAME).await?;
        let Some(parked) = store::lock_parked(&mut tx).await? else {
            return Ok(Progress::CaughtUp);
        };
        let now = tx.now();
        let rule = BySite::at(&mut tx, now).await?;
        let next = feed::read(&mut tx, parked.seq - 1, 1).await?;
        let item = next.into_iter().find(|item| item.seq == parked.seq);
        let told = match item {
            Some(item) => self.tell(&mut tx, item, &rule).await?,
            // What the job cannot see any more is nobody's news.
            None => Told::Yes,
        };
        match told {
            Told::Yes => store::unpark(&mut tx, parked.seq).await?,
            Told::No => {
                let again = now + pause_of_parked(parked.attempts + 1);
                store::park(&mut tx, parked.seq, again).await?;
            }
        }
        tx.commit().await?;
        Ok(Progress::More)
    }

    /// Makes the notices of one entry, or none of them.
    async fn tell(
        &self,
        tx: &mut Tx,
        item: FeedItem,
        rule: &BySite<DeliveryRule>,
    ) -> Result<Told, StoreError> {
        let (seq, happened) = (item.seq, happening(item));
        store::set_mark(tx).await?;
        match self.announce(tx, &happened, rule).await {
            Ok(()) => {
                store::drop_mark(tx).await?;
                Ok(Told::Yes)
            }
            // Another transaction was in the way: the whole batch is made again.
            Err(error) if error.is_retryable() => Err(error),
            Err(error) => {
                // Without a connection this fails too, and the batch with it.
                store::return_to_mark(tx).await?;
                let action = happened.action.as_str();
                let error = &error as &dyn std::error::Error;
                tracing::error!(
                    seq,
                    action,
                    error,
                    "an entry is parked: nobody could be told"
                );
                Ok(Told::No)
            }
        }
    }

    async fn announce(
        &self,
        tx: &mut Tx,
        happened: &Happening,
        rule: &BySite<DeliveryRule>,
    ) -> Result<(), StoreError> {
        let drafts = self.announcers.announce(tx, happened).await?;
        let now = tx.now();
        let sites = Site::ALL.into_iter();
        let news: Vec<Site> = sites
            .filter(|site| rule.of(*site).is_news(happened.at, now))
            .collect();
        let ways = Ways {
            channels: &self.channels,
            sites: &news,
        };
        make(tx, &Origin::of(happened), &drafts, ways).await
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

/// Which ways out of the portal are open, and for people of which sites.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ways<'a> {
    pub(super) channels: &'a BTreeSet<Channel>,
    /// On any other site it is too old to be sent.
    pub(super) sites: &'a [Site],
}

/// Finds everybody whom the drafts are for, and writes a notice to each with the deliveries that they want.
pub(super) async fn make(
    tx: &mut Tx,
    origin: &Origin,
    drafts: &[NoticeDraft],
    ways: Ways<'_>,
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
            if !ways.sites.contains(&person.site) {
                continue;
            }
            let wanted = ways.channels.iter().copied();
            let wanted: Vec<Channel> = wanted.filter(|channel| person.wants(*channel)).collect();
            store::insert_deliveries(tx, &notice, &wanted).await?;
        }
    }
    Ok(())
}

//! What people can do with their notices. All of it is one's own; only deliveries are looked after by the vendor.

use serde::{Deserialize, Serialize};

use super::error::NoticeRefusal;
use super::model::{Channel, Delivery, DeliveryState, Notice, Topic};
use super::store::{self, Which};
use crate::db::{Change, Scope, Snapshot, StoreError, Tx};
use crate::error::{Failure, Faults};
use crate::explain::{Remover, Verdict};
use crate::i18n::Locale;
use crate::ids::{MemberId, NoticeId, OrganisationId};
use crate::paging::{Page, Sort, Window};
use crate::viewer::{Permission, Viewer};

/// Notices that one request may mark.
const MOST_IDS: usize = 100;

/// The member who acts; nobody else has notices.
fn oneself(viewer: &Viewer) -> Result<(OrganisationId, MemberId), NoticeRefusal> {
    match viewer {
        Viewer::Member(acting) => Ok((acting.acting_for.organisation, acting.member)),
        Viewer::Federated(_) | Viewer::Service(_) => Err(NoticeRefusal::NotAMember),
    }
}

/// A frozen organisation's people read on, and may say that they did.
fn own(viewer: &Viewer) -> Result<Scope, Failure> {
    let (organisation, _) = oneself(viewer)?;
    Ok(Scope::Own(organisation))
}

pub(super) async fn list(
    viewer: &Viewer,
    snapshot: &Snapshot,
    which: Which,
    (sort, window): (Sort, &Window),
) -> Result<Page<Notice>, Failure> {
    let (_, member) = oneself(viewer)?;
    let mut tx = snapshot.read().await?;
    let rows = store::list(&mut tx, snapshot.scope(), (member, which), (sort, window)).await?;
    Ok(Page::of(rows, window))
}

/// One more than [`crate::paging::LARGEST_COUNT`] stands for all above it.
pub(super) async fn count_unread(viewer: &Viewer, snapshot: &Snapshot) -> Result<i64, Failure> {
    let (_, member) = oneself(viewer)?;
    let mut tx = snapshot.read().await?;
    Ok(store::count_unread(&mut tx, snapshot.scope(), member).await?)
}

/// Those of the ids that are the viewer's own.
pub(super) async fn find(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[NoticeId],
) -> Result<Vec<Notice>, Failure> {
    let Ok((_, member)) = oneself(viewer) else {
        return Ok(Vec::new());
    };
    let mut tx = snapshot.read().await?;
    Ok(store::find(&mut tx, snapshot.scope(), member, ids).await?)
}

/// The deliveries of the viewer's own notices.
pub(super) async fn deliveries_of(
    viewer: &Viewer,
    snapshot: &Snapshot,
    notices: &[NoticeId],
) -> Result<Vec<Delivery>, Failure> {
    let (_, member) = oneself(viewer)?;
    let mut tx = snapshot.read().await?;
    Ok(store::deliveries_of(&mut tx, snapshot.scope(), member, notices).await?)
}

/// Whoever may read the audit of the vendor sees every delivery, and no address or sentence with it.
fn overseer(viewer: &Viewer) -> Result<(), Failure> {
    viewer.vendor(Permission::ReadAudit)?;
    Ok(())
}

pub(super) async fn list_deliveries(
    viewer: &Viewer,
    snapshot: &Snapshot,
    states: Option<&[DeliveryState]>,
    (sort, window): (Sort, &Window),
) -> Result<Page<Delivery>, Failure> {
    overseer(viewer)?;
    let mut tx = snapshot.read().await?;
    let rows = store::list_deliveries(&mut tx, snapshot.scope(), states, (sort, window)).await?;
    Ok(Page::of(rows, window))
}

pub(super) async fn count_deliveries(
    viewer: &Viewer,
    snapshot: &Snapshot,
    states: Option<&[DeliveryState]>,
) -> Result<i64, Failure> {
    overseer(viewer)?;
    let mut tx = snapshot.read().await?;
    Ok(store::count_deliveries(&mut tx, snapshot.scope(), states).await?)
}

/// Says that notices were read; those that were read before keep their time.
pub(super) struct MarkRead {
    /// `None`: all that are there.
    pub(super) ids: Option<Vec<NoticeId>>,
}

/// Which notices a change was about; empty for all.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Marked(pub(super) Vec<NoticeId>);

impl Change for MarkRead {
    type Outcome = Marked;
    const NAME: &'static str = "notices.mark_read";
    const ACTION: &'static str = "noticesMarkRead";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        own(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Marked, Failure> {
        let member = acting_member(tx)?;
        let Some(ids) = &self.ids else {
            store::mark_all_read(tx, scope, member).await?;
            return Ok(Marked(Vec::new()));
        };
        if ids.len() > MOST_IDS {
            return Err(NoticeRefusal::TooMany { maximum: MOST_IDS }.into());
        }
        let found = store::find(tx, scope, member, ids).await?;
        let mut faults = Faults::default();
        for (index, id) in ids.iter().enumerate() {
            if !found.iter().any(|notice| notice.id == *id) {
                faults.add(NoticeRefusal::NotFound { index });
            }
        }
        faults.check()?;
        store::mark_read(tx, scope, member, ids).await?;
        Ok(Marked(ids.clone()))
    }
}

/// Whether the viewer may mark a notice that it reads: nobody reads another one's, so only what the viewer is counts.
pub(super) fn mark_read_verdict(viewer: &Viewer) -> Verdict {
    Verdict::new(MarkRead::ACTION).granted(own(viewer), Remover::Viewer)
}

/// What a member wants to be told how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Preferences {
    pub(super) language: Locale,
    pub(super) topics: Vec<TopicPreference>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TopicPreference {
    pub(super) topic: Topic,
    pub(super) email: bool,
    pub(super) sms: bool,
}

/// Every topic, with what the member said and else what holds unasked.
pub(super) async fn preferences(
    viewer: &Viewer,
    snapshot: &Snapshot,
) -> Result<Preferences, Failure> {
    let (_, member) = oneself(viewer)?;
    let mut tx = snapshot.read().await?;
    let said = store::preferences(&mut tx, snapshot.scope(), member).await?;
    let language = store::language(&mut tx, snapshot.scope(), member).await?;
    let wish = |topic: Topic, channel: Channel| {
        let mut said = said.iter();
        let said = said.find(|(about, over, _)| *about == topic && *over == channel);
        said.map_or(topic.is_sent_unasked(channel), |(.., wanted)| *wanted)
    };
    let topics = Topic::ALL.iter().map(|&topic| TopicPreference {
        topic,
        email: wish(topic, Channel::Email),
        sms: wish(topic, Channel::Sms),
    });
    Ok(Preferences {
        language,
        topics: topics.collect(),
    })
}

/// Says how one wants to be told; what is left out stays as it is.
pub(super) struct UpdatePreferences {
    pub(super) language: Option<Locale>,
    /// Topic, channel, and whether it is wanted.
    pub(super) wishes: Vec<(Topic, Channel, bool)>,
}

impl Change for UpdatePreferences {
    type Outcome = ();
    const NAME: &'static str = "notices.update_preferences";
    const ACTION: &'static str = "noticePreferencesUpdate";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        own(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<(), Failure> {
        let member = acting_member(tx)?;
        let organisation = scope.organisation().ok_or(NoticeRefusal::NotAMember)?;
        if let Some(language) = self.language {
            store::record_language(tx, (organisation, member), language).await?;
        }
        for &wish in &self.wishes {
            store::record_preference(tx, (organisation, member), wish).await?;
        }
        Ok(())
    }
}

fn acting_member(tx: &Tx) -> Result<MemberId, NoticeRefusal> {
    use crate::ids::Tagged as _;
    MemberId::parse(&tx.acting().actor).ok_or(NoticeRefusal::NotAMember)
}

/// How many notices were made, whoever they are for; for a job.
pub(crate) async fn count(tx: &mut Tx) -> Result<i64, StoreError> {
    store::count(tx).await
}

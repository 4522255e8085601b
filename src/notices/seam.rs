//! The seam by which a domain says who is told what. Domains implement [`Announces`], `app.rs` registers them; this
//! module knows none of them.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::model::{NoticeKind, Params};
use crate::db::{StoreError, Tx};
use crate::ids::{MemberId, OrganisationId, TimelineEntryId};
use crate::rules::Site;

/// Whom a notice is for. Only active members are told anything, and nobody of what they did themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    Member(MemberId),
    /// The holder of the organisation's main account.
    MainAccount(OrganisationId),
}

/// One sentence for one audience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoticeDraft {
    pub(crate) audience: Audience,
    pub(crate) kind: NoticeKind,
    pub(crate) params: Params,
}

/// An entry of the feed, as announcers read it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Happening {
    pub(crate) entry: TimelineEntryId,
    pub(crate) organisation: OrganisationId,
    /// The tag of the object's ids, and the id.
    pub(crate) object_kind: String,
    pub(crate) object: Uuid,
    pub(crate) object_version: i64,
    pub(crate) at: DateTime<Utc>,
    /// The global id of whoever did it, or `job:<name>`.
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) details: serde_json::Value,
}

/// A deadline whose last day is near.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NearDeadline {
    pub(crate) deadline: Uuid,
    /// Its kind, as the table spells it.
    pub(crate) kind: String,
    pub(crate) organisation: OrganisationId,
    pub(crate) object_kind: String,
    pub(crate) object: Uuid,
    pub(crate) due_until: DateTime<Utc>,
    pub(crate) last_day_on: NaiveDate,
    /// Whose rule set says when it is near.
    pub(crate) site: Site,
}

/// Answers for one domain who is told what.
pub(crate) trait Announces: Send + Sync {
    /// The tag of the objects that it speaks for.
    fn object_kind(&self) -> &'static str;

    /// What an entry of the feed means to people; nothing, for most.
    fn announce<'a>(
        &'a self,
        tx: &'a mut Tx,
        happened: &'a Happening,
    ) -> BoxFuture<'a, Result<Vec<NoticeDraft>, StoreError>>;

    /// Whom a deadline is called to mind.
    fn remind<'a>(
        &'a self,
        tx: &'a mut Tx,
        deadline: &'a NearDeadline,
    ) -> BoxFuture<'a, Result<Vec<NoticeDraft>, StoreError>>;
}

/// All announcers of a deployment.
#[derive(Clone, Default)]
pub(crate) struct Announcers(Arc<[Box<dyn Announces>]>);

impl Announcers {
    pub(crate) fn new(announcers: Vec<Box<dyn Announces>>) -> Self {
        Self(announcers.into())
    }

    pub(super) async fn announce(
        &self,
        tx: &mut Tx,
        happened: &Happening,
    ) -> Result<Vec<NoticeDraft>, StoreError> {
        let mut drafts = Vec::new();
        for announcer in self.of(&happened.object_kind) {
            drafts.extend(announcer.announce(tx, happened).await?);
        }
        Ok(drafts)
    }

    pub(super) async fn remind(
        &self,
        tx: &mut Tx,
        deadline: &NearDeadline,
    ) -> Result<Vec<NoticeDraft>, StoreError> {
        let mut drafts = Vec::new();
        for announcer in self.of(&deadline.object_kind) {
            drafts.extend(announcer.remind(tx, deadline).await?);
        }
        Ok(drafts)
    }

    fn of(&self, object_kind: &str) -> impl Iterator<Item = &dyn Announces> {
        let all = self.0.iter().map(AsRef::as_ref);
        all.filter(move |announcer| announcer.object_kind() == object_kind)
    }
}

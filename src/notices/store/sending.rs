//! Deliveries on their way: leased by one replica at a time, and marked when they are through.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use super::super::model::{Channel, Delivery, Notice, NoticeKind, Params, global_id};
use super::reading::find_delivery;
use super::site_of;
use crate::db::{Scope, StoreError, Tx};
use crate::i18n::Locale;
use crate::ids::{NoticeDeliveryId, NoticeId};
use crate::rules::Site;

/// A delivery that is ours until its lease ends, with all that it takes to send it.
#[derive(Debug, Clone)]
pub(in crate::notices) struct Due {
    pub(in crate::notices) id: NoticeDeliveryId,
    pub(in crate::notices) channel: Channel,
    /// This one included: an attempt counts when it begins, so that one that kills its process counts too.
    pub(in crate::notices) attempts: i32,
    pub(in crate::notices) notice: Notice,
    pub(in crate::notices) language: Locale,
    pub(in crate::notices) email: String,
    pub(in crate::notices) mobile: Option<String>,
    pub(in crate::notices) is_recipient_active: bool,
    /// Whose rule set says when it is tried again.
    pub(in crate::notices) site: Site,
    locked_until: DateTime<Utc>,
}

struct Row {
    id: Uuid,
    notice_id: Uuid,
    channel: String,
    attempts: i32,
    kind: String,
    object_kind: String,
    object_id: Uuid,
    params: Json<Params>,
    reason: Option<String>,
    at: DateTime<Utc>,
    language: String,
    email: String,
    mobile: Option<String>,
    is_recipient_active: bool,
    organisation_id: Uuid,
    site: String,
}

impl Row {
    fn due(self, locked_until: DateTime<Utc>) -> Result<Due, StoreError> {
        let corrupt = |column| StoreError::corrupt(column, self.id);
        Ok(Due {
            channel: Channel::parse(&self.channel)
                .ok_or_else(|| corrupt("notice_deliveries.channel"))?,
            notice: Notice {
                id: NoticeId(self.notice_id),
                kind: NoticeKind::parse(&self.kind).ok_or_else(|| corrupt("notices.kind"))?,
                object: global_id(&self.object_kind, self.object_id),
                params: self.params.0,
                reason: self.reason,
                at: self.at,
                read_at: None,
            },
            id: NoticeDeliveryId(self.id),
            attempts: self.attempts,
            language: Locale::accepted(Some(&self.language)),
            email: self.email,
            mobile: self.mobile,
            is_recipient_active: self.is_recipient_active,
            site: site_of(&self.site, self.organisation_id)?,
            locked_until,
        })
    }
}

/// Takes up to `limit` deliveries whose time has come and that nobody holds, until `locked_until`.
pub(in crate::notices) async fn lease(
    tx: &mut Tx,
    channels: &[Channel],
    (locked_until, limit): (DateTime<Utc>, i64),
) -> Result<Vec<Due>, StoreError> {
    let now = tx.now();
    let channels: Vec<String> = channels
        .iter()
        .map(|channel| channel.as_str().to_owned())
        .collect();
    let rows = sqlx::query_as!(
        Row,
        r#"UPDATE notice_deliveries sent
           SET locked_until = $1, attempts = attempts + 1
           FROM notices
           JOIN members ON members.organisation_id = notices.organisation_id AND members.id = notices.member_id
           JOIN organisations ON organisations.id = notices.organisation_id
           LEFT JOIN timeline_entries entry
             ON entry.organisation_id = notices.entry_organisation_id AND entry.id = notices.entry_id
           WHERE sent.id IN (
               SELECT id FROM notice_deliveries
               WHERE state = 'PENDING' AND channel = ANY($2) AND next_attempt_at <= $3
                 AND (locked_until IS NULL OR locked_until <= $3)
               ORDER BY next_attempt_at, id LIMIT $4 FOR UPDATE SKIP LOCKED)
             AND notices.organisation_id = sent.organisation_id AND notices.id = sent.notice_id
           RETURNING sent.id, sent.notice_id, sent.channel, sent.attempts, notices.kind, notices.object_kind,
             notices.object_id, notices.params AS "params!: Json<Params>", entry.reason AS "reason?", notices.at,
             members.language, members.email, members.mobile,
             (members.state = 'ACTIVE') AS "is_recipient_active!", notices.organisation_id, organisations.site"#,
        locked_until,
        &channels,
        now,
        limit,
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(|row| row.due(locked_until)).collect()
}

/// What became of a leased delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::notices) enum Outcome {
    Sent,
    /// It can be tried again from then on.
    Again(DateTime<Utc>, &'static str),
    Failed(&'static str),
}

/// Ends the lease with what became of the delivery, unless somebody else took it over in the meantime.
pub(in crate::notices) async fn record(
    tx: &mut Tx,
    due: &Due,
    outcome: Outcome,
) -> Result<(), StoreError> {
    let now = tx.now();
    let (state, next, error) = match outcome {
        Outcome::Sent => ("SENT", None, None),
        Outcome::Again(at, error) => ("PENDING", Some(at), Some(error)),
        Outcome::Failed(error) => ("FAILED", None, Some(error)),
    };
    let ended = next.is_none().then_some(now);
    sqlx::query!(
        "UPDATE notice_deliveries
         SET state = $3, next_attempt_at = $4, last_error = $5, ended_at = $6, locked_until = NULL
         WHERE id = $1 AND locked_until = $2 AND state = 'PENDING'",
        due.id.0,
        due.locked_until,
        state,
        next,
        error,
        ended,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// A delivery of the scope, locked until the transaction ends.
pub(in crate::notices) async fn lock_delivery(
    tx: &mut Tx,
    scope: &Scope,
    id: NoticeDeliveryId,
) -> Result<Option<Delivery>, StoreError> {
    sqlx::query!(
        "SELECT id FROM notice_deliveries WHERE id = $1 AND ($2::uuid IS NULL OR organisation_id = $2) FOR UPDATE",
        id.0,
        scope.owner(),
    )
    .fetch_optional(tx.connection())
    .await?;
    // Read after it was locked: as whoever had it before left it.
    find_delivery(tx, scope, id).await
}

/// Begins again with a delivery that was given up; answers the version that it made.
pub(in crate::notices) async fn record_retried(
    tx: &mut Tx,
    id: NoticeDeliveryId,
) -> Result<i64, StoreError> {
    let now = tx.now();
    Ok(sqlx::query_scalar!(
        "UPDATE notice_deliveries
         SET state = 'PENDING', attempts = 0, next_attempt_at = $2, ended_at = NULL, version = version + 1
         WHERE id = $1 RETURNING version",
        id.0,
        now,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// How much stands out, for those who watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::notices) struct Standing {
    pub(in crate::notices) pending: i64,
    pub(in crate::notices) failed: i64,
    pub(in crate::notices) oldest_pending: Option<DateTime<Utc>>,
    /// Entries of which nobody could be told yet.
    pub(in crate::notices) parked: i64,
}

pub(in crate::notices) async fn standing(tx: &mut Tx) -> Result<Standing, StoreError> {
    Ok(sqlx::query_as!(
        Standing,
        r#"SELECT (SELECT count(*) FROM notice_deliveries WHERE state = 'PENDING') AS "pending!",
             (SELECT count(*) FROM notice_deliveries WHERE state = 'FAILED') AS "failed!",
             (SELECT min(made_at) FROM notice_deliveries WHERE state = 'PENDING') AS "oldest_pending?",
             (SELECT count(*) FROM notice_parked) AS "parked!""#,
    )
    .fetch_one(tx.connection())
    .await?)
}

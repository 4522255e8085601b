//! The only SQL about notices: here, what makes them; below, how they are read and how they are sent.

mod keeping;
mod reading;
mod sending;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub(super) use keeping::{drop_mark, lock_parked, park, prune, return_to_mark, set_mark, unpark};
pub(super) use reading::{
    Which, count_deliveries, count_unread, deliveries_of, find, find_delivery, language, list,
    list_deliveries, mark_all_read, mark_read, preferences, record_language, record_preference,
};
pub(super) use sending::{
    Due, Outcome, Standing, lease, lock_delivery, record, record_retried, standing,
};

use super::consumer::Origin;
use super::model::{Channel, Topic};
use super::seam::{Audience, NearDeadline, NoticeDraft};
use crate::db::{StoreError, Tx};
use crate::ids::{MemberId, NoticeDeliveryId, NoticeId, OrganisationId};
use crate::rules::Site;

/// How far of the feed has become notices, held until the transaction ends; `None` while another replica holds it.
pub(super) async fn lock_position(tx: &mut Tx) -> Result<Option<i64>, StoreError> {
    Ok(
        sqlx::query_scalar!("SELECT seq FROM notice_position FOR UPDATE SKIP LOCKED")
            .fetch_optional(tx.connection())
            .await?,
    )
}

pub(super) async fn record_position(tx: &mut Tx, seq: i64) -> Result<(), StoreError> {
    sqlx::query!("UPDATE notice_position SET seq = $1", seq)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Somebody who is to be told, with what they said about this topic.
pub(super) struct Person {
    pub(super) organisation: OrganisationId,
    pub(super) member: MemberId,
    pub(super) site: Site,
    has_mobile: bool,
    topic: Topic,
    said: BTreeMap<Channel, bool>,
}

impl Person {
    pub(super) fn wants(&self, channel: Channel) -> bool {
        let reachable = match channel {
            Channel::Email => true,
            Channel::Sms => self.has_mobile,
        };
        let said = self.said.get(&channel).copied();
        reachable && said.unwrap_or_else(|| self.topic.is_sent_unasked(channel))
    }
}

/// The active members of an audience in organisations that are not closed.
pub(super) async fn people(
    tx: &mut Tx,
    audience: Audience,
    topic: Topic,
) -> Result<Vec<Person>, StoreError> {
    let (member, main_account) = match audience {
        Audience::Member(MemberId(id)) => (Some(id), None),
        Audience::MainAccount(OrganisationId(id)) => (None, Some(id)),
    };
    let rows = sqlx::query!(
        r#"SELECT members.organisation_id, members.id, site, mobile IS NOT NULL AS "has_mobile!",
             ARRAY(SELECT channel || CASE WHEN enabled THEN '+' ELSE '-' END FROM notice_preferences said
                   WHERE said.organisation_id = members.organisation_id AND said.member_id = members.id
                     AND topic = $1) AS "said!"
           FROM members JOIN organisations ON organisations.id = members.organisation_id
           WHERE members.state = 'ACTIVE' AND organisations.state <> 'CLOSED'
             AND (members.id = $2
               OR (organisations.id = $3 AND organisations.main_account_id = members.id))
           ORDER BY members.id"#,
        topic.as_str(),
        member,
        main_account,
    )
    .fetch_all(tx.connection())
    .await?;
    let said = |words: Vec<String>| {
        words
            .iter()
            .filter_map(|word| {
                let (channel, sign) = word.split_at_checked(word.len().checked_sub(1)?)?;
                Some((Channel::parse(channel)?, sign == "+"))
            })
            .collect()
    };
    rows.into_iter()
        .map(|row| {
            Ok(Person {
                organisation: OrganisationId(row.organisation_id),
                member: MemberId(row.id),
                site: site_of(&row.site, row.organisation_id)?,
                has_mobile: row.has_mobile,
                topic,
                said: said(row.said),
            })
        })
        .collect()
}

fn site_of(text: &str, organisation: Uuid) -> Result<Site, StoreError> {
    Site::parse(text).ok_or(StoreError::corrupt("organisations.site", organisation))
}

pub(super) struct NewNotice<'a> {
    pub(super) id: NoticeId,
    pub(super) person: &'a Person,
    pub(super) draft: &'a NoticeDraft,
    pub(super) origin: &'a Origin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inserted {
    Yes,
    /// This person was told of this cause before.
    Already,
}

pub(super) async fn insert(tx: &mut Tx, new: &NewNotice<'_>) -> Result<Inserted, StoreError> {
    let (now, origin) = (tx.now(), new.origin);
    let inserted = sqlx::query!(
        "INSERT INTO notices (organisation_id, id, member_id, kind, cause, entry_organisation_id, entry_id, object_kind,
             object_id, params, at, made_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (member_id, kind, cause) DO NOTHING",
        new.person.organisation.0,
        new.id.0,
        new.person.member.0,
        new.draft.kind.as_str(),
        origin.cause,
        origin.entry.map(|(organisation, _)| organisation.0),
        origin.entry.map(|(_, entry)| entry.0),
        origin.object_kind,
        origin.object,
        serde_json::to_value(&new.draft.params)?,
        origin.at,
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(match inserted.rows_affected() {
        0 => Inserted::Already,
        _ => Inserted::Yes,
    })
}

pub(super) async fn insert_deliveries(
    tx: &mut Tx,
    new: &NewNotice<'_>,
    channels: &[Channel],
) -> Result<(), StoreError> {
    let now = tx.now();
    for channel in channels {
        let NoticeDeliveryId(id) = tx.fresh_id();
        sqlx::query!(
            "INSERT INTO notice_deliveries (organisation_id, id, notice_id, channel, made_at, next_attempt_at)
             VALUES ($1, $2, $3, $4, $5, $5)",
            new.person.organisation.0,
            id,
            new.id.0,
            channel.as_str(),
            now,
        )
        .execute(tx.connection())
        .await?;
    }
    Ok(())
}

/// Running deadlines of these kinds that end before `before` and of whose last day nobody was told yet.
pub(super) async fn near_deadlines(
    tx: &mut Tx,
    job: &'static str,
    kinds: &[String],
    before: DateTime<Utc>,
) -> Result<Vec<NearDeadline>, StoreError> {
    let now = tx.now();
    let rows = sqlx::query!(
        r#"SELECT organisation_id, deadlines.id, object_kind, object_id, deadlines.kind, due_until, last_day_on, site
           FROM deadlines JOIN organisations ON organisations.id = organisation_id
           WHERE deadlines.state = 'RUNNING' AND deadlines.kind = ANY($1) AND due_until > $2 AND due_until < $3
             AND NOT EXISTS (SELECT FROM job_runs
                             WHERE job_runs.kind = $4 AND period = deadlines.id::text || '@' || last_day_on::text)
           ORDER BY due_until, deadlines.id LIMIT 200"#,
        kinds,
        now,
        before,
        job,
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(NearDeadline {
                deadline: row.id,
                kind: row.kind,
                organisation: OrganisationId(row.organisation_id),
                object_kind: row.object_kind,
                object: row.object_id,
                due_until: row.due_until,
                last_day_on: row.last_day_on,
                site: site_of(&row.site, row.organisation_id)?,
            })
        })
        .collect()
}

/// How many notices were made, whoever they are for.
pub(super) async fn count(tx: &mut Tx) -> Result<i64, StoreError> {
    let count = sqlx::query_scalar!("SELECT count(*) FROM notices")
        .fetch_one(tx.connection())
        .await?;
    Ok(count.unwrap_or_default())
}

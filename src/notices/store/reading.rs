//! What people read of their notices, and what they say about them. Every statement names the member.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::super::model::{
    Channel, Delivery, DeliveryState, Notice, NoticeKind, Params, Topic, global_id,
};
use crate::db::{Scope, StoreError, Tx};
use crate::i18n::Locale;
use crate::ids::{MemberId, NoticeDeliveryId, NoticeId, OrganisationId};
use crate::paging::{LARGEST_COUNT, Sort, Window};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    kind: String,
    object_kind: String,
    object_id: Uuid,
    params: Json<Params>,
    reason: Option<String>,
    at: DateTime<Utc>,
    read_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Notice {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let kind = NoticeKind::parse(&row.kind);
        Ok(Self {
            id: NoticeId(row.id),
            kind: kind.ok_or_else(|| StoreError::corrupt("notices.kind", row.id))?,
            object: global_id(&row.object_kind, row.object_id),
            params: row.params.0,
            reason: row.reason,
            at: row.at,
            read_at: row.read_at,
        })
    }
}

const SELECT: &str = "SELECT id, kind, object_kind, object_id, params, at, read_at,
    (SELECT entry.reason FROM timeline_entries entry
     WHERE entry.organisation_id = entry_organisation_id AND entry.id = entry_id) AS reason
    FROM notices WHERE ";

fn push_member(query: &mut QueryBuilder<Postgres>, scope: &Scope, member: MemberId) {
    query.push("member_id = ").push_bind(member.0);
    query.push(" AND (").push_bind(scope.owner());
    query.push("::uuid IS NULL OR organisation_id = ");
    query.push_bind(scope.owner()).push(")");
}

/// Which of a member's notices are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::notices) enum Which {
    All,
    Unread,
}

/// One row more than the window holds.
pub(in crate::notices) async fn list(
    tx: &mut Tx,
    scope: &Scope,
    (member, which): (MemberId, Which),
    (sort, window): (Sort, &Window),
) -> Result<Vec<Notice>, StoreError> {
    let mut query = QueryBuilder::new(SELECT);
    push_member(&mut query, scope, member);
    match which {
        Which::All => {}
        Which::Unread => {
            query.push(" AND read_at IS NULL");
        }
    }
    sort.push(&mut query, window);
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx.connection()).await?;
    rows.into_iter().map(Notice::try_from).collect()
}

/// Those of `ids` that are the member's own.
pub(in crate::notices) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    member: MemberId,
    ids: &[NoticeId],
) -> Result<Vec<Notice>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let mut query = QueryBuilder::new(SELECT);
    push_member(&mut query, scope, member);
    query.push(" AND id = ANY(").push_bind(ids).push(")");
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx.connection()).await?;
    rows.into_iter().map(Notice::try_from).collect()
}

/// How many are unread; one more than [`LARGEST_COUNT`] stands for all above it.
pub(in crate::notices) async fn count_unread(
    tx: &mut Tx,
    scope: &Scope,
    member: MemberId,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM (
             SELECT FROM notices
             WHERE member_id = $1 AND ($2::uuid IS NULL OR organisation_id = $2) AND read_at IS NULL LIMIT $3) AS counted"#,
        member.0,
        scope.owner(),
        LARGEST_COUNT + 1,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Marks those that are unread; what was read before keeps its time.
pub(in crate::notices) async fn mark_read(
    tx: &mut Tx,
    scope: &Scope,
    member: MemberId,
    ids: &[NoticeId],
) -> Result<(), StoreError> {
    let (now, ids): (_, Vec<Uuid>) = (tx.now(), ids.iter().map(|id| id.0).collect());
    sqlx::query!(
        "UPDATE notices SET read_at = $4
         WHERE member_id = $1 AND ($2::uuid IS NULL OR organisation_id = $2) AND id = ANY($3) AND read_at IS NULL",
        member.0,
        scope.owner(),
        &ids,
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(in crate::notices) async fn mark_all_read(
    tx: &mut Tx,
    scope: &Scope,
    member: MemberId,
) -> Result<(), StoreError> {
    let now = tx.now();
    sqlx::query!(
        "UPDATE notices SET read_at = $3
         WHERE member_id = $1 AND ($2::uuid IS NULL OR organisation_id = $2) AND read_at IS NULL",
        member.0,
        scope.owner(),
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// What the member said; about everything else the unasked setting holds.
pub(in crate::notices) async fn preferences(
    tx: &mut Tx,
    scope: &Scope,
    member: MemberId,
) -> Result<Vec<(Topic, Channel, bool)>, StoreError> {
    let rows = sqlx::query!(
        "SELECT topic, channel, enabled FROM notice_preferences
         WHERE member_id = $1 AND ($2::uuid IS NULL OR organisation_id = $2)",
        member.0,
        scope.owner(),
    )
    .fetch_all(tx.connection())
    .await?;
    let read = |(topic, channel, enabled): (String, String, bool)| {
        Some((Topic::parse(&topic)?, Channel::parse(&channel)?, enabled))
    };
    Ok(rows
        .into_iter()
        .filter_map(|row| read((row.topic, row.channel, row.enabled)))
        .collect())
}

pub(in crate::notices) async fn record_preference(
    tx: &mut Tx,
    (organisation, member): (OrganisationId, MemberId),
    (topic, channel, enabled): (Topic, Channel, bool),
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO notice_preferences (organisation_id, member_id, topic, channel, enabled) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (organisation_id, member_id, topic, channel) DO UPDATE SET enabled = EXCLUDED.enabled",
        organisation.0,
        member.0,
        topic.as_str(),
        channel.as_str(),
        enabled,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// In which language the member is written to.
pub(in crate::notices) async fn language(
    tx: &mut Tx,
    scope: &Scope,
    member: MemberId,
) -> Result<Locale, StoreError> {
    let tag = sqlx::query_scalar!(
        "SELECT language FROM members WHERE id = $1 AND ($2::uuid IS NULL OR organisation_id = $2)",
        member.0,
        scope.owner(),
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(tag.map_or(Locale::default(), |tag| Locale::accepted(Some(&tag))))
}

pub(in crate::notices) async fn record_language(
    tx: &mut Tx,
    (organisation, member): (OrganisationId, MemberId),
    language: Locale,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE members SET language = $3 WHERE organisation_id = $1 AND id = $2",
        organisation.0,
        member.0,
        language.tag(),
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct DeliveryRow {
    id: Uuid,
    notice_id: Uuid,
    organisation_id: Uuid,
    member_id: Uuid,
    kind: String,
    channel: String,
    state: String,
    attempts: i32,
    made_at: DateTime<Utc>,
    next_attempt_at: Option<DateTime<Utc>>,
    last_error: Option<String>,
    version: i64,
}

impl TryFrom<DeliveryRow> for Delivery {
    type Error = StoreError;

    fn try_from(row: DeliveryRow) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt(column, row.id);
        Ok(Self {
            kind: NoticeKind::parse(&row.kind).ok_or_else(|| corrupt("notices.kind"))?,
            channel: Channel::parse(&row.channel)
                .ok_or_else(|| corrupt("notice_deliveries.channel"))?,
            state: DeliveryState::parse(&row.state)
                .ok_or_else(|| corrupt("notice_deliveries.state"))?,
            id: NoticeDeliveryId(row.id),
            notice: NoticeId(row.notice_id),
            organisation: OrganisationId(row.organisation_id),
            member: MemberId(row.member_id),
            attempts: row.attempts,
            made_at: row.made_at,
            next_attempt_at: row.next_attempt_at,
            last_error: row.last_error,
            version: row.version,
        })
    }
}

const DELIVERIES: &str = "SELECT * FROM (
    SELECT sent.id, sent.notice_id, sent.organisation_id, notices.member_id, notices.kind, sent.channel, sent.state,
        sent.attempts, sent.made_at, sent.next_attempt_at, sent.last_error, sent.version
    FROM notice_deliveries sent
    JOIN notices ON notices.organisation_id = sent.organisation_id AND notices.id = sent.notice_id) AS sent
    WHERE TRUE";

/// The deliveries of some of the member's own notices.
pub(in crate::notices) async fn deliveries_of(
    tx: &mut Tx,
    scope: &Scope,
    member: MemberId,
    notices: &[NoticeId],
) -> Result<Vec<Delivery>, StoreError> {
    let ids: Vec<Uuid> = notices.iter().map(|id| id.0).collect();
    let mut query = QueryBuilder::new(DELIVERIES);
    query.push(" AND ");
    push_member(&mut query, scope, member);
    query.push(" AND notice_id = ANY(").push_bind(ids);
    query.push(") ORDER BY channel");
    let rows: Vec<DeliveryRow> = query.build_query_as().fetch_all(tx.connection()).await?;
    rows.into_iter().map(Delivery::try_from).collect()
}

/// One delivery of the scope.
pub(in crate::notices) async fn find_delivery(
    tx: &mut Tx,
    scope: &Scope,
    id: NoticeDeliveryId,
) -> Result<Option<Delivery>, StoreError> {
    let mut query = QueryBuilder::new(DELIVERIES);
    query.push(" AND id = ").push_bind(id.0);
    push_deliveries(&mut query, scope, None);
    let row: Option<DeliveryRow> = query
        .build_query_as()
        .fetch_optional(tx.connection())
        .await?;
    row.map(Delivery::try_from).transpose()
}

/// Deliveries to everybody in the scope, for whoever looks after the deployment.
pub(in crate::notices) async fn list_deliveries(
    tx: &mut Tx,
    scope: &Scope,
    states: Option<&[DeliveryState]>,
    (sort, window): (Sort, &Window),
) -> Result<Vec<Delivery>, StoreError> {
    let mut query = QueryBuilder::new(DELIVERIES);
    push_deliveries(&mut query, scope, states);
    sort.push(&mut query, window);
    let rows: Vec<DeliveryRow> = query.build_query_as().fetch_all(tx.connection()).await?;
    rows.into_iter().map(Delivery::try_from).collect()
}

pub(in crate::notices) async fn count_deliveries(
    tx: &mut Tx,
    scope: &Scope,
    states: Option<&[DeliveryState]>,
) -> Result<i64, StoreError> {
    let mut query =
        QueryBuilder::new("SELECT count(*) FROM (SELECT FROM notice_deliveries WHERE TRUE");
    push_deliveries(&mut query, scope, states);
    query.push(" LIMIT ").push_bind(LARGEST_COUNT + 1);
    query.push(") AS counted");
    let count = query.build_query_scalar();
    Ok(count.fetch_one(tx.connection()).await?)
}

fn push_deliveries(
    query: &mut QueryBuilder<Postgres>,
    scope: &Scope,
    states: Option<&[DeliveryState]>,
) {
    if let Some(owner) = scope.owner() {
        query.push(" AND organisation_id = ").push_bind(owner);
    }
    if let Some(states) = states {
        let states: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
        query.push(" AND state = ANY(").push_bind(states).push(")");
    }
}

//! The only SQL about a sandbox.

mod script;

use chrono::{DateTime, TimeDelta, Utc};

pub(super) use script::{Script, note_shared, put_script, remove_script, scripts, vendor_members};

use super::model::{Afterwards, Happened, Travel, TravelState};
use crate::clock::Pace;
use crate::db::{StoreError, Tx};
use crate::ids::SandboxTravelId;

/// What the correlation id of an answer that the script gives begins with.
pub(super) const SCRIPTED: &str = "sandbox-vendor-";

/// Locks the clock and reads its pace; only a database that is marked has one.
pub(super) async fn lock_clock(tx: &mut Tx) -> Result<Option<Pace>, StoreError> {
    let row = sqlx::query!("SELECT ahead_micros, standing_at FROM sandbox_clock FOR UPDATE")
        .fetch_optional(tx.connection())
        .await?;
    Ok(row.map(|row| pace(row.ahead_micros, row.standing_at)))
}

/// How the clock goes on.
pub(super) async fn clock(tx: &mut Tx) -> Result<Option<Pace>, StoreError> {
    let row = sqlx::query!("SELECT ahead_micros, standing_at FROM sandbox_clock")
        .fetch_optional(tx.connection())
        .await?;
    Ok(row.map(|row| pace(row.ahead_micros, row.standing_at)))
}

fn pace(ahead_micros: i64, standing_at: Option<DateTime<Utc>>) -> Pace {
    let ahead = Pace::Runs(TimeDelta::microseconds(ahead_micros));
    standing_at.map_or(ahead, Pace::Stands)
}

/// Sets the pace of the clock; the caller has locked it, and never sets it back.
pub(super) async fn set_clock(tx: &mut Tx, pace: Pace) -> Result<(), StoreError> {
    let (ahead, standing) = match pace {
        Pace::Runs(ahead) => (ahead.num_microseconds(), None),
        Pace::Stands(at) => (None, Some(at)),
    };
    sqlx::query!(
        "UPDATE sandbox_clock SET moves = moves + 1, ahead_micros = COALESCE($1, ahead_micros), standing_at = $2",
        ahead,
        standing,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn insert(tx: &mut Tx, travel: &Travel) -> Result<(), StoreError> {
    let actor = tx.acting().actor.clone();
    sqlx::query!(
        "INSERT INTO sandbox_travels (id, asked_by, from_at, to_at, pace) VALUES ($1, $2, $3, $4, $5)",
        travel.id.0,
        actor,
        travel.from,
        travel.to,
        travel.afterwards.as_str(),
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Notes how far a travel has come.
pub(super) async fn record(tx: &mut Tx, travel: &Travel) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE sandbox_travels SET state = $2, stops = $3, deadlines_expired = $4, vendor_answers = $5,
             notices_made = $6
         WHERE id = $1",
        travel.id.0,
        travel.state.as_str(),
        travel.stops,
        travel.happened.deadlines_expired,
        travel.happened.vendor_answers,
        travel.happened.notices_made,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

struct Row {
    id: uuid::Uuid,
    from_at: DateTime<Utc>,
    to_at: DateTime<Utc>,
    pace: String,
    state: String,
    stops: i32,
    deadlines_expired: i64,
    vendor_answers: i64,
    notices_made: i64,
}

impl TryFrom<Row> for Travel {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt(column, row.id);
        Ok(Self {
            id: SandboxTravelId(row.id),
            from: row.from_at,
            to: row.to_at,
            afterwards: Afterwards::parse(&row.pace)
                .ok_or_else(|| corrupt("sandbox_travels.pace"))?,
            state: TravelState::parse(&row.state)
                .ok_or_else(|| corrupt("sandbox_travels.state"))?,
            stops: row.stops,
            happened: Happened {
                deadlines_expired: row.deadlines_expired,
                vendor_answers: row.vendor_answers,
                notices_made: row.notices_made,
            },
        })
    }
}

pub(super) async fn find(tx: &mut Tx, id: SandboxTravelId) -> Result<Option<Travel>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, from_at, to_at, pace, state, stops, deadlines_expired, vendor_answers, notices_made
         FROM sandbox_travels WHERE id = $1",
        id.0,
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(Travel::try_from).transpose()
}

/// The travel that was not taken to its end, if there is one.
pub(super) async fn under_way(tx: &mut Tx) -> Result<Option<SandboxTravelId>, StoreError> {
    let id = sqlx::query_scalar!("SELECT id FROM sandbox_travels WHERE state = 'UNDER_WAY'")
        .fetch_optional(tx.connection())
        .await?;
    Ok(id.map(SandboxTravelId))
}

/// How often the script answered since the sandbox began.
pub(super) async fn answers(tx: &mut Tx) -> Result<i64, StoreError> {
    let count = sqlx::query_scalar!(
        "SELECT count(*) FROM timeline_entries WHERE starts_with(correlation_id, $1)",
        SCRIPTED,
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(count.unwrap_or_default())
}

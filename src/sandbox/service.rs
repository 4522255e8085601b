//! Moving the clock of a sandbox: who may, and what happens on the way.

mod script;

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::sleep;

pub(super) use script::{SetScript, script};

use super::error::SandboxRefusal;
use super::model::{self, Afterwards, Happened, Travel, TravelState};
use super::{store, vendor};
use crate::clock::Pace;
use crate::db::{
    Applied, Change, Db, IdempotencyKey, Scope, Snapshot, StoreError, Turn, Turns, Tx,
};
use crate::deadlines;
use crate::error::{Code, Failure, Refusal};
use crate::ids::SandboxTravelId;
use crate::jobs::{self, Jobs};
use crate::notices;
use crate::viewer::Viewer;

/// Stands in the timeline of what a travel causes.
const NAME: &str = "sandbox";
/// How long a travel waits for another one: the look-ups, and the pause between them.
const LOOKS: u32 = 200;
const PAUSE: Duration = Duration::from_millis(50);
/// How often the jobs run at one stop when another replica is still at it.
const RUNS: u32 = 20;

/// What runs at each stop of a travel: all jobs, or nothing where jobs are switched off.
#[derive(Clone, Default)]
pub(crate) struct Stops(pub(crate) Option<Jobs>);

/// Moves the clock forward.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AdvanceTo {
    pub(crate) at: DateTime<Utc>,
    pub(crate) afterwards: Afterwards,
}

impl Change for AdvanceTo {
    type Outcome = SandboxTravelId;
    const NAME: &'static str = "sandbox.advance_to";
    const ACTION: &'static str = "sandboxAdvanceTo";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        member(viewer)
    }

    /// Stops the clock where it is; what is on the way happens afterwards, in transactions of its own.
    async fn apply(&self, tx: &mut Tx, _scope: &Scope) -> Result<SandboxTravelId, Failure> {
        let pace = store::lock_clock(tx).await?.ok_or(SandboxRefusal::Only)?;
        let from = pace.read(tx.unmoved_now());
        model::check_target(from, self.at)?;
        let travel = Travel {
            id: tx.fresh_id(),
            from,
            to: self.at,
            afterwards: self.afterwards,
            state: TravelState::UnderWay,
            stops: 0,
            happened: Happened::default(),
        };
        store::insert(tx, &travel).await?;
        store::set_clock(tx, Pace::Stands(from)).await?;
        Ok(travel.id)
    }
}

/// Who asks for a travel, and under which key.
pub(super) struct Asked<'a> {
    pub(super) viewer: &'a Viewer,
    pub(super) correlation_id: &'a str,
    pub(super) key: IdempotencyKey,
}

/// Moves the clock, and answers when it has arrived and everything on the way has happened. Of two travels at once the
/// second waits for the first.
pub(super) async fn advance(
    db: &Db,
    stops: &Stops,
    asked: Asked<'_>,
    wish: AdvanceTo,
) -> Result<Applied<SandboxTravelId>, Failure> {
    expect_inside(db)?;
    member(asked.viewer)?;
    let turn = turn(db).await?;
    let turn = carry_on(db, stops, turn).await?;
    let applied = db
        .apply(asked.viewer, asked.correlation_id, asked.key, &wish)
        .await?;
    if !applied.replayed {
        carry_on(db, stops, turn).await?;
    }
    Ok(applied)
}

/// Takes a travel to its end that a killed process left half-way; called where a sandbox starts.
pub(crate) async fn resume(db: &Db, stops: &Stops) -> Result<(), Failure> {
    if let Some(turn) = db.try_turn(Turns::SandboxClock).await? {
        carry_on(db, stops, turn).await?;
    }
    Ok(())
}

pub(super) fn expect_inside(db: &Db) -> Result<(), SandboxRefusal> {
    if db.clock().is_sandbox() {
        Ok(())
    } else {
        Err(SandboxRefusal::Only)
    }
}

/// Everybody who acts for an organisation of the sandbox; what is moved is nobody's.
fn member(viewer: &Viewer) -> Result<Scope, Failure> {
    match viewer.read_scope() {
        Scope::Nobody => Err(SandboxRefusal::NotAMember.into()),
        scope @ (Scope::Own(_) | Scope::Distributor(_) | Scope::Vendor | Scope::Job(_)) => {
            Ok(scope)
        }
    }
}

/// Waits for the turn at the clock.
async fn turn(db: &Db) -> Result<Turn, Failure> {
    for _ in 0..LOOKS {
        if let Some(turn) = db.try_turn(Turns::SandboxClock).await? {
            return Ok(turn);
        }
        sleep(PAUSE).await;
    }
    Err(SandboxRefusal::Travelling.into())
}

/// Takes the travel that is under way to its end, also when nobody waits for it any more.
async fn carry_on(db: &Db, stops: &Stops, turn: Turn) -> Result<Turn, Failure> {
    let (db, stops) = (db.clone(), stops.clone());
    let work = tokio::spawn(async move {
        let mut tx = jobs::begin(&db, NAME).await?;
        let travel = store::under_way(&mut tx).await?;
        let mut before = happened(&mut tx).await?;
        drop(tx);
        if let Some(travel) = travel {
            while let Step::Stopped(now) = step(&db, &stops, travel, before).await? {
                before = now;
            }
        }
        Ok::<_, Failure>(turn)
    });
    match work.await {
        Ok(turn) => turn,
        // The process is ending, or a bug made it panic; the next travel takes this one to its end.
        Err(_gone) => Err(Refusal::new(Code::Conflict, "TRY_AGAIN").into()),
    }
}

enum Step {
    /// At a stop, with what had happened before it.
    Stopped(Happened),
    Arrived,
}

/// What has happened by itself since the sandbox began.
pub(super) async fn happened(tx: &mut Tx) -> Result<Happened, StoreError> {
    Ok(Happened {
        deadlines_expired: deadlines::passed(tx).await?.expired,
        vendor_answers: store::answers(tx).await?,
        notices_made: notices::count(tx).await?,
    })
}

/// Does what is due where the clock stands, and moves it to the next stop.
async fn step(
    db: &Db,
    stops: &Stops,
    travel: SandboxTravelId,
    before: Happened,
) -> Result<Step, StoreError> {
    work_off(db, stops).await?;
    let mut tx = jobs::begin(db, NAME).await?;
    store::lock_clock(&mut tx).await?;
    let Some(mut travel) = store::find(&mut tx, travel).await? else {
        return Ok(Step::Arrived);
    };
    let happened = happened(&mut tx).await?;
    travel.happened = travel.happened.plus(happened.since(before));
    let here = tx.now();
    if here >= travel.to {
        travel.state = TravelState::Arrived;
        let pace = match travel.afterwards {
            Afterwards::Stands => Pace::Stands(travel.to),
            Afterwards::Runs => Pace::Runs(travel.to - tx.unmoved_now()),
        };
        store::set_clock(&mut tx, pace).await?;
    } else {
        travel.stops += 1;
        let next = next_stop(&mut tx, stops, travel.to).await?;
        store::set_clock(&mut tx, Pace::Stands(next)).await?;
    }
    store::record(&mut tx, &travel).await?;
    tx.commit().await?;
    Ok(match travel.state {
        TravelState::UnderWay => Step::Stopped(happened),
        TravelState::Arrived => Step::Arrived,
    })
}

/// Runs the jobs until nothing is overdue, or another replica keeps it for too long: then it ends that itself.
async fn work_off(db: &Db, stops: &Stops) -> Result<(), StoreError> {
    let Some(jobs) = &stops.0 else { return Ok(()) };
    for _ in 0..RUNS {
        jobs.tick().await;
        let mut tx = jobs::begin(db, NAME).await?;
        if deadlines::passed(&mut tx).await?.overdue == 0 {
            break;
        }
        drop(tx);
        sleep(PAUSE).await;
    }
    Ok(())
}

/// The next instant at which something happens by itself, `to` at the latest.
async fn next_stop(
    tx: &mut Tx,
    stops: &Stops,
    to: DateTime<Utc>,
) -> Result<DateTime<Utc>, StoreError> {
    if stops.0.is_none() {
        return Ok(to);
    }
    let here = tx.now();
    let due = deadlines::next_due(tx, here).await?;
    let next = [
        due,
        due.filter(|due| model::is_near(here, *due))
            .and_then(|_near| model::next_day(here)),
        vendor::next(tx, here).await?,
        model::next_month(here),
    ];
    Ok(next.into_iter().flatten().fold(to, DateTime::min))
}

/// The time in the sandbox, the real one, and how they go on; `None` anywhere else.
pub(super) async fn clock(
    db: &Db,
    snapshot: &Snapshot,
) -> Result<Option<(DateTime<Utc>, DateTime<Utc>, Pace)>, Failure> {
    if expect_inside(db).is_err() {
        return Ok(None);
    }
    let mut tx = snapshot.read().await?;
    let pace = store::clock(&mut tx).await?;
    Ok(pace.map(|pace| (tx.now(), tx.unmoved_now(), pace)))
}

/// One travel, as far as it has come.
pub(super) async fn find_travel(
    snapshot: &Snapshot,
    id: SandboxTravelId,
) -> Result<Option<Travel>, Failure> {
    let mut tx = snapshot.read().await?;
    Ok(store::find(&mut tx, id).await?)
}

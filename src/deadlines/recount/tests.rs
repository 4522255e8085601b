use chrono::TimeDelta;

use super::super::expire_due;
use super::super::model::DeadlineState;
use super::super::testing::{Things, World};
use super::*;
use crate::calendar::{Import, Run};
use crate::db::Scope;

/// From Monday 16 November: 3 working days end on Thursday the 19th.
const LONGER: &str = "2026-11-18,OFF,校正\n";
/// A Saturday that is worked shortens what is counted through it.
const SHORTER: &str = "2026-11-21,WORK,校正\n";

impl World {
    /// Makes a version in which 2026 has these days beside the shipped ones; moves nothing yet.
    async fn corrected(&self, days: &str) -> i64 {
        let shipped = crate::calendar::shipped::CSV;
        let year: Vec<&str> = shipped
            .lines()
            .filter(|line| line.starts_with("2026"))
            .collect();
        let csv = format!("day,kind,name\n{}\n{days}", year.join("\n"));
        let import = Import {
            csv,
            source: "a correction".to_owned(),
            run: Run::Real,
            vendor: None,
        };
        let mut tx = self.tx(&Scope::Vendor).await;
        let imported = crate::calendar::import(&mut tx, &import).await.unwrap();
        tx.commit().await.unwrap();
        imported.version.unwrap()
    }
}

/// R-GEN-8: a correction that adds time moves a running deadline, with an entry in its object's history; what ended
/// stays as it ended, and a second run changes nothing.
#[tokio::test]
async fn r_gen_8_a_correction_moves_running_deadlines_later_with_an_entry_each() {
    let world = World::new().await;
    let (running, met) = (world.begun(3).await, world.begun(3).await);
    let mut tx = world.tx(&Scope::Vendor).await;
    let object = crate::timeline::ObjectRef {
        kind: "inc",
        id: met.object.id,
    };
    crate::deadlines::meet(&mut tx, object, met.kind)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let met = world.stored(met.id).await;

    let version = world.corrected(LONGER).await;
    let expiries = Things::default().registered();
    let done = recount(&world.db, &expiries).await.unwrap();
    assert_eq!(
        done,
        Recounted {
            moved: 1,
            ..Recounted::default()
        }
    );
    let moved = world.stored(running.id).await;
    assert_eq!(moved.last_day_on, "2026-11-20".parse().unwrap());
    assert_eq!(moved.due_until, running.due_until + TimeDelta::days(1));
    assert_eq!((moved.calendar_version, moved.length), (version, 3));
    assert_eq!(world.stored(met.id).await, met);
    assert_eq!(world.events("thing.deadline_moved").await, 1);

    assert_eq!(
        recount(&world.db, &expiries).await.unwrap(),
        Recounted::default()
    );
    assert_eq!(world.stored(running.id).await, moved);
}

/// R-GEN-8: a correction that would take time away leaves the end, and the calendar that gave it.
#[tokio::test]
async fn r_gen_8_a_correction_never_shortens_a_running_deadline() {
    let world = World::new().await;
    // Ends on Friday the 27th; with the Saturday worked it would be Thursday.
    let running = world.begun(9).await;
    world.corrected(SHORTER).await;
    let expiries = Things::default().registered();
    let done = recount(&world.db, &expiries).await.unwrap();
    assert_eq!((done.moved, done.kept, done.failed), (0, 1, 0));
    assert_eq!(world.stored(running.id).await, running);
    assert_eq!(world.events("thing.deadline_moved").await, 0);
    // One that begins afterwards is counted by the new calendar.
    assert!(world.begun(9).await.due_until < running.due_until);
}

/// R-GEN-8: what had passed when the correction came does not come back, recorded or not.
#[tokio::test]
async fn r_gen_8_what_has_passed_is_not_revived() {
    let world = World::new().await;
    let passed = world.begun(3).await;
    world.advance_to(passed.due_until);
    world.corrected(LONGER).await;
    let expiries = Things::default().registered();
    recount(&world.db, &expiries).await.unwrap();
    assert_eq!(world.stored(passed.id).await, passed);
    expire_due(&world.db, &expiries).await.unwrap();
    assert_eq!(world.stored(passed.id).await.state, DeadlineState::Expired);
}

/// R-GEN-8: a deadline that is not counted again yet is not carried out by the calendar that was corrected.
#[tokio::test]
async fn r_gen_8_nothing_expires_by_a_calendar_that_was_corrected_in_time() {
    let world = World::new().await;
    let running = world.begun(3).await;
    world.corrected(LONGER).await;
    world.advance_to(running.due_until);
    let expiries = Things::default().registered();
    expire_due(&world.db, &expiries).await.unwrap();
    assert_eq!(world.stored(running.id).await.state, DeadlineState::Running);

    recount(&world.db, &expiries).await.unwrap();
    expire_due(&world.db, &expiries).await.unwrap();
    let moved = world.stored(running.id).await;
    assert_eq!(moved.state, DeadlineState::Running);
    world.advance_to(moved.due_until);
    expire_due(&world.db, &expiries).await.unwrap();
    assert_eq!(world.stored(running.id).await.state, DeadlineState::Expired);
}

/// The entry belongs to the move: a deadline that was met in between keeps its object without one.
#[tokio::test]
async fn a_deadline_that_was_met_meanwhile_is_not_moved_and_leaves_no_entry() {
    let world = World::new().await;
    let running = world.begun(3).await;
    let version = world.corrected(LONGER).await;
    let mut tx = world.tx(&Scope::Vendor).await;
    let calendar = calendar::current(&mut tx).await.unwrap();
    let moved = moved_by(&mut tx, &calendar).await.unwrap();
    assert_eq!(moved.len(), 1);
    assert_eq!(moved[0].calendar_version, version);
    let object = crate::timeline::ObjectRef {
        kind: "inc",
        id: running.object.id,
    };
    crate::deadlines::meet(&mut tx, object, running.kind)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let expiries = Things::default().registered();
    move_later(&world.db, &expiries, &moved[0]).await.unwrap();
    assert_eq!(world.stored(running.id).await.due_until, running.due_until);
    assert_eq!(world.events("thing.deadline_moved").await, 0);
}

#[tokio::test]
async fn two_replicas_at_once_move_each_deadline_once() {
    let world = World::new().await;
    for _ in 0..10 {
        world.begun(3).await;
    }
    world.corrected(LONGER).await;
    let expiries = Things::default().registered();
    let (one, other) = tokio::join!(recount(&world.db, &expiries), recount(&world.db, &expiries));
    one.unwrap();
    other.unwrap();
    assert_eq!(world.events("thing.deadline_moved").await, 10);
}

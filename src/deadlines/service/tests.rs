use super::super::model::DeadlineState;
use super::super::testing::World;
use super::super::{DeadlineKind, NewDeadline};
use super::*;
use crate::error::{Code, RefusalData};
use crate::ids::IdSource;

/// R-GEN-1 and R-GEN-8: the end is counted once and stored with the calendar and the rule that gave it.
#[tokio::test]
async fn r_gen_8_a_deadline_keeps_the_calendar_and_the_rule_it_began_with() {
    let world = World::at("2026-09-30T03:00:00Z").await;
    let begun = world.begun(3).await;
    let stored = world.stored(begun.id).await;
    assert_eq!(stored, begun);
    assert_eq!(stored.last_day_on, "2026-10-10".parse().unwrap());
    assert_eq!(stored.calendar_version, 1);
    assert!(stored.rule.is_some() && !stored.provisional);
}

/// R-GEN-7: the last microsecond is in time, the next instant is not, and nothing has to run in between.
#[tokio::test]
async fn r_gen_7_a_deadline_is_met_in_the_last_moment_and_never_one_later() {
    let world = World::new().await;
    let in_time = world.begun(3).await;
    let late = world.begun(3).await;
    world.advance_to_the_end_of(&in_time);
    let mut tx = world.tx(&Scope::Vendor).await;
    assert!(!in_time.has_passed(tx.now()));
    let object = |deadline: &Deadline| ObjectRef {
        kind: "inc",
        id: deadline.object.id,
    };
    meet(&mut tx, object(&in_time), in_time.kind).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.stored(in_time.id).await.state, DeadlineState::Met);

    world.advance_to(late.due_until);
    let mut tx = world.tx(&Scope::Vendor).await;
    assert!(late.has_passed(tx.now()));
    assert_eq!(late.state_at(tx.now()), DeadlineState::Expired);
    meet(&mut tx, object(&late), late.kind).await.unwrap_err();
    drop(tx);
    assert_eq!(world.stored(late.id).await.state, DeadlineState::Running);

    let refusal = late.refusal();
    assert_eq!(
        (refusal.code, refusal.reason.0),
        (Code::Conflict, "DEADLINE_PASSED")
    );
    let told = RefusalData::DeadlinePassed {
        due_until: late.due_until,
        last_day_on: late.last_day_on,
        outcome: "AUTO_REJECT",
    };
    assert_eq!(refusal.data, Some(told));
}

#[tokio::test]
async fn a_deadline_ends_once_and_not_before_its_time() {
    let world = World::new().await;
    let deadline = world.begun(3).await;
    world.advance_to_the_end_of(&deadline);
    let mut tx = world.tx(&Scope::Vendor).await;
    let early = end_expired(&mut tx, deadline.id).await.unwrap();
    assert_eq!(early, Ended::Already);
    drop(tx);
    world.advance_to(deadline.due_until + chrono::TimeDelta::hours(7));
    let mut tx = world.tx(&Scope::Vendor).await;
    assert_eq!(end_expired(&mut tx, deadline.id).await.unwrap(), Ended::Yes);
    assert_eq!(
        end_expired(&mut tx, deadline.id).await.unwrap(),
        Ended::Already
    );
    tx.commit().await.unwrap();
    let stored = world.stored(deadline.id).await;
    // The instant at which it passed, not the one at which a job came by.
    assert_eq!(stored.ended_at, Some(deadline.due_until));
}

#[tokio::test]
async fn an_object_has_one_running_deadline_of_a_kind() {
    let world = World::new().await;
    let first = world.begun(3).await;
    let mut tx = world.tx(&Scope::Vendor).await;
    let again = NewDeadline {
        object: ObjectRef {
            kind: "inc",
            id: first.object.id,
        },
        ..world.new_deadline(3)
    };
    let error = begin(&mut tx, again).await.unwrap_err();
    assert_eq!(error.constraint(), Some("deadlines_one_open"));
}

#[tokio::test]
async fn meeting_what_has_no_deadline_changes_nothing() {
    let world = World::new().await;
    let deadline = world.begun(3).await;
    let mut tx = world.tx(&Scope::Vendor).await;
    let other = ObjectRef {
        kind: "inc",
        id: IdSource.fresh::<DeadlineId>().0,
    };
    let kind = DeadlineKind::AcceptSharedOpportunity;
    meet(&mut tx, other, kind).await.unwrap();
    let same = ObjectRef {
        kind: "inc",
        id: deadline.object.id,
    };
    meet(&mut tx, same, DeadlineKind::ValidateOpportunity)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.stored(deadline.id).await, deadline);
}

/// Another organisation's deadline is neither seen nor changed nor made, whatever is asked.
#[tokio::test]
async fn a_partner_reaches_only_its_own_deadlines() {
    let world = World::new().await;
    let deadline = world.begun(3).await;
    let (own, rival) = (Scope::Own(world.partner), Scope::Own(world.rival));
    let objects = [deadline.object.id];

    let mut tx = world.tx(&own).await;
    assert_eq!(of_objects(&mut tx, &own, &objects).await.unwrap().len(), 1);
    drop(tx);
    let mut tx = world.tx(&rival).await;
    assert_eq!(of_objects(&mut tx, &rival, &objects).await.unwrap(), []);
    // Even under a scope that was made wrongly, the policy of the database shows nothing.
    assert_eq!(
        of_objects(&mut tx, &Scope::Vendor, &objects).await.unwrap(),
        []
    );
    let object = ObjectRef {
        kind: "inc",
        id: deadline.object.id,
    };
    meet(&mut tx, object, deadline.kind).await.unwrap();
    assert_eq!(
        end_expired(&mut tx, deadline.id).await.unwrap(),
        Ended::Already
    );
    begin(&mut tx, world.new_deadline(3)).await.unwrap_err();
    drop(tx);
    assert_eq!(world.stored(deadline.id).await, deadline);
}

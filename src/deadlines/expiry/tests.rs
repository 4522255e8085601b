use super::super::model::DeadlineState;
use super::super::testing::{Things, World};
use super::*;

#[tokio::test]
async fn what_has_passed_is_carried_out_once_and_what_has_not_is_left() {
    let world = World::new().await;
    let (first, second, later) = (
        world.begun(3).await,
        world.begun(3).await,
        world.begun(10).await,
    );
    let expiries = Things::default().registered();
    world.advance_to_the_end_of(&first);
    assert_eq!(
        expire_due(&world.db, &expiries).await.unwrap(),
        Expired::default()
    );

    world.advance_to(first.due_until);
    let done = expire_due(&world.db, &expiries).await.unwrap();
    assert_eq!((done.carried_out, done.failed), (2, 0));
    assert_eq!(
        expire_due(&world.db, &expiries).await.unwrap(),
        Expired::default()
    );
    for deadline in [&first, &second] {
        assert_eq!(
            world.stored(deadline.id).await.state,
            DeadlineState::Expired
        );
    }
    assert_eq!(world.stored(later.id).await.state, DeadlineState::Running);
    assert_eq!(world.events("thing.expired").await, 2);
}

#[tokio::test]
async fn one_that_fails_leaves_no_trace_and_stops_no_other() {
    let world = World::new().await;
    let first = world.begun(3).await;
    world.begun(3).await;
    world.begun(3).await;
    world.advance_to(first.due_until);
    let expiries = Things {
        fails_at: 1,
        ..Things::default()
    };
    let expiries = expiries.registered();
    let done = expire_due(&world.db, &expiries).await.unwrap();
    assert_eq!((done.carried_out, done.failed), (2, 1));
    assert_eq!(world.events("thing.expired").await, 2);

    let done = expire_due(&world.db, &expiries).await.unwrap();
    assert_eq!((done.carried_out, done.failed), (1, 0));
    assert_eq!(world.events("thing.expired").await, 3);
}

#[tokio::test]
async fn two_replicas_at_once_carry_out_each_deadline_once() {
    let world = World::new().await;
    let first = world.begun(3).await;
    for _ in 1..20 {
        world.begun(3).await;
    }
    world.advance_to(first.due_until);
    let (one, other) = (
        Things::default().registered(),
        Things::default().registered(),
    );
    let runs = tokio::join!(expire_due(&world.db, &one), expire_due(&world.db, &other));
    assert_eq!((runs.0.unwrap().failed, runs.1.unwrap().failed), (0, 0));
    assert_eq!(world.events("thing.expired").await, 20);
}

#[tokio::test]
async fn a_kind_that_no_domain_registered_is_left_as_it_is() {
    let world = World::new().await;
    let deadline = world.begun(3).await;
    world.advance_to(deadline.due_until);
    expire_due(&world.db, &Expiries::default()).await.unwrap();
    assert_eq!(
        world.stored(deadline.id).await.state,
        DeadlineState::Running
    );
}

//! How long a session lasts, and what a use of it writes.

use std::time::Duration;

use chrono::TimeDelta;

use super::{is_invalid, valid};
use crate::identity::sessions::{self, RevokedBecause, SessionToken};
use crate::identity::testing::{Scene, eventually, noon};
use crate::viewer::Viewer;

#[tokio::test]
async fn a_session_ends_after_thirty_idle_minutes_and_not_a_second_before() {
    let scene = Scene::new().await;
    let person = scene.person("zhang").await;
    let (one, other) = (scene.sign_in(person).await, scene.sign_in(person).await);
    let replica = scene.replica(None).await;

    scene
        .clock
        .advance(TimeDelta::minutes(30) - TimeDelta::seconds(1));
    valid(&replica, &one).await;
    scene.clock.advance(TimeDelta::seconds(1));
    assert!(is_invalid(&replica, &other).await);
    valid(&replica, &one).await;
}

#[tokio::test]
async fn a_copy_does_not_outlive_the_idle_end() {
    let scene = Scene::new().await;
    let token = scene.sign_in(scene.person("zhang").await).await;
    let replica = scene.replica(None).await;

    valid(&replica, &token).await;
    scene.clock.advance(TimeDelta::minutes(30));
    assert!(is_invalid(&replica, &token).await);
}

#[tokio::test]
async fn a_session_in_use_ends_after_twelve_hours_and_not_a_second_before() {
    let scene = Scene::new().await;
    let token = scene.sign_in(scene.person("zhang").await).await;
    let replica = scene.replica(None).await;

    for _ in 0..35 {
        scene.clock.advance(TimeDelta::minutes(20));
        valid(&replica, &token).await;
    }
    scene
        .clock
        .advance(TimeDelta::minutes(20) - TimeDelta::seconds(1));
    let state = valid(&replica, &token).await;
    assert_eq!(state.facts.absolute_until, noon() + TimeDelta::hours(12));
    assert_eq!(state.facts.idle_until, state.facts.absolute_until);
    scene.clock.advance(TimeDelta::seconds(1));
    assert!(is_invalid(&replica, &token).await);
}

#[tokio::test]
async fn a_hundred_parallel_requests_on_two_replicas_write_once() {
    let scene = Scene::new().await;
    let token = scene.sign_in(scene.person("zhang").await).await;
    let replicas = [scene.replica(None).await, scene.replica(None).await];
    let mut owner = scene.test.connect("portico_owner").await;
    sqlx::raw_sql(
        "CREATE TABLE writes (at timestamptz);
         CREATE FUNCTION note_write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
             AS $$ BEGIN INSERT INTO public.writes VALUES (NEW.last_seen_at); RETURN NEW; END $$;
         CREATE TRIGGER note_write AFTER UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION note_write();",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    let writes = "SELECT count(*) FROM writes";

    scene.clock.advance(TimeDelta::seconds(59));
    ask_a_hundred_times(&replicas, &token).await;
    let early: i64 = sqlx::query_scalar(writes)
        .fetch_one(&mut owner)
        .await
        .unwrap();
    scene.clock.advance(TimeDelta::seconds(1));
    ask_a_hundred_times(&replicas, &token).await;
    let due: i64 = sqlx::query_scalar(writes)
        .fetch_one(&mut owner)
        .await
        .unwrap();

    assert_eq!((early, due), (0, 1));
}

async fn ask_a_hundred_times(replicas: &[sessions::Sessions; 2], token: &SessionToken) {
    let checks = (0..50).flat_map(|_| replicas.iter().map(|replica| valid(replica, token)));
    futures_util::future::join_all(checks).await;
}

#[tokio::test]
async fn checks_of_a_known_session_send_no_statement() {
    let scene = Scene::new().await;
    let token = scene.sign_in(scene.person("zhang").await).await;
    let replica = scene.replica(None).await;

    valid(&replica, &token).await;
    let before = replica.statements();
    for _ in 0..100 {
        valid(&replica, &token).await;
    }
    // A machine that stalls for a second makes the replica ask once more, and rightly so.
    let asked = replica.statements() - before;
    assert!(asked < 100, "{asked} statements");
}

#[tokio::test]
async fn a_token_that_nobody_handed_out_is_invalid_before_and_after_a_sign_in() {
    let scene = Scene::new().await;
    let replica = scene.replica(None).await;
    let planted = SessionToken::fresh().unwrap();

    assert!(is_invalid(&replica, &planted).await);
    let token = scene.sign_in(scene.person("zhang").await).await;
    assert!(is_invalid(&replica, &planted).await);
    assert_ne!(planted.hash(), token.hash());
    valid(&replica, &token).await;
}

#[tokio::test]
async fn a_rotated_session_is_dead_and_its_successor_ends_when_it_would_have() {
    let scene = Scene::new().await;
    let (identity, organisation, member) = scene.linked_person("zhang").await;
    let old = scene.sign_in(identity).await;
    let replica = scene.replica(None).await;
    let before = valid(&replica, &old).await;
    let Viewer::Member(acting) = &before.viewer else {
        panic!("not a member")
    };

    scene.clock.advance(TimeDelta::minutes(10));
    let new = SessionToken::fresh().unwrap();
    let mut tx = scene.begin().await;
    sessions::rotate(&mut tx, acting.session, Some((organisation, member)), &new)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    eventually(Duration::from_secs(1), async || {
        is_invalid(&replica, &old).await
    })
    .await;
    let after = valid(&replica, &new).await;
    assert_eq!(after.facts.absolute_until, before.facts.absolute_until);
    assert_eq!(after.facts.authenticated_at, before.facts.authenticated_at);
    assert_eq!(after.facts.idle_until, noon() + TimeDelta::minutes(40));
}

#[tokio::test]
async fn a_session_that_is_over_cannot_be_rotated() {
    let scene = Scene::new().await;
    let token = scene.sign_in(scene.person("zhang").await).await;
    let replica = scene.replica(None).await;
    let Viewer::Federated(person) = valid(&replica, &token).await.viewer.clone() else {
        panic!("a member")
    };
    let mut tx = scene.begin().await;
    sessions::revoke(&mut tx, person.session, RevokedBecause::SignedOut)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let mut tx = scene.begin().await;
    let rotated = sessions::rotate(
        &mut tx,
        person.session,
        None,
        &SessionToken::fresh().unwrap(),
    )
    .await;
    assert!(rotated.is_err());
}

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::clock::Clock;
use crate::db::testing::TestDb;
use crate::db::{Acting, Pool, PoolSettings, Scope, Tx};
use crate::ids::{IdSource, MemberId, OrganisationId};
use crate::timeline::Event;

struct Scene {
    test: TestDb,
    db: Db,
    partner: OrganisationId,
}

impl Scene {
    async fn new() -> Self {
        let test = TestDb::new().await;
        let settings = PoolSettings {
            acquire_timeout: std::time::Duration::from_mins(1),
            ..PoolSettings::default()
        };
        let pool = |role| Pool::lazy(&test.url(role), settings.clone()).unwrap();
        let db = Db::new(pool("portico_app"), pool("portico_staff"), Clock::default());
        let partner = IdSource.fresh::<OrganisationId>();
        let mut owner = test.connect("portico_owner").await;
        sqlx::query(
            "INSERT INTO organisations (id, number, kind, name, business_area, created_at)
             VALUES ($1, 'P', 'PARTNER', 'P', 'North', '2026-01-01Z')",
        )
        .bind(partner.0)
        .execute(&mut owner)
        .await
        .unwrap();
        Self { test, db, partner }
    }

    async fn begin(&self) -> Tx {
        let acting = Acting {
            actor: "job:test".to_owned(),
            correlation_id: "c".to_owned(),
        };
        self.db
            .begin(&Scope::Own(self.partner), &acting)
            .await
            .unwrap()
    }

    fn event(&self, object: MemberId, version: i64) -> Event {
        Event::new(self.partner, object, version, "member.tested")
    }

    async fn commit(&self, object: MemberId, version: i64) {
        let mut tx = self.begin().await;
        tx.record(self.event(object, version)).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn read(&self, since: i64) -> Vec<FeedItem> {
        let mut tx = begin(&self.db, "test").await.unwrap();
        read(&mut tx, since, 10_000).await.unwrap()
    }
}

/// Reads on behind what it has read, until the writers are done.
async fn follow(scene: Arc<Scene>, done: Arc<AtomicBool>) -> Vec<FeedItem> {
    let mut followed = Vec::new();
    while !done.load(Ordering::SeqCst) {
        let since = followed.last().map_or(0, |item: &FeedItem| item.seq);
        followed.extend(scene.read(since).await);
        tokio::task::yield_now().await;
    }
    followed
}

/// R-GEN-2: every entry is told exactly once, in an order that never reaches behind a reader.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn four_relays_number_a_thousand_concurrent_commits_once_each_and_without_a_gap() {
    let scene = Arc::new(Scene::new().await);
    let done = Arc::new(AtomicBool::new(false));
    let relays: Vec<_> = (0..4)
        .map(|_| {
            let (scene, done) = (Arc::clone(&scene), Arc::clone(&done));
            tokio::spawn(async move {
                let mut numbered = 0;
                while !done.load(Ordering::SeqCst) {
                    numbered += relay(&scene.db).await.unwrap();
                    tokio::task::yield_now().await;
                }
                numbered
            })
        })
        .collect();
    let reading = tokio::spawn(follow(Arc::clone(&scene), Arc::clone(&done)));
    let writers: Vec<_> = (0..20)
        .map(|_| {
            let scene = Arc::clone(&scene);
            tokio::spawn(async move {
                for _ in 0..10 {
                    let object = IdSource.fresh();
                    for version in 1..=5 {
                        scene.commit(object, version).await;
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    done.store(true, Ordering::SeqCst);
    let mut numbered = 0;
    for one in relays {
        numbered += one.await.unwrap();
    }
    numbered += relay(&scene.db).await.unwrap();
    let mut followed = reading.await.unwrap();
    let since = followed.last().map_or(0, |item| item.seq);
    followed.extend(scene.read(since).await);

    assert_eq!(numbered, 1_000);
    let numbers: Vec<i64> = followed.iter().map(|item| item.seq).collect();
    assert_eq!(numbers, (1..=1_000).collect::<Vec<_>>());
    let entries: BTreeSet<_> = followed.iter().map(|item| item.entry.id).collect();
    assert_eq!(entries.len(), 1_000);
    let mut latest = std::collections::HashMap::new();
    for item in &followed {
        let before = latest.insert(item.entry.object_id, item.entry.version);
        assert_eq!(before.unwrap_or(0) + 1, item.entry.version);
    }
}

#[tokio::test]
async fn a_relay_that_dies_has_numbered_nothing_and_holds_up_nobody() {
    let scene = Scene::new().await;
    scene.commit(IdSource.fresh(), 1).await;

    let mut killed = begin(&scene.db, NAME).await.unwrap();
    assert_eq!(store::number(&mut killed, BATCH).await.unwrap(), 1);
    assert_eq!(relay(&scene.db).await.unwrap(), 0);
    drop(killed);

    // The rollback of the dropped transaction and this one take turns on the row.
    while relay(&scene.db).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(scene.read(0).await.len(), 1);
    assert_eq!(scene.read(1).await.len(), 0);
}

#[tokio::test]
async fn a_commit_that_comes_late_is_numbered_behind_what_was_read() {
    let scene = Scene::new().await;
    let mut late = scene.begin().await;
    late.record(scene.event(IdSource.fresh(), 1)).await.unwrap();
    scene.commit(IdSource.fresh(), 1).await;
    assert_eq!(relay(&scene.db).await.unwrap(), 1);
    assert_eq!(scene.read(0).await.len(), 1);

    late.commit().await.unwrap();
    assert_eq!(relay(&scene.db).await.unwrap(), 1);
    let after = scene.read(1).await;
    assert_eq!(after.iter().map(|item| item.seq).collect::<Vec<_>>(), [2]);
}

/// The twentieth page of nothing must not look like the end: what the reader may not see is skipped.
#[tokio::test]
async fn r_opp_10_entries_of_a_draft_are_skipped_and_do_not_end_the_feed() {
    let scene = Scene::new().await;
    for _ in 0..3 {
        let draft = IdSource.fresh::<crate::ids::OpportunityId>();
        let mut tx = scene.begin().await;
        tx.record(Event::new(scene.partner, draft, 1, "opportunity.created"))
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    scene.commit(IdSource.fresh(), 1).await;
    assert_eq!(relay(&scene.db).await.unwrap(), 4);

    let mut tx = begin(&scene.db, "test").await.unwrap();
    let seen = read(&mut tx, 0, 1).await.unwrap();
    assert_eq!(seen.iter().map(|item| item.seq).collect::<Vec<_>>(), [4]);
}

#[tokio::test]
async fn the_partners_role_can_note_an_entry_and_can_neither_read_nor_write_the_feed() {
    let scene = Scene::new().await;
    for statement in [
        "SELECT count(*) FROM feed_pending",
        "DELETE FROM feed_pending",
        "SELECT count(*) FROM feed",
        "INSERT INTO feed VALUES (1, gen_random_uuid(), gen_random_uuid())",
        "UPDATE feed_state SET last_seq = 0",
    ] {
        let mut app = scene.test.connect("portico_app").await;
        let refused = sqlx::query(statement).execute(&mut app).await.unwrap_err();
        let code = refused
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        assert_eq!(code.as_deref(), Some("42501"), "{statement}");
    }
}

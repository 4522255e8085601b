//! What a broken Redis or a stopped database does to the people who are signed in: nothing that lasts.

use std::time::Duration;

use redis::AsyncCommands as _;
use secrecy::ExposeSecret as _;
use sqlx::Connection as _;

use super::redis_server::RedisServer;
use super::{is_invalid, valid};
use crate::identity::sessions::{self, Check, RevokedBecause, SessionToken, Sessions};
use crate::identity::testing::{Scene, eventually};
use crate::ids::MemberId;

const A_SECOND: Duration = Duration::from_secs(1);

/// Two people on two replicas that share a Redis, with copies of both everywhere.
struct Deployment {
    scene: Scene,
    redis: RedisServer,
    replicas: [Sessions; 2],
    stays: SessionToken,
    leaves: SessionToken,
    leaving: MemberId,
}

impl Deployment {
    async fn new() -> Self {
        let scene = Scene::new().await;
        let redis = RedisServer::start().await;
        let (stays, _, _) = scene.linked_person("stays").await;
        let (leaves, _, leaving) = scene.linked_person("leaves").await;
        let (stays, leaves) = (scene.sign_in(stays).await, scene.sign_in(leaves).await);
        let replicas = [
            scene.replica(Some(redis.copies())).await,
            scene.replica(Some(redis.copies())).await,
        ];
        let deployment = Self {
            scene,
            redis,
            replicas,
            stays,
            leaves,
            leaving,
        };
        for token in [&deployment.stays, &deployment.leaves] {
            for replica in &deployment.replicas {
                valid(replica, token).await;
            }
        }
        deployment.kept_copies(2).await;
        deployment
    }

    async fn kept_copies(&self, count: usize) {
        let connection = self.redis.connect().await;
        eventually(Duration::from_secs(20), async || {
            keys(&connection).await.len() == count
        })
        .await;
    }

    async fn revoke(&self) {
        let mut tx = self.scene.begin().await;
        sessions::revoke_of_member(&mut tx, self.leaving, RevokedBecause::Administrator)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// Nobody is signed out by the fault, and who is revoked during it is out everywhere within a second.
    async fn revocation_holds(&self) {
        for replica in &self.replicas {
            valid(replica, &self.stays).await;
            valid(replica, &self.leaves).await;
        }
        self.revoke().await;
        for replica in &self.replicas {
            eventually(A_SECOND, async || is_invalid(replica, &self.leaves).await).await;
            valid(replica, &self.stays).await;
        }
    }

    /// After the fault too, on the old replicas and on one that is started anew.
    async fn still_holds(&self) {
        let fresh = self.scene.replica(Some(self.redis.copies())).await;
        for replica in self.replicas.iter().chain([&fresh]) {
            for _ in 0..5 {
                assert!(is_invalid(replica, &self.leaves).await);
                valid(replica, &self.stays).await;
            }
        }
    }
}

async fn keys(connection: &redis::aio::MultiplexedConnection) -> Vec<String> {
    connection.clone().keys("portico:session:*").await.unwrap()
}

#[tokio::test]
async fn a_killed_redis_signs_nobody_out_and_a_revoked_session_stays_revoked() {
    let mut deployment = Deployment::new().await;
    deployment.redis.kill();
    deployment.revocation_holds().await;
    deployment.redis.restart().await;
    deployment.still_holds().await;
}

#[tokio::test]
async fn a_flushed_redis_signs_nobody_out_and_a_revoked_session_stays_revoked() {
    let deployment = Deployment::new().await;
    deployment.redis.flush().await;
    deployment.revocation_holds().await;
    deployment.redis.flush().await;
    deployment.still_holds().await;
}

#[tokio::test]
async fn a_frozen_redis_signs_nobody_out_and_wakes_up_with_a_copy_that_nobody_believes() {
    let deployment = Deployment::new().await;
    deployment.redis.freeze();
    deployment.revocation_holds().await;
    deployment.redis.thaw();
    deployment.kept_copies(2).await;
    deployment.still_holds().await;
}

#[tokio::test]
async fn a_replica_reads_what_another_one_wrote_to_redis() {
    let deployment = Deployment::new().await;
    let token = deployment
        .scene
        .sign_in(deployment.scene.person("later").await)
        .await;
    let [first, second] = &deployment.replicas;
    valid(first, &token).await;
    deployment.kept_copies(3).await;

    let before = second.statements();
    let from_redis = valid(second, &token).await;
    let statements = second.statements() - before;
    assert_eq!(from_redis.viewer, valid(first, &token).await.viewer);
    assert_eq!(statements, 0, "the copy in Redis was not used");
}

#[tokio::test]
async fn random_bytes_and_swapped_values_in_redis_are_like_nothing() {
    let deployment = Deployment::new().await;
    let mut connection = deployment.redis.connect().await;
    let keys = keys(&connection).await;
    let [one, other] = keys.as_slice() else {
        panic!("two copies")
    };
    let value: Vec<u8> = connection.get(one).await.unwrap();
    let () = connection.set(other, value).await.unwrap();
    let () = connection.set(one, [0xff_u8; 77].as_slice()).await.unwrap();

    for replica in &deployment.replicas {
        replica.forget_copies();
        let stays = valid(replica, &deployment.stays).await;
        let leaves = valid(replica, &deployment.leaves).await;
        assert_ne!(stays.viewer, leaves.viewer);
    }
    let () = connection.set(one, "").await.unwrap();
    deployment.revocation_holds().await;
}

#[tokio::test]
async fn redis_holds_no_token_and_nothing_about_a_person_in_clear() {
    let deployment = Deployment::new().await;
    let mut connection = deployment.redis.connect().await;
    for key in keys(&connection).await {
        let value: Vec<u8> = connection.get(&key).await.unwrap();
        let value = String::from_utf8_lossy(&value).into_owned();
        let secrets = [deployment.stays.text(), deployment.leaves.text()];
        assert!(
            secrets
                .iter()
                .all(|secret| !value.contains(secret.expose_secret()))
        );
        assert!(
            secrets
                .iter()
                .all(|secret| !key.contains(secret.expose_secret()))
        );
        assert!(!value.contains("identity") && !value.contains(&deployment.leaving.0.to_string()));
    }
}

#[tokio::test]
async fn with_the_database_stopped_nobody_knows_and_afterwards_everybody_is_still_signed_in() {
    let scene = Scene::new().await;
    let (identity, _, member) = scene.linked_person("zhang").await;
    let (token, revoked) = (scene.sign_in(identity).await, scene.sign_in(identity).await);
    let replica = scene.replica(None).await;
    let Check::Valid(_) = replica.check(&token).await else {
        panic!("not signed in")
    };

    let stop = Stop::of(&scene).await;
    let unknown = async || matches!(replica.check(&token).await, Check::Unknown(_));
    eventually(Duration::from_secs(3), unknown).await;
    assert!(matches!(replica.check(&revoked).await, Check::Unknown(_)));
    stop.end().await;

    eventually(Duration::from_secs(20), async || replica.trusts_copies()).await;
    valid(&replica, &token).await;
    let mut tx = scene.begin().await;
    sessions::revoke_of_member(&mut tx, member, RevokedBecause::Administrator)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    eventually(A_SECOND, async || is_invalid(&replica, &revoked).await).await;
}

#[tokio::test]
async fn who_was_revoked_while_a_replica_could_not_listen_is_out_when_it_listens_again() {
    let scene = Scene::new().await;
    let (identity, _, member) = scene.linked_person("zhang").await;
    let token = scene.sign_in(identity).await;
    let replica = scene.replica(None).await;
    valid(&replica, &token).await;

    // The connection that listens is cut, and the revocation is announced before it is made anew.
    let mut superuser = scene.test.connect("postgres").await;
    let mut tx = scene.begin().await;
    sessions::revoke_of_member(&mut tx, member, RevokedBecause::Administrator)
        .await
        .unwrap();
    sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND (query LIKE 'LISTEN%' OR query LIKE '%pg_postmaster_start_time%')
             AND pid <> pg_backend_pid()",
    )
    .execute(&mut superuser)
    .await
    .unwrap();
    tx.commit().await.unwrap();

    eventually(A_SECOND, async || is_invalid(&replica, &token).await).await;
    eventually(Duration::from_secs(20), async || replica.trusts_copies()).await;
    assert!(is_invalid(&replica, &token).await);
}

/// A database that refuses everybody, as far as its clients can tell.
struct Stop {
    postgres: sqlx::PgConnection,
    name: String,
}

impl Stop {
    async fn of(scene: &Scene) -> Self {
        let mut inside = scene.test.connect("postgres").await;
        let name: String = sqlx::query_scalar("SELECT current_database()::text")
            .fetch_one(&mut inside)
            .await
            .unwrap();
        inside.close().await.unwrap();
        let url = scene
            .test
            .url("postgres")
            .replace(&format!("/{name}?"), "/postgres?");
        let postgres = sqlx::PgConnection::connect(&url).await.unwrap();
        let mut stop = Self { postgres, name };
        stop.allow("false").await;
        sqlx::query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1")
            .bind(&stop.name)
            .execute(&mut stop.postgres)
            .await
            .unwrap();
        stop
    }

    async fn end(mut self) {
        self.allow("true").await;
    }

    async fn allow(&mut self, whether: &str) {
        let sql = format!("ALTER DATABASE {} ALLOW_CONNECTIONS {whether}", self.name);
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .execute(&mut self.postgres)
            .await
            .unwrap();
    }
}

use std::path::PathBuf;

use sqlx::postgres::PgConnectOptions;

use super::*;

/// A database of this test's own on the cluster that `./test --services` started.
struct Scratch {
    admin: PgConnectOptions,
    name: String,
}

impl Scratch {
    #[expect(
        clippy::disallowed_methods,
        reason = "./test says where its cluster is"
    )]
    async fn new(name: &str) -> Self {
        let sockets =
            std::env::var("PORTICO_TEST_PG").expect("run `eval \"$(./test --services)\"` first");
        let admin = PgConnectOptions::new()
            .host(&sockets)
            .username("postgres")
            .database("postgres");
        let scratch = Self {
            admin,
            name: format!("{name}_{}", std::process::id()),
        };
        scratch
            .execute(format!(
                "CREATE DATABASE {} OWNER portico_owner",
                scratch.name
            ))
            .await;
        scratch
    }

    async fn execute(&self, statement: String) {
        let mut connection = self.admin.connect().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await
            .unwrap();
    }

    fn owner(&self) -> PgConnectOptions {
        self.admin
            .clone()
            .username("portico_owner")
            .database(&self.name)
    }

    async fn drop(self) {
        self.execute(format!("DROP DATABASE {} WITH (FORCE)", self.name))
            .await;
    }
}

fn migrations(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("portico-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (file, sql) in files {
        std::fs::write(folder.join(file), sql).unwrap();
    }
    folder
}

async fn migrator(folder: &std::path::Path) -> Migrator {
    Migrator::new(folder.to_owned()).await.unwrap()
}

#[tokio::test]
async fn four_replicas_that_start_together_migrate_once_and_never_deadlock() {
    let scratch = Scratch::new("migrate_four").await;
    let folder = migrations(
        "four",
        &[
            (
                "1_create_item.sql",
                "CREATE TABLE item AS SELECT g AS id FROM generate_series(1, 200000) g",
            ),
            (
                "2_index_item.sql",
                "-- no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS item_id ON item (id)",
            ),
        ],
    );
    let owner = scratch.owner();

    let (a, b, c, d) = (
        migrator(&folder).await,
        migrator(&folder).await,
        migrator(&folder).await,
        migrator(&folder).await,
    );
    let all = async {
        tokio::join!(
            apply(&owner, a),
            apply(&owner, b),
            apply(&owner, c),
            apply(&owner, d)
        )
    };
    let (a, b, c, d) = tokio::time::timeout(Duration::from_mins(1), all)
        .await
        .unwrap();

    let mut applied: Vec<_> = [a, b, c, d]
        .into_iter()
        .map(|report| report.unwrap().applied)
        .collect();
    applied.sort_unstable();
    assert_eq!(applied, [0, 0, 0, 2]);
    scratch.drop().await;
}

#[tokio::test]
async fn an_index_that_was_left_unfinished_is_built_again() {
    let scratch = Scratch::new("migrate_index").await;
    let folder = migrations(
        "index",
        &[(
            "1_create_item.sql",
            "CREATE TABLE item (id int); CREATE INDEX item_id ON item (id)",
        )],
    );
    apply(&scratch.owner(), migrator(&folder).await)
        .await
        .unwrap();
    let mut admin = scratch
        .admin
        .clone()
        .database(&scratch.name)
        .connect()
        .await
        .unwrap();
    sqlx::query("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'item_id'::regclass")
        .execute(&mut admin)
        .await
        .unwrap();

    apply(&scratch.owner(), migrator(&folder).await)
        .await
        .unwrap();

    let valid: bool = sqlx::query_scalar(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = 'item_id'::regclass",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap();
    assert!(valid);
    drop(admin);
    scratch.drop().await;
}

#[tokio::test]
async fn a_failing_migration_leaves_nothing_behind() {
    let scratch = Scratch::new("migrate_fail").await;
    let folder = migrations(
        "fail",
        &[(
            "1_create_item.sql",
            "CREATE TABLE item (id int); SELECT 1 / 0",
        )],
    );

    let refused = apply(&scratch.owner(), migrator(&folder).await).await;

    assert!(matches!(refused, Err(SchemaError::Migration(_))));
    let mut owner = scratch.owner().connect().await.unwrap();
    let left: Option<String> = sqlx::query_scalar("SELECT to_regclass('item')::text")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(left, None);
    drop(owner);
    scratch.drop().await;
}

#[tokio::test]
async fn the_shipped_migrations_apply_to_an_empty_database_and_then_rest() {
    let scratch = Scratch::new("migrate_all").await;

    let first = run(&scratch.owner()).await.unwrap();
    let second = run(&scratch.owner()).await.unwrap();

    assert!(first.applied > 0);
    assert_eq!(
        second,
        Report {
            applied: 0,
            version: first.version
        }
    );
    scratch.drop().await;
}

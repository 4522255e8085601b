//! A database of its own for one test: a clone of the migrated template, reached by the real roles.
//!
//! The unit tests and `tests/it` both include this file, so it names nothing of the crate. The cluster is started by
//! `./test --services`.

use std::str::FromStr as _;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// One database, dropped with this value.
pub(crate) struct TestDb {
    sockets: String,
    name: String,
}

impl TestDb {
    /// Clones the template; the first test of a set of migrations makes it.
    #[expect(
        clippy::disallowed_methods,
        reason = "./test says where its cluster is; a name of a database is no id"
    )]
    pub(crate) async fn new() -> Self {
        let sockets = std::env::var("PORTICO_TEST_PG").expect(
            "PORTICO_TEST_PG is not set: eval \"$(./test --services)\" starts what tests need",
        );
        let name = format!("test_{}", uuid::Uuid::now_v7().simple());
        let mut admin = connect(&url(&sockets, "portico_owner", "postgres")).await;
        let template = template(&sockets, &mut admin).await;
        sqlx::query(AssertSqlSafe(format!(
            "CREATE DATABASE {name} TEMPLATE {template}"
        )))
        .execute(&mut admin)
        .await
        .expect("the template can be cloned");
        Self { sockets, name }
    }

    /// Where the role of this name finds the database: `portico_app`, `portico_staff` or `portico_owner`.
    pub(crate) fn url(&self, role: &str) -> String {
        url(&self.sockets, role, &self.name)
    }

    /// A connection under a role, to look at rows behind the application's back. `postgres` sees everything.
    pub(crate) async fn connect(&self, role: &str) -> PgConnection {
        connect(&self.url(role)).await
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let (url, name) = (
            url(&self.sockets, "portico_owner", "postgres"),
            self.name.clone(),
        );
        // A test's runtime may be going down: the drop has a thread and a runtime of its own.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let mut admin = connect(&url).await;
                let drop = AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
                sqlx::query(drop).execute(&mut admin).await.ok();
            });
        });
        dropping.join().ok();
    }
}

fn url(sockets: &str, role: &str, database: &str) -> String {
    let host: String = url::form_urlencoded::byte_serialize(sockets.as_bytes()).collect();
    format!("postgres://{role}@localhost/{database}?host={host}")
}

async fn connect(url: &str) -> PgConnection {
    let options = PgConnectOptions::from_str(url)
        .expect("a database URL")
        .disable_statement_logging();
    PgConnection::connect_with(&options)
        .await
        .expect("the test cluster answers")
}

/// The migrated database that tests clone, named after what the migrations say.
async fn template(sockets: &str, admin: &mut PgConnection) -> String {
    let mut hash = openssl::sha::Sha256::new();
    for migration in MIGRATIONS.iter() {
        hash.update(&migration.checksum);
    }
    let mark: String = hash
        .finish()
        .iter()
        .take(6)
        .fold(String::new(), |mark, byte| mark + &format!("{byte:02x}"));
    let name = format!("template_{mark}");
    // Tests are processes of their own: one makes the template, the others wait here.
    sqlx::query("SELECT pg_advisory_lock(7021)")
        .execute(&mut *admin)
        .await
        .expect("a lock");
    let exists: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(&name)
            .fetch_one(&mut *admin)
            .await
            .expect("the catalogue");
    if !exists {
        let fresh = format!("{name}_new");
        for statement in [
            format!("DROP DATABASE IF EXISTS {fresh}"),
            format!("CREATE DATABASE {fresh}"),
        ] {
            sqlx::query(AssertSqlSafe(statement))
                .execute(&mut *admin)
                .await
                .expect("a database");
        }
        let mut owner = connect(&url(sockets, "portico_owner", &fresh)).await;
        MIGRATIONS
            .run(&mut owner)
            .await
            .expect("the migrations run");
        owner.close().await.ok();
        let rename = AssertSqlSafe(format!("ALTER DATABASE {fresh} RENAME TO {name}"));
        sqlx::query(rename)
            .execute(&mut *admin)
            .await
            .expect("a rename");
    }
    sqlx::query("SELECT pg_advisory_unlock(7021)")
        .execute(&mut *admin)
        .await
        .expect("a lock");
    name
}

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};

use super::*;
use crate::db::bootstrap::{self, Passwords};

/// A clone's folder, with a space in its name, and whatever its cluster leaves on disk.
struct Clone {
    root: PathBuf,
}

impl Clone {
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("portico {name} {}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        Self { root }
    }

    fn place(&self) -> Place {
        Place::of(&self.root, "pg").unwrap()
    }

    async fn start(&self) -> Embedded {
        let programs = Programs::search(None, Vec::new(), &self.root);
        Embedded::start(&self.root, "pg", programs).await.unwrap()
    }
}

impl Drop for Clone {
    fn drop(&mut self) {
        let place = self.place();
        let _ = std::fs::remove_dir_all(&place.sockets);
        let _ = std::fs::remove_dir_all(
            place
                .home
                .parent()
                .filter(|home| *home != Path::new("/"))
                .unwrap(),
        );
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

async fn connect(cluster: &Embedded, role: &str, database: &str) -> PgConnection {
    let options = PgConnectOptions::from_str(&cluster.url(role, database)).unwrap();
    let deadline = Instant::now() + START_LIMIT;
    loop {
        match options.connect().await {
            Ok(connection) => return connection,
            Err(_not_yet) if Instant::now() < deadline => tokio::time::sleep(POLL).await,
            Err(error) => panic!("{error}"),
        }
    }
}

async fn scalar(connection: &mut PgConnection, query: &'static str) -> String {
    sqlx::query_scalar(query)
        .fetch_one(connection)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_cluster_is_durable_private_and_shared_by_the_second_start() {
    let clone = Clone::new("private");
    let first = clone.start().await;

    let second = clone.start().await;

    assert!(first.keeper.is_some() && second.keeper.is_none());
    let mut connection = connect(&second, SUPERUSER, "postgres").await;
    assert_eq!(scalar(&mut connection, "SHOW listen_addresses").await, "");
    assert_eq!(scalar(&mut connection, "SHOW fsync").await, "on");
    assert_eq!(
        scalar(&mut connection, "SHOW synchronous_commit").await,
        "on"
    );
    assert_eq!(scalar(&mut connection, "SHOW data_checksums").await, "on");
    drop(connection);
    second.stop().await;
    assert!(matches!(postmaster::find(&clone.place()), Found::Ready(_)));
    first.stop().await;
    assert_eq!(postmaster::find(&clone.place()), Found::Nothing);
}

#[tokio::test]
async fn a_killed_cluster_comes_back_and_keeps_what_was_committed() {
    let clone = Clone::new("killed");
    let cluster = clone.start().await;
    let mut connection = connect(&cluster, SUPERUSER, "postgres").await;
    sqlx::query("CREATE TABLE kept AS SELECT 'yes' AS answer")
        .execute(&mut connection)
        .await
        .unwrap();
    let Found::Ready(pid) = postmaster::find(&clone.place()) else {
        panic!("it serves")
    };

    pid.signal(Signal::SIGKILL);
    while pid.is_alive()
        && !matches!(postmaster::find(&clone.place()), Found::Ready(now) if now != pid)
    {
        tokio::time::sleep(POLL).await;
    }

    let mut connection = connect(&cluster, SUPERUSER, "postgres").await;
    assert_eq!(
        scalar(&mut connection, "SELECT answer FROM kept").await,
        "yes"
    );
    drop(connection);
    cluster.stop().await;
}

#[tokio::test]
async fn a_crashed_run_leaves_nothing_that_stops_the_next_one() {
    let clone = Clone::new("stale");
    clone.start().await.stop().await;
    // The number of a process that lives and is no PostgreSQL, as after a restart of the machine.
    let stale = format!("{}\n/nowhere\n0\n5432\n\n\n\nready\n", std::process::id());
    std::fs::write(clone.place().data.join("postmaster.pid"), stale).unwrap();
    std::fs::create_dir_all(clone.place().home.join("data.tmp/half")).unwrap();

    let cluster = clone.start().await;

    assert!(cluster.keeper.is_some());
    cluster.stop().await;
}

#[tokio::test]
async fn foreign_files_are_never_initialised_over() {
    let clone = Clone::new("foreign");
    let data = clone.place().data;
    std::fs::create_dir_all(&data).unwrap();
    std::fs::write(data.join("thesis.txt"), "mine").unwrap();

    let programs = Programs::search(None, Vec::new(), &clone.root);
    let refused = Embedded::start(&clone.root, "pg", programs).await;

    assert!(matches!(refused, Err(EmbeddedError::NotACluster(folder)) if folder == data));
    assert_eq!(
        std::fs::read_to_string(data.join("thesis.txt")).unwrap(),
        "mine"
    );
}

#[tokio::test]
async fn the_bootstrap_makes_roles_that_pass_no_policy_and_can_be_repeated() {
    let clone = Clone::new("bootstrap");
    let cluster = clone.start().await;
    let admin = PgConnectOptions::from_str(&cluster.url(SUPERUSER, "postgres")).unwrap();

    bootstrap::run(&admin, &Passwords::default()).await.unwrap();
    let mut connection = connect(&cluster, SUPERUSER, "postgres").await;
    sqlx::raw_sql("ALTER ROLE portico_app BYPASSRLS; GRANT portico_owner TO portico_staff")
        .execute(&mut connection)
        .await
        .unwrap();
    let passwords = Passwords {
        app: Some("it's \"quoted\"".to_owned().into()),
        ..Passwords::default()
    };
    bootstrap::run(&admin, &passwords).await.unwrap();

    let mighty = "SELECT count(*)::text FROM pg_roles WHERE rolname LIKE 'portico%'
        AND (rolsuper OR rolbypassrls OR rolcreaterole OR NOT rolcanlogin)";
    assert_eq!(scalar(&mut connection, mighty).await, "0");
    let members =
        "SELECT count(*)::text FROM pg_auth_members WHERE roleid = 'portico_owner'::regrole
        AND member IN ('portico_app'::regrole, 'portico_staff'::regrole)";
    assert_eq!(scalar(&mut connection, members).await, "0");
    let password = "SELECT (rolpassword LIKE 'SCRAM-SHA-256%')::text FROM pg_authid WHERE rolname = 'portico_app'";
    assert_eq!(scalar(&mut connection, password).await, "true");
    let mut owner = connect(&cluster, "portico_owner", bootstrap::DATABASE).await;
    sqlx::query("CREATE TABLE own (id int)")
        .execute(&mut owner)
        .await
        .unwrap();
    let mut app = connect(&cluster, "portico_app", bootstrap::DATABASE).await;
    assert!(
        sqlx::query("SELECT * FROM own")
            .execute(&mut app)
            .await
            .is_err()
    );
    assert!(
        sqlx::query("CREATE TABLE mine (id int)")
            .execute(&mut app)
            .await
            .is_err()
    );
    drop((connection, owner, app));
    cluster.stop().await;
}

//! The binary as an operator meets it: how it starts, what it refuses, and how it ends.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use portico::clock::Clock;
use portico::saml::SigningKey;
use sqlx::Executor as _;

use super::support::database::TestDb;

/// A machine that builds beside the tests makes everything slow.
const PATIENCE: Duration = Duration::from_mins(2);

/// A folder with settings that `serve` accepts, and the process that was started with them.
pub(super) struct Gateway {
    folder: PathBuf,
    base: String,
    child: Child,
}

impl Gateway {
    fn start(name: &str, app_url: &str, staff_url: &str) -> Self {
        Self::with(name, (app_url, staff_url), "")
    }

    /// One of several over one database, with settings of the test's choice.
    pub(super) fn ticking(name: &str, database: &TestDb, settings: &str) -> Self {
        let urls = (database.url("portico_app"), database.url("portico_staff"));
        Self::with(name, (&urls.0, &urls.1), settings)
    }

    fn with(name: &str, (app_url, staff_url): (&str, &str), more: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("portico-process-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let address = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let key = SigningKey::generate("portal.example", Clock::default().process()).unwrap();
        let (key, certificate) = key.to_pem().unwrap();
        private(&folder.join("saml.key"), &key);
        private(&folder.join("saml.pem"), &certificate);
        private(&folder.join("cookie.key"), "5".repeat(64).as_bytes());
        let settings = format!(
            "server.listen = '{address}'\nserver.public_url = 'https://portal.example'\n\
             server.trusted_proxies = ['127.0.0.1']\nserver.drain_delay = '2s'\n\
             database.url = '{app_url}'\ndatabase.staff_url = '{staff_url}'\n\
             saml.key_file = '{0}/saml.key'\nsaml.certificate_file = '{0}/saml.pem'\n\
             session.cookie_key_file = '{0}/cookie.key'\ndocuments.folder = '{0}/documents'\n{more}",
            folder.display()
        );
        private(&folder.join("portico.toml"), settings.as_bytes());
        let child = Command::new(env!("CARGO_BIN_EXE_portico"))
            .arg("serve")
            .arg("--config")
            .arg(folder.join("portico.toml"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.join("err")).unwrap())
            .spawn()
            .unwrap();
        Self {
            folder,
            base: format!("http://{address}"),
            child,
        }
    }

    /// Starts it on a database that is fit to be served.
    fn serving(name: &str, database: &TestDb) -> Self {
        Self::start(
            name,
            &database.url("portico_app"),
            &database.url("portico_staff"),
        )
    }

    pub(super) fn said(&self) -> String {
        fs::read_to_string(self.folder.join("err")).unwrap()
    }

    /// The status of a path, as soon as there is an answer.
    async fn status(&mut self, path: &str) -> u16 {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Ok(answer) = reqwest::get(format!("{}{path}", self.base)).await {
                return answer.status().as_u16();
            }
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "{ended:?}: {}",
                self.said()
            );
            pause().await;
        }
    }

    pub(super) async fn until(&mut self, path: &str, wanted: u16) {
        let deadline = Instant::now() + PATIENCE;
        while self.status(path).await != wanted {
            assert!(Instant::now() < deadline, "{}", self.said());
            pause().await;
        }
    }

    pub(super) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
    }

    async fn ended(&mut self) -> ExitStatus {
        ended(&mut self.child).await
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

async fn ended(child: &mut Child) -> ExitStatus {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        assert!(Instant::now() < deadline, "it does not end");
        pause().await;
    }
}

async fn pause() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}

fn private(path: &Path, text: &[u8]) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// A database as `portico migrate` leaves it: the tests' template lacks its grant.
pub(super) async fn migrated() -> TestDb {
    let database = TestDb::new().await;
    let mut owner = database.connect("portico_owner").await;
    owner
        .execute("GRANT SELECT ON _sqlx_migrations TO portico_staff")
        .await
        .unwrap();
    database
}

#[tokio::test]
async fn a_signal_drains_and_readiness_turns_first() {
    let database = migrated().await;
    let mut gateway = Gateway::serving("drain", &database);
    gateway.until("/readyz", 200).await;

    gateway.signal(Signal::SIGTERM);

    gateway.until("/readyz", 503).await;
    assert_eq!(gateway.status("/livez").await, 200);
    assert!(gateway.ended().await.success(), "{}", gateway.said());
}

#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let database = migrated().await;
    let mut gateway = Gateway::serving("twice", &database);
    gateway.until("/readyz", 200).await;

    gateway.signal(Signal::SIGTERM);
    gateway.until("/readyz", 503).await;
    gateway.signal(Signal::SIGINT);

    assert_eq!(gateway.ended().await.code(), Some(1));
    assert!(!gateway.said().contains("drained"));
}

#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "./test says where its cluster is"
)]
async fn a_gateway_waits_for_its_database_and_needs_no_restart() {
    let database = migrated().await;
    let absent = std::env::temp_dir().join(format!("portico-absent-{}", std::process::id()));
    let sockets = std::env::var("PORTICO_TEST_PG").unwrap();
    let elsewhere = |role: &str| {
        let url = database.url(role);
        let database = url.split_once('?').unwrap().0;
        format!("{database}?host={}", absent.display())
    };
    let mut gateway = Gateway::start(
        "wait",
        &elsewhere("portico_app"),
        &elsewhere("portico_staff"),
    );

    gateway.until("/livez", 200).await;
    gateway.until("/readyz", 503).await;
    std::os::unix::fs::symlink(sockets, &absent).unwrap();
    gateway.until("/readyz", 200).await;

    fs::remove_file(&absent).unwrap();
}

#[tokio::test]
async fn demo_data_is_not_served() {
    let database = migrated().await;
    let mut owner = database.connect("portico_owner").await;
    owner
        .execute(
            "INSERT INTO organisations (id, number, kind, name, business_area, created_at)
             VALUES (gen_random_uuid(), 'ORG-DEMO-VENDOR', 'VENDOR', 'Demo', 'ALL', '2026-11-23')",
        )
        .await
        .unwrap();
    let mut gateway = Gateway::serving("demo", &database);

    assert_eq!(gateway.ended().await.code(), Some(2));
    assert!(gateway.said().contains("demo data"), "{}", gateway.said());
}

#[tokio::test]
async fn unsafe_settings_are_all_named_at_once() {
    let output = Command::new(env!("CARGO_BIN_EXE_portico"))
        .args(["serve"])
        .env("PORTICO_SERVER__PUBLIC_URL", "http://portal.example")
        .env(
            "PORTICO_DATABASE__URL",
            "postgres://portico_owner:hunter2@localhost/portico",
        )
        .output()
        .unwrap();

    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    for key in [
        "PORTICO_SERVER__PUBLIC_URL",
        "PORTICO_DATABASE__URL",
        "saml.key_file",
        "session.cookie_key_file",
        "documents.folder",
    ] {
        assert!(said.contains(key), "{said}");
    }
    assert!(!said.contains("hunter2"));
}

/// A development gateway in a folder of its own.
struct Dev {
    folder: PathBuf,
    child: Child,
}

impl Dev {
    fn start(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("portico dev {name} {}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self {
            child: Self::spawn(&folder),
            folder,
        }
    }

    fn spawn(folder: &Path) -> Child {
        Command::new(env!("CARGO_BIN_EXE_portico"))
            .args(["dev", "--port", "0"])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.join("err")).unwrap())
            .spawn()
            .unwrap()
    }

    /// Where the cluster is: in the clone, or for root where the server's own user can reach it.
    fn cluster(&self) -> PathBuf {
        if !nix::unistd::geteuid().is_root() {
            return self.folder.join("var/pg");
        }
        let digest = openssl::sha::sha256(
            self.folder
                .canonicalize()
                .unwrap()
                .as_os_str()
                .as_encoded_bytes(),
        );
        let mark: String = digest
            .iter()
            .take(5)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Path::new("/var/lib/portico").join(mark).join("pg")
    }

    /// The address, once it serves.
    async fn base(&mut self) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let lock = fs::read_to_string(self.folder.join("var/dev/lock")).unwrap_or_default();
            let ours = format!("process {}", self.child.id());
            if let Some((url, process)) = lock.trim().split_once(", ")
                && process == ours
                && reqwest::get(format!("{url}readyz"))
                    .await
                    .is_ok_and(|answer| answer.status() == 200)
            {
                return url.to_owned();
            }
            let said = fs::read_to_string(self.folder.join("err")).unwrap();
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "{ended:?}: {said}"
            );
            pause().await;
        }
    }

    async fn until_its_database_is_down(&self) {
        let deadline = Instant::now() + PATIENCE;
        while self.cluster().join("data/postmaster.pid").exists() {
            assert!(Instant::now() < deadline, "PostgreSQL outlived its gateway");
            pause().await;
        }
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let cluster = self.cluster();
        let _ = fs::remove_dir_all(cluster.parent().unwrap());
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[tokio::test]
async fn a_killed_development_gateway_takes_its_database_along_and_starts_again() {
    let mut dev = Dev::start("killed");
    dev.base().await;
    let users = fs::read(dev.folder.join("var/demo-users.json")).unwrap();

    dev.child.kill().unwrap();
    dev.child.wait().unwrap();
    dev.until_its_database_is_down().await;
    dev.child = Dev::spawn(&dev.folder);
    dev.base().await;

    assert_eq!(
        fs::read(dev.folder.join("var/demo-users.json")).unwrap(),
        users
    );
    kill(Pid::from_raw(dev.child.id().cast_signed()), Signal::SIGINT).unwrap();
    assert!(ended(&mut dev.child).await.success());
    dev.until_its_database_is_down().await;
}

#[tokio::test]
async fn a_second_start_in_one_folder_says_where_the_first_is() {
    let mut dev = Dev::start("second");
    let base = dev.base().await;

    let second = Command::new(env!("CARGO_BIN_EXE_portico"))
        .arg("dev")
        .current_dir(&dev.folder)
        .output()
        .unwrap();

    let said = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(said.contains(&base), "{said}");
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = std::env::temp_dir().join(format!("portico-port-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();

    let output = Command::new(env!("CARGO_BIN_EXE_portico"))
        .arg("dev")
        .env("PORTICO_PORT", &port)
        .current_dir(&folder)
        .output()
        .unwrap();

    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.contains("PORTICO_PORT") && said.contains(&port),
        "{said}"
    );
    fs::remove_dir_all(&folder).unwrap();
}

//! Portico as a process of its own, in a folder of its own, as somebody would start it.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::Url;
use serde_json::Value;

use super::person::Person;

/// How long anything may take before a test gives up: machines that run tests are slow and shared.
const PATIENCE: Duration = Duration::from_mins(1);

/// `portico dev` or `portico sandbox` in a folder that is removed in the end.
pub(crate) struct Portico {
    folder: PathBuf,
    passwords: &'static str,
    environment: &'static [(&'static str, &'static str)],
    arguments: Vec<String>,
    child: Child,
    pub(crate) base: Url,
}

impl Portico {
    /// Starts with an empty folder: a first start, with demo data.
    pub(crate) async fn start(name: &str) -> Self {
        Self::start_as(name, ("dev", "var/demo-users.json"), &[], &[]).await
    }

    /// The same as a sandbox, with arguments and variables of the test's choice.
    pub(crate) async fn sandbox(
        name: &str,
        more: &[&str],
        environment: &'static [(&'static str, &'static str)],
    ) -> Self {
        let kind = ("sandbox", "var/sandbox/demo-users.json");
        Self::start_as(name, kind, more, environment).await
    }

    async fn start_as(
        name: &str,
        (command, passwords): (&str, &'static str),
        more: &[&str],
        environment: &'static [(&'static str, &'static str)],
    ) -> Self {
        let folder =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        // Free now, and asked for by name on every later start.
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let base = Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
        let mut arguments = vec![command.to_owned(), "--port".to_owned(), port.to_string()];
        arguments.extend(more.iter().map(|&argument| argument.to_owned()));
        let portico = Self {
            child: spawn(&folder, &arguments, environment),
            folder,
            passwords,
            environment,
            arguments,
            base,
        };
        portico.is_ready().await;
        portico
    }

    /// Waits until `/readyz` says so.
    pub(crate) async fn is_ready(&self) {
        let until = Instant::now() + PATIENCE;
        let url = self.base.join("/readyz").unwrap();
        while Instant::now() < until {
            if reqwest::get(url.clone())
                .await
                .is_ok_and(|answer| answer.status().is_success())
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!(
            "not ready: {}",
            std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
        );
    }

    /// `kill -9` of the gateway, and a start in the same folder.
    pub(crate) async fn crash_and_restart(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = spawn(&self.folder, &self.arguments, self.environment);
        self.is_ready().await;
    }

    /// Stops, and starts again with another identity provider beside the development IAM.
    pub(crate) async fn restart_with_identity_provider(&mut self, name: &str, metadata: &str) {
        let file = self.folder.join("idp.xml");
        std::fs::write(&file, metadata).unwrap();
        self.stop();
        for argument in ["--idp-name", name, "--idp-metadata", file.to_str().unwrap()] {
            self.arguments.push(argument.to_owned());
        }
        self.child = spawn(&self.folder, &self.arguments, self.environment);
        self.is_ready().await;
    }

    /// An orderly end, so that the database below goes with it.
    fn stop(&mut self) {
        kill(
            Pid::from_raw(self.child.id().cast_signed()),
            Signal::SIGTERM,
        )
        .ok();
        self.child.wait().ok();
    }

    /// `kill -9` of the PostgreSQL server below it, which it starts again by itself.
    pub(crate) async fn crash_postgres(&self) {
        let killed = self.postgres();
        kill(killed, Signal::SIGKILL).unwrap();
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if self.postmaster().is_some_and(|pid| pid != killed) {
                return self.is_ready().await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("PostgreSQL was not started again");
    }

    fn postgres(&self) -> Pid {
        self.postmaster()
            .expect("a running PostgreSQL below this gateway")
    }

    /// The child of ours that is the server: the one whose own children are its workers.
    fn postmaster(&self) -> Option<Pid> {
        let ours = format!("/proc/{0}/task", self.child.id());
        let threads = std::fs::read_dir(ours).ok()?;
        threads
            .flatten()
            .filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok())
            .flat_map(|children| {
                children
                    .split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            })
            .find(|pid| {
                std::fs::read_to_string(format!("/proc/{pid}/comm"))
                    .is_ok_and(|name| name.trim() == "postgres")
            })
            .and_then(|pid| pid.parse().ok())
            .map(Pid::from_raw)
    }

    /// A demo person's password, as the first start made it.
    pub(crate) fn password(&self, user: &str) -> String {
        let text = std::fs::read_to_string(self.folder.join(self.passwords)).unwrap();
        let users: Value = serde_json::from_str(&text).unwrap();
        let found = users
            .as_array()
            .unwrap()
            .iter()
            .find(|entry| entry["user"] == user);
        found.unwrap_or_else(|| panic!("no demo user {user}"))["password"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// A demo person, signed in through the development IAM.
    pub(crate) async fn person(&self, user: &str) -> Person {
        let person = Person::new(&self.base);
        let start = "/saml/login?return_to=/schema.graphql";
        // With a second provider there is a choice first.
        let choice = person.open(start).await;
        let path = choice
            .link_named("Development IAM")
            .unwrap_or(start.to_owned());
        let landed = person.sign_in(&path, user, &self.password(user)).await;
        assert_eq!(
            landed.url.path(),
            "/schema.graphql",
            "{user} is not signed in: {}",
            landed.text
        );
        person
    }
}

fn spawn(folder: &Path, arguments: &[String], environment: &[(&str, &str)]) -> Child {
    let log = || {
        std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(folder.join("log"))
            .unwrap()
    };
    Command::new(env!("CARGO_BIN_EXE_portico"))
        .current_dir(folder)
        .args(arguments)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(log())
        .stderr(log())
        .process_group(0)
        .spawn()
        .unwrap()
}

impl Drop for Portico {
    fn drop(&mut self) {
        self.stop();
        if !std::thread::panicking() {
            std::fs::remove_dir_all(&self.folder).ok();
        }
    }
}

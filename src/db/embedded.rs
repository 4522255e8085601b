//! The private PostgreSQL: what `portico dev` runs on when no `database.url` is given.
//!
//! It is the machine's own PostgreSQL program with a cluster of this clone's own, reachable over a unix socket in a
//! folder that only its owner may enter; it never listens on a port. It is durable: nothing is traded for speed.
//! How queries run, and what is in the database, is not decided here.

mod place;
mod postmaster;
mod programs;

use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tokio::sync::oneshot;

use self::place::Place;
use self::postmaster::{Found, Lock};
pub use self::programs::Programs;

/// The cluster's superuser. Only the bootstrap connects as it.
pub const SUPERUSER: &str = "postgres";

/// How long a start may take; recovery after a crash is part of it.
const START_LIMIT: Duration = Duration::from_mins(1);
/// How long a fast shutdown may take before the cluster is told to drop everything.
const STOP_LIMIT: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(20);
/// A cluster that lives for this long was healthy: its next restart waits no longer than the first.
const HEALTHY_AFTER: Duration = Duration::from_secs(30);

/// Why the private PostgreSQL does not run.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    #[error(
        "no PostgreSQL server programs found (looked at PG_BIN, PATH, /usr/lib/postgresql and var/pgbin): \
         install the package `postgresql`, or set database.url to use a server of your own"
    )]
    NoPrograms,
    #[error("{} is PostgreSQL {found}; Portico needs {} or newer", .bin.display(), programs::FLOOR)]
    TooOld { bin: PathBuf, found: u32 },
    #[error(
        "the data in {} was made by PostgreSQL {data}, but {programs} is installed: install PostgreSQL {data} again, \
         or move the data with pg_upgrade or pg_dump; nothing was changed", .folder.display()
    )]
    OtherVersion {
        folder: PathBuf,
        data: String,
        programs: u32,
    },
    #[error("{} is not empty and holds no PostgreSQL data: move it away, nothing was changed", .0.display())]
    NotACluster(PathBuf),
    #[error("neither a user `postgres` nor `nobody` exists: PostgreSQL refuses to run as root")]
    NoAccount,
    #[error("initdb failed: {0}")]
    Init(String),
    #[error("PostgreSQL stopped while it started; the end of {}: {tail}", .log.display())]
    Died { log: PathBuf, tail: String },
    #[error("PostgreSQL was not ready within {} s; its log is {}", START_LIMIT.as_secs(), .0.display())]
    Slow(PathBuf),
    #[error("{what} {}: {source}", .path.display())]
    File {
        what: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("the thread that watches PostgreSQL could not be started: {0}")]
    Thread(io::Error),
    #[error("the thread that watches PostgreSQL ended")]
    ThreadEnded,
}

/// A running cluster. Whoever started it stops it; whoever found it running leaves it so.
pub struct Embedded {
    sockets: PathBuf,
    keeper: Option<Keeper>,
}

/// The thread that owns the server process, and the way to tell it to stop.
struct Keeper {
    stopping: Arc<AtomicBool>,
    ended: oneshot::Receiver<()>,
}

impl Embedded {
    /// Starts the cluster `name` of the clone at `root`, or attaches to it if it runs.
    pub async fn start(root: &Path, name: &str, programs: Programs) -> Result<Self, EmbeddedError> {
        let place = Place::of(root, name)?;
        let sockets = place.sockets.clone();
        let stopping = Arc::new(AtomicBool::new(false));
        let (ready_tx, ready) = oneshot::channel();
        let (ended_tx, ended) = oneshot::channel();
        let thread_stopping = Arc::clone(&stopping);
        // PR_SET_PDEATHSIG fires when the spawning *thread* ends, so the server gets a thread that outlives it; a
        // worker of the runtime's blocking pool ends when it was idle for some seconds.
        thread::Builder::new()
            .name("postgres".to_owned())
            .spawn(move || {
                keep(&place, &programs, &thread_stopping, ready_tx);
                let _ = ended_tx.send(());
            })
            .map_err(EmbeddedError::Thread)?;
        let found = ready
            .await
            .map_err(|_closed| EmbeddedError::ThreadEnded)??;
        let keeper = match found {
            Origin::Ours => Some(Keeper { stopping, ended }),
            Origin::Others => None,
        };
        Ok(Self { sockets, keeper })
    }

    /// The connection string of `role` in `database`.
    pub fn url(&self, role: &str, database: &str) -> String {
        let host: String =
            url::form_urlencoded::byte_serialize(self.sockets.as_os_str().as_encoded_bytes())
                .collect();
        // A space as `+` is a form's habit; a connection string takes it literally.
        format!(
            "postgres://{role}@localhost/{database}?host={}",
            host.replace('+', "%20")
        )
    }

    /// Stops what was started here and waits until it has written everything down.
    pub async fn stop(self) {
        if let Some(keeper) = self.keeper {
            keeper.stopping.store(true, Ordering::Release);
            // An error only says that the thread is gone, and with it the server.
            let _ = keeper.ended.await;
        }
    }
}

/// Who started the cluster that was found or made.
enum Origin {
    Ours,
    Others,
}

type Ready = oneshot::Sender<Result<Origin, EmbeddedError>>;

/// Runs on the cluster's own thread: gets it running, says so, and starts it again whenever it dies.
fn keep(place: &Place, programs: &Programs, stopping: &AtomicBool, ready: Ready) {
    let (lock, mut server) = match begin(place, programs) {
        Ok(Begun::Attached) => return drop(ready.send(Ok(Origin::Others))),
        Ok(Begun::Started(lock, server)) => (lock, server),
        Err(error) => return drop(ready.send(Err(error))),
    };
    if ready.send(Ok(Origin::Ours)).is_err() {
        stopping.store(true, Ordering::Release);
    }
    let mut pause = POLL;
    loop {
        let since = Instant::now();
        let status = watch(&mut server, stopping);
        if stopping.load(Ordering::Acquire) {
            break;
        }
        pause = if since.elapsed() > HEALTHY_AFTER {
            POLL
        } else {
            (pause * 2).min(Duration::from_secs(5))
        };
        tracing::error!(?status, "PostgreSQL ended by itself; starting it again");
        thread::sleep(pause);
        match Server::start(place, programs) {
            Ok(started) => server = started,
            Err(error) => tracing::error!(%error, "PostgreSQL could not be started again"),
        }
    }
    drop(lock);
}

enum Begun {
    Attached,
    Started(Lock, Server),
}

fn begin(place: &Place, programs: &Programs) -> Result<Begun, EmbeddedError> {
    place.prepare()?;
    let deadline = Instant::now() + START_LIMIT;
    loop {
        let lock = Lock::try_take(place)?;
        match (postmaster::find(place), lock) {
            (Found::Ready(_), None) => return Ok(Begun::Attached),
            // Its starter is gone and it still serves: ours from now on.
            (Found::Ready(pid), Some(lock)) => {
                return Ok(Begun::Started(lock, Server::Adopted(pid)));
            }
            (Found::Nothing, Some(lock)) => {
                postmaster::init(place, programs)?;
                return Ok(Begun::Started(lock, Server::start(place, programs)?));
            }
            // Another run is starting it, or an earlier one's is still shutting down.
            (Found::Busy, _) | (Found::Nothing, None) => thread::sleep(POLL),
        }
        if Instant::now() > deadline {
            return Err(EmbeddedError::Slow(place.log()));
        }
    }
}

/// Waits until the server has ended, and makes it end once `stopping` is set.
fn watch(server: &mut Server, stopping: &AtomicBool) -> Option<ExitStatus> {
    let mut told: Option<Instant> = None;
    loop {
        match server.ended() {
            Ended::Yes(status) => return status,
            Ended::No => thread::sleep(POLL),
        }
        if !stopping.load(Ordering::Acquire) {
            continue;
        }
        match told {
            None => {
                server.signal(Signal::SIGINT);
                told = Some(Instant::now());
            }
            Some(at) if at.elapsed() > STOP_LIMIT => {
                server.signal(Signal::SIGQUIT);
                told = Some(Instant::now());
            }
            Some(_) => {}
        }
    }
}

enum Server {
    Child(Child),
    /// A server that lost its starter; it cannot be waited for, only looked at.
    Adopted(postmaster::Pid),
}

enum Ended {
    Yes(Option<ExitStatus>),
    No,
}

impl Server {
    fn start(place: &Place, programs: &Programs) -> Result<Self, EmbeddedError> {
        let deadline = Instant::now() + START_LIMIT;
        // After a crash of the server its last processes take a moment to notice.
        while !postmaster::clear_stale(place)? {
            if Instant::now() > deadline {
                return Err(EmbeddedError::Slow(place.log()));
            }
            thread::sleep(POLL);
        }
        let mut child = spawn(place, programs)?;
        loop {
            if let Ok(Some(_status)) = child.try_wait() {
                return Err(EmbeddedError::Died {
                    log: place.log(),
                    tail: place.log_tail(),
                });
            }
            if let Found::Ready(pid) = postmaster::find(place)
                && pid.is(&child)
            {
                return Ok(Self::Child(child));
            }
            if Instant::now() > deadline {
                let _ = child.kill();
                return Err(EmbeddedError::Slow(place.log()));
            }
            thread::sleep(POLL);
        }
    }

    fn ended(&mut self) -> Ended {
        match self {
            Self::Child(child) => match child.try_wait() {
                Ok(Some(status)) => Ended::Yes(Some(status)),
                Ok(None) => Ended::No,
                Err(_not_ours) => Ended::Yes(None),
            },
            Self::Adopted(pid) if pid.is_alive() => Ended::No,
            Self::Adopted(_) => Ended::Yes(None),
        }
    }

    fn signal(&self, signal: Signal) {
        let pid = match self {
            Self::Child(child) => postmaster::Pid::of(child),
            Self::Adopted(pid) => *pid,
        };
        pid.signal(signal);
    }
}

fn spawn(place: &Place, programs: &Programs) -> Result<Child, EmbeddedError> {
    let chosen = programs.for_data(&place.data)?;
    let log = place.open_log()?;
    let mut command = place.command(&chosen.program("postgres"));
    command.arg("-D").arg(&place.data);
    for setting in [
        "listen_addresses=".to_owned(),
        // In double quotes, because a comma in the path would start a second folder.
        format!(
            "unix_socket_directories=\"{}\"",
            place.sockets.display().to_string().replace('"', "\"\"")
        ),
        "unix_socket_permissions=0700".to_owned(),
        "shared_buffers=64MB".to_owned(),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
    ] {
        command.arg("-c").arg(setting);
    }
    command
        .stdin(Stdio::null())
        .stdout(clone(&log, place)?)
        .stderr(log);
    // Ctrl-C goes to a terminal's whole process group; the database must outlive the requests that drain.
    command.process_group(0);
    end_with_this_thread(&mut command);
    command
        .spawn()
        .map_err(place.failed("cannot start PostgreSQL from"))
}

fn clone(log: &File, place: &Place) -> Result<File, EmbeddedError> {
    log.try_clone()
        .map_err(place.failed("cannot write the log in"))
}

/// Asks the kernel for a fast shutdown of the child when this process dies, however it dies.
#[expect(
    unsafe_code,
    reason = "pre_exec is the only place after setuid, which would clear the setting"
)]
fn end_with_this_thread(command: &mut Command) {
    let parent = nix::unistd::getpid();
    // SAFETY: between fork and exec only async-signal-safe calls are allowed: prctl and getppid are, and nothing
    // here allocates.
    unsafe {
        command.pre_exec(move || {
            nix::sys::prctl::set_pdeathsig(Signal::SIGINT)?;
            // The parent may have died before the line above.
            if nix::unistd::getppid() == parent {
                Ok(())
            } else {
                Err(io::Error::from_raw_os_error(3))
            }
        });
    }
}

#[cfg(test)]
mod tests;

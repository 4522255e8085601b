//! What is on disk and in the process table: the lock, the first initialisation, and a server that runs already.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Child;

use nix::sys::signal::{self, Signal};

use super::place::{Place, failed};
use super::{EmbeddedError, Programs, SUPERUSER};

/// Held by whoever started the cluster, for as long as it serves; the kernel lets go of it when they die.
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// `None` if another process has it.
    pub(super) fn try_take(place: &Place) -> Result<Option<Self>, EmbeddedError> {
        let path = place.home.join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed("cannot open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed("cannot lock", &path)(error)),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pid(nix::unistd::Pid);

impl Pid {
    pub(super) fn of(child: &Child) -> Self {
        Self(nix::unistd::Pid::from_raw(child.id().cast_signed()))
    }

    pub(super) fn is(self, child: &Child) -> bool {
        self == Self::of(child)
    }

    pub(super) fn is_alive(self) -> bool {
        signal::kill(self.0, None).is_ok()
    }

    pub(super) fn signal(self, what: Signal) {
        // The only error is that it has gone, which is what was wanted.
        let _ = signal::kill(self.0, what);
    }
}

/// What `postmaster.pid` and the process table say together.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Ready(Pid),
    /// Starting, stopping, or its last processes have not gone yet.
    Busy,
    Nothing,
}

pub(super) fn find(place: &Place) -> Found {
    let inside = processes_in(&place.data);
    match status(place) {
        Some((pid, status)) if inside.contains(&pid) && status == "ready" => Found::Ready(Pid(pid)),
        _ if inside.is_empty() => Found::Nothing,
        _ => Found::Busy,
    }
}

/// The process id and the status (line 8) of `postmaster.pid`.
fn status(place: &Place) -> Option<(nix::unistd::Pid, String)> {
    let text = fs::read_to_string(place.data.join("postmaster.pid")).ok()?;
    let mut lines = text.lines();
    let pid = lines
        .next()?
        .trim()
        .parse()
        .ok()
        .map(nix::unistd::Pid::from_raw)?;
    Some((pid, lines.nth(6).unwrap_or_default().trim().to_owned()))
}

/// Removes what a crash left behind; only for the holder of the lock. False while processes of that server live.
///
/// The server itself would refuse to start if the number in the file had gone to another process since.
pub(super) fn clear_stale(place: &Place) -> Result<bool, EmbeddedError> {
    if !processes_in(&place.data).is_empty() {
        return Ok(false);
    }
    let path = place.data.join("postmaster.pid");
    match fs::remove_file(&path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(failed("cannot remove", &path)(error)),
    }
}

/// The processes that work in `folder`: every process of a server works in its data folder.
fn processes_in(folder: &Path) -> Vec<nix::unistd::Pid> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == folder))
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .map(nix::unistd::Pid::from_raw)
        .collect()
}

/// Makes the cluster if there is none. It appears under its name only when it is whole.
pub(super) fn init(place: &Place, programs: &Programs) -> Result<(), EmbeddedError> {
    if place.data.join("PG_VERSION").exists() {
        return Ok(());
    }
    if fs::read_dir(&place.data).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(EmbeddedError::NotACluster(place.data.clone()));
    }
    let chosen = programs.for_data(&place.data)?;
    let unfinished = place.home.join("data.tmp");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(failed("cannot remove", &unfinished))?;
    }
    place.make_private(&unfinished)?;
    let output = place
        .command(&chosen.program("initdb"))
        .args([
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--data-checksums",
        ])
        .args(["--username", SUPERUSER, "--pgdata"])
        .arg(&unfinished)
        .output()
        .map_err(failed("cannot run initdb for", &unfinished))?;
    if !output.status.success() {
        return Err(EmbeddedError::Init(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        ));
    }
    fs::rename(&unfinished, &place.data).map_err(failed("cannot name", &place.data))
}

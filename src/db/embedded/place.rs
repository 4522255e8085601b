//! Where a cluster lives and as whom it runs.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::{Gid, Uid, User};

use super::EmbeddedError;

/// A socket's whole path may have 107 bytes; the file in the folder takes this many of them.
const LONGEST_SOCKET_FOLDER: usize = 107 - "/.s.PGSQL.5432".len();
/// Where clusters live that root starts.
const ROOTS_FOLDER: &str = "/var/lib/portico";
/// A log longer than this starts anew with the next start.
const LOG_LIMIT: u64 = 10 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Place {
    /// Holds everything of this cluster but, for long paths, its sockets.
    pub(super) home: PathBuf,
    pub(super) data: PathBuf,
    pub(super) sockets: PathBuf,
    /// Whom the server runs as, when that is not who we are.
    account: Option<Account>,
}

#[derive(Debug, Clone, Copy)]
struct Account {
    uid: Uid,
    gid: Gid,
}

impl Place {
    /// `var/<name>` in the clone; for root a folder under `/var/lib`, because the server's own user could not enter a
    /// clone in root's home.
    pub(super) fn of(root: &Path, name: &str) -> Result<Self, EmbeddedError> {
        let root = root.canonicalize().map_err(failed("cannot enter", root))?;
        let mark = mark(&root);
        let (home, account) = if Uid::effective().is_root() {
            (
                Path::new(ROOTS_FOLDER).join(&mark).join(name),
                Some(unprivileged()?),
            )
        } else {
            (root.join("var").join(name), None)
        };
        let mut sockets = home.join("sockets");
        if sockets.as_os_str().len() > LONGEST_SOCKET_FOLDER {
            sockets = Path::new("/tmp").join(format!("portico-{}-{mark}-{name}", Uid::effective()));
        }
        Ok(Self {
            data: home.join("data"),
            home,
            sockets,
            account,
        })
    }

    /// Makes the folders. Only what the server writes belongs to its user.
    pub(super) fn prepare(&self) -> Result<(), EmbeddedError> {
        fs::create_dir_all(&self.home).map_err(failed("cannot make", &self.home))?;
        if self.account.is_some() {
            // The server's user must get through, whatever our umask is.
            for folder in self
                .home
                .ancestors()
                .take_while(|folder| folder.starts_with(ROOTS_FOLDER))
            {
                fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
                    .map_err(failed("cannot open up", folder))?;
            }
        }
        self.make_private(&self.sockets)
    }

    /// Makes a folder that only the server's user may enter, or checks that an existing one is such.
    pub(super) fn make_private(&self, folder: &Path) -> Result<(), EmbeddedError> {
        match DirBuilder::new().mode(0o700).create(folder) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed("cannot make", folder)(error)),
        }
        let metadata = fs::symlink_metadata(folder).map_err(failed("cannot read", folder))?;
        let owner = self.account.map_or(Uid::effective(), |account| account.uid);
        // In a shared temporary folder somebody else may have taken the name.
        if !metadata.is_dir()
            || ![Uid::effective().as_raw(), owner.as_raw()].contains(&metadata.uid())
        {
            let taken = io::Error::new(
                io::ErrorKind::PermissionDenied,
                "it belongs to somebody else",
            );
            return Err(failed("cannot use", folder)(taken));
        }
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
            .map_err(failed("cannot protect", folder))?;
        if let Some(account) = self.account {
            std::os::unix::fs::chown(
                folder,
                Some(account.uid.as_raw()),
                Some(account.gid.as_raw()),
            )
            .map_err(failed("cannot hand over", folder))?;
        }
        Ok(())
    }

    /// A command that runs as the server's user, with nothing of our environment.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            .env("PATH", "/usr/bin:/bin")
            .current_dir("/");
        if let Some(account) = self.account {
            // The standard library drops the supplementary groups with the uid.
            command.gid(account.gid.as_raw()).uid(account.uid.as_raw());
        }
        command
    }

    pub(super) fn log(&self) -> PathBuf {
        self.home.join("server.log")
    }

    pub(super) fn open_log(&self) -> Result<File, EmbeddedError> {
        let path = self.log();
        let mut options = OpenOptions::new();
        options.create(true).mode(0o600);
        if fs::metadata(&path).is_ok_and(|metadata| metadata.len() > LOG_LIMIT) {
            options.write(true).truncate(true);
        } else {
            options.append(true);
        }
        options.open(&path).map_err(failed("cannot write", &path))
    }

    /// The last lines of the log, for an error that is read without it.
    pub(super) fn log_tail(&self) -> String {
        let read = || -> io::Result<String> {
            let mut file = File::open(self.log())?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(600)))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
        };
        read().unwrap_or_else(|error| format!("(unreadable: {error})"))
    }

    pub(super) fn failed(&self, what: &'static str) -> impl FnOnce(io::Error) -> EmbeddedError {
        failed(what, &self.home)
    }
}

/// Turns a file error into ours, with what was tried and on which path.
pub(super) fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> EmbeddedError {
    let path = path.to_owned();
    move |source| EmbeddedError::File { what, path, source }
}

/// A short name for a long path.
fn mark(path: &Path) -> String {
    let digest = openssl::sha::sha256(path.as_os_str().as_encoded_bytes());
    let head = digest.first_chunk().copied().unwrap_or_default();
    format!("{:010x}", u64::from_be_bytes(head) >> 24)
}

fn unprivileged() -> Result<Account, EmbeddedError> {
    ["postgres", "nobody"]
        .into_iter()
        .find_map(|name| User::from_name(name).ok().flatten())
        .map(|user| Account {
            uid: user.uid,
            gid: user.gid,
        })
        .ok_or(EmbeddedError::NoAccount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_gets_a_short_socket_folder() {
        let root = std::env::temp_dir().join("portico-".to_owned() + &"x".repeat(120));
        fs::create_dir_all(&root).unwrap();

        let place = Place::of(&root, &"n".repeat(80)).unwrap();

        assert!(place.home.as_os_str().len() > LONGEST_SOCKET_FOLDER);
        assert!(place.sockets.starts_with("/tmp"));
        fs::remove_dir(&root).unwrap();
    }

    #[test]
    fn two_clones_never_share_a_place() {
        assert_ne!(mark(Path::new("/srv/a")), mark(Path::new("/srv/b")));
    }
}

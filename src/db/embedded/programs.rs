//! Which PostgreSQL programs of this machine are used.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::EmbeddedError;

/// The oldest PostgreSQL that speaks all the SQL in this repository.
pub(super) const FLOOR: u32 = 15;

/// Folders that may hold the server programs, best first.
#[derive(Debug, Clone)]
pub struct Programs {
    candidates: Vec<PathBuf>,
}

/// One installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen {
    bin: PathBuf,
    pub(super) major: u32,
}

impl Chosen {
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }
}

impl Programs {
    /// `asked` (`PG_BIN`) stands alone; otherwise the search path, Debian's folders from the newest, and a private
    /// copy under the clone.
    pub fn search(asked: Option<PathBuf>, path: Vec<PathBuf>, root: &Path) -> Self {
        let candidates = asked.map_or_else(
            || {
                let mut all = path;
                all.extend(by_version(Path::new("/usr/lib/postgresql")));
                all.push(root.join("var/pgbin/bin"));
                all
            },
            |bin| vec![bin],
        );
        Self { candidates }
    }

    /// The programs for the data in `folder`: those of the version that made it, or the best there are for new data.
    pub(super) fn for_data(&self, folder: &Path) -> Result<Chosen, EmbeddedError> {
        let made_by = std::fs::read_to_string(folder.join("PG_VERSION"))
            .ok()
            .map(|text| text.trim().to_owned());
        let mut found = self.candidates.iter().filter_map(|bin| look(bin));
        let Some(first) = found.next() else {
            return Err(EmbeddedError::NoPrograms);
        };
        let Some(made_by) = made_by else {
            return if first.major < FLOOR {
                Err(EmbeddedError::TooOld {
                    bin: first.bin,
                    found: first.major,
                })
            } else {
                Ok(first)
            };
        };
        let installed = first.major;
        std::iter::once(first)
            .chain(found)
            .find(|chosen| chosen.major.to_string() == made_by)
            .ok_or_else(|| EmbeddedError::OtherVersion {
                folder: folder.to_owned(),
                data: made_by,
                programs: installed,
            })
    }
}

/// The installation in `bin`, if there is a whole one.
fn look(bin: &Path) -> Option<Chosen> {
    // Through a link to its target: the programs look for their libraries beside themselves.
    let server = bin.join("postgres").canonicalize().ok()?;
    let bin = server.parent()?.to_owned();
    bin.join("initdb").is_file().then_some(())?;
    let output = Command::new(&server).arg("--version").output().ok()?;
    let major = major(&String::from_utf8_lossy(&output.stdout))?;
    Some(Chosen { bin, major })
}

/// The 15 of `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)` or of `… 18beta1`.
fn major(version: &str) -> Option<u32> {
    let number = version
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// `<root>/<version>/bin`, newest first; by number, so that 9 comes after 15.
fn by_version(root: &Path) -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((
                entry
                    .file_name()
                    .to_str()?
                    .split('.')
                    .next()?
                    .parse()
                    .ok()?,
                entry.path(),
            ))
        })
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions
        .into_iter()
        .map(|(_, path)| path.join("bin"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_every_spelling() {
        assert_eq!(
            major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"),
            Some(15)
        );
        assert_eq!(major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("nonsense"), None);
    }

    #[test]
    fn versions_are_ordered_as_numbers() {
        let root = std::env::temp_dir().join(format!("portico-versions-{}", std::process::id()));
        for version in ["9.6", "15", "17"] {
            std::fs::create_dir_all(root.join(version)).unwrap();
        }

        let found = by_version(&root);

        let names: Vec<_> = found
            .iter()
            .map(|bin| bin.parent().unwrap().file_name().unwrap())
            .collect();
        assert_eq!(names, ["17", "15", "9.6"]);
        std::fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn data_of_another_version_is_left_alone() {
        let root = std::env::temp_dir().join(format!("portico-old-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        std::fs::write(root.join("PG_VERSION"), "9.4\n").unwrap();

        let refused = Programs::search(None, Vec::new(), &root).for_data(&root);

        assert!(matches!(refused, Err(EmbeddedError::OtherVersion { data, .. }) if data == "9.4"));
        std::fs::remove_dir_all(&root).unwrap();
    }
}

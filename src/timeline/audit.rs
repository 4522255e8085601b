//! Whether the history is what was written: walks every chain, one entry in memory at a time.
//!
//! It computes hashes itself and asks the database for none: who could change an entry could change a function, too.

use futures_util::StreamExt as _;
use uuid::Uuid;

use super::digest::{self, Chained};
pub use super::store::audit::Owner;
use super::store::audit::{self as store, Ending};
use crate::db::StoreError;
use crate::ids::global_of;

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The entry's own text has changed.
    Altered { object: String, version: i64 },
    /// What stands before the entry is not what stood there: an entry was removed, or two changed places.
    Disordered { object: String, version: i64 },
    /// The chain ends before or behind where its head says.
    CutAtEnd { object: String, version: i64 },
    /// All entries of the object are gone.
    Emptied { object: String, version: i64 },
    /// A personal value is not the one that was written; an erased one is no finding.
    PersonalAltered {
        object: String,
        version: i64,
        field: String,
    },
    /// The feed told of an entry that is gone.
    Missing { seq: i64 },
    /// The feed's numbers jump here.
    FeedGap { seq: i64 },
}

impl std::fmt::Display for Finding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Altered { object, version } => {
                write!(
                    formatter,
                    "{object} version {version}: the entry was altered"
                )
            }
            Self::Disordered { object, version } => write!(
                formatter,
                "{object} version {version}: an entry before it was removed, or entries changed places"
            ),
            Self::CutAtEnd { object, version } => write!(
                formatter,
                "{object} version {version}: the history does not end where it ended"
            ),
            Self::Emptied { object, version } => write!(
                formatter,
                "{object} up to version {version}: the whole history was removed"
            ),
            Self::PersonalAltered {
                object,
                version,
                field,
            } => write!(
                formatter,
                "{object} version {version}: the personal value {field} was altered"
            ),
            Self::Missing { seq } => {
                write!(formatter, "feed number {seq}: its entry was removed")
            }
            Self::FeedGap { seq } => {
                write!(
                    formatter,
                    "feed number {seq}: the numbers before it were removed"
                )
            }
        }
    }
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Walked {
    pub objects: u64,
    pub entries: u64,
    pub findings: u64,
}

/// Walks the chain of one object, or all of them and the feed, as the owner and within one snapshot.
pub async fn verify(
    owner: &mut Owner,
    object: Option<Uuid>,
    found: impl FnMut(&Finding),
) -> Result<Walked, StoreError> {
    let mut snapshot = store::snapshot(owner).await?;
    let mut walk = Walk {
        found,
        walked: Walked::default(),
        last: None,
    };
    walk.chains(&mut snapshot, object).await?;
    walk.emptied(&mut snapshot, object).await?;
    walk.personal(&mut snapshot, object).await?;
    if object.is_none() {
        walk.feed(&mut snapshot).await?;
    }
    Ok(walk.walked)
}

/// Where the walk stands in one chain.
struct Place {
    name: String,
    object: Uuid,
    entries: i64,
    version: i64,
    hash: Vec<u8>,
    ending: Ending,
}

struct Walk<F> {
    found: F,
    walked: Walked,
    last: Option<Place>,
}

impl<F: FnMut(&Finding)> Walk<F> {
    fn tell(&mut self, finding: &Finding) {
        self.walked.findings += 1;
        (self.found)(finding);
    }

    async fn chains(
        &mut self,
        snapshot: &mut Owner,
        object: Option<Uuid>,
    ) -> Result<(), StoreError> {
        let mut rows = store::chains(snapshot, object);
        while let Some(row) = rows.next().await {
            let (entry, ending) = row?;
            self.entry(&entry, ending);
        }
        drop(rows);
        self.end();
        Ok(())
    }

    fn entry(&mut self, entry: &Chained, ending: Ending) {
        if self.last.as_ref().map(|last| last.object) != Some(entry.object_id) {
            self.end();
            self.walked.objects += 1;
        }
        self.walked.entries += 1;
        let name = global_of(&entry.object_kind, entry.object_id);
        let version = entry.object_version;
        let before = self.last.take();
        let (entries, previous) = match before {
            Some(last) => (last.entries, Some(last.hash)),
            None => (0, None),
        };
        if entry.previous_hash != previous {
            self.tell(&Finding::Disordered {
                object: name.clone(),
                version,
            });
        }
        if entry.expected().as_slice() != entry.hash {
            self.tell(&Finding::Altered {
                object: name.clone(),
                version,
            });
        }
        self.last = Some(Place {
            name,
            object: entry.object_id,
            entries: entries + 1,
            version,
            hash: entry.hash.clone(),
            ending,
        });
    }

    /// Compares the end of the chain behind us with its head.
    fn end(&mut self) {
        let Some(last) = self.last.take() else {
            return;
        };
        let reached = Ending {
            entries: Some(last.entries),
            version: Some(last.version),
            hash: Some(last.hash),
        };
        if reached != last.ending {
            self.tell(&Finding::CutAtEnd {
                object: last.name,
                version: last.version,
            });
        }
    }

    async fn emptied(
        &mut self,
        snapshot: &mut Owner,
        object: Option<Uuid>,
    ) -> Result<(), StoreError> {
        let mut rows = store::heads_without_entries(snapshot, object);
        while let Some(row) = rows.next().await {
            let (object, version) = row?;
            self.tell(&Finding::Emptied { object, version });
        }
        Ok(())
    }

    async fn personal(
        &mut self,
        snapshot: &mut Owner,
        object: Option<Uuid>,
    ) -> Result<(), StoreError> {
        let mut rows = store::personal(snapshot, object);
        while let Some(row) = rows.next().await {
            let row = row?;
            let digest = digest::of_personal(&row.salt, &row.field, &row.value);
            if row.digest.as_deref() != Some(digest.as_str()) {
                self.tell(&Finding::PersonalAltered {
                    object: row.object,
                    version: row.version,
                    field: row.field,
                });
            }
        }
        Ok(())
    }

    async fn feed(&mut self, snapshot: &mut Owner) -> Result<(), StoreError> {
        let mut rows = store::feed(snapshot);
        let mut expected = 1;
        while let Some(row) = rows.next().await {
            let (seq, exists) = row?;
            if seq != expected {
                self.tell(&Finding::FeedGap { seq });
            }
            if !exists {
                self.tell(&Finding::Missing { seq });
            }
            expected = seq + 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

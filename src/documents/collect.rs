//! Removes what uploads left behind: rows that nobody completed, and files that no row speaks of.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use tokio::fs;
use uuid::Uuid;

use super::disk::{Files, UNFINISHED, unavailable};
use super::model::{Document, DocumentState};
use super::service::moved;
use super::store;
use crate::db::{Db, Scope};
use crate::error::Failure;
use crate::ids::DocumentId;
use crate::jobs::{self, Claimed, Job};

/// Rows, or files, that are looked at together.
const BATCH: i64 = 100;
const NAME: &str = "documents_collect";
const SCOPE: Scope = Scope::Job(NAME);

/// What went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Collected {
    /// Rows that nobody completed.
    pub documents: usize,
    /// Files that no row speaks of, or that nobody finished.
    pub files: usize,
}

/// Looks for it.
#[derive(Debug, Clone)]
pub struct Collector {
    pub files: Files,
    /// How long an upload has before it is given up.
    pub retention: TimeDelta,
}

impl Collector {
    /// Removes everything that has had its time.
    pub async fn collect(&self, db: &Db) -> Result<Collected, Failure> {
        let documents = self.discard(db).await?;
        let files = self.sweep(db).await?;
        Ok(Collected { documents, files })
    }

    /// The row goes first: a file without a row is found by the sweep, a row without its file by nobody.
    async fn discard(&self, db: &Db) -> Result<usize, Failure> {
        let mut discarded = 0;
        loop {
            let mut tx = jobs::begin(db, NAME).await?;
            let before = tx.now() - self.retention;
            let found = store::lock_unfinished(&mut tx, &SCOPE, (before, BATCH)).await?;
            let mut gone = Vec::with_capacity(found.len());
            for mut document in found {
                let from = document.state;
                document.discard();
                store::record_state(&mut tx, &document).await?;
                tx.record(moved(&document, from, "document.discarded"))
                    .await?;
                gone.push(document.id);
            }
            tx.commit().await?;
            for id in &gone {
                self.files.remove(*id).await?;
            }
            discarded += gone.len();
            if i64::try_from(gone.len()).is_ok_and(|gone| gone < BATCH) {
                return Ok(discarded);
            }
        }
    }

    /// Walks the whole folder; what is younger than the retention may be in use and stays.
    async fn sweep(&self, db: &Db) -> Result<usize, Failure> {
        let before = jobs::begin(db, NAME).await?.now() - self.retention;
        let mut removed = 0;
        for folder in folders(self.files.folder())
            .await
            .map_err(|error| unavailable(&error))?
        {
            let old = old_files(&folder, before)
                .await
                .map_err(|error| unavailable(&error))?;
            for batch in old.chunks(usize::try_from(BATCH).unwrap_or(1)) {
                removed += self.sweep_batch(db, batch).await?;
            }
        }
        Ok(removed)
    }

    async fn sweep_batch(&self, db: &Db, paths: &[PathBuf]) -> Result<usize, Failure> {
        let ids: Vec<DocumentId> = paths.iter().filter_map(|path| id_of(path)).collect();
        let mut tx = jobs::begin(db, NAME).await?;
        let rows = store::find(&mut tx, &SCOPE, &ids).await?;
        drop(tx);
        let states: HashMap<DocumentId, DocumentState> = rows
            .iter()
            .map(|Document { id, state, .. }| (*id, *state))
            .collect();
        let mut removed = 0;
        for path in paths {
            let state = id_of(path).and_then(|id| states.get(&id));
            let is_needed = match state {
                Some(DocumentState::Complete | DocumentState::Stored | DocumentState::Prepared) => {
                    true
                }
                Some(DocumentState::Discarded) => false,
                // Not a name of ours, unless it is unfinished: somebody else put it there.
                None => id_of(path).is_none() && !is_unfinished(path),
            };
            if !is_needed {
                fs::remove_file(path)
                    .await
                    .map_err(|error| unavailable(&error))?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

fn id_of(path: &Path) -> Option<DocumentId> {
    let name = path.file_name()?.to_str()?;
    (name.len() == 32)
        .then(|| Uuid::try_parse(name).ok().map(DocumentId))
        .flatten()
}

fn is_unfinished(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == UNFINISHED)
}

/// The folders that hold files; none before the first upload.
async fn folders(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for outer in subfolders(root).await? {
        found.extend(subfolders(&outer).await?);
    }
    Ok(found)
}

async fn subfolders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries = match fs::read_dir(folder).await {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        if entry.file_type().await?.is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

async fn old_files(folder: &Path, before: DateTime<Utc>) -> io::Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(folder).await?;
    let mut found = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        // Whoever renames or removes it meanwhile has taken care of it.
        let Ok(metadata) = entry.metadata().await else {
            continue;
        };
        if metadata.is_file() && DateTime::<Utc>::from(metadata.modified()?) < before {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Discards at every tick, and walks the folder once an hour over all replicas together.
pub(crate) struct CollectDocuments(pub(crate) Collector);

impl Job for CollectDocuments {
    fn name(&self) -> &'static str {
        NAME
    }

    fn run<'a>(&'a self, db: &'a Db) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let documents = self.0.discard(db).await?;
            let mut tx = jobs::begin(db, NAME).await?;
            let hour = tx.now().format("%Y-%m-%dT%H").to_string();
            let files = if jobs::claim(&mut tx, NAME, &hour).await? == Claimed::Ours {
                // Whoever is killed from here on has left the rest to the next hour.
                tx.commit().await?;
                self.0.sweep(db).await?
            } else {
                0
            };
            if documents + files > 0 {
                tracing::info!(documents, files, "collected what uploads left behind");
            }
            Ok(())
        })
    }
}

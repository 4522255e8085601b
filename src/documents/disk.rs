//! The bytes of documents, in a folder: each under its document's id, two folders deep.
//!
//! A file has its final name only when all of it is on the disk: it is written under a name of its own beside it,
//! flushed, renamed, and the folder is flushed. So a crash at any point leaves a whole file, or one that
//! `collect.rs` finds by its ending.

use std::io::{self, ErrorKind, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use openssl::sha::Sha256;
use tokio::fs::{self, DirBuilder, File, OpenOptions};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};
use url::Url;
use uuid::Uuid;

use super::error::DocumentRefusal;
use super::links::{Claim, LinkKey};
use super::model::content::{Seen, TAIL};
use super::model::kind::Kind;
use crate::db::StoreError;
use crate::ids::DocumentId;

/// How a file that is still written ends.
pub(super) const UNFINISHED: &str = "part";

/// Where documents are, under which key their links are signed, and where those lead.
#[derive(Debug, Clone)]
pub struct Files(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    key: LinkKey,
    portal: Url,
}

impl Files {
    /// Touches nothing: the folder is made with the first file.
    pub fn new(
        folder: PathBuf,
        secret: &[u8],
        portal: Url,
    ) -> Result<Self, openssl::error::ErrorStack> {
        let key = LinkKey::new(secret)?;
        Ok(Self(Arc::new(Inner {
            folder,
            key,
            portal,
        })))
    }

    pub(super) fn key(&self) -> &LinkKey {
        &self.0.key
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// A whole link.
    pub(super) fn link(&self, claim: &Claim<'_>) -> Result<String, StoreError> {
        let origin = self.0.portal.as_str().trim_end_matches('/');
        Ok(format!("{origin}/{}", self.0.key.path(claim)?))
    }

    /// The last bytes of an id are random: they spread evenly.
    pub(super) fn path(&self, DocumentId(id): DocumentId) -> PathBuf {
        let [.., first, second] = id.into_bytes();
        self.0
            .folder
            .join(format!("{second:02x}"))
            .join(format!("{first:02x}"))
            .join(id.simple().to_string())
    }

    /// Begins a file that has no name yet; `nonce` keeps two attempts at the same document apart.
    pub(super) async fn begin(
        &self,
        id: DocumentId,
        nonce: Uuid,
    ) -> Result<Partial, DocumentRefusal> {
        let place = self.path(id);
        let path = place.with_extension(format!("{}.{UNFINISHED}", nonce.simple()));
        let file = self
            .create(&path)
            .await
            .map_err(|error| unavailable(&error))?;
        Ok(Partial {
            file,
            name: Unplaced { path, place },
            hash: Sha256::new(),
            size: 0,
            seen: Seen::default(),
        })
    }

    async fn create(&self, path: &Path) -> io::Result<File> {
        let folder = path.parent().unwrap_or(&self.0.folder);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .await?;
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .await
    }

    /// Whether the whole file is there.
    pub(super) async fn has(&self, id: DocumentId, size: i64) -> Result<bool, DocumentRefusal> {
        match fs::metadata(self.path(id)).await {
            Ok(found) => Ok(found.is_file() && i64::try_from(found.len()) == Ok(size)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(unavailable(&error)),
        }
    }

    pub(super) async fn open(&self, id: DocumentId) -> Result<File, DocumentRefusal> {
        File::open(self.path(id))
            .await
            .map_err(|error| unavailable(&error))
    }

    /// Removes the file, if it is there.
    pub(super) async fn remove(&self, id: DocumentId) -> Result<(), DocumentRefusal> {
        match fs::remove_file(self.path(id)).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(unavailable(&error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// Said once here: the client only learns that the store does not work now.
pub(super) fn unavailable(error: &io::Error) -> DocumentRefusal {
    tracing::error!(%error, "the document store does not work");
    DocumentRefusal::StoreUnavailable
}

/// The name of a file that has not got its place; removed with this value.
#[derive(Debug)]
struct Unplaced {
    path: PathBuf,
    place: PathBuf,
}

impl Drop for Unplaced {
    fn drop(&mut self) {
        // Placed files are gone from here, and what is left behind is collected.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// A file that is written.
pub(super) struct Partial {
    file: File,
    name: Unplaced,
    hash: Sha256,
    size: u64,
    seen: Seen,
}

impl Partial {
    /// Bytes that have passed, this chunk included.
    pub(super) async fn write(&mut self, chunk: &[u8]) -> Result<u64, DocumentRefusal> {
        self.file
            .write_all(chunk)
            .await
            .map_err(|error| unavailable(&error))?;
        self.hash.update(chunk);
        self.seen.pass(chunk);
        self.size += chunk.len() as u64;
        Ok(self.size)
    }

    /// All of it is on the disk afterwards.
    pub(super) async fn finish(mut self) -> Result<Whole, DocumentRefusal> {
        self.file
            .flush()
            .await
            .map_err(|error| unavailable(&error))?;
        self.file
            .sync_all()
            .await
            .map_err(|error| unavailable(&error))?;
        Ok(Whole {
            name: self.name,
            sha256: self.hash.finish(),
            size: self.size,
            seen: self.seen,
        })
    }
}

/// A file that is written, and not at its place yet.
pub(super) struct Whole {
    name: Unplaced,
    pub(super) sha256: [u8; 32],
    pub(super) size: u64,
    seen: Seen,
}

impl Whole {
    /// Whether its content is what its name says.
    pub(super) async fn check(&self, kind: Kind) -> Result<(), DocumentRefusal> {
        let tail = self.tail().await.map_err(|error| unavailable(&error))?;
        self.seen.check(kind, &tail)
    }

    async fn tail(&self) -> io::Result<Vec<u8>> {
        let mut file = File::open(&self.name.path).await?;
        let start = self.size.saturating_sub(TAIL as u64);
        file.seek(SeekFrom::Start(start)).await?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail).await?;
        Ok(tail)
    }

    /// Gives it its name. Afterwards the name survives a power cut.
    ///
    /// What may stand there already is the same content, of an attempt that was killed before its row was written:
    /// the digest is the row's, and nobody comes here whose bytes have another one.
    pub(super) async fn place(self) -> Result<(), DocumentRefusal> {
        self.rename().await.map_err(|error| unavailable(&error))
    }

    async fn rename(&self) -> io::Result<()> {
        fs::rename(&self.name.path, &self.name.place).await?;
        // The file's folder, and the two above in which it may be new.
        for folder in self.name.place.ancestors().skip(1).take(3) {
            File::open(folder).await?.sync_all().await?;
        }
        Ok(())
    }
}

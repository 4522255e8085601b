//! `[documents]`: where uploaded files are kept.

use std::path::PathBuf;
use std::time::Duration;

use super::reader::Reader;

pub struct Documents {
    /// Made with the first file. One folder for all replicas.
    pub folder: PathBuf,
    /// How long an upload that nobody completes is kept.
    pub unfinished_retention: Duration,
}

const FOLDER: &str = "documents.folder";
const RETENTION: &str = "documents.unfinished_retention";

impl Documents {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let folder = reader.path(FOLDER);
        if reader.is_for_serving() {
            match &folder {
                None => reader.missing(FOLDER),
                Some(folder) if !folder.is_absolute() => {
                    reader.refuse(FOLDER, "must be a whole path, beginning with /");
                }
                Some(_) => {}
            }
        }
        let unfinished_retention = reader.duration(RETENTION, Duration::from_hours(24));
        if unfinished_retention < Duration::from_hours(1) {
            reader.refuse(RETENTION, "must be at least 1h: an upload may be under way");
        }
        Self {
            folder: folder.unwrap_or_else(|| PathBuf::from("var/dev/documents")),
            unfinished_retention,
        }
    }
}

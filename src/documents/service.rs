//! What a viewer can do with documents: who may, on what, in which order.

#[cfg(test)]
mod tests;
mod transfer;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

pub(crate) use self::transfer::{Transfer, open_download, open_upload};
use super::disk::Files;
use super::error::DocumentRefusal;
use super::links::{Claim, Purpose};
use super::model::{Announcement, Document, DocumentState, link_until};
use super::policy;
use super::store;
use crate::db::{Change, Scope, Snapshot, StoreError, Tx};
use crate::error::{Failure, Refusal};
use crate::ids::{DocumentId, OrganisationId};
use crate::rules::{self, DocumentLimits};
use crate::timeline::Event;
use crate::viewer::Viewer;

/// The document that a change wrote, and the version that it made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Written {
    pub(crate) id: DocumentId,
    pub(crate) version: i64,
}

impl From<&Document> for Written {
    fn from(document: &Document) -> Self {
        Self {
            id: document.id,
            version: document.version,
        }
    }
}

/// Announces a file, which takes its place in the organisation's quota from here on.
#[derive(Debug, Clone)]
pub(crate) struct Prepare {
    pub(crate) announcement: Announcement,
}

impl Change for Prepare {
    type Outcome = Written;
    const NAME: &'static str = "documents.prepare";
    const ACTION: &'static str = "documentUploadPrepare";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let organisation = scope.organisation().ok_or(DocumentRefusal::NotFound)?;
        let now = tx.now();
        let limits = limits(tx, organisation, now).await?;
        let file = self.announcement.check(&limits)?;
        store::lock_organisation(tx, organisation).await?;
        let usage = store::usage(tx, organisation, now).await?;
        usage.check(file.size, &limits)?;
        let document = Document {
            organisation,
            id: tx.fresh_id(),
            file,
            state: DocumentState::Prepared,
            prepared_by: tx.acting().actor.clone(),
            prepared_at: now,
            upload_until: link_until(now, limits.upload_minutes),
            completed_at: None,
            version: 1,
        };
        store::insert(tx, &document).await?;
        // The name may be a person's, and histories hold none.
        let details =
            json!({ "mediaType": document.file.kind.media_type(), "size": document.file.size });
        tx.record(event(&document, "document.prepared").detail(details))
            .await?;
        Ok(Written::from(&document))
    }
}

/// Ends an upload: from here on the document can be attached, and it stays.
#[derive(Debug, Clone)]
pub(crate) struct Complete {
    pub(crate) id: DocumentId,
    pub(crate) expected_version: Option<i64>,
    pub(crate) files: Files,
}

impl Change for Complete {
    type Outcome = Written;
    const NAME: &'static str = "documents.complete";
    const ACTION: &'static str = "documentUploadComplete";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let mut document = store::lock(tx, scope, self.id)
            .await?
            .ok_or(DocumentRefusal::NotFound)?;
        document.at_version(self.expected_version)?;
        let from = document.state;
        document.complete(tx.now())?;
        // A row never says that a file is there which is not (R6): the disk is asked, not only the row.
        if !self.files.has(document.id, document.file.size).await? {
            return Err(DocumentRefusal::StoreUnavailable.into());
        }
        store::record_state(tx, &document).await?;
        tx.record(moved(&document, from, "document.completed"))
            .await?;
        Ok(Written::from(&document))
    }
}

async fn limits(
    tx: &mut Tx,
    organisation: OrganisationId,
    at: DateTime<Utc>,
) -> Result<DocumentLimits, StoreError> {
    Ok(rules::of_organisation(tx, organisation, at).await?.value)
}

fn event(document: &Document, action: &'static str) -> Event {
    Event::new(document.organisation, document.id, document.version, action)
}

pub(super) fn moved(document: &Document, from: DocumentState, action: &'static str) -> Event {
    event(document, action).moved(from.as_str(), document.state.as_str())
}

/// The documents of the scope's organisation under these ids, for a change that attaches them: all of them complete, or
/// a refusal at `path` that does not tell which one another organisation has.
///
/// What is complete stays complete, so nothing has to be locked.
pub(crate) async fn hold_complete(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[DocumentId],
    path: &str,
) -> Result<Vec<Document>, Failure> {
    let found = store::find(tx, scope, ids).await?;
    let mut held = Vec::with_capacity(ids.len());
    for id in ids {
        let document = found.iter().find(|document| document.id == *id);
        match document.filter(|document| document.state == DocumentState::Complete) {
            Some(document) => held.push(document.clone()),
            None => return Err(Refusal::from(DocumentRefusal::NotFound).at(path).into()),
        }
    }
    Ok(held)
}

/// A document for somebody who may read it, with the end of the links that are made now.
#[derive(Debug, Clone)]
pub(crate) struct Readable {
    pub(crate) document: Document,
    pub(crate) reader: OrganisationId,
    pub(crate) link_until: DateTime<Utc>,
}

/// Those of the ids that the viewer may read: its own organisation's, for the vendor also what partners completed.
pub(crate) async fn find(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[DocumentId],
) -> Result<Vec<Readable>, Failure> {
    let Some(reader) = viewer.organisation() else {
        return Ok(Vec::new());
    };
    let mut tx = snapshot.read().await?;
    let found = store::find(&mut tx, snapshot.scope(), ids).await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let now = tx.now();
    let minutes = limits(&mut tx, reader, now).await?.download_minutes;
    let found = found.into_iter();
    Ok(found
        .filter(|document| is_readable(document, reader))
        .map(|document| Readable {
            document,
            reader,
            link_until: link_until(now, minutes),
        })
        .collect())
}

/// Within the reader's scope: what is not its own is a partner's, read by the vendor.
fn is_readable(document: &Document, reader: OrganisationId) -> bool {
    document.organisation == reader || document.state == DocumentState::Complete
}

impl Readable {
    /// Where the bytes come from; `None` until the document is complete.
    pub(crate) fn download(&self, files: &Files) -> Result<Option<String>, StoreError> {
        if self.document.state != DocumentState::Complete {
            return Ok(None);
        }
        let claim = Claim {
            purpose: Purpose::Download,
            document: &self.document,
            organisation: self.reader,
            until: self.link_until,
        };
        files.link(&claim).map(Some)
    }

    /// Where the bytes go; `None` once they are there.
    pub(crate) fn upload(&self, files: &Files) -> Result<Option<String>, StoreError> {
        if self.document.state != DocumentState::Prepared {
            return Ok(None);
        }
        let claim = Claim {
            purpose: Purpose::Upload,
            document: &self.document,
            organisation: self.document.organisation,
            until: self.document.upload_until,
        };
        files.link(&claim).map(Some)
    }
}

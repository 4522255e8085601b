//! Bytes that come and go: by a link, and as somebody who is signed in.

use tokio::fs::File;

use super::{Prepare, is_readable, moved};
use crate::db::{Acting, Change as _, Db, Scope, Tx};
use crate::documents::disk::{Files, Partial, Whole};
use crate::documents::error::DocumentRefusal;
use crate::documents::links::{Presented, Purpose};
use crate::documents::model::{Document, DocumentState};
use crate::documents::store;
use crate::error::Failure;
use crate::ids::{DocumentId, OrganisationId};
use crate::standing;
use crate::viewer::{Permission, Viewer};

/// An upload that has begun. Dropped before its end it leaves nothing.
pub(crate) struct Transfer {
    db: Db,
    scope: Scope,
    acting: Acting,
    document: Document,
    partial: Partial,
}

/// Opens an upload for whoever may send it.
pub(crate) async fn open_upload(
    db: &Db,
    (viewer, correlation_id): (&Viewer, &str),
    (presented, files): (&Presented, &Files),
) -> Result<Transfer, Failure> {
    let scope = viewer.own(Permission::WriteDocuments)?;
    let organisation = scope.organisation().ok_or(DocumentRefusal::LinkInvalid)?;
    let acting = Acting {
        actor: viewer.actor(),
        correlation_id: correlation_id.to_owned(),
    };
    let mut tx = db.begin(&scope, &acting).await?;
    // No change runs here that would ask it: a frozen organisation adds nothing (R-GEN-9).
    let standing = standing::of(&mut tx, organisation).await?;
    if let Some(refusal) = standing.and_then(|standing| standing.refusal(Prepare::ACTION)) {
        return Err(refusal.into());
    }
    let document = find(&mut tx, &scope, presented.document).await?;
    let asked = (Purpose::Upload, organisation);
    files.key().check(asked, (&document, presented), tx.now())?;
    document.expect_open(tx.now())?;
    let DocumentId(nonce) = tx.fresh_id();
    drop(tx);
    let partial = files.begin(document.id, nonce).await?;
    Ok(Transfer {
        db: db.clone(),
        scope,
        acting,
        document,
        partial,
    })
}

/// A document that does not exist is answered like one whose link was made up.
async fn find(tx: &mut Tx, scope: &Scope, id: DocumentId) -> Result<Document, Failure> {
    let found = store::find(tx, scope, &[id]).await?.pop();
    Ok(found.ok_or(DocumentRefusal::LinkInvalid)?)
}

impl Transfer {
    /// Refuses a body that says of itself that it is not the announced one.
    pub(crate) fn expect_size(&self, size: i64) -> Result<(), Failure> {
        let announced = self.document.file.size;
        if size == announced {
            Ok(())
        } else {
            Err(DocumentRefusal::SizeDiffers { announced }.into())
        }
    }

    /// Takes a piece of the body; refuses the first byte too many.
    pub(crate) async fn write(&mut self, chunk: &[u8]) -> Result<(), Failure> {
        let announced = self.document.file.size;
        let passed = self.partial.write(chunk).await?;
        if i64::try_from(passed).is_ok_and(|passed| passed <= announced) {
            Ok(())
        } else {
            Err(DocumentRefusal::SizeDiffers { announced }.into())
        }
    }

    /// The body has ended: checks it, gives it its place, and writes that it is there.
    pub(crate) async fn finish(self) -> Result<Document, Failure> {
        let Self {
            db,
            scope,
            acting,
            document,
            partial,
        } = self;
        let whole = partial.finish().await?;
        check(&whole, &document).await?;
        let mut tx = db.begin(&scope, &acting).await?;
        let stored = keep(&mut tx, &scope, (document.id, whole)).await?;
        tx.commit().await?;
        Ok(stored)
    }
}

/// Nothing but what was announced is kept.
pub(super) async fn check(whole: &Whole, document: &Document) -> Result<(), DocumentRefusal> {
    let announced = document.file.size;
    if i64::try_from(whole.size) != Ok(announced) {
        return Err(DocumentRefusal::SizeDiffers { announced });
    }
    if whole.sha256 != document.file.sha256 {
        return Err(DocumentRefusal::DigestDiffers);
    }
    whole.check(document.file.kind).await
}

/// Under the row's lock the file gets its place before the row says so: a crash in between leaves a file that the next
/// attempt replaces by itself, never a row without one (R6).
pub(super) async fn keep(
    tx: &mut Tx,
    scope: &Scope,
    (id, whole): (DocumentId, Whole),
) -> Result<Document, Failure> {
    let locked = store::lock(tx, scope, id).await?;
    let mut document = locked.ok_or(DocumentRefusal::LinkInvalid)?;
    let from = document.state;
    document.store(tx.now())?;
    whole.place().await?;
    store::record_state(tx, &document).await?;
    tx.record(moved(&document, from, "document.stored")).await?;
    Ok(document)
}

/// What a download sends.
pub(crate) struct Download {
    pub(crate) document: Document,
    pub(crate) file: File,
}

/// Opens a document for whoever may read it.
pub(crate) async fn open_download(
    db: &Db,
    viewer: &Viewer,
    (presented, files): (&Presented, &Files),
) -> Result<Download, Failure> {
    let reader = viewer.organisation().ok_or(DocumentRefusal::LinkInvalid)?;
    let snapshot = db.snapshot_of(viewer);
    let document = {
        let mut tx = snapshot.read().await?;
        let document = find(&mut tx, snapshot.scope(), presented.document).await?;
        check_reader(&document, reader)?;
        let asked = (Purpose::Download, reader);
        files.key().check(asked, (&document, presented), tx.now())?;
        document
    };
    let file = files.open(document.id).await?;
    Ok(Download { document, file })
}

/// A link is made for complete documents only.
fn check_reader(document: &Document, reader: OrganisationId) -> Result<(), DocumentRefusal> {
    let is_there = document.state == DocumentState::Complete;
    if is_there && is_readable(document, reader) {
        Ok(())
    } else {
        Err(DocumentRefusal::LinkInvalid)
    }
}

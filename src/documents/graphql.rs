//! How documents look to a client. Translation only; a rule here is in the wrong file.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::model::{self, Announcement};
use super::policy;
use super::service::{self, Complete, Prepare, Readable, Written};
use crate::error::Failure;
use crate::graphql::{
    ActionPermission, ContextExt as _, Read, Result, UserError, Version, answer, global_id, loaded,
    payload,
};
use crate::ids::{DocumentId, Tagged as _};

impl Loader<DocumentId> for Read {
    type Value = Readable;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        ids: &[DocumentId],
    ) -> std::result::Result<HashMap<DocumentId, Readable>, Arc<Failure>> {
        let found = service::find(&self.viewer, &self.snapshot, ids).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found.map(|one| (one.document.id, one)).collect())
    }
}

/// How far an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::DocumentState")]
pub(crate) enum DocumentState {
    /// Announced; its bytes can be sent until uploadUntil.
    Prepared,
    /// The bytes are there and are what was announced. Complete it to use it.
    Stored,
    /// It can be attached and downloaded. Final.
    Complete,
    /// It was not completed in time; its bytes are gone.
    Discarded,
}

/// What the viewer may do with a document now. Each answer is the one that the mutation would give.
#[derive(SimpleObject)]
struct DocumentViewerPermissions {
    /// Completing it. Whether all bytes have come is asked again then.
    can_complete: ActionPermission,
}

pub(crate) struct DocumentObject(pub(crate) Readable);

/// A file that backs a claim or an entry (附件).
///
/// Its organisation announces it, sends the bytes to an address of this service and completes it; then it can be
/// attached and never changes. The vendor sees complete documents only.
#[Object(name = "Document")]
impl DocumentObject {
    /// Global; `node(id)` finds the document again.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.document.id.global())
    }

    /// What the file is called, with its extension.
    async fn file_name(&self) -> &str {
        &self.0.document.file.file_name
    }

    /// The type of its content, such as application/pdf.
    async fn media_type(&self) -> &'static str {
        self.0.document.file.kind.media_type()
    }

    /// Bytes.
    async fn size(&self) -> i64 {
        self.0.document.file.size
    }

    /// SHA-256 of its content, in 64 hexadecimal digits.
    async fn sha256(&self) -> String {
        self.0.document.file.digest()
    }

    /// How far the upload is.
    async fn state(&self) -> DocumentState {
        self.0.document.state.into()
    }

    /// When it was announced.
    async fn prepared_at(&self) -> DateTime<Utc> {
        self.0.document.prepared_at
    }

    /// The bytes have to be sent before this instant.
    async fn upload_until(&self) -> DateTime<Utc> {
        self.0.document.upload_until
    }

    /// When it was completed; null before.
    async fn completed_at(&self) -> Option<DateTime<Utc>> {
        self.0.document.completed_at
    }

    /// Where to download it: for members of the viewer's organisation, signed in, for some minutes. Null until it is
    /// complete.
    async fn download_url(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let url = self.0.download(ctx.files()).map_err(Failure::from);
        answer(ctx, url)
    }

    /// Until when downloadUrl works; read the document again for a new one.
    async fn download_expires_at(&self) -> Option<DateTime<Utc>> {
        let is_complete = self.0.document.state == model::DocumentState::Complete;
        is_complete.then_some(self.0.link_until)
    }

    /// What the viewer may do with this document now, and why not.
    async fn viewer_permissions(&self, ctx: &Context<'_>) -> DocumentViewerPermissions {
        let verdict = policy::complete(ctx.viewer(), &self.0.document);
        DocumentViewerPermissions {
            can_complete: ActionPermission::new(ctx, verdict),
        }
    }

    /// Send it as expectedVersion with a change.
    async fn version(&self) -> Version {
        Version(self.0.document.version)
    }
}

/// A header that has to be sent.
#[derive(SimpleObject)]
pub(crate) struct DocumentUploadHeader {
    /// What the header is called.
    name: &'static str,
    /// What it holds.
    value: &'static str,
}

/// Where and how to send the bytes of a document: one request with nothing but the file as its body.
#[derive(SimpleObject)]
pub(crate) struct DocumentUpload {
    /// The address. It works for members of this organisation who may write documents, signed in, until the bytes are there.
    url: String,
    /// The method of the request.
    method: &'static str,
    /// The headers of the request, beside the cookie or the bearer token.
    headers: Vec<DocumentUploadHeader>,
    /// The whole file has to be there before this instant; until then a failed attempt can be repeated.
    expires_at: DateTime<Utc>,
}

impl DocumentUpload {
    fn of(readable: &Readable, url: String) -> Self {
        let media_type = readable.document.file.kind.media_type();
        let header = |name, value| DocumentUploadHeader { name, value };
        Self {
            url,
            method: "PUT",
            headers: vec![
                header("content-type", media_type),
                // A browser that sends the session's cookie must show that a page of ours asks.
                header("x-portico-csrf", "1"),
            ],
            expires_at: readable.document.upload_until,
        }
    }
}

/// Announces a file.
#[derive(Debug, InputObject)]
pub(crate) struct DocumentUploadPrepareInput {
    /// What the file is called: at most 200 characters, ending in pdf, png, jpg, jpeg, webp, docx, xlsx, pptx, csv or
    /// txt.
    file_name: String,
    /// The type of its content, fitting its extension, such as application/pdf.
    media_type: String,
    /// Bytes; the rule document.limits says how many at most.
    size: i64,
    /// SHA-256 of its content, in 64 hexadecimal digits.
    sha256: String,
    /// A new UUID for each intention; the same one repeats it safely.
    idempotency_key: Uuid,
}

/// Completes an upload.
#[derive(Debug, InputObject)]
pub(crate) struct DocumentUploadCompleteInput {
    /// Which document; another organisation's answers like one that nobody has.
    document_id: ID,
    /// The version that the viewer saw; left out, any.
    expected_version: Option<Version>,
    /// A new UUID for each intention; the same one repeats it safely.
    idempotency_key: Uuid,
}

/// What came of announcing a file.
#[derive(SimpleObject)]
pub(crate) struct DocumentUploadPreparePayload {
    /// The document; null when it was refused.
    document: Option<DocumentObject>,
    /// Where to send the bytes; null when it was refused, or when the bytes are there already.
    upload: Option<DocumentUpload>,
    /// Why it was not done; empty when it was.
    errors: Vec<UserError>,
    /// Whether this key was used before, and nothing was done now.
    replayed: bool,
}

/// What came of completing an upload.
#[derive(SimpleObject)]
pub(crate) struct DocumentUploadCompletePayload {
    /// The document; null when it was refused.
    document: Option<DocumentObject>,
    /// Why it was not done; empty when it was.
    errors: Vec<UserError>,
    /// Whether this key was used before, and nothing was done now.
    replayed: bool,
}

#[derive(Default)]
pub(crate) struct DocumentQuery;

#[Object]
impl DocumentQuery {
    /// One document; null when it is unknown or not the viewer's.
    async fn document(&self, ctx: &Context<'_>, id: ID) -> Result<Option<DocumentObject>> {
        let found = loaded(ctx, global_id::<DocumentId>(&id)).await?;
        Ok(found.map(DocumentObject))
    }
}

#[derive(Default)]
pub(crate) struct DocumentMutation;

#[Object]
impl DocumentMutation {
    /// Announces a file and answers where to send its bytes. It counts towards the organisation's quota from here on.
    async fn document_upload_prepare(
        &self,
        ctx: &Context<'_>,
        input: DocumentUploadPrepareInput,
    ) -> Result<DocumentUploadPreparePayload> {
        let announcement = Announcement {
            file_name: input.file_name,
            media_type: input.media_type,
            size: input.size,
            sha256: input.sha256,
        };
        let applied = ctx
            .apply(input.idempotency_key, &Prepare { announcement })
            .await;
        let (written, errors, replayed) = payload(ctx, applied)?;
        let document = written_document(ctx, written).await?;
        let upload = match &document {
            Some(DocumentObject(readable)) => {
                let url = answer(ctx, readable.upload(ctx.files()).map_err(Failure::from))?;
                url.map(|url| DocumentUpload::of(readable, url))
            }
            None => None,
        };
        Ok(DocumentUploadPreparePayload {
            document,
            upload,
            errors,
            replayed,
        })
    }

    /// Ends an upload whose bytes are there: from here on the document can be attached and downloaded, and it stays.
    async fn document_upload_complete(
        &self,
        ctx: &Context<'_>,
        input: DocumentUploadCompleteInput,
    ) -> Result<DocumentUploadCompletePayload> {
        let change = Complete {
            id: global_id(&input.document_id),
            expected_version: input.expected_version.map(|version| version.0),
            files: ctx.files().clone(),
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (written, errors, replayed) = payload(ctx, applied)?;
        Ok(DocumentUploadCompletePayload {
            document: written_document(ctx, written).await?,
            errors,
            replayed,
        })
    }
}

async fn written_document(
    ctx: &Context<'_>,
    written: Option<Written>,
) -> Result<Option<DocumentObject>> {
    match written {
        Some(written) => Ok(loaded(ctx, written.id).await?.map(DocumentObject)),
        None => Ok(None),
    }
}

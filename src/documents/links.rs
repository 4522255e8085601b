//! Signed addresses of documents.
//!
//! A link says for whom, for what and until when it was made, under a key of ours. It never works alone: whoever comes
//! with it must also be signed in for the organisation that it was made for. So neither a link that leaks nor a session
//! that is misused from another page moves a file.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;

use super::error::DocumentRefusal;
use super::model::Document;
use crate::db::StoreError;
use crate::error::Failure;
use crate::ids::{DocumentId, OrganisationId, Tagged as _};

/// What a link lets do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Upload,
    Download,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Download => "download",
        }
    }
}

/// What a link was made for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim<'a> {
    pub(super) purpose: Purpose,
    pub(super) document: &'a Document,
    /// Whoever may use it; the document's own, or the vendor.
    pub(super) organisation: OrganisationId,
    /// Exclusive, in whole seconds.
    pub(super) until: DateTime<Utc>,
}

/// A link as somebody comes with it; nothing of it is believed.
#[derive(Debug, Clone)]
pub(crate) struct Presented {
    pub(crate) document: DocumentId,
    pub(crate) expires: i64,
    pub(crate) signature: String,
}

#[derive(Debug, Clone)]
pub(super) struct LinkKey(PKey<Private>);

impl LinkKey {
    pub(super) fn new(secret: &[u8]) -> Result<Self, ErrorStack> {
        Ok(Self(PKey::hmac(secret)?))
    }

    /// Path and query of a link.
    pub(super) fn path(&self, claim: &Claim<'_>) -> Result<String, StoreError> {
        Ok(format!(
            "documents/{}?expires={}&signature={}",
            claim.document.id.global(),
            claim.until.timestamp(),
            URL_SAFE_NO_PAD.encode(self.tag(claim)?),
        ))
    }

    /// Refuses a link that was not made for this, and then one whose time is over.
    pub(super) fn check(
        &self,
        (purpose, organisation): (Purpose, OrganisationId),
        (document, presented): (&Document, &Presented),
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let until =
            DateTime::from_timestamp(presented.expires, 0).ok_or(DocumentRefusal::LinkInvalid)?;
        let claim = Claim {
            purpose,
            document,
            organisation,
            until,
        };
        let expected = self.tag(&claim).map_err(StoreError::from)?;
        // What is not even base64 is as empty as no signature.
        let tag = URL_SAFE_NO_PAD
            .decode(&presented.signature)
            .unwrap_or_default();
        if tag.len() != expected.len() || !openssl::memcmp::eq(&tag, &expected) {
            return Err(DocumentRefusal::LinkInvalid.into());
        }
        if now < until {
            Ok(())
        } else {
            Err(DocumentRefusal::LinkExpired.into())
        }
    }

    fn tag(&self, claim: &Claim<'_>) -> Result<Vec<u8>, ErrorStack> {
        let Claim {
            purpose,
            document,
            organisation,
            until,
        } = claim;
        let digest = URL_SAFE_NO_PAD.encode(document.file.sha256);
        // One line each, and none of them can hold a line's end.
        let text = format!(
            "{}\n{}\n{}\n{}\n{digest}\n{}",
            purpose.as_str(),
            document.id.global(),
            organisation.global(),
            document.file.size,
            until.timestamp(),
        );
        Signer::new(MessageDigest::sha256(), &self.0)?.sign_oneshot_to_vec(text.as_bytes())
    }
}

//! Everything that can be wrong with a document, each with its code and reason.

use super::model::DocumentState;
use crate::error::{Code, Refusal, RefusalData};

/// What forbids a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DocumentRefusal {
    /// Also the answer for another organisation's document.
    NotFound,
    VersionConflict {
        current: i64,
    },
    /// Its bytes are there: they are never overwritten.
    AlreadyStored {
        from: DocumentState,
    },
    /// It cannot be completed before its bytes are there, nor twice.
    NotStored {
        from: DocumentState,
    },
    /// No more files, or no more bytes, in all.
    TooManyFiles {
        limit: i64,
        used: i64,
    },
    TooManyBytes {
        limit: i64,
        used: i64,
    },
    /// Not signed by us for this organisation, document and content.
    LinkInvalid,
    LinkExpired,
    /// Fewer or more bytes than announced.
    SizeDiffers {
        announced: i64,
    },
    DigestDiffers,
    /// The content is of another type than the name says.
    TypeDiffers,
    /// An office file that unpacks to more than anybody would attach.
    Bomb,
    /// The disk does not take or give the bytes now.
    StoreUnavailable,
}

impl From<DocumentRefusal> for Refusal {
    fn from(refusal: DocumentRefusal) -> Self {
        use DocumentRefusal as R;
        match refusal {
            R::NotFound => Self::new(Code::NotFound, "DOCUMENT_NOT_FOUND").at("documentId"),
            R::VersionConflict { current } => Self::version_conflict(current),
            R::AlreadyStored { from } => {
                transition("DOCUMENT_ALREADY_STORED", from, DocumentState::Prepared)
            }
            R::NotStored { from } => transition("DOCUMENT_NOT_STORED", from, DocumentState::Stored),
            R::TooManyFiles { limit, used } => quota(
                Self::new(Code::Limited, "DOCUMENT_FILES_USED_UP"),
                limit,
                used,
            ),
            R::TooManyBytes { limit, used } => quota(
                Self::new(Code::Limited, "DOCUMENT_BYTES_USED_UP"),
                limit,
                used,
            )
            .at("size"),
            R::LinkInvalid => Self::new(Code::Forbidden, "DOCUMENT_LINK_INVALID"),
            R::LinkExpired => Self::new(Code::Forbidden, "DOCUMENT_LINK_EXPIRED"),
            R::SizeDiffers { announced } => {
                Self::new(Code::InvalidInput, "DOCUMENT_SIZE_DIFFERS").with("announced", announced)
            }
            R::DigestDiffers => Self::new(Code::InvalidInput, "DOCUMENT_DIGEST_DIFFERS"),
            R::TypeDiffers => Self::new(Code::InvalidInput, "DOCUMENT_TYPE_DIFFERS"),
            R::Bomb => Self::new(Code::InvalidInput, "DOCUMENT_UNPACKS_TOO_LARGE"),
            R::StoreUnavailable => Self::new(Code::Unavailable, "DOCUMENT_STORE_UNAVAILABLE"),
        }
    }
}

fn transition(reason: &'static str, from: DocumentState, allowed: DocumentState) -> Refusal {
    Refusal::new(Code::Conflict, reason).data(RefusalData::Transition {
        from: from.as_str(),
        allowed: vec![allowed.as_str()],
    })
}

fn quota(refusal: Refusal, limit: i64, used: i64) -> Refusal {
    refusal
        .with("limit", limit)
        .data(RefusalData::Quota { limit, used })
}

/// What is wrong with one field of an announcement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    NameEmpty,
    NameTooLong {
        maximum: usize,
    },
    /// Path separators, control characters, or marks that turn the writing direction.
    NameUnreadable,
    /// Not on the list of types.
    TypeNotAllowed,
    /// The media type is not that of the name's extension.
    MediaTypeDiffers,
    Empty,
    TooLarge {
        maximum: i64,
    },
    DigestUnreadable,
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        let refusal = |reason| Refusal::new(Code::InvalidInput, reason);
        match fault {
            Fault::NameEmpty => refusal("FILE_NAME_EMPTY").at("fileName"),
            Fault::NameTooLong { maximum } => refusal("FILE_NAME_TOO_LONG")
                .at("fileName")
                .with("maximum", maximum),
            Fault::NameUnreadable => refusal("FILE_NAME_UNREADABLE").at("fileName"),
            Fault::TypeNotAllowed => refusal("FILE_TYPE_NOT_ALLOWED").at("fileName"),
            Fault::MediaTypeDiffers => refusal("MEDIA_TYPE_DIFFERS").at("mediaType"),
            Fault::Empty => refusal("FILE_EMPTY").at("size"),
            Fault::TooLarge { maximum } => refusal("FILE_TOO_LARGE")
                .at("size")
                .with("maximum", maximum),
            Fault::DigestUnreadable => refusal("DIGEST_UNREADABLE").at("sha256"),
        }
    }
}

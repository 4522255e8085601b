//! Whether a viewer may complete a document now, and if not, why: one answer for the mutation and for the flag. Pure.

use super::error::DocumentRefusal;
use super::model::{Document, DocumentState};
use super::service::Complete;
use crate::db::{Change as _, Scope};
use crate::error::Failure;
use crate::explain::{Remover, Verdict};
use crate::viewer::{Permission, Viewer};

/// Who sends files, and into whose quota.
pub(super) fn access(viewer: &Viewer) -> Result<Scope, Failure> {
    viewer.own(Permission::WriteDocuments)
}

/// Everything that stands in the viewer's way, in the order in which the mutation refuses it. Whether the disk gives the
/// bytes is asked by the mutation alone.
pub(super) fn complete(viewer: &Viewer, document: &Document) -> Verdict {
    let writer = Remover::Colleague(Permission::WriteDocuments);
    let verdict = Verdict::new(Complete::ACTION).granted(access(viewer), writer);
    if viewer.organisation() != Some(document.organisation) {
        return verdict.unless(Some(DocumentRefusal::NotFound), Remover::Nobody);
    }
    let remover = match document.state {
        DocumentState::Prepared => Remover::Viewer,
        DocumentState::Stored | DocumentState::Complete | DocumentState::Discarded => {
            Remover::Nobody
        }
    };
    verdict.unless(document.expect_stored().err(), remover)
}

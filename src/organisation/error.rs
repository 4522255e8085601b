//! Why something is refused to or about an organisation.

use crate::error::{Code, Refusal, RefusalData};
use crate::viewer::OrganisationState;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrganisationRefusal {
    NotFound,
    VersionConflict {
        current: i64,
    },
    NotActive {
        from: OrganisationState,
    },
    NotFrozen {
        from: OrganisationState,
    },
    /// Nobody could release it any more.
    IsVendor,
    CauseInvalid,
    ReleaseInvalid,
}

impl From<OrganisationRefusal> for Refusal {
    fn from(refusal: OrganisationRefusal) -> Self {
        use OrganisationRefusal as R;
        let transition = |from: OrganisationState, allowed| RefusalData::Transition {
            from: from.as_str(),
            allowed: vec![allowed],
        };
        match refusal {
            R::NotFound => Self::new(Code::NotFound, "ORGANISATION_NOT_FOUND").at("organisationId"),
            R::VersionConflict { current } => Self::version_conflict(current),
            R::NotActive { from } => Self::new(Code::Conflict, "ORGANISATION_NOT_ACTIVE")
                .data(transition(from, "ACTIVE")),
            R::NotFrozen { from } => Self::new(Code::Conflict, "ORGANISATION_NOT_FROZEN")
                .data(transition(from, "FROZEN")),
            R::IsVendor => {
                Self::new(Code::Precondition, "VENDOR_NEVER_FROZEN").at("organisationId")
            }
            R::CauseInvalid => Self::new(Code::InvalidInput, "FREEZE_CAUSE_INVALID").at("cause"),
            R::ReleaseInvalid => {
                Self::new(Code::InvalidInput, "FREEZE_RELEASE_INVALID").at("release")
            }
        }
    }
}

//! Why something is refused to or about an organisation.

use crate::error::{Code, Refusal};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrganisationRefusal {
    NotFound,
    VersionConflict { current: i64 },
}

impl From<OrganisationRefusal> for Refusal {
    fn from(refusal: OrganisationRefusal) -> Self {
        match refusal {
            OrganisationRefusal::NotFound => {
                Self::new(Code::NotFound, "ORGANISATION_NOT_FOUND").at("organisationId")
            }
            OrganisationRefusal::VersionConflict { current } => Self::version_conflict(current),
        }
    }
}

//! Why something is refused to or about an organisation.

use crate::error::{Code, Refusal};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrganisationRefusal {
    Frozen,
    Closed,
}

impl From<OrganisationRefusal> for Refusal {
    fn from(refusal: OrganisationRefusal) -> Self {
        match refusal {
            OrganisationRefusal::Frozen => Self::new(Code::Precondition, "ORGANISATION_FROZEN"),
            OrganisationRefusal::Closed => Self::new(Code::Precondition, "ORGANISATION_CLOSED"),
        }
    }
}

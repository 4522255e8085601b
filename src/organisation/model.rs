//! What an organisation is. Pure: no SQL, GraphQL or clock.

use chrono::{DateTime, Utc};

use crate::error::Failure;
use crate::ids::{MemberId, OrganisationId};
use crate::viewer::{OrganisationKind, OrganisationState};

use super::error::OrganisationRefusal;

/// A company in the partner network, the vendor included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Organisation {
    pub(crate) id: OrganisationId,
    /// For people: on contracts and in calls.
    pub(crate) number: String,
    pub(crate) name: String,
    pub(crate) kind: OrganisationKind,
    pub(crate) state: OrganisationState,
    pub(crate) site: Site,
    pub(crate) business_area: String,
    /// Its holder cannot be disabled before handing it over (R-ORG-20); absent until the first member is made.
    pub(crate) main_account: Option<MemberId>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) version: i64,
}

/// Which of the vendor's sites an organisation contracts with; its rule set is chosen by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    Cn,
    Intl,
}

impl Organisation {
    /// Refuses what only an active organisation may do (R-GEN-9).
    pub(crate) fn expect_active(&self) -> Result<(), Failure> {
        match self.state {
            OrganisationState::Active => Ok(()),
            OrganisationState::Frozen => Err(OrganisationRefusal::Frozen.into()),
            OrganisationState::Closed => Err(OrganisationRefusal::Closed.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_active_organisation_starts_anything() {
        let mut organisation = Organisation {
            id: OrganisationId(uuid::Uuid::nil()),
            number: "ORG-2026-000000".to_owned(),
            name: "Aurora".to_owned(),
            kind: OrganisationKind::Partner,
            state: OrganisationState::Active,
            site: Site::Cn,
            business_area: "NORTH".to_owned(),
            main_account: None,
            created_at: DateTime::UNIX_EPOCH,
            version: 1,
        };

        assert!(organisation.expect_active().is_ok());
        for state in [OrganisationState::Frozen, OrganisationState::Closed] {
            organisation.state = state;
            assert!(organisation.expect_active().is_err());
        }
    }
}

//! What an organisation is. Pure: no SQL, GraphQL or clock.

use chrono::{DateTime, Utc};

use crate::ids::{MemberId, OrganisationId};
pub(crate) use crate::rules::Site;
use crate::viewer::{OrganisationKind, OrganisationState};

/// A company in the partner network, the vendor included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Organisation {
    pub(crate) id: OrganisationId,
    /// For people: on contracts and in calls.
    pub(crate) number: String,
    pub(crate) name: String,
    pub(crate) kind: OrganisationKind,
    pub(crate) condition: Condition,
    pub(crate) site: Site,
    pub(crate) business_area: String,
    /// Its holder cannot be disabled before handing it over (R-ORG-20); absent until the first member is made.
    pub(crate) main_account: Option<MemberId>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) version: i64,
}

/// Whether an organisation can act, with what is known then (R-GEN-9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    Active,
    /// As the vendor wrote it when it froze the organisation.
    Frozen {
        cause: String,
        release: String,
    },
    Closed,
}

impl Organisation {
    pub(crate) fn state(&self) -> OrganisationState {
        match self.condition {
            Condition::Active => OrganisationState::Active,
            Condition::Frozen { .. } => OrganisationState::Frozen,
            Condition::Closed => OrganisationState::Closed,
        }
    }
}

//! The vendor's invitation to a programme or path that is joined by invitation alone (R-PRG-5).

use chrono::{DateTime, Utc};

use super::Target;
use crate::ids::{OrganisationId, ProgrammeInvitationId};
use crate::words::words;

words! {
    /// What an invitation is worth; that time ran out is reckoned, not stored.
    InvitationState {
        Sent = "SENT",
        Expired = "EXPIRED",
        Accepted = "ACCEPTED",
        Revoked = "REVOKED",
    }
}

/// To one organisation, for one use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProgrammeInvitation {
    pub(crate) id: ProgrammeInvitationId,
    pub(crate) organisation: OrganisationId,
    pub(crate) target: Target,
    /// As it is stored; [`Self::state_at`] says what it means.
    pub(crate) state: InvitationState,
    pub(crate) sent_at: DateTime<Utc>,
    /// The first instant at which it is too late.
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) version: i64,
}

impl ProgrammeInvitation {
    pub(crate) fn state_at(&self, now: DateTime<Utc>) -> InvitationState {
        match self.state {
            InvitationState::Sent if now >= self.expires_at => InvitationState::Expired,
            InvitationState::Sent
            | InvitationState::Accepted
            | InvitationState::Revoked
            | InvitationState::Expired => self.state,
        }
    }
}

//! What an invitation of a customer is, and until when it can be accepted. Pure.

use chrono::{DateTime, Utc};

use super::{AssociationType, Cause};
use crate::customers::error::CustomerRefusal;
use crate::ids::{CustomerId, CustomerInvitationId, MemberId, OrganisationId};
use crate::rules::Site;
use crate::viewer::OrganisationState;

/// A partner's offer to whoever has the link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invitation {
    pub(crate) id: CustomerInvitationId,
    /// The partner.
    pub(crate) organisation: OrganisationId,
    pub(crate) association: AssociationType,
    /// For whom the partner made it, in its own words.
    pub(crate) label: String,
    pub(crate) invited_by: MemberId,
    pub(crate) sent_at: DateTime<Utc>,
    /// The first instant at which it is too late.
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) answer: Answer,
    pub(crate) refused: Option<RefusedAttempt>,
    pub(crate) version: i64,
}

/// What became of an invitation; that time ran out is not written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    None,
    Accepted { customer: CustomerId },
    Revoked,
}

/// The last attempt that the customer's account did not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RefusedAttempt {
    pub(crate) at: DateTime<Utc>,
    pub(crate) causes: Vec<Cause>,
}

/// What an invitation is worth at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvitationState {
    Open,
    Expired,
    Accepted,
    Revoked,
}

impl InvitationState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Expired => "EXPIRED",
            Self::Accepted => "ACCEPTED",
            Self::Revoked => "REVOKED",
        }
    }
}

impl Invitation {
    pub(crate) fn state(&self, now: DateTime<Utc>) -> InvitationState {
        match self.answer {
            Answer::None if now < self.expires_at => InvitationState::Open,
            Answer::None => InvitationState::Expired,
            Answer::Accepted { .. } => InvitationState::Accepted,
            Answer::Revoked => InvitationState::Revoked,
        }
    }

    /// Whether its link can be used now.
    pub(in crate::customers) fn expect_open(
        &self,
        now: DateTime<Utc>,
    ) -> Result<(), CustomerRefusal> {
        match self.state(now) {
            InvitationState::Open => Ok(()),
            InvitationState::Expired => Err(CustomerRefusal::LinkExpired),
            InvitationState::Accepted => Err(CustomerRefusal::LinkUsed),
            InvitationState::Revoked => Err(CustomerRefusal::LinkRevoked),
        }
    }

    /// Whether the partner can still do something with it: an expired one is sent again or taken back.
    pub(in crate::customers) fn expect_unanswered(&self) -> Result<(), CustomerRefusal> {
        match self.answer {
            Answer::None => Ok(()),
            Answer::Accepted { .. } => Err(CustomerRefusal::InvitationAccepted),
            Answer::Revoked => Err(CustomerRefusal::InvitationRevoked),
        }
    }
}

/// The partner as whoever has the link may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inviter {
    pub(crate) name: String,
    pub(crate) state: OrganisationState,
    pub(crate) site: Site,
    pub(crate) business_area: String,
}

/// An invitation that can be accepted, and by whom it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) invitation: Invitation,
    pub(crate) inviter: Inviter,
}

impl Offer {
    /// What is wrong with the link comes before what is wrong with an account: another link mends it (R-CUS-7).
    pub(in crate::customers) fn expect_open(
        &self,
        now: DateTime<Utc>,
    ) -> Result<(), CustomerRefusal> {
        self.invitation.expect_open(now)?;
        match self.inviter.state {
            OrganisationState::Active => Ok(()),
            OrganisationState::Frozen | OrganisationState::Closed => {
                Err(CustomerRefusal::PartnerInactive)
            }
        }
    }
}

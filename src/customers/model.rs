//! What a customer and an invitation are, and what may be done with them. Pure: no SQL, GraphQL or clock.

mod cause;
mod choice;
mod consent;
mod ending;
mod invitation;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

pub(super) use cause::causes_of;
pub(crate) use cause::{Cause, Remedy, remedy_of};
pub(crate) use choice::Choice;
pub(super) use choice::choices;
pub(super) use consent::check_consent;
pub(crate) use consent::{Consent, ConsentGiven, Shown, Text, Texts};
pub(super) use ending::{EndFacts, blockers_of_end};
pub(crate) use invitation::{Answer, Invitation, InvitationState, Inviter, Offer, RefusedAttempt};

use super::error::CustomerRefusal;
use crate::catalogue::accounts::{AccountKind, AccountStatus};
use crate::ids::{CustomerId, CustomerInvitationId, MemberId, OrganisationId};
use crate::organisation::Member;
use crate::organisation::members::{MemberRole, MemberState};
use crate::words::words;

words! {
    /// Who bills the customer.
    AssociationType {
        /// The customer pays the vendor itself.
        Referral = "REFERRAL",
        /// The partner bills and invoices the customer.
        Resale = "RESALE",
    }

    CustomerState {
        Associated = "ASSOCIATED",
        Dissociated = "DISSOCIATED",
    }

    /// A value that is masked by default.
    PersonalField {
        Email = "email",
        Mobile = "mobile",
    }
}

/// The relation of a customer to the one partner named in it (R-CUS-4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Customer {
    pub(crate) id: CustomerId,
    pub(crate) number: String,
    /// The customer's organisation, whose record it is.
    pub(crate) organisation: OrganisationId,
    pub(crate) partner: OrganisationId,
    pub(crate) account: Account,
    pub(crate) association: AssociationType,
    pub(crate) account_manager: Option<MemberId>,
    pub(crate) standing: Standing,
    pub(crate) invitation: CustomerInvitationId,
    pub(crate) notice_version: i32,
    pub(crate) associated_at: DateTime<Utc>,
    pub(crate) version: i64,
}

/// The account that was associated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: AccountKind,
    /// What the person released of a personal account; of a cloud account nothing is asked for.
    pub(crate) released: Option<Released>,
}

/// The released attributes beside name and identifier, as they were then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Released {
    pub(crate) status: AccountStatus,
    pub(crate) country: String,
    pub(crate) email: Option<String>,
    pub(crate) mobile: Option<String>,
}

/// How the relation stands, with what is known then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    Associated,
    Dissociated { at: DateTime<Utc>, reason: String },
}

impl Customer {
    pub(crate) fn state(&self) -> CustomerState {
        match self.standing {
            Standing::Associated => CustomerState::Associated,
            Standing::Dissociated { .. } => CustomerState::Dissociated,
        }
    }

    /// Gives the customer its account manager, or another one: a member of the partner who has that role.
    pub(super) fn assign(&mut self, candidate: &Member) -> Result<(), CustomerRefusal> {
        self.require_relation()?;
        if candidate.organisation != self.partner {
            return Err(CustomerRefusal::CandidateUnknown);
        }
        if candidate.state != MemberState::Active {
            return Err(CustomerRefusal::CandidateDisabled);
        }
        if !candidate.roles.contains(&MemberRole::AccountManager) {
            return Err(CustomerRefusal::CandidateWithoutRole);
        }
        if self.account_manager == Some(candidate.id) {
            return Err(CustomerRefusal::AlreadyAssigned);
        }
        self.account_manager = Some(candidate.id);
        self.version += 1;
        Ok(())
    }

    /// Takes the account manager away.
    pub(super) fn withdraw(&mut self) -> Result<(), CustomerRefusal> {
        self.require_relation()?;
        self.require_account_manager()?;
        self.account_manager = None;
        self.version += 1;
        Ok(())
    }

    /// Ends the relation. Whether it may end now is asked before (R-CUS-8, R-CUS-9).
    pub(super) fn dissociate(
        &mut self,
        at: DateTime<Utc>,
        reason: &str,
    ) -> Result<(), CustomerRefusal> {
        self.require_relation()?;
        self.standing = Standing::Dissociated {
            at,
            reason: reason.to_owned(),
        };
        self.version += 1;
        Ok(())
    }

    /// An ended relation is history.
    pub(super) fn require_relation(&self) -> Result<(), CustomerRefusal> {
        match self.standing {
            Standing::Associated => Ok(()),
            Standing::Dissociated { .. } => Err(CustomerRefusal::Dissociated),
        }
    }

    pub(super) fn require_account_manager(&self) -> Result<(), CustomerRefusal> {
        match self.account_manager {
            Some(_) => Ok(()),
            None => Err(CustomerRefusal::NobodyAssigned),
        }
    }
}

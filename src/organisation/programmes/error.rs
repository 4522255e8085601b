//! Everything that can stand in the way of programmes and paths, each with its code.

use super::model::{AccountFlag, Contact, Programme};
use crate::error::{Code, Refusal, RefusalData};
use crate::explain::Remover;

/// What stands in the way of joining; all of it is told together (R-PRG-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blocked {
    NotOffered,
    AlreadyJoined,
    ApplicationPending,
    NotInvited,
    NetworkNotJoined,
    EnterpriseRealNameRequired,
    EmailNotBound,
    PathRequired,
    /// Another account of the enterprise in the same business area has joined it.
    EnterpriseHasJoined,
    /// Another account of the enterprise is on this path.
    EnterpriseOnPath,
    OnAPath,
    ExcludedBy(Programme),
    PersonalRealName,
    Has(AccountFlag),
}

impl Blocked {
    /// Who can remove it.
    pub(super) fn removable_by(self) -> Remover {
        match self {
            Self::NetworkNotJoined
            | Self::EnterpriseRealNameRequired
            | Self::EmailNotBound
            | Self::PathRequired
            | Self::OnAPath => Remover::Viewer,
            Self::NotInvited | Self::ApplicationPending | Self::ExcludedBy(_) => Remover::Vendor,
            Self::NotOffered
            | Self::AlreadyJoined
            | Self::EnterpriseHasJoined
            | Self::EnterpriseOnPath
            | Self::PersonalRealName => Remover::Nobody,
            Self::Has(flag) => match flag {
                AccountFlag::Resources
                | AccountFlag::Arrears
                | AccountFlag::EnterpriseMember
                | AccountFlag::EmailBound => Remover::Viewer,
                // A history stays with its account: another account is the way (R-PRG-18).
                AccountFlag::Consumption => Remover::Nobody,
                AccountFlag::OtherPartner
                | AccountFlag::SubCustomer
                | AccountFlag::CreditAccount
                | AccountFlag::PreRegistered
                | AccountFlag::SolutionRecord
                | AccountFlag::AdvancedSolutionRecord
                | AccountFlag::TestCoupon
                | AccountFlag::ExamVoucher
                | AccountFlag::Mdf
                | AccountFlag::Fh
                | AccountFlag::DeliverySupport => Remover::Vendor,
            },
        }
    }

    /// What the mutation answers; what only the vendor can lift says whom to ask (R-PRG-16).
    pub(super) fn refusal(self, contact: &Contact) -> Refusal {
        let refusal = self.bare();
        if self.removable_by() == Remover::Vendor {
            ask(refusal, contact)
        } else {
            refusal
        }
    }

    fn bare(self) -> Refusal {
        match self {
            Self::NotOffered => Refusal::new(Code::NotFound, "PROGRAMME_NOT_OFFERED"),
            Self::AlreadyJoined => Refusal::new(Code::Conflict, "ALREADY_JOINED"),
            Self::ApplicationPending => {
                Refusal::new(Code::Conflict, "PROGRAMME_APPLICATION_PENDING")
            }
            Self::NotInvited => Refusal::new(Code::Precondition, "NOT_INVITED"),
            Self::NetworkNotJoined => Refusal::new(Code::Precondition, "NETWORK_NOT_JOINED"),
            Self::EnterpriseRealNameRequired => {
                Refusal::new(Code::Precondition, "ENTERPRISE_REAL_NAME_REQUIRED")
            }
            Self::EmailNotBound => Refusal::new(Code::Precondition, "EMAIL_NOT_BOUND"),
            Self::PathRequired => Refusal::new(Code::Precondition, "SERVICE_PATH_REQUIRED"),
            Self::EnterpriseHasJoined => {
                Refusal::new(Code::Precondition, "ENTERPRISE_ACCOUNT_JOINED")
            }
            Self::EnterpriseOnPath => Refusal::new(Code::Precondition, "ENTERPRISE_ON_PATH"),
            Self::OnAPath => Refusal::new(Code::Precondition, "PATH_JOINED"),
            Self::ExcludedBy(Programme::Distributor) => {
                Refusal::new(Code::Precondition, "DISTRIBUTION_JOINED")
            }
            Self::ExcludedBy(Programme::Csp) => Refusal::new(Code::Precondition, "CSP_JOINED"),
            Self::ExcludedBy(other) => Refusal::new(Code::Precondition, "PROGRAMME_EXCLUDED")
                .with("programme", other.as_str()),
            Self::PersonalRealName => Refusal::new(Code::Precondition, "PERSONAL_REAL_NAME"),
            Self::Has(flag) => of_flag(flag),
        }
    }
}

/// The reason why an account that has this cannot join, or leave.
pub(super) fn of_flag(flag: AccountFlag) -> Refusal {
    match flag {
        AccountFlag::EmailBound => Refusal::new(Code::Precondition, "EMAIL_BOUND"),
        AccountFlag::Resources => Refusal::new(Code::Precondition, "RESOURCES_PROVISIONED"),
        AccountFlag::Arrears => Refusal::new(Code::Precondition, "IN_ARREARS"),
        AccountFlag::Consumption => Refusal::new(Code::Precondition, "HAS_CONSUMPTION"),
        AccountFlag::OtherPartner => Refusal::new(Code::Precondition, "ASSOCIATED_WITH_PARTNER"),
        AccountFlag::SubCustomer => Refusal::new(Code::Precondition, "SUB_CUSTOMER"),
        AccountFlag::EnterpriseMember => Refusal::new(Code::Precondition, "ENTERPRISE_MEMBER"),
        AccountFlag::CreditAccount => Refusal::new(Code::Precondition, "CREDIT_ACCOUNT"),
        AccountFlag::PreRegistered => Refusal::new(Code::Precondition, "PRE_REGISTERED"),
        AccountFlag::SolutionRecord => Refusal::new(Code::Precondition, "SOLUTION_RECORD"),
        AccountFlag::AdvancedSolutionRecord => {
            Refusal::new(Code::Precondition, "ADVANCED_SOLUTION_RECORD")
        }
        AccountFlag::TestCoupon => Refusal::new(Code::Precondition, "TEST_COUPON"),
        AccountFlag::ExamVoucher => Refusal::new(Code::Precondition, "EXAM_VOUCHER"),
        AccountFlag::Mdf => Refusal::new(Code::Precondition, "MDF"),
        AccountFlag::Fh => Refusal::new(Code::Precondition, "FH"),
        AccountFlag::DeliverySupport => Refusal::new(Code::Precondition, "DELIVERY_SUPPORT"),
    }
}

/// Says with a refusal whom of the vendor to ask.
pub(super) fn ask(refusal: Refusal, contact: &Contact) -> Refusal {
    refusal
        .with("contactName", &contact.name)
        .with("contact", &contact.contact)
        .data(RefusalData::AskVendor {
            name: contact.name.clone(),
            contact: contact.contact.clone(),
        })
}

/// Why something is refused to or about a membership or an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProgrammeRefusal {
    MembershipNotFound,
    InvitationNotFound,
    OrganisationNotFound,
    VersionConflict {
        current: i64,
    },
    CommitmentNotConfirmed,
    AgreementNotAccepted,
    /// Another version holds than the one that was read.
    AgreementOutdated {
        current: i32,
    },
    /// A machine signs nothing.
    PersonRequired,
    NotPending,
    ReasonInvalid,
    InvitationNotNeeded,
    InvitationClosed,
    OneTarget,
}

impl From<ProgrammeRefusal> for Refusal {
    fn from(refusal: ProgrammeRefusal) -> Self {
        use ProgrammeRefusal as R;
        match refusal {
            R::MembershipNotFound => Self::new(Code::NotFound, "PROGRAMME_MEMBERSHIP_NOT_FOUND"),
            R::InvitationNotFound => Self::new(Code::NotFound, "PROGRAMME_INVITATION_NOT_FOUND")
                .at("programmeInvitationId"),
            R::OrganisationNotFound => {
                Self::new(Code::NotFound, "ORGANISATION_NOT_FOUND").at("organisationId")
            }
            R::VersionConflict { current } => Self::version_conflict(current),
            R::CommitmentNotConfirmed => Self::new(Code::InvalidInput, "COMMITMENT_NOT_CONFIRMED")
                .at("isCommitmentConfirmed"),
            R::AgreementNotAccepted => {
                Self::new(Code::InvalidInput, "AGREEMENT_NOT_ACCEPTED").at("isAgreementAccepted")
            }
            R::AgreementOutdated { current } => Self::new(Code::Conflict, "AGREEMENT_OUTDATED")
                .at("agreementVersion")
                .with("current", current),
            R::PersonRequired => Self::new(Code::Forbidden, "PERSON_REQUIRED"),
            R::NotPending => Self::new(Code::Conflict, "APPLICATION_NOT_PENDING"),
            R::ReasonInvalid => Self::new(Code::InvalidInput, "REASON_REQUIRED").at("reason"),
            R::InvitationNotNeeded => Self::new(Code::Precondition, "INVITATION_NOT_NEEDED"),
            R::InvitationClosed => Self::new(Code::Conflict, "PROGRAMME_INVITATION_CLOSED"),
            R::OneTarget => Self::new(Code::InvalidInput, "ONE_TARGET"),
        }
    }
}

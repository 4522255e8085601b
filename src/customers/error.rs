//! Everything that can go wrong with customers, each with its code. What is wrong with an account is a cause: see
//! `model/cause.rs`.

use chrono::NaiveDate;

use crate::error::{Code, Refusal, RefusalData};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CustomerRefusal {
    /// Unknown, or another partner's: the answer is the same.
    NotFound,
    InvitationNotFound,
    Changed {
        current: i64,
    },
    LabelInvalid,
    PersonRequired,
    /// No invitation ever had this token, or a newer link took its place.
    LinkUnknown,
    LinkExpired,
    LinkUsed,
    LinkRevoked,
    PartnerInactive,
    /// No account that the signed-in person holds.
    AccountUnknown,
    /// The tick is missing (R-CUS-2).
    ConsentRequired,
    /// Another version holds by now than the one that was shown.
    ConsentOutdated,
    /// The account is another customer's since a moment ago.
    Overtaken,
    /// To the partner, of an invitation that it wants to send again or take back.
    InvitationAccepted,
    InvitationRevoked,
    Dissociated,
    /// A role that gives the permission does not make an administrator (R-CUS-8).
    AdministratorRequired,
    ReasonRequired,
    DissociatedTooOften {
        maximum: usize,
        within_months: u32,
        /// The day from which it is possible again.
        until: NaiveDate,
    },
    AccountFrozen,
    AccountInDebt,
    AccountHasReservedInstance,
    AccountHasSupportPlan,
    AccountHasUnpaidOrders,
    AccountHasIndependentMembers,
    CandidateUnknown,
    CandidateDisabled,
    CandidateWithoutRole,
    AlreadyAssigned,
    NobodyAssigned,
}

impl From<CustomerRefusal> for Refusal {
    #[expect(clippy::too_many_lines, reason = "one arm for each refusal")]
    fn from(refusal: CustomerRefusal) -> Self {
        use CustomerRefusal as R;
        match refusal {
            R::NotFound => Self::new(Code::NotFound, "CUSTOMER_NOT_FOUND").at("customerId"),
            R::InvitationNotFound => Self::new(Code::NotFound, "CUSTOMER_INVITATION_NOT_FOUND")
                .at("customerInvitationId"),
            R::Changed { current } => Self::version_conflict(current),
            R::LabelInvalid => Self::new(Code::InvalidInput, "LABEL_INVALID").at("label"),
            R::PersonRequired => Self::new(Code::Forbidden, "PERSON_REQUIRED"),
            R::LinkUnknown => Self::new(Code::NotFound, "CUSTOMER_LINK_UNKNOWN").at("token"),
            R::LinkExpired => Self::new(Code::Precondition, "CUSTOMER_LINK_EXPIRED"),
            R::LinkUsed => Self::new(Code::Conflict, "CUSTOMER_LINK_USED"),
            R::LinkRevoked => Self::new(Code::Precondition, "CUSTOMER_LINK_REVOKED"),
            R::PartnerInactive => Self::new(Code::Precondition, "INVITING_PARTNER_INACTIVE"),
            R::AccountUnknown => {
                Self::new(Code::InvalidInput, "CUSTOMER_ACCOUNT_UNKNOWN").at("accountId")
            }
            R::ConsentRequired => Self::new(Code::InvalidInput, "CONSENT_REQUIRED").at("consent"),
            R::ConsentOutdated => Self::new(Code::Conflict, "CONSENT_OUTDATED").at("consent"),
            R::Overtaken => Self::new(Code::Conflict, "TRY_AGAIN"),
            R::InvitationAccepted => Self::new(Code::Conflict, "CUSTOMER_INVITATION_ACCEPTED"),
            R::InvitationRevoked => Self::new(Code::Conflict, "CUSTOMER_INVITATION_REVOKED"),
            R::Dissociated => {
                Self::new(Code::Conflict, "CUSTOMER_DISSOCIATED").data(RefusalData::Transition {
                    from: "DISSOCIATED",
                    allowed: vec!["ASSOCIATED"],
                })
            }
            R::AdministratorRequired => Self::new(Code::Forbidden, "ADMINISTRATOR_REQUIRED"),
            R::ReasonRequired => {
                Self::new(Code::InvalidInput, "DISSOCIATION_REASON_REQUIRED").at("reason")
            }
            R::DissociatedTooOften {
                maximum,
                within_months,
                until,
            } => Self::new(Code::Limited, "DISSOCIATED_TOO_OFTEN")
                .with("maximum", maximum)
                .with("months", within_months)
                .with("until", until),
            R::AccountFrozen => Self::new(Code::Precondition, "DISSOCIATION_ACCOUNT_FROZEN"),
            R::AccountInDebt => Self::new(Code::Precondition, "DISSOCIATION_DEBT"),
            R::AccountHasReservedInstance => {
                Self::new(Code::Precondition, "DISSOCIATION_RESERVED_INSTANCE")
            }
            R::AccountHasSupportPlan => Self::new(Code::Precondition, "DISSOCIATION_SUPPORT_PLAN"),
            R::AccountHasUnpaidOrders => {
                Self::new(Code::Precondition, "DISSOCIATION_UNPAID_ORDERS")
            }
            R::AccountHasIndependentMembers => {
                Self::new(Code::Precondition, "DISSOCIATION_INDEPENDENT_MEMBERS")
            }
            R::CandidateUnknown => {
                Self::new(Code::InvalidInput, "ACCOUNT_MANAGER_UNKNOWN").at("accountManagerId")
            }
            R::CandidateDisabled => {
                Self::new(Code::InvalidInput, "ACCOUNT_MANAGER_DISABLED").at("accountManagerId")
            }
            R::CandidateWithoutRole => {
                Self::new(Code::InvalidInput, "ACCOUNT_MANAGER_ROLE_MISSING").at("accountManagerId")
            }
            R::AlreadyAssigned => Self::new(Code::Conflict, "CUSTOMER_MANAGER_ALREADY_ASSIGNED")
                .at("accountManagerId"),
            R::NobodyAssigned => Self::new(Code::Conflict, "CUSTOMER_MANAGER_NOT_ASSIGNED"),
        }
    }
}

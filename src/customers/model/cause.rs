//! Why an account cannot be associated, and what can be done about it (R-CUS-4, R-CUS-7). Pure.
//!
//! Pre-registration (R-CUS-5, R-CUS-6) will add its causes here: an account that is older than a week or has spent cash,
//! and one that another partner has pre-registered.

use std::collections::BTreeSet;

use super::{AssociationType, Offer};
use crate::catalogue::accounts::{AccountStatus, Circumstance, Holding};
use crate::error::{Code, Refusal};
use crate::words::words;

words! {
    /// What about an account stands in the way. Spelled as the reason of the refusal.
    Cause {
        OfOtherSite = "CUSTOMER_OF_OTHER_SITE",
        HasPartner = "CUSTOMER_HAS_PARTNER",
        HasYou = "CUSTOMER_ALREADY_ASSOCIATED",
        AccountClosed = "CUSTOMER_ACCOUNT_CLOSED",
        SpecialContract = "CUSTOMER_SPECIAL_CONTRACT",
        UnpaidBills = "CUSTOMER_UNPAID_BILLS",
        CustodySubAccount = "CUSTOMER_CUSTODY_SUB_ACCOUNT",
        IsPartner = "CUSTOMER_IS_PARTNER",
        PreregisteredByVendor = "CUSTOMER_PREREGISTERED_BY_VENDOR",
        InSubsidyProgramme = "CUSTOMER_IN_SUBSIDY_PROGRAMME",
        ConsumerCloudUser = "CUSTOMER_CONSUMER_CLOUD_USER",
        ProfessionalService = "CUSTOMER_PROFESSIONAL_SERVICE",
        ReservedInstance = "CUSTOMER_RESERVED_INSTANCE",
        EnterpriseMember = "CUSTOMER_ENTERPRISE_MEMBER",
        MasterWithMembers = "CUSTOMER_MASTER_WITH_MEMBERS",
        CreditAccount = "CUSTOMER_CREDIT_ACCOUNT",
    }

    /// What helps after a refused attempt.
    Remedy {
        /// The link is the trouble: the partner sends another one.
        InviteAgain = "INVITE_AGAIN",
        /// The customer mends the input: takes another account, reads the texts again, ticks the consent.
        Correct = "CORRECT",
        /// The customer's own state is the trouble: another link changes nothing.
        NotPossible = "NOT_POSSIBLE",
    }
}

/// Everything about an account that stops the association that is offered, in the order in which it is told.
pub(in crate::customers) fn causes_of(holding: &Holding, offer: &Offer) -> Vec<Cause> {
    let account = &holding.account;
    let mut causes = BTreeSet::new();
    if account.site != offer.inviter.site {
        causes.insert(Cause::OfOtherSite);
    }
    match holding.partner {
        Some(partner) if partner == offer.invitation.organisation => {
            causes.insert(Cause::HasYou);
        }
        Some(_) => {
            causes.insert(Cause::HasPartner);
        }
        None => {}
    }
    if account.status == AccountStatus::Closed {
        causes.insert(Cause::AccountClosed);
    }
    let of_account = account.circumstances.iter();
    causes.extend(of_account.filter_map(|&it| of_circumstance(it, offer.invitation.association)));
    causes.into_iter().collect()
}

/// What a circumstance means to an association of this type; some matter to resale only, and some to its end only.
fn of_circumstance(circumstance: Circumstance, association: AssociationType) -> Option<Cause> {
    use Circumstance as C;
    let in_resale = |cause| (association == AssociationType::Resale).then_some(cause);
    match circumstance {
        C::SpecialContract => Some(Cause::SpecialContract),
        C::UnpaidBills => Some(Cause::UnpaidBills),
        C::CustodySubAccount => Some(Cause::CustodySubAccount),
        C::PartnerOrApplying => Some(Cause::IsPartner),
        C::PreregisteredByVendor => Some(Cause::PreregisteredByVendor),
        C::InSubsidyProgramme => Some(Cause::InSubsidyProgramme),
        C::ConsumerCloudUser => Some(Cause::ConsumerCloudUser),
        C::ProfessionalServiceContract => in_resale(Cause::ProfessionalService),
        C::ValidReservedInstance => in_resale(Cause::ReservedInstance),
        C::EnterpriseMember => in_resale(Cause::EnterpriseMember),
        C::MasterWithNonCustodyMembers => in_resale(Cause::MasterWithMembers),
        C::CreditAccount => in_resale(Cause::CreditAccount),
        C::MasterWithIndependentMembers | C::SupportPlan | C::UnpaidOrders => None,
    }
}

impl From<Cause> for Refusal {
    fn from(cause: Cause) -> Self {
        use Cause as C;
        let refusal = match cause {
            C::OfOtherSite => Self::new(Code::Precondition, "CUSTOMER_OF_OTHER_SITE"),
            C::HasPartner => Self::new(Code::Conflict, "CUSTOMER_HAS_PARTNER"),
            C::HasYou => Self::new(Code::Conflict, "CUSTOMER_ALREADY_ASSOCIATED"),
            C::AccountClosed => Self::new(Code::Precondition, "CUSTOMER_ACCOUNT_CLOSED"),
            C::SpecialContract => Self::new(Code::Precondition, "CUSTOMER_SPECIAL_CONTRACT"),
            C::UnpaidBills => Self::new(Code::Precondition, "CUSTOMER_UNPAID_BILLS"),
            C::CustodySubAccount => Self::new(Code::Precondition, "CUSTOMER_CUSTODY_SUB_ACCOUNT"),
            C::IsPartner => Self::new(Code::Precondition, "CUSTOMER_IS_PARTNER"),
            C::PreregisteredByVendor => {
                Self::new(Code::Precondition, "CUSTOMER_PREREGISTERED_BY_VENDOR")
            }
            C::InSubsidyProgramme => Self::new(Code::Precondition, "CUSTOMER_IN_SUBSIDY_PROGRAMME"),
            C::ConsumerCloudUser => Self::new(Code::Precondition, "CUSTOMER_CONSUMER_CLOUD_USER"),
            C::ProfessionalService => {
                Self::new(Code::Precondition, "CUSTOMER_PROFESSIONAL_SERVICE")
            }
            C::ReservedInstance => Self::new(Code::Precondition, "CUSTOMER_RESERVED_INSTANCE"),
            C::EnterpriseMember => Self::new(Code::Precondition, "CUSTOMER_ENTERPRISE_MEMBER"),
            C::MasterWithMembers => Self::new(Code::Precondition, "CUSTOMER_MASTER_WITH_MEMBERS"),
            C::CreditAccount => Self::new(Code::Precondition, "CUSTOMER_CREDIT_ACCOUNT"),
        };
        refusal.at("accountId")
    }
}

/// What helps after a refusal of an acceptance, by its reason; `None` where it is none of this domain's.
pub(crate) fn remedy_of(reason: &str) -> Option<Remedy> {
    if Cause::parse(reason).is_some() {
        return Some(Remedy::NotPossible);
    }
    match reason {
        "CUSTOMER_LINK_UNKNOWN"
        | "CUSTOMER_LINK_EXPIRED"
        | "CUSTOMER_LINK_USED"
        | "CUSTOMER_LINK_REVOKED"
        | "INVITING_PARTNER_INACTIVE" => Some(Remedy::InviteAgain),
        "CUSTOMER_ACCOUNT_UNKNOWN" | "CONSENT_REQUIRED" | "CONSENT_OUTDATED" | "TRY_AGAIN" => {
            Some(Remedy::Correct)
        }
        _ => None,
    }
}

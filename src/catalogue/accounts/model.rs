//! What an account of the vendor is. Pure: no SQL, GraphQL or clock.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::ids::OrganisationId;
use crate::rules::Site;
use crate::words::words;

words! {
    /// Whose account it is in the vendor's eyes; the order is that in which people are offered theirs (R-CUS-11).
    AccountKind {
        Cloud = "CLOUD",
        Personal = "PERSONAL",
    }

    AccountStatus {
        Active = "ACTIVE",
        Frozen = "FROZEN",
        Closed = "CLOSED",
    }

    /// What a person releases of a personal account, and nothing else (R-CUS-2).
    Attribute {
        AccountName = "ACCOUNT_NAME",
        Mobile = "MOBILE",
        Email = "EMAIL",
        Country = "COUNTRY",
        AccountId = "ACCOUNT_ID",
        AccountStatus = "ACCOUNT_STATUS",
    }

    /// What the vendor knows of an account that matters to partners.
    Circumstance {
        SpecialContract = "SPECIAL_CONTRACT",
        UnpaidBills = "UNPAID_BILLS",
        /// An enterprise's member account whose money the enterprise keeps.
        CustodySubAccount = "CUSTODY_SUB_ACCOUNT",
        /// Its company is a partner, or applied to be one.
        PartnerOrApplying = "PARTNER_OR_APPLYING",
        /// The vendor's own people look after it.
        PreregisteredByVendor = "PREREGISTERED_BY_VENDOR",
        InSubsidyProgramme = "IN_SUBSIDY_PROGRAMME",
        ConsumerCloudUser = "CONSUMER_CLOUD_USER",
        ProfessionalServiceContract = "PROFESSIONAL_SERVICE_CONTRACT",
        ValidReservedInstance = "VALID_RESERVED_INSTANCE",
        EnterpriseMember = "ENTERPRISE_MEMBER",
        MasterWithNonCustodyMembers = "MASTER_WITH_NON_CUSTODY_MEMBERS",
        CreditAccount = "CREDIT_ACCOUNT",
        MasterWithIndependentMembers = "MASTER_WITH_INDEPENDENT_MEMBERS",
        SupportPlan = "SUPPORT_PLAN",
        /// Orders that wait for the partner's payment.
        UnpaidOrders = "UNPAID_ORDERS",
    }
}

/// An account as the vendor states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VendorAccount {
    /// By which the vendor knows it.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: AccountKind,
    pub(crate) site: Site,
    pub(crate) status: AccountStatus,
    pub(crate) country: String,
    pub(crate) email: Option<String>,
    pub(crate) mobile: Option<String>,
    pub(crate) circumstances: BTreeSet<Circumstance>,
}

/// An account that somebody holds, with what the portal knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holding {
    pub(crate) account: VendorAccount,
    /// The organisation that the account is in the portal, since its first association.
    pub(crate) organisation: Option<OrganisationId>,
    /// Whose customer it is now.
    pub(crate) partner: Option<OrganisationId>,
}

/// What decides over the end of a relation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HoldingFacts {
    /// `None` when the vendor states nothing of the account any more.
    pub(crate) status: Option<AccountStatus>,
    pub(crate) circumstances: BTreeSet<Circumstance>,
    /// When relations of this account ended, the latest first.
    pub(crate) dissociated_at: Vec<DateTime<Utc>>,
}

//! What memberships of programmes and paths are. Pure: no SQL, GraphQL or clock.

mod account;
mod definition;
mod invitation;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, de};

pub(crate) use account::{Account, AccountFacts, Contact, Elsewhere, Memberships};
pub(crate) use definition::{
    Agreement, Definition, InBoth, ProgrammeCatalogue, ProgrammeInvitationRule, VendorContact,
};
pub(crate) use invitation::{InvitationState, ProgrammeInvitation};

use crate::ids::{OrganisationId, PathMembershipId, ProgrammeMembershipId};
use crate::words::words;

words! {
    /// A programme that partners join.
    Programme {
        /// The partner network itself: the first step of every partner.
        Network = "NETWORK",
        CoSell = "CO_SELL",
        Csp = "CSP",
        Distributor = "DISTRIBUTOR",
        Reseller = "RESELLER",
        MarketplaceSeller = "MARKETPLACE_SELLER",
        Ccoe = "CCOE",
        CompetencyImprovement = "COMPETENCY_IMPROVEMENT",
    }

    /// Where a membership of a programme stands.
    MembershipState {
        Applied = "APPLIED",
        UnderReview = "UNDER_REVIEW",
        Rejected = "REJECTED",
        Withdrawn = "WITHDRAWN",
        Active = "ACTIVE",
        Suspended = "SUSPENDED",
        Expired = "EXPIRED",
        Left = "LEFT",
    }

    /// A development path.
    Path {
        Software = "SOFTWARE",
        Service = "SERVICE",
        SystemIntegrator = "SYSTEM_INTEGRATOR",
        Learning = "LEARNING",
        Distributor = "DISTRIBUTOR",
    }

    /// How far a partner is on a path; a later one is further (R-PRG-8).
    PathStage {
        Selected = "SELECTED",
        RoleValidated = "ROLE_VALIDATED",
        Differentiated = "DIFFERENTIATED",
    }

    PathState {
        Active = "ACTIVE",
        Exited = "EXITED",
    }

    /// How high a member of a programme stands; a later one is higher.
    Tier {
        Preferred = "PREFERRED",
        Leading = "LEADING",
        Core = "CORE",
    }

    /// Whose name the account is authenticated for.
    RealName {
        None = "NONE",
        PersonalPending = "PERSONAL_PENDING",
        Personal = "PERSONAL",
        Enterprise = "ENTERPRISE",
    }

    /// What the vendor states of an account.
    AccountFlag {
        EmailBound = "EMAIL_BOUND",
        Resources = "RESOURCES",
        Arrears = "ARREARS",
        Consumption = "CONSUMPTION",
        OtherPartner = "OTHER_PARTNER",
        SubCustomer = "SUB_CUSTOMER",
        EnterpriseMember = "ENTERPRISE_MEMBER",
        CreditAccount = "CREDIT_ACCOUNT",
        PreRegistered = "PRE_REGISTERED",
        SolutionRecord = "SOLUTION_RECORD",
        AdvancedSolutionRecord = "ADVANCED_SOLUTION_RECORD",
        TestCoupon = "TEST_COUPON",
        ExamVoucher = "EXAM_VOUCHER",
        Mdf = "MDF",
        Fh = "FH",
        DeliverySupport = "DELIVERY_SUPPORT",
    }

    /// A condition of joining that is either part of a definition or not.
    Term {
        /// The one programme that does not ask for membership of the network: the network.
        WithoutNetwork = "WITHOUT_NETWORK",
        ByInvitation = "BY_INVITATION",
        Reviewed = "REVIEWED",
        EnterpriseRealName = "ENTERPRISE_REAL_NAME",
        NoPersonalRealName = "NO_PERSONAL_REAL_NAME",
        EmailBound = "EMAIL_BOUND",
        OnePerArea = "ONE_PER_AREA",
        OnePerEnterprise = "ONE_PER_ENTERPRISE",
        NoPath = "NO_PATH",
    }

    /// What an organisation is to the vendor's shop (R-PRG-3).
    Identity {
        Customer = "CUSTOMER",
        Reseller = "RESELLER",
        Distributor = "DISTRIBUTOR",
    }

    /// Why an organisation cannot buy cloud services for itself (R-PRG-17).
    PurchaseBlocker {
        CspApplication = "CSP_APPLICATION",
        CspMember = "CSP_MEMBER",
    }
}

macro_rules! read_as_words {
    ($($name:ident),*) => {
        $(
            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let text = String::deserialize(deserializer)?;
                    Self::parse(&text).ok_or_else(|| de::Error::custom("not a word of its list"))
                }
            }
        )*
    };
}
read_as_words!(Programme, Path, Tier, AccountFlag, Term);

/// What can be joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    Programme(Programme),
    Path(Path),
}

impl Target {
    /// As invitations are stored: what it is, and which.
    pub(crate) fn spelled(self) -> (&'static str, &'static str) {
        match self {
            Self::Programme(programme) => ("PROGRAMME", programme.as_str()),
            Self::Path(path) => ("PATH", path.as_str()),
        }
    }

    pub(crate) fn parse(kind: &str, code: &str) -> Option<Self> {
        match kind {
            "PROGRAMME" => Programme::parse(code).map(Self::Programme),
            "PATH" => Path::parse(code).map(Self::Path),
            _ => None,
        }
    }

    pub(crate) fn code(self) -> &'static str {
        self.spelled().1
    }
}

/// A partner's membership of a programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProgrammeMembership {
    pub(crate) id: ProgrammeMembershipId,
    pub(crate) organisation: OrganisationId,
    pub(crate) programme: Programme,
    /// As it is stored; [`Self::state_on`] says what it means on a day.
    pub(crate) state: MembershipState,
    pub(crate) valid_from: NaiveDate,
    /// The first day on which it does not hold any more.
    pub(crate) valid_until: Option<NaiveDate>,
    pub(crate) tier: Option<Tier>,
    pub(crate) applied_at: Option<DateTime<Utc>>,
    pub(crate) decided_at: Option<DateTime<Utc>>,
    pub(crate) reason: Option<String>,
    pub(crate) version: i64,
}

impl ProgrammeMembership {
    /// What it is worth on a day: whose last day is over has expired, recorded or not (R-PRG-14).
    pub(crate) fn state_on(&self, day: NaiveDate) -> MembershipState {
        let is_over = self.valid_until.is_some_and(|until| until <= day);
        let runs = matches!(
            self.state,
            MembershipState::Active | MembershipState::Suspended
        );
        if runs && is_over {
            MembershipState::Expired
        } else {
            self.state
        }
    }

    /// Whether its rights hold on this day.
    pub(crate) fn holds_on(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.state_on(day) == MembershipState::Active
    }

    /// Whether the vendor has still to decide on it.
    pub(crate) fn is_pending(&self) -> bool {
        matches!(
            self.state,
            MembershipState::Applied | MembershipState::UnderReview
        )
    }
}

/// A partner's place on a development path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PathMembership {
    pub(crate) id: PathMembershipId,
    pub(crate) organisation: OrganisationId,
    pub(crate) path: Path,
    pub(crate) stage: PathStage,
    pub(crate) state: PathState,
    pub(crate) version: i64,
}

#[cfg(test)]
mod tests;

//! Who is asking: a member, a federated identity without one, or a service account; and what that lets them do.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::db::Scope;
use crate::error::{Code, Failure, Refusal, RefusalData};
use crate::ids::{IdentityId, MemberId, OrganisationId, ServiceAccountId, SessionId, Tagged};

macro_rules! permissions {
    ($($name:ident = $text:literal,)*) => {
        /// What a role may give. Closed: a role chooses from these, and nothing else is ever checked.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission {
            $($name,)*
        }

        impl Permission {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

permissions! {
    ReadSchema = "schema.read",
    ReadOrganisations = "organisation.read",
    ManageOrganisations = "organisation.manage",
    ReadMembers = "member.read",
    ManageMembers = "member.manage",
    ReadPersonnel = "personnel.read",
    InvitePersonnel = "personnel.invite",
    ManagePersonnel = "personnel.manage",
    ReviewPersonnel = "personnel.review",
    ReadOpportunities = "opportunity.read",
    WriteOpportunities = "opportunity.write",
    SubmitOpportunities = "opportunity.submit",
    ReviewOpportunities = "opportunity.review",
    ValidateOpportunities = "opportunity.validate",
    ShareOpportunities = "opportunity.share",
    CancelOpportunities = "opportunity.cancel",
    ReadResellers = "reseller.read",
    AssignAccountManagers = "reseller.assign",
    ReadCustomers = "customer.read",
    InviteCustomers = "customer.invite",
    AssignCustomers = "customer.assign",
    DissociateCustomers = "customer.dissociate",
    ReadIncentives = "incentive.read",
    WriteDocuments = "document.write",
    RevealPersonalData = "personal.reveal",
    ManageRules = "rule.manage",
    ManageCalendar = "calendar.manage",
    ImportFacts = "fact.import",
    ReadAudit = "audit.read",
    ManageServiceAccounts = "service_account.manage",
    RetryNotices = "notice.retry",
    ManageProgrammes = "programme.manage",
    ReviewProgrammes = "programme.review",
    ReadConsumption = "consumption.read",
    ManageVouchers = "voucher.manage",
    ReadBills = "bill.read",
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum OrganisationKind {
    Vendor,
    Partner,
    Customer,
}

/// A FROZEN organisation reads on; what it may still do is a list (R-GEN-9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum OrganisationState {
    Active,
    Frozen,
    Closed,
}

impl OrganisationState {
    /// As the table has it, spelled as in GraphQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Frozen => "FROZEN",
            Self::Closed => "CLOSED",
        }
    }
}

/// The organisation for which somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ActingFor {
    pub organisation: OrganisationId,
    pub kind: OrganisationKind,
    pub state: OrganisationState,
}

/// Which customers, resellers and opportunities of its own organisation a viewer sees (R-ORG-7, R-ORG-8).
///
/// A transaction knows it from its viewer, and the stores narrow by it as they narrow by the scope: a list, a look-up by
/// id, a count and a change of one row all miss what is not assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum Visibility {
    /// All of the organisation.
    #[default]
    All,
    /// What this member looks after: his account-manager role stands alone.
    AssignedTo(MemberId),
}

impl Visibility {
    /// Of a member with these roles. A second role of any kind, a custom one included, opens everything.
    pub fn of(member: MemberId, roles: &[String]) -> Self {
        match roles {
            [only] if only == "ACCOUNT_MANAGER" => Self::AssignedTo(member),
            _ => Self::All,
        }
    }

    /// For `($n::uuid IS NULL OR account_manager_id = $n)`: the member to whom rows are narrowed, if to one.
    pub fn assigned_to(self) -> Option<Uuid> {
        match self {
            Self::All => None,
            Self::AssignedTo(member) => Some(member.0),
        }
    }
}

/// A person who acts as a member of one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActingMember {
    pub member: MemberId,
    pub identity: IdentityId,
    pub session: SessionId,
    pub acting_for: ActingFor,
    pub permissions: BTreeSet<Permission>,
    pub visibility: Visibility,
}

/// A person whom IAM knows and no organisation has made a member in this session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedInIdentity {
    pub identity: IdentityId,
    pub session: SessionId,
}

/// An organisation's machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActingService {
    pub account: ServiceAccountId,
    pub acting_for: ActingFor,
    pub permissions: BTreeSet<Permission>,
    pub expires_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Viewer {
    Member(ActingMember),
    Federated(SignedInIdentity),
    Service(ActingService),
}

impl Viewer {
    /// Who is written into the timeline and owns the idempotency keys.
    pub fn actor(&self) -> String {
        match self {
            Self::Member(member) => member.member.global(),
            Self::Federated(identity) => identity.identity.global(),
            Self::Service(service) => service.account.global(),
        }
    }

    pub fn acting_for(&self) -> Option<ActingFor> {
        match self {
            Self::Member(member) => Some(member.acting_for),
            Self::Service(service) => Some(service.acting_for),
            Self::Federated(_) => None,
        }
    }

    pub fn organisation(&self) -> Option<OrganisationId> {
        self.acting_for().map(|acting| acting.organisation)
    }

    pub fn is_vendor(&self) -> bool {
        self.acting_for()
            .is_some_and(|acting| acting.kind == OrganisationKind::Vendor)
    }

    pub fn may(&self, permission: Permission) -> bool {
        match self {
            Self::Member(member) => member.permissions.contains(&permission),
            Self::Service(service) => service.permissions.contains(&permission),
            Self::Federated(_) => false,
        }
    }

    /// Which of its organisation's customers, resellers and opportunities the viewer sees.
    pub fn visibility(&self) -> Visibility {
        match self {
            Self::Member(member) => member.visibility,
            Self::Federated(_) | Self::Service(_) => Visibility::All,
        }
    }

    /// The scope in which everything of one read request is seen.
    pub fn read_scope(&self) -> Scope {
        match self.acting_for() {
            None => Scope::Nobody,
            Some(acting) if acting.kind == OrganisationKind::Vendor => Scope::Vendor,
            Some(acting) => Scope::Own(acting.organisation),
        }
    }

    /// Asks for a permission; the refusal names it.
    pub fn require(&self, permission: Permission) -> Result<ActingFor, Failure> {
        match self.acting_for() {
            Some(acting) if self.may(permission) => Ok(acting),
            Some(_) => Err(missing(permission).into()),
            None => Err(Refusal::new(Code::Forbidden, "NOT_A_MEMBER").into()),
        }
    }

    /// The scope of a change to the viewer's own organisation. Whether that organisation may act at all is asked where
    /// the change runs (`standing`).
    pub fn own(&self, permission: Permission) -> Result<Scope, Failure> {
        let acting = self.require(permission)?;
        Ok(Scope::Own(acting.organisation))
    }

    /// The scope of what only a partner does with its own records, never the vendor or a customer.
    pub fn partner(&self, permission: Permission) -> Result<Scope, Failure> {
        let scope = self.own(permission)?;
        match self.acting_for() {
            Some(acting) if acting.kind == OrganisationKind::Partner => Ok(scope),
            _ => Err(missing(permission).into()),
        }
    }

    /// The scope of a partner's act on a record that names it as the distributor.
    pub fn distributor(&self, permission: Permission) -> Result<Scope, Failure> {
        match self.own(permission)? {
            Scope::Own(organisation) => Ok(Scope::Distributor(organisation)),
            other @ (Scope::Distributor(_) | Scope::Vendor | Scope::Job(_) | Scope::Nobody) => {
                Ok(other)
            }
        }
    }

    /// The scope of the vendor's acts on partners' records.
    pub fn vendor(&self, permission: Permission) -> Result<Scope, Failure> {
        self.own(permission)?;
        if self.is_vendor() {
            Ok(Scope::Vendor)
        } else {
            Err(missing(permission).into())
        }
    }
}

fn missing(permission: Permission) -> Refusal {
    Refusal::new(Code::Forbidden, "PERMISSION_MISSING")
        .with("permission", permission.as_str())
        .data(RefusalData::Permission(permission.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::IdSource;

    /// R-ORG-7 and R-ORG-8: the role of an account manager narrows alone, and not beside any other.
    #[test]
    fn only_an_account_manager_without_another_role_sees_what_is_assigned_alone() {
        let member: MemberId = IdSource.fresh();
        let of = |roles: &[&str]| {
            let roles: Vec<String> = roles.iter().map(|&role| role.to_owned()).collect();
            Visibility::of(member, &roles).assigned_to()
        };

        assert_eq!(of(&["ACCOUNT_MANAGER"]), Some(member.0));
        assert_eq!(of(&["ACCOUNT_MANAGER", "FINANCE"]), None);
        assert_eq!(of(&["OPERATOR"]), None);
        assert_eq!(of(&["ACCOUNT_MANAGER", "rol_anything"]), None);
        assert_eq!(
            of(&[]),
            None,
            "without a role there is no permission either"
        );
    }

    /// R-ORG-7, R-ORG-8.
    #[test]
    fn r_org_7_an_account_manager_and_nothing_else_sees_only_what_is_assigned() {
        let member = MemberId(uuid::Uuid::nil());
        let sees = |roles: &[&str]| {
            let roles: Vec<String> = roles.iter().map(|&role| role.to_owned()).collect();
            Visibility::of(member, &roles) == Visibility::AssignedTo(member)
        };
        assert!(sees(&["ACCOUNT_MANAGER"]));
        assert!(!sees(&["ACCOUNT_MANAGER", "OPERATOR"]));
        assert!(!sees(&["ACCOUNT_MANAGER", "FINANCE"]));
        assert!(!sees(&["ACCOUNT_MANAGER_DIRECTOR"]) && !sees(&["SYSTEM_ADMIN"]) && !sees(&[]));
    }
}

//! Why something is refused to or about a member.

use super::duties::Duty;
use super::model::MemberRole;
use crate::error::{Code, Refusal, RefusalData};
use crate::ids::global_of;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MemberRefusal {
    NotFound,
    VersionConflict {
        current: i64,
    },
    NotActive,
    RoleRequired {
        minimum: usize,
    },
    TooManyRoles {
        maximum: usize,
    },
    RoleConflict {
        role: MemberRole,
        other: MemberRole,
    },
    RoleNotOffered {
        role: MemberRole,
    },
    NotLinked,
    IdentityNotFound,
    HoldsMainAccount,
    LastAdministrator,
    Oneself,
    HasDuties {
        duties: Vec<Duty>,
    },
    SuccessorUnknown,
    NotAccountManager,
    DirectorUnknown,
    NotDirector,
    AdministratorAlone,
    CustomRoleUnknown,
    /// Somebody who is no administrator gives no more than he has.
    RoleBeyondOwn,
    /// Whoever opens a member to an identity could be that identity.
    MemberBeyondOwn,
    /// While the vendor reviews the qualification (R-ORG-10).
    RoleLocked {
        role: MemberRole,
    },
    NameInvalid,
    MobileInvalid,
    MembersOnly,
}

impl From<MemberRefusal> for Refusal {
    fn from(refusal: MemberRefusal) -> Self {
        use MemberRefusal as R;
        match refusal {
            R::NotFound => Self::new(Code::NotFound, "MEMBER_NOT_FOUND").at("memberId"),
            R::VersionConflict { current } => Self::version_conflict(current),
            R::NotActive => Self::new(Code::Conflict, "MEMBER_NOT_ACTIVE").at("memberId"),
            R::RoleRequired { minimum } => Self::new(Code::InvalidInput, "ROLE_REQUIRED")
                .at("roles")
                .with("minimum", minimum),
            R::TooManyRoles { maximum } => Self::new(Code::InvalidInput, "TOO_MANY_ROLES")
                .at("roles")
                .with("maximum", maximum),
            R::RoleConflict { role, other } => Self::new(Code::InvalidInput, "ROLE_CONFLICT")
                .at("roles")
                .with("role", role.as_str())
                .with("other", other.as_str()),
            R::RoleNotOffered { role } => Self::new(Code::InvalidInput, "ROLE_NOT_OFFERED")
                .at("roles")
                .with("role", role.as_str()),
            R::NotLinked => Self::new(Code::Conflict, "MEMBER_NOT_LINKED").at("memberId"),
            R::IdentityNotFound => Self::new(Code::NotFound, "IDENTITY_NOT_FOUND").at("identityId"),
            R::HoldsMainAccount => {
                Self::new(Code::Precondition, "HOLDS_MAIN_ACCOUNT").at("memberId")
            }
            R::LastAdministrator => {
                Self::new(Code::Precondition, "LAST_ADMINISTRATOR").at("memberId")
            }
            R::Oneself => Self::new(Code::Precondition, "OWN_MEMBERSHIP").at("memberId"),
            R::HasDuties { duties } => has_duties(&duties),
            R::AdministratorAlone => {
                Self::new(Code::InvalidInput, "ADMINISTRATOR_ROLE_ALONE").at("customRoleIds")
            }
            R::CustomRoleUnknown => {
                Self::new(Code::NotFound, "CUSTOM_ROLE_UNKNOWN").at("customRoleIds")
            }
            R::MemberBeyondOwn => Self::new(Code::Forbidden, "MEMBER_BEYOND_OWN").at("memberId"),
            R::RoleBeyondOwn => Self::new(Code::Forbidden, "ROLE_BEYOND_OWN").at("roles"),
            R::RoleLocked { role } => Self::new(Code::Precondition, "ROLE_LOCKED")
                .at("roles")
                .with("role", role.as_str()),
            R::NameInvalid => Self::new(Code::InvalidInput, "NAME_INVALID").at("name"),
            R::MobileInvalid => Self::new(Code::InvalidInput, "MOBILE_INVALID").at("mobile"),
            R::MembersOnly => Self::new(Code::Forbidden, "MEMBERS_ONLY"),
            R::SuccessorUnknown => Self::new(Code::NotFound, "SUCCESSOR_UNKNOWN").at("handover"),
            R::NotAccountManager => {
                Self::new(Code::Precondition, "NOT_ACCOUNT_MANAGER").at("memberId")
            }
            R::DirectorUnknown => Self::new(Code::NotFound, "DIRECTOR_UNKNOWN").at("directorId"),
            R::NotDirector => {
                Self::new(Code::Precondition, "DIRECTOR_ROLE_MISSING").at("directorId")
            }
        }
    }
}

/// The list is short for people and complete in number: each kind with how many there are.
fn has_duties(duties: &[Duty]) -> Refusal {
    let total: i64 = duties.iter().map(|duty| duty.held.count).sum();
    let list: Vec<String> = duties
        .iter()
        .map(|duty| format!("{} {}", duty.held.count, duty.kind.as_str()))
        .collect();
    let data = duties
        .iter()
        .map(|Duty { kind, held }| {
            let first = held.first.iter().map(|&id| global_of(kind.tag(), id));
            (kind.as_str(), held.count, first.collect())
        })
        .collect();
    Refusal::new(Code::Precondition, "MEMBER_HAS_DUTIES")
        .at("memberId")
        .with("count", total)
        .with("duties", list.join(", "))
        .data(RefusalData::Duties(data))
}

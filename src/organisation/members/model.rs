//! What a member is, which roles go together, and what of a person is shown to others. Pure: no SQL, GraphQL or clock.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::error::MemberRefusal;
use crate::ids::{MemberId, OrganisationId, RoleId};
use crate::masking;
use crate::rules::MemberRoles;
use crate::viewer::OrganisationKind;

/// A person of one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) organisation: OrganisationId,
    pub(crate) id: MemberId,
    pub(crate) account_name: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) mobile: Option<String>,
    pub(crate) state: MemberState,
    /// Empty where the reader sees the person and not the organisation: an account manager, by a reseller.
    pub(crate) roles: BTreeSet<MemberRole>,
    /// Roles that the organisation made itself.
    pub(crate) custom_roles: BTreeSet<RoleId>,
    /// Of an account manager: who directs him.
    pub(crate) director: Option<MemberId>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) version: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemberState {
    Active,
    Disabled,
}

impl MemberState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Disabled => "DISABLED",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "ACTIVE" => Some(Self::Active),
            "DISABLED" => Some(Self::Disabled),
            _ => None,
        }
    }
}

macro_rules! roles {
    ($($name:ident = $text:literal on $side:ident as $number:literal,)*) => {
        /// A preset role; its permissions are rows of the database.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum MemberRole {
            $($name,)*
        }

        impl MemberRole {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)*];

            pub(crate) fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            pub(crate) fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// Never changes: ids are made of it.
            fn number(self) -> u128 {
                match self {
                    $(Self::$name => $number,)*
                }
            }

            fn side(self) -> Side {
                match self {
                    $(Self::$name => Side::$side,)*
                }
            }
        }
    };
}

roles! {
    SystemAdmin = "SYSTEM_ADMIN" on Partner as 1,
    Finance = "FINANCE" on Partner as 2,
    AccountManager = "ACCOUNT_MANAGER" on Partner as 3,
    AccountManagerDirector = "ACCOUNT_MANAGER_DIRECTOR" on Partner as 4,
    SaSpecialist = "SA_SPECIALIST" on Partner as 5,
    Operator = "OPERATOR" on Partner as 6,
    VendorAdmin = "VENDOR_ADMIN" on Vendor as 7,
    VendorReviewer = "VENDOR_REVIEWER" on Vendor as 8,
    VendorBd = "VENDOR_BD" on Vendor as 9,
    VendorEcosystemManager = "VENDOR_ECOSYSTEM_MANAGER" on Vendor as 10,
    VendorIncentiveOperator = "VENDOR_INCENTIVE_OPERATOR" on Vendor as 11,
    VendorFinance = "VENDOR_FINANCE" on Vendor as 12,
    VendorAuditor = "VENDOR_AUDITOR" on Vendor as 13,
}

/// Whose people a role is for; customers have the partner's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Partner,
    Vendor,
}

impl From<OrganisationKind> for Side {
    fn from(kind: OrganisationKind) -> Self {
        match kind {
            OrganisationKind::Vendor => Self::Vendor,
            OrganisationKind::Partner | OrganisationKind::Customer => Self::Partner,
        }
    }
}

impl MemberRole {
    /// By which the graph knows the role; the same in every deployment.
    pub(crate) fn id(self) -> RoleId {
        const FIRST: u128 = 0x018c_0000_0000_7000_8000_0000_0013_0100;
        RoleId(uuid::Uuid::from_u128(FIRST + self.number()))
    }

    /// The preset role of this id.
    pub(crate) fn of_id(id: RoleId) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.id() == id)
    }

    /// Whether members of this kind of organisation can have it.
    pub(crate) fn is_for(self, kind: OrganisationKind) -> bool {
        self.side() == Side::from(kind)
    }

    /// The role that manages the members of an organisation of this kind.
    pub(crate) fn administrator_of(kind: OrganisationKind) -> Self {
        match kind {
            OrganisationKind::Vendor => Self::VendorAdmin,
            OrganisationKind::Partner | OrganisationKind::Customer => Self::SystemAdmin,
        }
    }
}

/// Whether these roles and so many custom ones can be one member's: how many (R-ORG-4), which exclude each other
/// (R-ORG-5, R-ORG-6), and that they are of this kind of organisation.
pub(crate) fn check_roles(
    (roles, customs): (&BTreeSet<MemberRole>, usize),
    kind: OrganisationKind,
    limits: MemberRoles,
) -> Result<(), MemberRefusal> {
    use MemberRole as R;
    let count = roles.len() + customs;
    if let Some(&role) = roles.iter().find(|role| role.side() != Side::from(kind)) {
        return Err(MemberRefusal::RoleNotOffered { role });
    }
    if count < limits.minimum {
        return Err(MemberRefusal::RoleRequired {
            minimum: limits.minimum,
        });
    }
    if count > limits.maximum {
        return Err(MemberRefusal::TooManyRoles {
            maximum: limits.maximum,
        });
    }
    let other_than = |role| roles.iter().copied().find(|&other| other != role);
    if let Some(other) = other_than(R::SystemAdmin).filter(|_| roles.contains(&R::SystemAdmin)) {
        let role = R::SystemAdmin;
        return Err(MemberRefusal::RoleConflict { role, other });
    }
    if customs > 0 && roles.contains(&R::SystemAdmin) {
        return Err(MemberRefusal::AdministratorAlone);
    }
    let (role, other) = (R::AccountManager, R::AccountManagerDirector);
    if roles.contains(&role) && roles.contains(&other) {
        return Err(MemberRefusal::RoleConflict { role, other });
    }
    Ok(())
}

impl Member {
    pub(crate) fn is_active(&self) -> bool {
        self.state == MemberState::Active
    }

    /// Refuses a change that was decided on an older version than this.
    pub(super) fn expect_version(&self, expected: i64) -> Result<(), MemberRefusal> {
        if self.version == expected {
            Ok(())
        } else {
            Err(MemberRefusal::VersionConflict {
                current: self.version,
            })
        }
    }
}

/// How much of a person's own data a reader gets (R-GEN-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disclosure {
    Full,
    Masked,
}

impl Disclosure {
    pub(crate) fn email(self, email: &str) -> String {
        match self {
            Self::Full => email.to_owned(),
            Self::Masked => masking::email(email),
        }
    }

    pub(crate) fn mobile(self, mobile: &str) -> String {
        match self {
            Self::Full => mobile.to_owned(),
            Self::Masked => masking::phone(mobile),
        }
    }
}

/// A value that is masked by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PersonalField {
    Email,
    Mobile,
}

impl PersonalField {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Mobile => "mobile",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::MemberRole as R;
    use super::*;

    const LIMITS: MemberRoles = MemberRoles {
        minimum: 1,
        maximum: 3,
    };

    fn check(roles: &[MemberRole], kind: OrganisationKind) -> Result<(), MemberRefusal> {
        check_roles((&roles.iter().copied().collect(), 0), kind, LIMITS)
    }

    #[test]
    fn r_org_4_a_member_has_one_to_three_roles() {
        let partner = OrganisationKind::Partner;
        let three = [R::Finance, R::Operator, R::SaSpecialist];
        let four = [R::Finance, R::Operator, R::SaSpecialist, R::AccountManager];

        assert_eq!(
            check(&[], partner),
            Err(MemberRefusal::RoleRequired { minimum: 1 })
        );
        assert_eq!(check(&[R::Finance], partner), Ok(()));
        assert_eq!(check(&three, partner), Ok(()));
        assert_eq!(
            check(&four, partner),
            Err(MemberRefusal::TooManyRoles { maximum: 3 })
        );
    }

    #[test]
    fn r_org_5_a_system_administrator_has_no_other_role() {
        let partner = OrganisationKind::Partner;
        let others = R::ALL
            .iter()
            .filter(|role| role.side() == Side::Partner && **role != R::SystemAdmin);

        assert_eq!(check(&[R::SystemAdmin], partner), Ok(()));
        for &other in others {
            assert_eq!(
                check(&[R::SystemAdmin, other], partner),
                Err(MemberRefusal::RoleConflict {
                    role: R::SystemAdmin,
                    other
                })
            );
        }
    }

    /// R-ORG-4, R-ORG-5: custom roles count, and do not stand beside the administrator's.
    #[test]
    fn custom_roles_count_like_preset_ones() {
        let partner = OrganisationKind::Partner;
        let check = |roles: &[MemberRole], customs| {
            check_roles((&roles.iter().copied().collect(), customs), partner, LIMITS)
        };
        assert_eq!(check(&[], 1), Ok(()));
        assert_eq!(check(&[R::Finance], 2), Ok(()));
        assert_eq!(
            check(&[R::Finance], 3),
            Err(MemberRefusal::TooManyRoles { maximum: 3 })
        );
        assert_eq!(
            check(&[R::SystemAdmin], 1),
            Err(MemberRefusal::AdministratorAlone)
        );
    }

    #[test]
    fn r_org_6_an_account_manager_is_not_also_the_director() {
        let partner = OrganisationKind::Partner;
        let both = [R::AccountManager, R::AccountManagerDirector];

        assert_eq!(
            check(&both, partner),
            Err(MemberRefusal::RoleConflict {
                role: R::AccountManager,
                other: R::AccountManagerDirector
            })
        );
        assert_eq!(check(&[R::AccountManager, R::Finance], partner), Ok(()));
    }

    #[test]
    fn the_vendors_roles_are_for_the_vendors_people_alone() {
        for &role in R::ALL {
            let foreign = Err(MemberRefusal::RoleNotOffered { role });
            let (at_vendor, at_partner) = match role.side() {
                Side::Vendor => (Ok(()), foreign),
                Side::Partner => (foreign, Ok(())),
            };
            assert_eq!(check(&[role], OrganisationKind::Vendor), at_vendor);
            assert_eq!(check(&[role], OrganisationKind::Partner), at_partner);
            assert_eq!(check(&[role], OrganisationKind::Customer), at_partner);
        }
    }

    #[test]
    fn a_masked_address_keeps_two_characters_and_the_domain() {
        let masked = |email| Disclosure::Masked.email(email);
        assert_eq!(masked("lihua@example.com"), "li***@example.com");
        assert_eq!(masked("li@example.com"), "l***@example.com");
        assert_eq!(masked("李华明@example.com"), "李华***@example.com");
        assert_eq!(Disclosure::Full.email("li@example.com"), "li@example.com");
    }

    #[test]
    fn a_masked_number_keeps_its_ends() {
        let masked = |mobile| Disclosure::Masked.mobile(mobile);
        assert_eq!(masked("13812345678"), "138****5678");
        assert_eq!(masked("+8613812345678"), "+86138****5678");
        assert_eq!(masked("12345"), "****45");
        assert_eq!(masked("1"), "****1");
    }
}

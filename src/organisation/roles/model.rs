//! What a role is, preset or custom. Pure: no SQL, GraphQL or clock.

use std::collections::BTreeSet;

use super::error::RoleRefusal;
use crate::ids::{OrganisationId, RoleId};
use crate::organisation::members::MemberRole;
use crate::viewer::Permission;

const NAME_LENGTH: usize = 50;
const DESCRIPTION_LENGTH: usize = 500;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Role {
    pub(crate) id: RoleId,
    pub(crate) kind: RoleKind,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) permissions: BTreeSet<Permission>,
    pub(crate) version: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RoleKind {
    Preset(MemberRole),
    Custom {
        organisation: OrganisationId,
        is_retired: bool,
    },
}

/// What a custom role is to be.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) permissions: Vec<String>,
}

impl Wanted {
    /// The permissions, or everything that is wrong: with the texts, with what roles of this kind of organisation can hold,
    /// and with what the maker has not got himself.
    pub(super) fn check(
        &self,
        offered: &BTreeSet<Permission>,
        granted: &BTreeSet<Permission>,
    ) -> Result<BTreeSet<Permission>, Vec<RoleRefusal>> {
        let mut faults = Vec::new();
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > NAME_LENGTH || name.contains(char::is_control)
        {
            faults.push(RoleRefusal::NameInvalid);
        }
        let is_short = self.description.chars().count() <= DESCRIPTION_LENGTH;
        if !is_short || self.description.contains('\0') {
            faults.push(RoleRefusal::DescriptionTooLong);
        }
        if self.permissions.is_empty() {
            faults.push(RoleRefusal::PermissionRequired);
        }
        let mut permissions = BTreeSet::new();
        for text in &self.permissions {
            let permission = text.clone();
            match Permission::parse(text) {
                None => faults.push(RoleRefusal::PermissionUnknown { permission }),
                Some(known) if !offered.contains(&known) => {
                    faults.push(RoleRefusal::PermissionNotOffered { permission });
                }
                Some(known) if !granted.contains(&known) => {
                    faults.push(RoleRefusal::PermissionNotYours { permission });
                }
                Some(known) => {
                    permissions.insert(known);
                }
            }
        }
        if faults.is_empty() {
            Ok(permissions)
        } else {
            Err(faults)
        }
    }
}

impl Role {
    pub(super) fn expect_version(&self, expected: i64) -> Result<(), RoleRefusal> {
        if self.version == expected {
            Ok(())
        } else {
            let current = self.version;
            Err(RoleRefusal::VersionConflict { current })
        }
    }

    /// Whether it can be changed at all (R-ORG-13).
    pub(super) fn expect_changeable(&self) -> Result<(), RoleRefusal> {
        match self.kind {
            RoleKind::Preset(_) => Err(RoleRefusal::Preset),
            RoleKind::Custom {
                is_retired: true, ..
            } => Err(RoleRefusal::Retired),
            RoleKind::Custom {
                is_retired: false, ..
            } => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R-ORG-12, R-ORG-13: a custom role holds what is offered to its kind of organisation and what its maker has.
    #[test]
    fn a_custom_role_cannot_hold_what_its_maker_lacks_or_another_kind_of_organisation_holds() {
        use Permission as P;
        let offered = BTreeSet::from([P::ReadMembers, P::ReadIncentives]);
        let granted = BTreeSet::from([P::ReadMembers, P::ReviewOpportunities]);
        let check = |permissions: &[&str]| {
            let wanted = Wanted {
                name: "n".to_owned(),
                description: String::new(),
                permissions: permissions.iter().map(|&it| it.to_owned()).collect(),
            };
            wanted.check(&offered, &granted)
        };
        let permission = |text: &str| text.to_owned();

        assert_eq!(
            check(&["member.read"]),
            Ok(BTreeSet::from([P::ReadMembers]))
        );
        assert_eq!(check(&[]), Err(vec![RoleRefusal::PermissionRequired]));
        assert_eq!(
            check(&["incentive.read", "opportunity.review", "root"]),
            Err(vec![
                RoleRefusal::PermissionNotYours {
                    permission: permission("incentive.read")
                },
                RoleRefusal::PermissionNotOffered {
                    permission: permission("opportunity.review")
                },
                RoleRefusal::PermissionUnknown {
                    permission: permission("root")
                },
            ])
        );
    }
}

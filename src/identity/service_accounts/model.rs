//! What a machine's account is, and what it may be given. Pure.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::error::ServiceAccountRefusal;
use crate::ids::{MemberId, OrganisationId, ServiceAccountId};
use crate::rules::Rule;
use crate::viewer::{Permission, Viewer};

/// Characters of a name at most.
const NAME_LENGTH: usize = 100;

/// What a machine is never given: it would make itself successors, or act where a person has to answer for it.
const FOR_PEOPLE: [Permission; 1] = [Permission::ManageServiceAccounts];

/// How many machines an organisation has at once, and how long a token holds at most.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceAccountLimits {
    pub maximum: i64,
    pub maximum_days: i64,
}

impl Rule for ServiceAccountLimits {
    const NAME: &'static str = "service_account.limits";
    const PROGRAMME: &'static str = "PORTAL";

    fn is_possible(&self) -> bool {
        (1..=1_000).contains(&self.maximum) && (1..=3_660).contains(&self.maximum_days)
    }
}

/// A service account as its organisation sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAccount {
    pub id: ServiceAccountId,
    pub organisation: OrganisationId,
    pub name: String,
    pub permissions: BTreeSet<Permission>,
    /// Absent for one that the deployment's operator made.
    pub created_by: Option<MemberId>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// Known to the hour.
    pub last_used_at: Option<DateTime<Utc>>,
    pub version: i64,
}

/// What a token is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServiceAccountState {
    Active,
    /// A new token makes it active again.
    Expired,
    Revoked,
}

impl ServiceAccount {
    pub(crate) fn state(&self, now: DateTime<Utc>) -> ServiceAccountState {
        match self.revoked_at {
            Some(_) => ServiceAccountState::Revoked,
            None if now >= self.expires_at => ServiceAccountState::Expired,
            None => ServiceAccountState::Active,
        }
    }
}

/// A name that people can tell from others.
pub(super) fn check_name(name: &str) -> Result<(), ServiceAccountRefusal> {
    let length = name.trim().chars().count();
    if length == 0 || name.chars().count() > NAME_LENGTH {
        return Err(ServiceAccountRefusal::NameInvalid);
    }
    Ok(())
}

/// Nobody gives a machine what he does not have, or what only people may have.
pub(super) fn check_permissions(
    maker: &Viewer,
    wanted: &BTreeSet<Permission>,
) -> Vec<ServiceAccountRefusal> {
    if wanted.is_empty() {
        return vec![ServiceAccountRefusal::PermissionsRequired];
    }
    wanted
        .iter()
        .filter_map(|&permission| {
            if FOR_PEOPLE.contains(&permission) {
                Some(ServiceAccountRefusal::PermissionForPeople { permission })
            } else if maker.may(permission) {
                None
            } else {
                Some(ServiceAccountRefusal::PermissionNotHeld { permission })
            }
        })
        .collect()
}

/// A token ends after now, and not later than the rules say.
pub(super) fn check_end(
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    limits: ServiceAccountLimits,
) -> Result<(), ServiceAccountRefusal> {
    if expires_at <= now || expires_at - now > TimeDelta::days(limits.maximum_days) {
        return Err(ServiceAccountRefusal::EndInvalid {
            maximum_days: limits.maximum_days,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::testing::noon;

    const LIMITS: ServiceAccountLimits = ServiceAccountLimits {
        maximum: 20,
        maximum_days: 365,
    };

    #[test]
    fn a_token_ends_within_the_rules_to_the_second() {
        let day = TimeDelta::days(1);
        let second = TimeDelta::seconds(1);
        for (end, is_right) in [
            (noon(), false),
            (noon() + second, true),
            (noon() + day * 365, true),
            (noon() + day * 365 + second, false),
        ] {
            assert_eq!(check_end(noon(), end, LIMITS).is_ok(), is_right, "{end}");
        }
    }

    #[test]
    fn a_name_is_said_and_short() {
        assert!(check_name("夜间导出").is_ok());
        for wrong in ["", "   ", &"x".repeat(101)] {
            assert_eq!(
                check_name(wrong),
                Err(ServiceAccountRefusal::NameInvalid),
                "{wrong:?}"
            );
        }
    }
}

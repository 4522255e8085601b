//! Why something is refused to or about a service account.

use crate::error::{Code, Refusal, RefusalData};
use crate::viewer::Permission;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServiceAccountRefusal {
    NotFound,
    VersionConflict {
        current: i64,
    },
    NameInvalid,
    PermissionsRequired,
    PermissionUnknown,
    PermissionNotHeld {
        permission: Permission,
    },
    PermissionForPeople {
        permission: Permission,
    },
    EndInvalid {
        maximum_days: i64,
    },
    TooMany {
        maximum: i64,
    },
    Revoked,
    /// A machine does not manage machines.
    PersonRequired,
}

impl From<ServiceAccountRefusal> for Refusal {
    fn from(refusal: ServiceAccountRefusal) -> Self {
        use ServiceAccountRefusal as R;
        let about = |code, reason, permission: Permission| {
            Self::new(code, reason)
                .at("permissions")
                .with("permission", permission.as_str())
                .data(RefusalData::Permission(permission.as_str()))
        };
        match refusal {
            R::NotFound => {
                Self::new(Code::NotFound, "SERVICE_ACCOUNT_NOT_FOUND").at("serviceAccountId")
            }
            R::VersionConflict { current } => Self::version_conflict(current),
            R::NameInvalid => {
                Self::new(Code::InvalidInput, "SERVICE_ACCOUNT_NAME_INVALID").at("name")
            }
            R::PermissionsRequired => {
                Self::new(Code::InvalidInput, "SERVICE_ACCOUNT_PERMISSIONS_REQUIRED")
                    .at("permissions")
            }
            R::PermissionUnknown => {
                Self::new(Code::InvalidInput, "PERMISSION_UNKNOWN").at("permissions")
            }
            R::PermissionNotHeld { permission } => {
                about(Code::Forbidden, "PERMISSION_NOT_HELD", permission)
            }
            R::PermissionForPeople { permission } => {
                about(Code::InvalidInput, "PERMISSION_FOR_PEOPLE", permission)
            }
            R::EndInvalid { maximum_days } => {
                Self::new(Code::InvalidInput, "SERVICE_ACCOUNT_END_INVALID")
                    .at("expiresAt")
                    .with("maximum", maximum_days)
            }
            R::TooMany { maximum } => {
                Self::new(Code::Limited, "TOO_MANY_SERVICE_ACCOUNTS").with("maximum", maximum)
            }
            R::Revoked => Self::new(Code::Conflict, "SERVICE_ACCOUNT_REVOKED"),
            R::PersonRequired => Self::new(Code::Forbidden, "PERSON_REQUIRED"),
        }
    }
}

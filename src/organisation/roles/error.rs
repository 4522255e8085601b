//! Why a role is not made, changed or retired.

use crate::error::{Code, Refusal, RefusalData};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RoleRefusal {
    NotFound,
    VersionConflict {
        current: i64,
    },
    /// Preset roles are the same for everybody (R-ORG-13).
    Preset,
    Retired,
    NameInvalid,
    NameTaken,
    DescriptionTooLong,
    PermissionRequired,
    PermissionUnknown {
        permission: String,
    },
    /// No role of this kind of organisation can hold it.
    PermissionNotOffered {
        permission: String,
    },
    /// Nobody gives what he has not got.
    PermissionNotYours {
        permission: String,
    },
    TooMany {
        limit: i64,
        used: i64,
    },
    InUse {
        count: i64,
    },
}

impl From<RoleRefusal> for Refusal {
    fn from(refusal: RoleRefusal) -> Self {
        use RoleRefusal as R;
        let permission = |reason, code, permission: String| {
            Self::new(code, reason)
                .at("permissions")
                .with("permission", permission)
        };
        match refusal {
            R::NotFound => Self::new(Code::NotFound, "ROLE_NOT_FOUND").at("roleId"),
            R::VersionConflict { current } => Self::version_conflict(current),
            R::Preset => Self::new(Code::Forbidden, "ROLE_IS_PRESET").at("roleId"),
            R::Retired => Self::new(Code::Conflict, "ROLE_RETIRED").at("roleId"),
            R::NameInvalid => Self::new(Code::InvalidInput, "ROLE_NAME_INVALID").at("name"),
            R::NameTaken => Self::new(Code::Conflict, "ROLE_NAME_TAKEN").at("name"),
            R::DescriptionTooLong => {
                Self::new(Code::InvalidInput, "ROLE_DESCRIPTION_TOO_LONG").at("description")
            }
            R::PermissionRequired => {
                Self::new(Code::InvalidInput, "ROLE_PERMISSION_REQUIRED").at("permissions")
            }
            R::PermissionUnknown { permission: it } => {
                permission("ROLE_PERMISSION_UNKNOWN", Code::InvalidInput, it)
            }
            R::PermissionNotOffered { permission: it } => {
                permission("ROLE_PERMISSION_NOT_OFFERED", Code::InvalidInput, it)
            }
            R::PermissionNotYours { permission: it } => {
                permission("ROLE_PERMISSION_NOT_YOURS", Code::Forbidden, it)
            }
            R::TooMany { limit, used } => Self::new(Code::Limited, "TOO_MANY_CUSTOM_ROLES")
                .with("maximum", limit)
                .data(RefusalData::Quota { limit, used }),
            R::InUse { count } => Self::new(Code::Precondition, "ROLE_IN_USE")
                .at("roleId")
                .with("count", count),
        }
    }
}

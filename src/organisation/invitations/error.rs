//! Why something is refused to or about an invitation.

use crate::error::{Code, Refusal};
use crate::organisation::members::NameTaken;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvitationRefusal {
    NotFound,
    VersionConflict {
        current: i64,
    },
    EmailInvalid,
    NameInvalid,
    AccountNameInvalid,
    AccountNameTaken,
    EmailTaken,
    EmailInIam,
    /// No invitation ever had this token.
    Unknown,
    Expired,
    Used,
    Revoked,
    ForAnotherPerson,
    /// A machine neither invites nor accepts.
    PersonRequired,
}

impl From<InvitationRefusal> for Refusal {
    fn from(refusal: InvitationRefusal) -> Self {
        use InvitationRefusal as R;
        match refusal {
            R::NotFound => Self::new(Code::NotFound, "INVITATION_NOT_FOUND").at("invitationId"),
            R::VersionConflict { current } => Self::version_conflict(current),
            R::EmailInvalid => Self::new(Code::InvalidInput, "EMAIL_INVALID").at("email"),
            R::NameInvalid => Self::new(Code::InvalidInput, "NAME_INVALID").at("name"),
            R::AccountNameInvalid => {
                Self::new(Code::InvalidInput, "ACCOUNT_NAME_INVALID").at("accountName")
            }
            R::AccountNameTaken => {
                Self::new(Code::Conflict, "ACCOUNT_NAME_TAKEN").at("accountName")
            }
            R::EmailTaken => Self::new(Code::Conflict, "EMAIL_OF_MEMBER").at("email"),
            R::EmailInIam => Self::new(Code::Conflict, "EMAIL_IN_IAM").at("email"),
            R::Unknown => Self::new(Code::NotFound, "INVITATION_UNKNOWN").at("token"),
            R::Expired => Self::new(Code::Precondition, "INVITATION_EXPIRED"),
            R::Used => Self::new(Code::Conflict, "INVITATION_USED"),
            R::Revoked => Self::new(Code::Precondition, "INVITATION_REVOKED"),
            R::ForAnotherPerson => Self::new(Code::Forbidden, "INVITATION_FOR_ANOTHER_PERSON"),
            R::PersonRequired => Self::new(Code::Forbidden, "PERSON_REQUIRED"),
        }
    }
}

impl From<NameTaken> for InvitationRefusal {
    fn from(taken: NameTaken) -> Self {
        match taken {
            NameTaken::AccountName => Self::AccountNameTaken,
            NameTaken::Email => Self::EmailTaken,
            NameTaken::EmailInIam => Self::EmailInIam,
        }
    }
}

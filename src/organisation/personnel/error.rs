//! Why something is refused to or about a dedicated person.

use super::model::PersonState;
use crate::error::{Code, Refusal, RefusalData};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PersonnelRefusal {
    NotFound,
    VersionConflict {
        current: i64,
    },
    StateForbids {
        from: PersonState,
        allowed: &'static [PersonState],
    },
    /// A machine neither invites nor accepts.
    PersonRequired,
    /// What was typed is no number, address or name at all.
    TargetInvalid,
    /// No account, or none that the administrator may learn of: one answer for both.
    InviteeNotFound,
    /// Several accounts have it, and the one that was picked is none of them.
    InviteeAmbiguous,
    DailyLimit {
        limit: i64,
        used: i64,
    },
    AlreadyAssociated,
    /// No invitation ever had this token.
    InvitationUnknown,
    InvitationExpired,
    InvitationUsed,
    /// A newer one was sent, or the person declined.
    InvitationVoided,
    ForAnotherPerson,
    ConsentOutdated {
        current: i32,
    },
    InviteeEnterprise,
    InviteeOtherPartner,
    InviteeNotRealName,
    MustCancelFirst,
    NotBound,
    ApplicationPending,
    BaseLocationMissing,
    ProgrammeHasNoDedicated,
    PathNotHeld,
    MaterialsRequired,
    ReasonRequired,
    CancelReasonRequired,
    BatchSize {
        maximum: usize,
    },
    ItemRepeated,
}

impl From<PersonnelRefusal> for Refusal {
    fn from(refusal: PersonnelRefusal) -> Self {
        use PersonnelRefusal as R;
        let conflict = |reason| Self::new(Code::Conflict, reason);
        let first = |reason| Self::new(Code::Precondition, reason);
        let input = |reason| Self::new(Code::InvalidInput, reason);
        match refusal {
            R::NotFound => {
                Self::new(Code::NotFound, "DEDICATED_PERSON_NOT_FOUND").at("dedicatedPersonId")
            }
            R::VersionConflict { current } => Self::version_conflict(current),
            R::StateForbids { from, allowed } => conflict("DEDICATED_PERSON_STATE")
                .with("state", from.as_str())
                .data(RefusalData::Transition {
                    from: from.as_str(),
                    allowed: allowed.iter().map(|state| state.as_str()).collect(),
                }),
            R::PersonRequired => Self::new(Code::Forbidden, "PERSON_REQUIRED"),
            R::TargetInvalid => input("INVITEE_INVALID").at("invitee"),
            R::InviteeNotFound => Self::new(Code::NotFound, "INVITEE_NOT_FOUND").at("invitee"),
            R::InviteeAmbiguous => conflict("INVITEE_AMBIGUOUS").at("accountId"),
            R::DailyLimit { limit, used } => Self::new(Code::Limited, "INVITE_DAILY_LIMIT")
                .with("limit", limit)
                .data(RefusalData::Quota { limit, used }),
            R::AlreadyAssociated => conflict("INVITEE_ALREADY_ASSOCIATED"),
            R::InvitationUnknown => Self::new(Code::NotFound, "INVITATION_UNKNOWN").at("token"),
            R::InvitationExpired => first("INVITATION_EXPIRED"),
            R::InvitationUsed => conflict("INVITATION_USED"),
            R::InvitationVoided => first("INVITATION_REVOKED"),
            R::ForAnotherPerson => Self::new(Code::Forbidden, "INVITATION_FOR_ANOTHER_ACCOUNT"),
            R::ConsentOutdated { current } => first("PERSONNEL_CONSENT_OUTDATED")
                .at("consentVersion")
                .with("current", current),
            R::InviteeEnterprise => first("INVITEE_ENTERPRISE"),
            R::InviteeOtherPartner => conflict("INVITEE_OTHER_PARTNER"),
            R::InviteeNotRealName => first("INVITEE_NOT_REALNAME"),
            R::MustCancelFirst => first("DEDICATED_MUST_CANCEL_FIRST"),
            R::NotBound => first("DEDICATED_PERSON_NOT_BOUND"),
            R::ApplicationPending => conflict("APPLICATION_PENDING"),
            R::BaseLocationMissing => first("BASE_LOCATION_MISSING"),
            R::ProgrammeHasNoDedicated => first("PROGRAMME_HAS_NO_DEDICATED").at("path"),
            R::PathNotHeld => first("PATH_NOT_HELD").at("path"),
            R::MaterialsRequired => input("MATERIALS_REQUIRED").at("documentIds"),
            R::ReasonRequired => input("REASON_REQUIRED").at("reason"),
            R::CancelReasonRequired => input("CANCEL_REASON_REQUIRED").at("reason"),
            R::BatchSize { maximum } => input("PERSONNEL_BATCH_SIZE")
                .at("items")
                .with("maximum", maximum),
            R::ItemRepeated => input("ITEM_REPEATED").at("items"),
        }
    }
}

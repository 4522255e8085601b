//! Why something about notices was refused.

use super::model::DeliveryState;
use crate::error::{Code, Refusal, RefusalData};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoticeRefusal {
    /// None of the member's own, at this place of the input.
    NotFound {
        index: usize,
    },
    TooMany {
        maximum: usize,
    },
    DeliveryNotFound,
    /// It was sent, or is still on its way.
    DeliveryNotFailed {
        from: DeliveryState,
    },
    VersionConflict {
        current: i64,
    },
    /// Only a member is told anything.
    NotAMember,
}

impl From<NoticeRefusal> for Refusal {
    fn from(refusal: NoticeRefusal) -> Self {
        match refusal {
            NoticeRefusal::NotFound { index } => {
                Self::new(Code::NotFound, "NOTICE_NOT_FOUND").at(&format!("noticeIds.{index}"))
            }
            NoticeRefusal::TooMany { maximum } => Self::new(Code::Limited, "TOO_MANY_IDS")
                .at("noticeIds")
                .with("maximum", maximum),
            NoticeRefusal::DeliveryNotFound => {
                Self::new(Code::NotFound, "NOTICE_DELIVERY_NOT_FOUND").at("noticeDeliveryId")
            }
            NoticeRefusal::DeliveryNotFailed { from } => {
                Self::new(Code::Conflict, "NOTICE_DELIVERY_NOT_FAILED").data(
                    RefusalData::Transition {
                        from: from.as_str(),
                        allowed: vec![DeliveryState::Failed.as_str()],
                    },
                )
            }
            NoticeRefusal::VersionConflict { current } => Self::version_conflict(current),
            NoticeRefusal::NotAMember => Self::new(Code::Forbidden, "NOT_A_MEMBER"),
        }
    }
}

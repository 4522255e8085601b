//! Why something about notices was refused.

use crate::error::{Code, Refusal};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoticeRefusal {
    /// None of the member's own, at this place of the input.
    NotFound {
        index: usize,
    },
    TooMany {
        maximum: usize,
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
            NoticeRefusal::NotAMember => Self::new(Code::Forbidden, "NOT_A_MEMBER"),
        }
    }
}

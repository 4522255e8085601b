//! Why the main account is not offered, or an offer not accepted or revoked.

use crate::error::{Code, Refusal};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MainAccountRefusal {
    NotFound,
    VersionConflict {
        current: i64,
    },
    /// Neither the holder nor the vendor.
    HolderOnly,
    HolderAlready,
    /// The vendor says why it passes the holder over.
    ReasonRequired,
    /// The holder cannot undo what the vendor decided.
    VendorsOfferStands,
    ForAnotherMember,
    Expired,
    Over,
}

impl From<MainAccountRefusal> for Refusal {
    fn from(refusal: MainAccountRefusal) -> Self {
        use MainAccountRefusal as R;
        let offer = "mainAccountOfferId";
        match refusal {
            R::NotFound => Self::new(Code::NotFound, "MAIN_ACCOUNT_OFFER_NOT_FOUND").at(offer),
            R::VersionConflict { current } => Self::version_conflict(current),
            R::HolderOnly => Self::new(Code::Forbidden, "MAIN_ACCOUNT_HOLDER_ONLY"),
            R::HolderAlready => {
                Self::new(Code::Conflict, "MAIN_ACCOUNT_HELD_ALREADY").at("memberId")
            }
            R::ReasonRequired => {
                Self::new(Code::InvalidInput, "MAIN_ACCOUNT_REASON_REQUIRED").at("reason")
            }
            R::VendorsOfferStands => Self::new(Code::Conflict, "MAIN_ACCOUNT_OFFER_OF_VENDOR"),
            R::ForAnotherMember => {
                Self::new(Code::Forbidden, "MAIN_ACCOUNT_OFFER_FOR_ANOTHER").at(offer)
            }
            R::Expired => Self::new(Code::Precondition, "MAIN_ACCOUNT_OFFER_EXPIRED").at(offer),
            R::Over => Self::new(Code::Conflict, "MAIN_ACCOUNT_OFFER_OVER").at(offer),
        }
    }
}

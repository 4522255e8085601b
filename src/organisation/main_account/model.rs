//! What an offer of the main account is. Pure: no SQL, GraphQL or clock.

use chrono::{DateTime, Utc};

use super::error::MainAccountRefusal;
use crate::ids::{MainAccountOfferId, MemberId, OrganisationId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MainAccountOffer {
    pub(crate) id: MainAccountOfferId,
    pub(crate) organisation: OrganisationId,
    /// Who held it when it was offered; nobody in an organisation that had no member before.
    pub(crate) from: Option<MemberId>,
    pub(crate) to: MemberId,
    pub(crate) by: OfferedBy,
    pub(crate) reason: Option<String>,
    pub(crate) offered_at: DateTime<Utc>,
    /// The first instant at which it is too late.
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) answer: Answer,
    pub(crate) version: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OfferedBy {
    Holder,
    Vendor,
}

impl OfferedBy {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Holder => "HOLDER",
            Self::Vendor => "VENDOR",
        }
    }
}

/// What became of an offer; that time ran out is reckoned and not written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    None,
    Accepted,
    Revoked,
}

/// What an offer is worth at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OfferState {
    Open,
    Expired,
    Accepted,
    Revoked,
}

impl OfferState {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Expired => "EXPIRED",
            Self::Accepted => "ACCEPTED",
            Self::Revoked => "REVOKED",
        }
    }
}

impl MainAccountOffer {
    pub(crate) fn state(&self, now: DateTime<Utc>) -> OfferState {
        match self.answer {
            Answer::None if now < self.expires_at => OfferState::Open,
            Answer::None => OfferState::Expired,
            Answer::Accepted => OfferState::Accepted,
            Answer::Revoked => OfferState::Revoked,
        }
    }

    pub(super) fn expect_acceptable(&self, now: DateTime<Utc>) -> Result<(), MainAccountRefusal> {
        match self.state(now) {
            OfferState::Open => Ok(()),
            OfferState::Expired => Err(MainAccountRefusal::Expired),
            OfferState::Accepted | OfferState::Revoked => Err(MainAccountRefusal::Over),
        }
    }

    /// An expired one can be taken back too, so that nothing of it is left.
    pub(super) fn expect_unanswered(&self) -> Result<(), MainAccountRefusal> {
        match self.answer {
            Answer::None => Ok(()),
            Answer::Accepted | Answer::Revoked => Err(MainAccountRefusal::Over),
        }
    }

    pub(super) fn expect_version(&self, expected: i64) -> Result<(), MainAccountRefusal> {
        if self.version == expected {
            Ok(())
        } else {
            let current = self.version;
            Err(MainAccountRefusal::VersionConflict { current })
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;

    /// R-ORG-20: an offer ends at its second.
    #[test]
    fn an_offer_is_accepted_until_its_last_second_and_not_after() {
        let at = |second| DateTime::UNIX_EPOCH + TimeDelta::seconds(second);
        let mut offer = MainAccountOffer {
            id: MainAccountOfferId(Uuid::nil()),
            organisation: OrganisationId(Uuid::nil()),
            from: None,
            to: MemberId(Uuid::nil()),
            by: OfferedBy::Holder,
            reason: None,
            offered_at: at(0),
            expires_at: at(100),
            answer: Answer::None,
            version: 1,
        };

        assert_eq!(offer.expect_acceptable(at(99)), Ok(()));
        assert_eq!(
            offer.expect_acceptable(at(100)),
            Err(MainAccountRefusal::Expired)
        );
        for answer in [Answer::Accepted, Answer::Revoked] {
            offer.answer = answer;
            assert_eq!(
                offer.expect_acceptable(at(1)),
                Err(MainAccountRefusal::Over)
            );
            assert_eq!(offer.expect_unanswered(), Err(MainAccountRefusal::Over));
        }
    }
}

//! What waits on somebody: how each domain tells the inbox, which comes after all of them and knows none of their rules.
//!
//! A domain writes the query of its rows; ranking, the place to go on from and the bound on their number are the same
//! for all and are added here.

mod store;

use std::cmp::Reverse;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) use store::{Bounds, Rows, count, page};

use crate::ids::MemberId;
use crate::money::Money;
use crate::timeline::ObjectRef;
use crate::viewer::{Permission, Viewer, Visibility};

macro_rules! kinds {
    ($($name:ident = $text:literal by $action:literal,)*) => {
        /// What is to be done. The name is the key of the sentence that says so.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum Kind {
            $($name,)*
        }

        impl Kind {
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)*];

            pub(crate) fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// The mutation that does it, as the graph calls it; `None` where the portal has none.
            pub(crate) fn action(self) -> Option<&'static str> {
                let action = match self {
                    $(Self::$name => $action,)*
                };
                (!action.is_empty()).then_some(action)
            }
        }
    };
}

kinds! {
    AnswerSharedOpportunity = "ANSWER_SHARED_OPPORTUNITY" by "opportunityAccept",
    ConfirmIncentive = "CONFIRM_INCENTIVE" by "",
    MendOpportunity = "MEND_OPPORTUNITY" by "opportunitySubmit",
    UpdateStalledOpportunity = "UPDATE_STALLED_OPPORTUNITY" by "opportunityProgressAdd",
    AssignAccountManager = "ASSIGN_ACCOUNT_MANAGER" by "resellerAccountManagerAssign",
    AssignCustomerAccountManager = "ASSIGN_CUSTOMER_ACCOUNT_MANAGER" by "customerAccountManagerAssign",
    RenewInvitation = "RENEW_INVITATION" by "memberInvite",
    ReviewProgrammeApplication = "REVIEW_PROGRAMME_APPLICATION" by "programmeApplicationApprove",
    AcceptMainAccount = "ACCEPT_MAIN_ACCOUNT" by "mainAccountAccept",
    ReviewOpportunity = "REVIEW_OPPORTUNITY" by "opportunityReviewApprove",
    ValidateOpportunity = "VALIDATE_OPPORTUNITY" by "opportunityValidationApprove",
    ReviewDedicatedPerson = "REVIEW_DEDICATED_PERSON" by "dedicatedPersonDecide",
    MendDedicatedApplication = "MEND_DEDICATED_APPLICATION" by "dedicatedPersonApply",
    RenewDedicatedInvitation = "RENEW_DEDICATED_INVITATION" by "dedicatedPersonInvitationResend",
}

/// One thing that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) kind: Kind,
    pub(crate) object: ObjectRef,
    /// What people call the object.
    pub(crate) number: String,
    pub(crate) name: String,
    pub(crate) due_until: Option<DateTime<Utc>>,
    /// What is lost, or not earned, if nothing is done.
    pub(crate) money: Option<Money>,
    /// Since when it waits.
    pub(crate) since: DateTime<Utc>,
    pub(crate) owner: Option<MemberId>,
}

/// Where a thing stands among all that waits: the least time first, then the most money, then the longest wait.
///
/// An earlier end never leaves more working time, so ends are compared and working days need not be counted here.
/// Amounts are compared by their figures, whatever their currencies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Rank {
    due_until: DateTime<Utc>,
    #[serde(with = "figures")]
    money: Reverse<Decimal>,
    since: DateTime<Utc>,
    id: Uuid,
}

impl Waiting {
    pub(crate) fn rank(&self) -> Rank {
        Rank {
            due_until: self.due_until.unwrap_or_else(never),
            money: Reverse(self.money.map_or(Decimal::ZERO, |money| money.amount)),
            since: self.since,
            id: self.object.id,
        }
    }
}

/// An amount inside a cursor: as text, since a number would pass through a float.
mod figures {
    use std::cmp::Reverse;

    use rust_decimal::Decimal;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(
        money: &Reverse<Decimal>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&money.0)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Reverse<Decimal>, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Reverse).map_err(de::Error::custom)
    }
}

/// Later than every end: what has none comes last.
fn never() -> DateTime<Utc> {
    const YEAR_9000: i64 = 221_845_392_000;
    DateTime::UNIX_EPOCH + TimeDelta::seconds(YEAR_9000)
}

/// Of whose things a source tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// All of the organisation.
    All,
    /// This member's, and what is nobody's yet.
    OwnOrNobodys(MemberId),
    /// This member's alone.
    Own(MemberId),
}

impl Whose {
    /// Who may act sees what was asked for; who may only read, and an account manager and nothing else (R-ORG-7), sees
    /// what is in his own hands; the rest sees nothing.
    pub(crate) fn of(self, viewer: &Viewer, (read, act): (Permission, Permission)) -> Option<Self> {
        if !viewer.may(read) {
            return None;
        }
        if let Visibility::AssignedTo(member) = viewer.visibility() {
            return Some(Self::Own(member));
        }
        if viewer.may(act) {
            return Some(self);
        }
        match viewer {
            Viewer::Member(member) => Some(Self::Own(member.member)),
            Viewer::Service(_) | Viewer::Federated(_) => None,
        }
    }
}

/// What a source is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) whose: Whose,
    /// Only what stands behind this place.
    pub(crate) after: Option<Rank>,
    /// How many at most.
    pub(crate) most: i64,
}

/// A domain's question about its own rows, and whom it concerns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source {
    pub(crate) kind: Kind,
    /// The tag of the ids that it answers.
    pub(crate) object_kind: &'static str,
    /// What one needs to see the objects at all.
    pub(crate) read: Permission,
    /// What the act needs; without it one sees only what is in one's own hands.
    pub(crate) act: Permission,
    pub(crate) rows: Rows,
    pub(crate) bounds: Bounds,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::DateTime;

    use super::*;
    use crate::i18n::{Locale, sentence};
    use crate::money::Currency;

    fn waiting(due: Option<i64>, money: i64, since: i64) -> Waiting {
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        Waiting {
            kind: Kind::ConfirmIncentive,
            object: ObjectRef {
                kind: "inc",
                id: Uuid::nil(),
            },
            number: "INC-1".to_owned(),
            name: "2026-10".to_owned(),
            due_until: due.map(at),
            money: Some(Money {
                amount: Decimal::from(money),
                currency: Currency::CNY,
            }),
            since: at(since),
            owner: None,
        }
    }

    #[test]
    fn the_least_time_comes_first_then_the_most_money_then_the_longest_wait() {
        let ranks: Vec<Rank> = [
            waiting(Some(10), 1, 9),
            waiting(Some(20), 900, 9),
            waiting(Some(20), 100, 1),
            waiting(Some(20), 100, 2),
            waiting(None, 5_000, 0),
        ]
        .iter()
        .map(Waiting::rank)
        .collect();

        assert!(ranks.is_sorted());
        for rank in ranks {
            let text = serde_json::to_string(&rank).unwrap();
            assert_eq!(serde_json::from_str::<Rank>(&text).unwrap(), rank);
        }
    }

    #[test]
    fn every_action_is_a_mutation() {
        let contract = crate::graphql::sdl();
        for action in Kind::ALL.iter().filter_map(|kind| kind.action()) {
            assert!(contract.contains(&format!("\t{action}(")), "{action}");
        }
    }

    #[test]
    fn every_kind_has_a_sentence_in_both_languages() {
        let params = BTreeMap::from([("number", "N".to_owned()), ("name", "M".to_owned())]);
        for kind in Kind::ALL {
            for locale in Locale::ALL {
                let key = format!("INBOX_{}", kind.as_str());
                assert!(sentence(&key, &params, locale).is_some(), "{key}");
            }
        }
    }
}

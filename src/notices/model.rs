//! What a notice is and which way it takes. Pure: no SQL, GraphQL or clock.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::{MemberId, NoticeDeliveryId, NoticeId, OrganisationId};
use crate::rules::Rule;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
            pub(crate) enum $name {
                $($(#[$variant_doc])* $variant,)*
            }

            impl $name {
                pub(crate) const ALL: &'static [Self] = &[$(Self::$variant,)*];

                /// As the table has it, spelled as in GraphQL.
                pub(crate) fn as_str(self) -> &'static str {
                    match self {
                        $(Self::$variant => $text,)*
                    }
                }

                pub(crate) fn parse(text: &str) -> Option<Self> {
                    Self::ALL.iter().copied().find(|word| word.as_str() == text)
                }
            }
        )*
    };
}

words! {
    /// What a notice says; each has a sentence and a mail subject in both languages.
    NoticeKind {
        OpportunityResubmitted = "OPPORTUNITY_RESUBMITTED",
        OpportunityReviewApproved = "OPPORTUNITY_REVIEW_APPROVED",
        OpportunityReviewRejected = "OPPORTUNITY_REVIEW_REJECTED",
        OpportunityValidated = "OPPORTUNITY_VALIDATED",
        OpportunityValidationRejected = "OPPORTUNITY_VALIDATION_REJECTED",
        OpportunityValidationTimedOut = "OPPORTUNITY_VALIDATION_TIMED_OUT",
        OpportunityShared = "OPPORTUNITY_SHARED",
        OpportunityAccepted = "OPPORTUNITY_ACCEPTED",
        OpportunityRejected = "OPPORTUNITY_REJECTED",
        OpportunityAutoRejected = "OPPORTUNITY_AUTO_REJECTED",
        OpportunityCancelledByVendor = "OPPORTUNITY_CANCELLED_BY_VENDOR",
        OpportunityLost = "OPPORTUNITY_LOST",
        OpportunityProgressed = "OPPORTUNITY_PROGRESSED",
        OpportunityOwnerAssigned = "OPPORTUNITY_OWNER_ASSIGNED",
        OpportunityOfferingChanged = "OPPORTUNITY_OFFERING_CHANGED",
        OpportunityReviewerAssigned = "OPPORTUNITY_REVIEWER_ASSIGNED",
        InvitationSent = "INVITATION_SENT",
        InvitationAccepted = "INVITATION_ACCEPTED",
        IncentiveLapsed = "INCENTIVE_LAPSED",
        IncentiveDeadlineNear = "INCENTIVE_DEADLINE_NEAR",
        IncentiveDeadlineMoved = "INCENTIVE_DEADLINE_MOVED",
        DedicatedPersonBound = "DEDICATED_PERSON_BOUND",
        DedicatedPersonLeft = "DEDICATED_PERSON_LEFT",
        DedicatedPersonApproved = "DEDICATED_PERSON_APPROVED",
        DedicatedPersonRejected = "DEDICATED_PERSON_REJECTED",
        DedicatedPersonCancelApproved = "DEDICATED_PERSON_CANCEL_APPROVED",
        DedicatedPersonCancelRejected = "DEDICATED_PERSON_CANCEL_REJECTED",
        DedicatedPersonDisqualified = "DEDICATED_PERSON_DISQUALIFIED",
        DeadlineNear = "DEADLINE_NEAR",
        DeadlineMoved = "DEADLINE_MOVED",
        ProgrammeApproved = "PROGRAMME_APPROVED",
        ProgrammeRejected = "PROGRAMME_REJECTED",
        ProgrammeInvited = "PROGRAMME_INVITED",
        CustomerAssociated = "CUSTOMER_ASSOCIATED",
        CustomerDissociated = "CUSTOMER_DISSOCIATED",
        CustomerAccountManagerAssigned = "CUSTOMER_ACCOUNT_MANAGER_ASSIGNED",
    }

    /// What a member can ask for or do without.
    Topic {
        Reviews = "REVIEWS",
        Deadlines = "DEADLINES",
        Assignments = "ASSIGNMENTS",
        Deals = "DEALS",
        People = "PEOPLE",
        Customers = "CUSTOMERS",
    }

    /// A way out of the portal. In the portal itself every notice stands.
    Channel {
        Email = "EMAIL",
        Sms = "SMS",
    }

    DeliveryState {
        Pending = "PENDING",
        Sent = "SENT",
        Failed = "FAILED",
    }
}

impl NoticeKind {
    pub(crate) fn topic(self) -> Topic {
        match self {
            Self::OpportunityResubmitted
            | Self::OpportunityReviewApproved
            | Self::OpportunityReviewRejected
            | Self::OpportunityValidated
            | Self::OpportunityValidationRejected
            | Self::OpportunityValidationTimedOut
            | Self::OpportunityAccepted
            | Self::OpportunityRejected
            | Self::OpportunityCancelledByVendor
            | Self::DedicatedPersonLeft
            | Self::DedicatedPersonApproved
            | Self::DedicatedPersonRejected
            | Self::DedicatedPersonCancelApproved
            | Self::DedicatedPersonCancelRejected
            | Self::DedicatedPersonDisqualified
            | Self::ProgrammeApproved
            | Self::ProgrammeRejected
            | Self::ProgrammeInvited => Topic::Reviews,
            Self::OpportunityShared
            | Self::OpportunityAutoRejected
            | Self::IncentiveLapsed
            | Self::IncentiveDeadlineNear
            | Self::IncentiveDeadlineMoved
            | Self::DeadlineNear
            | Self::DeadlineMoved => Topic::Deadlines,
            Self::OpportunityOwnerAssigned
            | Self::OpportunityReviewerAssigned
            | Self::DedicatedPersonBound
            | Self::CustomerAccountManagerAssigned => Topic::Assignments,
            Self::CustomerAssociated | Self::CustomerDissociated => Topic::Customers,
            Self::OpportunityProgressed
            | Self::OpportunityLost
            | Self::OpportunityOfferingChanged => Topic::Deals,
            Self::InvitationSent | Self::InvitationAccepted => Topic::People,
        }
    }
}

impl Topic {
    /// What holds for a member who said nothing: review results, what has an end, and customers that come and go are told
    /// by e-mail (R-GEN-5, domain.md 8.4).
    pub(crate) fn is_sent_unasked(self, channel: Channel) -> bool {
        match (channel, self) {
            (Channel::Email, Self::Reviews | Self::Deadlines | Self::Customers) => true,
            (Channel::Email, Self::Assignments | Self::Deals | Self::People)
            | (Channel::Sms, _) => false,
        }
    }
}

/// The names that sentences may use.
const NAMES: [&str; 5] = ["number", "round", "stage", "lastDay", "reason"];

/// Plain values for the sentence: numbers of objects, days, states; never anything about a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Params(BTreeMap<String, String>);

impl Params {
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "at the call a value reads better than a reference to one"
    )]
    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.0.insert(name.to_owned(), value.to_string());
        self
    }

    /// For the catalogue: a name that was not given is empty, so that no sentence fails for it.
    pub(crate) fn for_sentence(&self) -> BTreeMap<&'static str, String> {
        let value = |name: &'static str| (name, self.0.get(name).cloned().unwrap_or_default());
        NAMES.into_iter().map(value).collect()
    }
}

/// A notice as its person reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) id: NoticeId,
    pub(crate) kind: NoticeKind,
    /// The object's global id.
    pub(crate) object: String,
    pub(crate) params: Params,
    /// Why it was decided so, as whoever decided wrote it into the object's history.
    pub(crate) reason: Option<String>,
    pub(crate) at: DateTime<Utc>,
    pub(crate) read_at: Option<DateTime<Utc>>,
}

/// The global id of an object of which only the tag of its ids is known.
pub(crate) fn global_id(tag: &str, id: Uuid) -> String {
    format!("{tag}_{}", URL_SAFE_NO_PAD.encode(id.as_bytes()))
}

/// How a delivery stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) id: NoticeDeliveryId,
    pub(crate) notice: NoticeId,
    pub(crate) organisation: OrganisationId,
    pub(crate) member: MemberId,
    pub(crate) kind: NoticeKind,
    pub(crate) channel: Channel,
    pub(crate) state: DeliveryState,
    pub(crate) attempts: i32,
    pub(crate) made_at: DateTime<Utc>,
    pub(crate) next_attempt_at: Option<DateTime<Utc>>,
    pub(crate) last_error: Option<String>,
    pub(crate) version: i64,
}

/// How often and when a delivery is tried, and how old news may be to be sent at all.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeliveryRule {
    /// The pause after the first, second, … failure; after the last of them it has failed for good.
    retry_seconds: Vec<i64>,
    /// By how much a pause is made longer at most, so that not all come back at once.
    jitter_percent: u8,
    /// What happened longer ago stands in the portal only: nobody wants last year's mail.
    tell_within_hours: i64,
}

impl Rule for DeliveryRule {
    const NAME: &'static str = "notice.delivery";
    const PROGRAMME: &'static str = "PORTAL";

    fn is_possible(&self) -> bool {
        let week = 7 * 24 * 3_600;
        let mut pauses = self.retry_seconds.iter();
        pauses.all(|seconds| (1..=week).contains(seconds))
            && self.jitter_percent <= 100
            && self.tell_within_hours >= 1
    }
}

impl DeliveryRule {
    /// The pause after this many attempts; `None` when there is to be no other. `chance` is from 0 to 255.
    pub(crate) fn pause_after(&self, attempts: i32, chance: u8) -> Option<TimeDelta> {
        let index = usize::try_from(attempts).ok()?.checked_sub(1)?;
        let seconds = *self.retry_seconds.get(index)?;
        let jitter = seconds * i64::from(self.jitter_percent) * i64::from(chance) / 25_500;
        TimeDelta::try_seconds(seconds + jitter)
    }

    pub(crate) fn is_news(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        TimeDelta::try_hours(self.tell_within_hours).is_none_or(|limit| now - at <= limit)
    }
}

/// How many working days before its last day a deadline is called to mind, by kind of deadline.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReminderRule {
    pub(crate) working_days: BTreeMap<String, i64>,
}

impl Rule for ReminderRule {
    const NAME: &'static str = "notice.reminder";
    const PROGRAMME: &'static str = "PORTAL";

    fn is_possible(&self) -> bool {
        self.working_days
            .values()
            .all(|days| (0..=250).contains(days))
    }
}

/// For how many days a notice and its deliveries are kept.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetentionRule {
    pub(crate) kept_days: i64,
}

impl Rule for RetentionRule {
    const NAME: &'static str = "notice.retention";
    const PROGRAMME: &'static str = "PORTAL";

    fn is_possible(&self) -> bool {
        (30..=3_660).contains(&self.kept_days)
    }
}

/// The pause after so many attempts to tell of a parked entry: a minute, then twice as long each time, a day at most. It
/// never ends: what only a new release can tell is told by it.
pub(crate) fn pause_of_parked(attempts: i32) -> TimeDelta {
    let doubled = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0);
    let minutes = 1_i64.checked_shl(doubled.min(11)).unwrap_or(1);
    TimeDelta::minutes(minutes.min(24 * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> DeliveryRule {
        let value = serde_json::json!({
            "retry_seconds": [5, 300], "jitter_percent": 20, "tell_within_hours": 168
        });
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_pause_grows_by_its_jitter_and_ends_with_the_list() {
        let seconds = |attempts, chance| {
            let pause = rule().pause_after(attempts, chance);
            pause.map(|pause| pause.num_seconds())
        };
        assert_eq!((seconds(1, 0), seconds(1, 255)), (Some(5), Some(6)));
        assert_eq!((seconds(2, 0), seconds(2, 255)), (Some(300), Some(360)));
        assert_eq!((seconds(3, 0), seconds(0, 0)), (None, None));
    }

    #[test]
    fn a_parked_entry_is_tried_again_for_ever_and_at_least_once_a_day() {
        let minutes = [1, 2, 3, 11, 12, 1_000, i32::MAX].map(|n| pause_of_parked(n).num_minutes());
        assert_eq!(minutes, [1, 2, 4, 1_024, 1_440, 1_440, 1_440]);
    }

    #[test]
    fn what_happened_a_week_ago_is_news_and_a_microsecond_later_it_is_not() {
        let at = DateTime::UNIX_EPOCH;
        let week = TimeDelta::days(7);
        assert!(rule().is_news(at, at + week));
        assert!(!rule().is_news(at, at + week + TimeDelta::microseconds(1)));
    }

    #[test]
    fn r_gen_5_review_results_are_mailed_unless_a_member_says_otherwise() {
        for kind in [
            NoticeKind::OpportunityReviewApproved,
            NoticeKind::OpportunityReviewRejected,
            NoticeKind::OpportunityValidated,
            NoticeKind::OpportunityValidationRejected,
            NoticeKind::OpportunityValidationTimedOut,
        ] {
            assert!(kind.topic().is_sent_unasked(Channel::Email), "{kind:?}");
            assert!(!kind.topic().is_sent_unasked(Channel::Sms), "{kind:?}");
        }
    }
}

//! What an opportunity is and which moves it allows. Pure: no SQL, GraphQL or clock.

mod content;
mod filter;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

pub(crate) use content::{Contact, Content, ContentEdit, Edit};
pub(crate) use filter::{Condition, Filter, SortField};

use super::error::{Fault, OpportunityRefusal};
use crate::error::{Failure, Faults};
use crate::ids::{OpportunityId, OrganisationId};
use crate::rules::OpportunitySubmission;

/// The longest reason of a refusal.
const REASON_LENGTH: usize = 500;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
            pub(crate) enum $name {
                $($variant,)*
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
    /// Who brought the deal. The two never share a list or a state (R-OPP-32).
    Origin {
        Partner = "PARTNER",
        Vendor = "VENDOR",
    }

    /// The name of a [`Review`].
    ReviewState {
        Draft = "DRAFT",
        UnderReview = "UNDER_REVIEW",
        ReviewRejected = "REVIEW_REJECTED",
        UnderValidation = "UNDER_VALIDATION",
        ValidationRejected = "VALIDATION_REJECTED",
        Validated = "VALIDATED",
        PendingAcceptance = "PENDING_ACCEPTANCE",
        Accepted = "ACCEPTED",
        Rejected = "REJECTED",
        AutoRejected = "AUTO_REJECTED",
    }

    /// Where the deal itself stands, once it is settled between both sides (R-OPP-7, R-OPP-8).
    ProgressStage {
        Qualifying = "QUALIFYING",
        Solution = "SOLUTION",
        Negotiation = "NEGOTIATION",
        Signed = "SIGNED",
        Delivering = "DELIVERING",
        Delivered = "DELIVERED",
        Lost = "LOST",
    }
}

impl ReviewState {
    /// Where the partner may edit and submit (R-OPP-10, R-OPP-26); everywhere else its hands are off (R-OPP-11).
    pub(crate) const OPEN_TO_PARTNER: [Self; 3] =
        [Self::Draft, Self::ReviewRejected, Self::ValidationRejected];

    fn is_open_to_partner(self) -> bool {
        Self::OPEN_TO_PARTNER.contains(&self)
    }
}

/// The last time that the partner handed the opportunity in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Submission {
    /// 1 for the first, one more each time (R-OPP-26).
    pub(crate) round: i32,
    pub(crate) at: DateTime<Utc>,
}

/// How far both sides have settled to work on it. Each state carries what becomes known when it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::enum_variant_names,
    reason = "the states are called so by the business"
)]
pub(crate) enum Review {
    Draft,
    UnderReview(Submission),
    ReviewRejected {
        submission: Submission,
        reviewed_at: DateTime<Utc>,
        reason: String,
    },
    /// Review passed; `reviewed_at` is its place in time against a duplicate (R-OPP-25).
    UnderValidation {
        submission: Submission,
        reviewed_at: DateTime<Utc>,
    },
    ValidationRejected {
        submission: Submission,
        reviewed_at: DateTime<Utc>,
        reason: String,
    },
    Validated {
        submission: Submission,
        reviewed_at: DateTime<Utc>,
    },
    /// Shared by the vendor; from here on the partner decides.
    PendingAcceptance,
    Accepted,
    Rejected {
        reason: String,
    },
    AutoRejected,
}

impl Review {
    pub(crate) fn state(&self) -> ReviewState {
        match self {
            Self::Draft => ReviewState::Draft,
            Self::UnderReview(_) => ReviewState::UnderReview,
            Self::ReviewRejected { .. } => ReviewState::ReviewRejected,
            Self::UnderValidation { .. } => ReviewState::UnderValidation,
            Self::ValidationRejected { .. } => ReviewState::ValidationRejected,
            Self::Validated { .. } => ReviewState::Validated,
            Self::PendingAcceptance => ReviewState::PendingAcceptance,
            Self::Accepted => ReviewState::Accepted,
            Self::Rejected { .. } => ReviewState::Rejected,
            Self::AutoRejected => ReviewState::AutoRejected,
        }
    }

    pub(crate) fn submission(&self) -> Option<Submission> {
        match self {
            Self::UnderReview(submission)
            | Self::ReviewRejected { submission, .. }
            | Self::UnderValidation { submission, .. }
            | Self::ValidationRejected { submission, .. }
            | Self::Validated { submission, .. } => Some(*submission),
            Self::Draft
            | Self::PendingAcceptance
            | Self::Accepted
            | Self::Rejected { .. }
            | Self::AutoRejected => None,
        }
    }

    pub(crate) fn reviewed_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::ReviewRejected { reviewed_at, .. }
            | Self::UnderValidation { reviewed_at, .. }
            | Self::ValidationRejected { reviewed_at, .. }
            | Self::Validated { reviewed_at, .. } => Some(*reviewed_at),
            Self::Draft
            | Self::UnderReview(_)
            | Self::PendingAcceptance
            | Self::Accepted
            | Self::Rejected { .. }
            | Self::AutoRejected => None,
        }
    }

    /// Why it was refused, while it stands refused (R-OPP-26).
    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Self::ReviewRejected { reason, .. }
            | Self::ValidationRejected { reason, .. }
            | Self::Rejected { reason } => Some(reason),
            Self::Draft
            | Self::UnderReview(_)
            | Self::UnderValidation { .. }
            | Self::Validated { .. }
            | Self::PendingAcceptance
            | Self::Accepted
            | Self::AutoRejected => None,
        }
    }
}

/// A deal that a partner and the vendor work on together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opportunity {
    pub(crate) id: OpportunityId,
    pub(crate) organisation: OrganisationId,
    pub(crate) number: String,
    pub(crate) origin: Origin,
    pub(crate) content: Content,
    pub(crate) review: Review,
    /// Rounds that the vendor refused; one that ended by its time-out is not among them (R-OPP-35).
    pub(crate) refused_rounds: i32,
    pub(crate) progress: Option<ProgressStage>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) version: i64,
}

impl Opportunity {
    /// A draft of the partner's.
    pub(crate) fn draft(
        id: OpportunityId,
        organisation: OrganisationId,
        number: String,
        content: Content,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            organisation,
            number,
            origin: Origin::Partner,
            content,
            review: Review::Draft,
            refused_rounds: 0,
            progress: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// Refuses when it is no longer what the caller read.
    pub(crate) fn at_version(&self, expected: i64) -> Result<(), OpportunityRefusal> {
        let current = self.version;
        if current == expected {
            Ok(())
        } else {
            Err(OpportunityRefusal::VersionConflict { current })
        }
    }

    /// Changes the content and answers the names of the fields that differ now; none means that nothing happened.
    ///
    /// The rules of a draft apply to a refused opportunity too: it may stand incomplete until it is submitted again.
    pub(crate) fn edit(
        &mut self,
        edit: &ContentEdit,
        now: DateTime<Utc>,
    ) -> Result<Vec<&'static str>, Failure> {
        let from = self.review.state();
        if !from.is_open_to_partner() {
            return Err(OpportunityRefusal::NotWithdrawable { from }.into());
        }
        let (content, changed) = self.content.edited(edit)?;
        if !changed.is_empty() {
            self.content = content;
            self.touch(now);
        }
        Ok(changed)
    }

    /// Hands it in for review, as a new round (R-OPP-26, R-OPP-35).
    pub(crate) fn submit(
        &mut self,
        rule: &OpportunitySubmission,
        now: DateTime<Utc>,
    ) -> Result<Submission, Failure> {
        let from = self.review.state();
        if !from.is_open_to_partner() {
            return Err(OpportunityRefusal::NotSubmittable { from }.into());
        }
        if self.refused_rounds >= rule.round_limit {
            let limit = rule.round_limit;
            return Err(OpportunityRefusal::RoundLimit { limit }.into());
        }
        self.content.check_complete(rule.minimum_revenue)?;
        let last = self.review.submission().map_or(0, |last| last.round);
        let submission = Submission {
            round: last + 1,
            at: now,
        };
        self.review = Review::UnderReview(submission);
        self.touch(now);
        Ok(submission)
    }

    /// Passes the review; validation is next, and never first (R-OPP-14).
    pub(crate) fn approve_review(&mut self, now: DateTime<Utc>) -> Result<(), OpportunityRefusal> {
        self.review = Review::UnderValidation {
            submission: self.under_review()?,
            reviewed_at: now,
        };
        self.touch(now);
        Ok(())
    }

    /// Refuses it in review, with the reason that the partner reads (R-OPP-12, R-OPP-26).
    pub(crate) fn reject_review(
        &mut self,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let submission = self.under_review()?;
        let reason = reason.trim().to_owned();
        check_reason(&reason)?;
        self.review = Review::ReviewRejected {
            submission,
            reviewed_at: now,
            reason,
        };
        self.refused_rounds += 1;
        self.touch(now);
        Ok(())
    }

    fn under_review(&self) -> Result<Submission, OpportunityRefusal> {
        if let Review::UnderReview(submission) = self.review {
            return Ok(submission);
        }
        let from = self.review.state();
        Err(OpportunityRefusal::NotUnderReview { from })
    }

    fn touch(&mut self, now: DateTime<Utc>) {
        self.updated_at = now;
        self.version += 1;
    }
}

fn check_reason(reason: &str) -> Result<(), Failure> {
    let mut faults = Faults::default();
    if reason.is_empty() {
        faults.add(Fault::ReasonRequired.at("reason"));
    }
    content::check_prose(&mut faults, "reason", reason, REASON_LENGTH);
    faults.check()
}

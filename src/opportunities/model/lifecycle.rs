//! The moves of an opportunity. Each refuses what the table of moves does not allow.

use chrono::{DateTime, Utc};

use super::review::Cancelled;
use super::{
    Action, Catalogued, LossReason, Opportunity, ProgressStage, REASON_LENGTH, Refused, Review,
    ReviewState, Submission, Validation, content,
};
use crate::deadlines::DeadlineKind;
use crate::error::{Failure, Faults};
use crate::ids::MemberId;
use crate::opportunities::error::{Fault, OpportunityRefusal};
use crate::rules::OpportunitySubmission;

impl Opportunity {
    /// Makes it what it is at `now`: a deadline that has passed did what it does by itself at its end, recorded or not
    /// (R-GEN-7). Answers the state that it left, if it did, and is then at the version that the record makes.
    pub(crate) fn lapse(&mut self, now: DateTime<Utc>) -> Option<ReviewState> {
        let deadline = self.deadline.as_ref()?;
        if deadline.ended_at.is_some() || !deadline.has_passed(now) {
            return None;
        }
        let at = deadline.due_until;
        let from = self.review.state();
        self.review = match (&self.review, deadline.kind) {
            (Review::PendingAcceptance, DeadlineKind::AcceptSharedOpportunity) => {
                Review::AutoRejected { at }
            }
            (
                Review::UnderValidation {
                    submission,
                    reviewed_at,
                },
                DeadlineKind::ValidateOpportunity,
            ) => Review::ValidationRejected {
                submission: *submission,
                reviewed_at: *reviewed_at,
                validated_at: at,
                refused: Refused::TimedOut,
            },
            _ => return None,
        };
        self.reviewer = None;
        self.version += 1;
        Some(from)
    }

    /// Refuses, of a submission, everything that stands against it: the state, then the rounds, then what is missing.
    pub(crate) fn expect_submittable(
        &self,
        rule: &OpportunitySubmission,
        catalogued: &Catalogued,
    ) -> Result<(), Failure> {
        self.expect(Action::Submit)?;
        if self.is_used_up(rule.round_limit) {
            let limit = rule.round_limit;
            return Err(OpportunityRefusal::RoundLimit { limit }.into());
        }
        self.content
            .check_complete(rule.minimum_revenue, catalogued)
    }

    /// Hands it in for review, as a new round (R-OPP-26, R-OPP-35).
    pub(crate) fn submit(
        &mut self,
        (rule, catalogued): (&OpportunitySubmission, &Catalogued),
        now: DateTime<Utc>,
    ) -> Result<Submission, Failure> {
        self.expect_submittable(rule, catalogued)?;
        let last = self.review.submission().map_or(0, |last| last.round);
        let submission = Submission {
            round: last + 1,
            at: now,
        };
        self.review = Review::UnderReview(submission);
        self.edited.clear();
        self.touch(now);
        Ok(submission)
    }

    /// Removes a draft from everybody's eyes, and what it says of people for good (R-OPP-10).
    pub(crate) fn delete(&mut self, now: DateTime<Utc>) -> Result<(), Failure> {
        self.expect(Action::Delete)?;
        self.content.forget_people();
        self.deleted_at = Some(now);
        self.touch(now);
        Ok(())
    }

    /// Passes the review; validation is next where the site has one, and never first (R-OPP-8, R-OPP-14). `reviewed_at` is
    /// its place in time against a duplicate (R-OPP-25), hardly ever later than `now`.
    pub(crate) fn approve_review(
        &mut self,
        validation: Validation,
        (reviewed_at, now): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<(), Failure> {
        let submission = self.decided(Action::ReviewApprove)?;
        self.review = match validation {
            Validation::Follows => Review::UnderValidation {
                submission,
                reviewed_at,
            },
            Validation::IsSkipped => Review::Validated {
                submission,
                reviewed_at,
                validated_at: now,
            },
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
        let submission = self.decided(Action::ReviewReject)?;
        self.review = Review::ReviewRejected {
            submission,
            reviewed_at: now,
            reason: checked_reason(reason)?,
        };
        self.refused_rounds += 1;
        self.reviewer = None;
        self.touch(now);
        Ok(())
    }

    /// Passes the validation: both sides have settled to work on it.
    pub(crate) fn approve_validation(&mut self, now: DateTime<Utc>) -> Result<(), Failure> {
        let submission = self.decided(Action::ValidationApprove)?;
        self.review = Review::Validated {
            submission,
            reviewed_at: self.review.reviewed_at().unwrap_or(now),
            validated_at: now,
        };
        self.reviewer = None;
        self.touch(now);
        Ok(())
    }

    /// Refuses it in validation, with the reason that the partner reads.
    pub(crate) fn reject_validation(
        &mut self,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let submission = self.decided(Action::ValidationReject)?;
        self.review = Review::ValidationRejected {
            submission,
            reviewed_at: self.review.reviewed_at().unwrap_or(now),
            validated_at: now,
            refused: Refused::Because(checked_reason(reason)?),
        };
        self.refused_rounds += 1;
        self.reviewer = None;
        self.touch(now);
        Ok(())
    }

    /// The partner takes over what the vendor shared; whoever it names answers for it from now on (R-OPP-6).
    pub(crate) fn accept(
        &mut self,
        owner: Option<MemberId>,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        self.expect(Action::Accept)?;
        self.review = Review::Accepted { at: now };
        if let Some(owner) = owner {
            self.content.owner = owner;
        }
        self.touch(now);
        Ok(())
    }

    /// The partner declines what the vendor shared (R-OPP-5, R-OPP-6).
    pub(crate) fn reject(&mut self, reason: &str, now: DateTime<Utc>) -> Result<(), Failure> {
        self.expect(Action::Reject)?;
        let reason = checked_reason(reason)?;
        self.review = Review::Rejected { at: now, reason };
        self.touch(now);
        Ok(())
    }

    /// The vendor ends what was settled, until the contract is signed (R-OPP-34). The progress stays as it was.
    pub(crate) fn cancel(&mut self, reason: &str, now: DateTime<Utc>) -> Result<(), Failure> {
        self.expect(Action::Cancel)?;
        self.review = Review::CancelledByVendor(Cancelled {
            submission: self.review.submission(),
            reviewed_at: self.review.reviewed_at(),
            settled_at: self.review.settled_at().unwrap_or(now),
            at: now,
            reason: checked_reason(reason)?,
        });
        self.touch(now);
        Ok(())
    }

    /// The partner gives the deal up for lost, until it is delivered: a signed contract can still be terminated.
    pub(crate) fn lose(
        &mut self,
        (reason, note): (LossReason, Option<&str>),
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        self.expect(Action::Lose)?;
        let note = note.map(str::trim).filter(|note| !note.is_empty());
        let mut faults = Faults::default();
        content::check_prose(&mut faults, "note", note.unwrap_or_default(), REASON_LENGTH);
        faults.check()?;
        self.progress = Some(ProgressStage::Lost);
        self.loss = Some((reason, note.map(str::to_owned)));
        self.touch(now);
        Ok(())
    }

    /// The submission that a decision is about.
    fn decided(&self, action: Action) -> Result<Submission, Failure> {
        self.expect(action)?;
        let from = self.review.state();
        let submission = self.review.submission();
        Ok(submission.ok_or(OpportunityRefusal::NotUnderReview { from })?)
    }
}

fn checked_reason(reason: &str) -> Result<String, Failure> {
    let reason = reason.trim();
    let mut faults = Faults::default();
    if reason.is_empty() {
        faults.add(Fault::ReasonRequired.at("reason"));
    }
    content::check_prose(&mut faults, "reason", reason, REASON_LENGTH);
    faults.check()?;
    Ok(reason.to_owned())
}

//! What an opportunity is and which moves it allows. Pure: no SQL, GraphQL or clock.

mod contact;
mod content;
mod court;
mod customer;
mod duplicate;
mod edit;
mod filter;
mod lifecycle;
mod moves;
mod particulars;
mod preflight;
mod progress;
mod review;
mod rounds;
#[cfg(test)]
mod tests;
mod vendor_view;

use chrono::{DateTime, Utc};

pub(crate) use contact::{Contact, ContactField};
pub(crate) use content::{Content, ContentEdit};
pub(crate) use court::Court;
pub(crate) use customer::{key_of_name, keys as customer_keys};
pub(crate) use duplicate::Duplicate;
pub(crate) use edit::Edit;
pub(crate) use filter::{Condition, Filter, SortField};
pub(crate) use moves::{Action, Side, Validation};
pub(crate) use particulars::{
    Catalogued, Particulars, ParticularsEdit, PreSalesActivity, SupportKind,
};
pub(crate) use preflight::{Finish, Grade, doubts, grade};
pub(crate) use progress::{ProgressEntry, ProgressReport};
pub(crate) use review::{Cancelled, Refused, Review, Submission};
pub(crate) use rounds::{NewRound, Round, RoundDecision, RoundOutcome};
pub(crate) use vendor_view::{Forecast, VendorView, VendorViewEdit, VendorViewField};

use super::error::OpportunityRefusal;
use crate::deadlines::Deadline;
use crate::error::Failure;
use crate::ids::{MemberId, OfferingId, OpportunityId, OrganisationId};
use crate::rules::Site;
use crate::words::words;

/// The longest reason of a refusal.
const REASON_LENGTH: usize = 500;

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
        CancelledByVendor = "CANCELLED_BY_VENDOR",
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

    /// Why a deal was lost.
    LossReason {
        Price = "PRICE",
        Competitor = "COMPETITOR",
        NoBudget = "NO_BUDGET",
        NoDecision = "NO_DECISION",
        ProjectCancelled = "PROJECT_CANCELLED",
        ProductGap = "PRODUCT_GAP",
        Compliance = "COMPLIANCE",
        Timing = "TIMING",
        CustomerUnreachable = "CUSTOMER_UNREACHABLE",
        BuiltInHouse = "BUILT_IN_HOUSE",
        ContractTerminated = "CONTRACT_TERMINATED",
        Duplicate = "DUPLICATE",
        Other = "OTHER",
    }
}

impl ReviewState {
    /// Where the partner may edit and submit (R-OPP-10, R-OPP-26); everywhere else its hands are off (R-OPP-11).
    pub(crate) const OPEN_TO_PARTNER: [Self; 3] =
        [Self::Draft, Self::ReviewRejected, Self::ValidationRejected];

    /// The state that a deadline leads out of into this one, if it can be reached so (R-OPP-3, R-OPP-13).
    pub(crate) fn before_lapse(self) -> Option<Self> {
        match self {
            Self::AutoRejected => Some(Self::PendingAcceptance),
            Self::ValidationRejected => Some(Self::UnderValidation),
            Self::Draft
            | Self::UnderReview
            | Self::ReviewRejected
            | Self::UnderValidation
            | Self::Validated
            | Self::PendingAcceptance
            | Self::Accepted
            | Self::Rejected
            | Self::CancelledByVendor => None,
        }
    }

    /// Where both sides have settled to work on it (R-OPP-7, R-OPP-8).
    pub(crate) const SETTLED: [Self; 2] = [Self::Validated, Self::Accepted];
}

/// A deal that a partner and the vendor work on together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opportunity {
    pub(crate) id: OpportunityId,
    pub(crate) organisation: OrganisationId,
    /// The partner's; the rule set is chosen by it.
    pub(crate) site: Site,
    pub(crate) number: String,
    pub(crate) origin: Origin,
    pub(crate) content: Content,
    pub(crate) review: Review,
    /// The last one that somebody had to meet: the partner's answer, or the vendor's validation.
    pub(crate) deadline: Option<Deadline>,
    /// Who of the vendor's people is to decide next.
    pub(crate) reviewer: Option<(OrganisationId, MemberId)>,
    /// Fields that the partner changed since it last handed it in.
    pub(crate) edited: Vec<String>,
    /// Rounds that the vendor refused; one that ended by its time-out is not among them (R-OPP-35).
    pub(crate) refused_rounds: i32,
    pub(crate) progress: Option<ProgressStage>,
    /// In percent, as the newest progress entry has it.
    pub(crate) win_probability: Option<i32>,
    pub(crate) last_progress_at: Option<DateTime<Utc>>,
    /// Why the deal was lost, and what the partner wrote about it.
    pub(crate) loss: Option<(LossReason, Option<String>)>,
    pub(crate) deleted_at: Option<DateTime<Utc>>,
    /// The vendor's office that looks after the customer, once it was handed in or shared (R-OPP-27).
    pub(crate) office: Option<String>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) version: i64,
}

/// What a new opportunity begins with.
#[derive(Debug, Clone)]
pub(crate) struct Beginning {
    pub(crate) id: OpportunityId,
    pub(crate) organisation: OrganisationId,
    pub(crate) site: Site,
    pub(crate) number: String,
    pub(crate) content: Content,
    pub(crate) at: DateTime<Utc>,
}

impl Opportunity {
    /// A draft of the partner's.
    pub(crate) fn draft(beginning: Beginning) -> Self {
        Self::begun(beginning, Origin::Partner, Review::Draft)
    }

    /// What the vendor hands to the partner, who has to answer.
    pub(crate) fn shared(beginning: Beginning) -> Self {
        Self::begun(beginning, Origin::Vendor, Review::PendingAcceptance)
    }

    fn begun(beginning: Beginning, origin: Origin, review: Review) -> Self {
        Self {
            id: beginning.id,
            organisation: beginning.organisation,
            site: beginning.site,
            number: beginning.number,
            origin,
            content: beginning.content,
            review,
            deadline: None,
            reviewer: None,
            edited: Vec::new(),
            refused_rounds: 0,
            progress: None,
            win_probability: None,
            office: None,
            last_progress_at: None,
            loss: None,
            deleted_at: None,
            created_at: beginning.at,
            updated_at: beginning.at,
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
        self.expect(Action::Update)?;
        let (content, changed) = self.content.edited(edit)?;
        if !changed.is_empty() {
            self.content = content;
            self.note_edited(&changed);
            self.touch(now);
        }
        Ok(changed)
    }

    /// A draft was never handed in, so nothing of it can differ from that.
    pub(crate) fn note_edited(&mut self, changed: &[&str]) {
        if self.review.submission().is_none() {
            return;
        }
        for &field in changed {
            if !self.edited.iter().any(|known| known == field) {
                self.edited.push(field.to_owned());
            }
        }
    }

    /// Puts other offerings in, by the vendor; tells whether they differ (R-OPP-22).
    pub(crate) fn change_offerings(
        &mut self,
        offerings: &[OfferingId],
        now: DateTime<Utc>,
    ) -> Result<bool, Failure> {
        self.expect(Action::OfferingChange)?;
        let edit = ContentEdit {
            particulars: ParticularsEdit {
                offerings: Edit::Set(offerings.to_vec()),
                ..ParticularsEdit::default()
            },
            ..ContentEdit::default()
        };
        let (content, changed) = self.content.edited(&edit)?;
        if changed.is_empty() {
            return Ok(false);
        }
        self.content = content;
        self.touch(now);
        Ok(true)
    }

    /// A change that is none of content or state: it makes a version all the same.
    pub(crate) fn touch(&mut self, now: DateTime<Utc>) {
        self.updated_at = now;
        self.version += 1;
    }
}

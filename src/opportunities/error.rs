//! Everything that can be wrong with a request about opportunities, each with its code and reason.

use rust_decimal::Decimal;

use super::model::{Action, ProgressStage, ReviewState};
use crate::error::{Code, Refusal, RefusalData};
use crate::ids::{OpportunityId, Tagged};

/// What forbids a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OpportunityRefusal {
    /// Also the answer for another organisation's opportunity.
    NotFound,
    VersionConflict {
        current: i64,
    },
    /// The partner's hands are off it: submitted, settled, or shared by the vendor (R-OPP-11).
    NotWithdrawable {
        from: ReviewState,
        allowed: &'static [ReviewState],
    },
    NotSubmittable {
        from: ReviewState,
    },
    NotUnderReview {
        from: ReviewState,
    },
    /// Validation comes after the review and never before it (R-OPP-14).
    NotUnderValidation {
        from: ReviewState,
    },
    /// Answered already, taken back, or never shared by the vendor (R-OPP-6).
    NotPending {
        from: ReviewState,
    },
    /// Not settled between both sides (R-OPP-7, R-OPP-8).
    ProgressNotAllowed {
        from: ReviewState,
    },
    /// Delivered or lost (R-OPP-9).
    ProgressEnded {
        stage: ProgressStage,
    },
    NotCancellable {
        from: ReviewState,
    },
    /// R-OPP-34.
    SignedAlready {
        stage: ProgressStage,
    },
    /// It is over, so nobody is named for it any more.
    Closed {
        from: ReviewState,
        allowed: &'static [ReviewState],
    },
    NotWithVendor {
        from: ReviewState,
    },
    /// The partner has nobody who could answer for what the vendor shares.
    NoOwnerToShareWith,
    PartnerUnknown,
    /// Active, but without a role that works on opportunities.
    OwnerCannotWrite,
    /// Nobody of the vendor's who decides this check.
    ReviewerUnknown,
    /// Nobody of the vendor's.
    CustomerOwnerUnknown,
    /// Frozen or closed: it could not answer.
    PartnerNotActive,
    /// R-OPP-1.
    NotJoined,
    /// R-OPP-2.
    MainAccountOnly,
    /// Another deal for the same customer need stands in the way; its id, for whoever may read it (R-OPP-24, R-OPP-25).
    PartnersDealDuplicate {
        existing: Option<OpportunityId>,
    },
    /// A partner's deal for the same customer need passed its review before (R-OPP-25).
    SharedDealDuplicate {
        existing: Option<OpportunityId>,
    },
    /// The vendor shared the same customer need with another partner before.
    SharedAlready {
        existing: Option<OpportunityId>,
    },
    /// R-OPP-28, for the vendor.
    PartnerNotJoined,
    /// Not far enough on any path (R-OPP-28).
    StageTooLow,
    /// Role validated, with too few deals delivered in the time that counts (R-OPP-28).
    TooFewDelivered {
        minimum: i64,
        months: u32,
        delivered: i64,
    },
    /// More deals without a word for too long than a partner may have that gets the vendor's (R-OPP-28, R-OPP-33).
    NotUpdating {
        stalled: i64,
        maximum: i64,
        working_days: i32,
    },
    RoundLimit {
        limit: i32,
    },
    /// Not an active member of the organisation.
    OwnerUnknown,
    /// Nobody in particular would be the one who goes.
    SuccessorRequired,
    /// No relation in which the organisation is the distributor.
    ResellerUnknown,
    ExternalReferenceTaken,
    FilterTooLarge {
        depth: usize,
        leaves: usize,
    },
}

impl From<OpportunityRefusal> for Refusal {
    #[expect(clippy::too_many_lines, reason = "one arm for each refusal")]
    fn from(refusal: OpportunityRefusal) -> Self {
        use OpportunityRefusal as R;
        match refusal {
            R::NotFound => Self::new(Code::NotFound, "OPPORTUNITY_NOT_FOUND").at("opportunityId"),
            R::VersionConflict { current } => Self::version_conflict(current),
            R::NotWithdrawable { from, allowed } => {
                transition(Code::Conflict, "PO_NOT_WITHDRAWABLE", (from, allowed))
            }
            R::NotSubmittable { from } => {
                let allowed = Action::Submit.from();
                transition(Code::Conflict, "PO_NOT_SUBMITTABLE", (from, allowed))
            }
            R::NotUnderReview { from } => {
                let allowed = Action::ReviewApprove.from();
                transition(Code::Conflict, "NOT_UNDER_REVIEW", (from, allowed))
            }
            R::NotUnderValidation { from } => {
                let allowed = Action::ValidationApprove.from();
                transition(Code::Conflict, "NOT_UNDER_VALIDATION", (from, allowed))
            }
            R::NotPending { from } => {
                let allowed = Action::Accept.from();
                transition(Code::Conflict, "HO_NOT_PENDING", (from, allowed))
            }
            R::ProgressNotAllowed { from } => {
                let allowed = Action::ProgressAdd.from();
                transition(Code::Conflict, "PROGRESS_NOT_ALLOWED", (from, allowed))
            }
            R::ProgressEnded { stage } => {
                Self::new(Code::Conflict, "PROGRESS_ENDED").data(RefusalData::Transition {
                    from: stage.as_str(),
                    allowed: staged(|stage| !stage.is_final()),
                })
            }
            R::NotCancellable { from } => {
                let allowed = Action::Cancel.from();
                transition(
                    Code::Conflict,
                    "OPPORTUNITY_NOT_CANCELLABLE",
                    (from, allowed),
                )
            }
            R::SignedAlready { stage } => {
                Self::new(Code::Conflict, "OPPORTUNITY_SIGNED").data(RefusalData::Transition {
                    from: stage.as_str(),
                    allowed: staged(|stage| !stage.is_final() && !stage.is_signed()),
                })
            }
            R::Closed { from, allowed } => {
                transition(Code::Conflict, "OPPORTUNITY_CLOSED", (from, allowed))
            }
            R::NotWithVendor { from } => {
                let allowed = Action::ReviewerAssign.from();
                transition(Code::Conflict, "NOT_WITH_VENDOR", (from, allowed))
            }
            R::NoOwnerToShareWith => {
                Self::new(Code::Precondition, "PARTNER_HAS_NO_OWNER").at("organisationId")
            }
            R::OwnerCannotWrite => {
                Self::new(Code::Precondition, "OWNER_CANNOT_WRITE").at("ownerId")
            }
            R::ReviewerUnknown => Self::new(Code::NotFound, "REVIEWER_NOT_FOUND").at("reviewerId"),
            R::CustomerOwnerUnknown => {
                Self::new(Code::NotFound, "CUSTOMER_OWNER_NOT_FOUND").at("customerOwnerId")
            }
            R::PartnerNotActive => {
                Self::new(Code::Precondition, "PARTNER_NOT_ACTIVE").at("organisationId")
            }
            R::PartnerUnknown => {
                Self::new(Code::NotFound, "PARTNER_NOT_FOUND").at("organisationId")
            }
            R::NotJoined => Self::new(Code::Precondition, "PCE_NOT_JOINED"),
            R::MainAccountOnly => Self::new(Code::Forbidden, "MAIN_ACCOUNT_ONLY"),
            R::PartnersDealDuplicate { existing } => {
                duplicate(Self::new(Code::Conflict, "PO_DUPLICATE"), existing)
            }
            R::SharedDealDuplicate { existing } => {
                duplicate(Self::new(Code::Conflict, "HO_DUPLICATE"), existing)
            }
            R::SharedAlready { existing } => {
                duplicate(Self::new(Code::Conflict, "HO_SHARED_ALREADY"), existing)
            }
            R::PartnerNotJoined => {
                Self::new(Code::Precondition, "HO_PARTNER_NOT_JOINED").at("organisationId")
            }
            R::StageTooLow => {
                Self::new(Code::Precondition, "HO_STAGE_TOO_LOW").at("organisationId")
            }
            R::TooFewDelivered {
                minimum,
                months,
                delivered,
            } => Self::new(Code::Precondition, "HO_TOO_FEW_DELIVERED")
                .at("organisationId")
                .with("minimum", minimum)
                .with("months", months)
                .with("delivered", delivered),
            R::NotUpdating {
                stalled,
                maximum,
                working_days,
            } => Self::new(Code::Precondition, "HO_PARTNER_NOT_UPDATING")
                .at("organisationId")
                .with("stalled", stalled)
                .with("maximum", maximum)
                .with("workingDays", working_days),
            R::RoundLimit { limit } => Self::new(Code::Limited, "ROUND_LIMIT").with("limit", limit),
            R::OwnerUnknown => Self::new(Code::NotFound, "OWNER_NOT_FOUND").at("ownerId"),
            R::SuccessorRequired => Self::new(Code::Precondition, "SUCCESSOR_REQUIRED"),
            R::ResellerUnknown => Self::new(Code::NotFound, "RESELLER_NOT_FOUND").at("resellerId"),
            R::ExternalReferenceTaken => {
                Self::new(Code::Conflict, "EXTERNAL_REFERENCE_TAKEN").at("externalReference")
            }
            R::FilterTooLarge { depth, leaves } => {
                Self::new(Code::InvalidInput, "FILTER_TOO_LARGE")
                    .at("where")
                    .with("depth", depth)
                    .with("leaves", leaves)
            }
        }
    }
}

fn duplicate(refusal: Refusal, existing: Option<OpportunityId>) -> Refusal {
    let existing = existing.map(Tagged::global);
    refusal.data(RefusalData::Duplicate { existing })
}

fn transition(
    code: Code,
    reason: &'static str,
    (from, allowed): (ReviewState, &[ReviewState]),
) -> Refusal {
    Refusal::new(code, reason).data(RefusalData::Transition {
        from: from.as_str(),
        allowed: allowed.iter().map(|state| state.as_str()).collect(),
    })
}

fn staged(condition: impl Fn(ProgressStage) -> bool) -> Vec<&'static str> {
    let stages = ProgressStage::ALL.iter().copied();
    stages
        .filter(|stage| condition(*stage))
        .map(ProgressStage::as_str)
        .collect()
}

/// What is wrong with one field of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// R-OPP-5.
    ReasonRequired,
    NameRequired,
    OwnerRequired,
    TooLong {
        maximum: usize,
    },
    /// Characters that are not text, such as NUL.
    Unreadable,
    AmountNegative,
    CurrenciesDiffer,
    DayOutOfRange,
    TooManyContacts {
        maximum: usize,
    },
    NotAPhoneNumber,
    NotAnEmail,
    /// A mandatory field is missing (R-OPP-15).
    Incomplete,
    /// The decision maker or the need is missing (R-OPP-16).
    NotBant,
    /// The budget or the time of purchase is missing (R-OPP-16, R-OPP-19).
    NoBudgetOrTime,
    /// R-OPP-17.
    RevenueTooSmall {
        minimum: Decimal,
    },
    /// R-OPP-18.
    NoContact,
    /// R-OPP-23.
    ConsentNotConfirmed,
    /// A stage before the one that is reached already.
    StageBackward,
    /// A delivery before the contract.
    SignedFirst,
    /// A loss is no report.
    LostByReport,
    NotAPercentage,
    NoteRequired,
    DayNotPast,
    TooManyDocuments {
        maximum: usize,
    },
    /// R-OPP-9: delivery is proved.
    EvidenceRequired,
    BatchSize {
        maximum: usize,
    },
    /// R-OPP-20.
    NoOffering,
    /// The vendor shares no deal for it (R-OPP-29).
    OfferingNotShareable,
    /// Not one of the partner's offerings.
    OfferingUnknown,
    /// On the vendor's list, but no longer to be chosen.
    OfferingRetired,
    CloudServiceUnknown,
    CloudServiceRetired,
    TooMany {
        maximum: usize,
    },
    NotACreditCode,
    NotADomain,
    /// Words that stand for something to be written later.
    Placeholder,
    TooVague {
        minimum: usize,
    },
    /// The same words as in another field.
    Copied,
    PurchasePast,
    /// The vendor has no office for the region.
    NoOffice,
}

impl Fault {
    /// Names the field, from the input object down: `contacts.0.email`.
    pub(crate) fn at(self, path: &str) -> Refusal {
        let refusal = |reason| Refusal::new(Code::InvalidInput, reason).at(path);
        match self {
            Self::ReasonRequired => refusal("REASON_REQUIRED"),
            Self::NameRequired => refusal("NAME_REQUIRED"),
            Self::OwnerRequired => refusal("OWNER_REQUIRED"),
            Self::TooLong { maximum } => refusal("TEXT_TOO_LONG").with("maximum", maximum),
            Self::Unreadable => refusal("TEXT_UNREADABLE"),
            Self::AmountNegative => refusal("AMOUNT_NEGATIVE"),
            Self::CurrenciesDiffer => refusal("CURRENCIES_DIFFER"),
            Self::DayOutOfRange => refusal("DAY_OUT_OF_RANGE"),
            Self::TooManyContacts { maximum } => {
                refusal("TOO_MANY_CONTACTS").with("maximum", maximum)
            }
            Self::NotAPhoneNumber => refusal("PHONE_NUMBER_UNREADABLE"),
            Self::NotAnEmail => refusal("EMAIL_UNREADABLE"),
            Self::Incomplete => refusal("PO_INCOMPLETE"),
            Self::NotBant => refusal("PO_NOT_BANT"),
            Self::NoBudgetOrTime => refusal("PO_NO_BUDGET_OR_TIME"),
            Self::RevenueTooSmall { minimum } => {
                refusal("PO_REVENUE_TOO_SMALL").with("minimum", minimum)
            }
            Self::NoContact => refusal("PO_NO_CONTACT"),
            Self::ConsentNotConfirmed => refusal("CONSENT_NOT_CONFIRMED"),
            Self::StageBackward => refusal("PROGRESS_BACKWARD"),
            Self::SignedFirst => refusal("PROGRESS_NOT_SIGNED"),
            Self::LostByReport => refusal("PROGRESS_LOST"),
            Self::NotAPercentage => refusal("NOT_A_PERCENTAGE"),
            Self::NoteRequired => refusal("NOTE_REQUIRED"),
            Self::DayNotPast => refusal("DAY_NOT_PAST"),
            Self::TooManyDocuments { maximum } => {
                refusal("TOO_MANY_DOCUMENTS").with("maximum", maximum)
            }
            Self::EvidenceRequired => refusal("EVIDENCE_REQUIRED"),
            Self::BatchSize { maximum } => refusal("BATCH_SIZE").with("maximum", maximum),
            Self::NoOffering => refusal("PO_NO_OFFERING"),
            Self::OfferingUnknown => Refusal::new(Code::NotFound, "OFFERING_NOT_FOUND").at(path),
            Self::OfferingNotShareable => refusal("HO_OFFERING_NOT_ALLOWED"),
            Self::OfferingRetired => refusal("OFFERING_RETIRED"),
            Self::CloudServiceUnknown => {
                Refusal::new(Code::NotFound, "CLOUD_SERVICE_NOT_FOUND").at(path)
            }
            Self::CloudServiceRetired => refusal("CLOUD_SERVICE_RETIRED"),
            Self::TooMany { maximum } => refusal("TOO_MANY_VALUES").with("maximum", maximum),
            Self::NotACreditCode => refusal("CREDIT_CODE_INVALID"),
            Self::Placeholder => refusal("PREFLIGHT_PLACEHOLDER"),
            Self::TooVague { minimum } => refusal("PREFLIGHT_TOO_VAGUE").with("minimum", minimum),
            Self::Copied => refusal("PREFLIGHT_COPIED"),
            Self::PurchasePast => refusal("PREFLIGHT_PURCHASE_PAST"),
            Self::NoOffice => refusal("PREFLIGHT_NO_OFFICE"),
            Self::NotADomain => refusal("DOMAIN_UNREADABLE"),
        }
    }
}

//! Which opportunities a list shows, and in which order.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::super::error::OpportunityRefusal;
use super::{Opportunity, Origin, ProgressStage, ReviewState, Side};
use crate::ids::{MemberId, OfferingId, ResellerId};
use crate::money::Currency;
use crate::paging::{Direction, Position, Sort, SortKey};

/// How deep `and`, `or` and `not` may nest.
const DEPTH: usize = 3;
/// How many conditions a filter may have in all.
const LEAVES: usize = 20;

/// Everything in it must hold: the conditions, every one of `all`, one of `any` if given, and not `none`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Filter {
    pub(crate) conditions: Vec<Condition>,
    pub(crate) all: Vec<Filter>,
    pub(crate) any: Option<Vec<Filter>>,
    pub(crate) none: Option<Box<Filter>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    ReviewStateIn(Vec<ReviewState>),
    ProgressStageIn(Vec<ProgressStage>),
    Origin(Origin),
    Owner(MemberId),
    Reseller(ResellerId),
    /// Names this offering.
    Offering(OfferingId),
    /// Names the cloud service of this code.
    CloudService(String),
    /// Belongs to the vendor's office of this code.
    Office(String),
    CustomerRegion(String),
    CreatedSince(DateTime<Utc>),
    CreatedBefore(DateTime<Utc>),
    UpdatedSince(DateTime<Utc>),
    RevenueIn(Currency),
    RevenueAtLeast(Decimal),
    RevenueAtMost(Decimal),
    CustomerNameContains(String),
    /// It is this side's turn.
    WaitingOn(Side),
    /// With a deadline that runs and ends with this many working days from today.
    DueWithinWorkingDays(i32),
    /// Stalled by the rule of the partner's site, or not (R-OPP-33).
    Stalled(bool),
    /// Progress is owed and nothing was heard for this many whole working days.
    SilentForWorkingDays(i32),
    Reviewer(MemberId),
}

impl Filter {
    /// Refuses what would make the database work out of proportion.
    pub(crate) fn check(&self) -> Result<(), OpportunityRefusal> {
        if self.depth() > DEPTH || self.leaves() > LEAVES {
            return Err(OpportunityRefusal::FilterTooLarge {
                depth: DEPTH,
                leaves: LEAVES,
            });
        }
        Ok(())
    }

    /// Whether working days have to be counted to answer it.
    pub(crate) fn asks_of_days(&self) -> bool {
        self.has(&|condition| {
            matches!(
                condition,
                Condition::DueWithinWorkingDays(_)
                    | Condition::Stalled(_)
                    | Condition::SilentForWorkingDays(_)
            )
        })
    }

    /// Whether the number of rounds that a deal may take has to be known to answer it (R-OPP-35).
    pub(crate) fn asks_of_rounds(&self) -> bool {
        self.has(&|condition| matches!(condition, Condition::WaitingOn(Side::Partner)))
    }

    fn has(&self, sought: &impl Fn(&Condition) -> bool) -> bool {
        self.conditions.iter().any(sought) || self.children().any(|child| child.has(sought))
    }

    fn children(&self) -> impl Iterator<Item = &Self> {
        let any = self.any.iter().flatten();
        self.all.iter().chain(any).chain(self.none.as_deref())
    }

    fn depth(&self) -> usize {
        self.children()
            .map(|child| 1 + child.depth())
            .max()
            .unwrap_or(0)
    }

    fn leaves(&self) -> usize {
        let below: usize = self.children().map(Self::leaves).sum();
        self.conditions.len() + below
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SortField {
    CreatedAt,
    UpdatedAt,
    Name,
    /// Of lists in which everything was submitted.
    SubmittedAt,
    /// Of lists in which everything was reviewed.
    ReviewedAt,
}

impl SortField {
    pub(crate) fn sort(self, direction: Direction) -> Sort {
        let (name, column) = match self {
            Self::CreatedAt => ("CREATED_AT", "created_at"),
            Self::UpdatedAt => ("UPDATED_AT", "updated_at"),
            Self::Name => ("NAME", "name"),
            Self::SubmittedAt => ("SUBMITTED_AT", "submitted_at"),
            Self::ReviewedAt => ("REVIEWED_AT", "reviewed_at"),
        };
        Sort {
            name,
            column,
            direction,
        }
    }

    /// Where an opportunity stands in a list that is sorted so.
    pub(crate) fn position(self, opportunity: &Opportunity) -> Position {
        let key = match self {
            Self::CreatedAt => SortKey::Instant(opportunity.created_at),
            Self::UpdatedAt => SortKey::Instant(opportunity.updated_at),
            Self::Name => SortKey::Text(opportunity.content.name.clone()),
            Self::SubmittedAt => SortKey::Instant(
                opportunity
                    .review
                    .submission()
                    .map_or(opportunity.created_at, |last| last.at),
            ),
            Self::ReviewedAt => SortKey::Instant(
                opportunity
                    .review
                    .reviewed_at()
                    .unwrap_or(opportunity.created_at),
            ),
        };
        Position {
            key,
            id: opportunity.id.0,
        }
    }
}

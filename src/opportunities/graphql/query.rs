//! Reading opportunities: one by its id, and lists by filter and sort.

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, Utc};

use super::super::model::{Condition, Filter, ProgressStage, ReviewState, SortField};
use super::super::service;
use super::rounds::OpportunityParty;
use super::{
    OpportunityObject, OpportunityOrigin, OpportunityProgressStage, OpportunityReviewState,
};
use crate::graphql::{
    ContextExt as _, Currency, Decimal, PageInput, Read, Result, SortDirection, Totals, answer,
    connection, global_id, loaded,
};
use crate::ids::{MemberId, OpportunityId, Tagged as _};
use crate::paging::Direction;

/// Instants from `since` on and before `before`; a side that is left out is open.
#[derive(Debug, InputObject)]
pub(crate) struct InstantRange {
    /// Inclusive.
    since: Option<DateTime<Utc>>,
    /// Exclusive.
    before: Option<DateTime<Utc>>,
}

/// Amounts in one currency, both ends included; a side that is left out is open.
#[derive(Debug, InputObject)]
pub(crate) struct MoneyRange {
    /// The currency that both ends and the amount itself are in.
    currency: Currency,
    /// Inclusive.
    from: Option<Decimal>,
    /// Inclusive.
    to: Option<Decimal>,
}

/// Which opportunities to list. Everything that is given must hold; what is left out or null does not narrow the list.
///
/// `and`, `or` and `not` nest 3 deep at most, and a filter has 20 conditions at most.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityWhere {
    /// In one of these states; an empty list matches nothing.
    review_state: Option<Vec<OpportunityReviewState>>,
    /// In one of these stages; an empty list matches nothing.
    progress_stage: Option<Vec<OpportunityProgressStage>>,
    /// Brought by this side.
    origin: Option<OpportunityOrigin>,
    /// Owned by this member.
    owner_id: Option<ID>,
    /// Sold through this reseller.
    reseller_id: Option<ID>,
    /// Naming this offering.
    offering_id: Option<ID>,
    /// Naming the cloud service of this code.
    cloud_service: Option<String>,
    /// Belonging to the vendor's office of this code; a draft belongs to none.
    office_code: Option<String>,
    /// With exactly this region of the end customer.
    customer_region: Option<String>,
    /// Created at an instant in this range.
    created_at: Option<InstantRange>,
    /// With an expected revenue in this range and currency.
    expected_revenue: Option<MoneyRange>,
    /// With this text anywhere in the customer's name, in upper or lower case.
    customer_name_contains: Option<String>,
    /// In the checks, and this side's turn; nobody's when it was refused so often that it cannot be submitted again.
    waiting_on: Option<OpportunityParty>,
    /// With a deadline that runs and ends within this many working days, today's end for 0; at most 250.
    due_within_working_days: Option<i32>,
    /// Whether progress is owed and was not reported for as many working days as the rule set allows.
    stalled: Option<bool>,
    /// Progress is owed and nothing was reported for at least this many working days; at most 250.
    stalled_for_working_days: Option<i32>,
    /// Changed at or after this instant.
    updated_since: Option<DateTime<Utc>>,
    /// Every one of these must hold.
    and: Option<Vec<OpportunityWhere>>,
    /// At least one of these must hold; an empty list matches nothing.
    or: Option<Vec<OpportunityWhere>>,
    /// This must not hold.
    not: Option<Box<OpportunityWhere>>,
}

impl From<OpportunityWhere> for Filter {
    fn from(given: OpportunityWhere) -> Self {
        let all = |filters: Vec<OpportunityWhere>| filters.into_iter().map(Self::from).collect();
        let review = |states: Vec<OpportunityReviewState>| {
            Condition::ReviewStateIn(states.into_iter().map(ReviewState::from).collect())
        };
        let progress = |stages: Vec<OpportunityProgressStage>| {
            Condition::ProgressStageIn(stages.into_iter().map(ProgressStage::from).collect())
        };
        let (created, revenue) = (given.created_at, given.expected_revenue);
        let conditions = [
            given.review_state.map(review),
            given.progress_stage.map(progress),
            given.origin.map(|origin| Condition::Origin(origin.into())),
            given.owner_id.map(|id| Condition::Owner(global_id(&id))),
            given
                .reseller_id
                .map(|id| Condition::Reseller(global_id(&id))),
            given
                .offering_id
                .map(|id| Condition::Offering(global_id(&id))),
            given.cloud_service.map(Condition::CloudService),
            given.office_code.map(Condition::Office),
            given.customer_region.map(Condition::CustomerRegion),
            created
                .as_ref()
                .and_then(|range| range.since)
                .map(Condition::CreatedSince),
            created
                .and_then(|range| range.before)
                .map(Condition::CreatedBefore),
            revenue
                .as_ref()
                .map(|range| Condition::RevenueIn(range.currency.0)),
            revenue
                .as_ref()
                .and_then(|range| range.from)
                .map(|amount| Condition::RevenueAtLeast(amount.0)),
            revenue
                .and_then(|range| range.to)
                .map(|amount| Condition::RevenueAtMost(amount.0)),
            given
                .customer_name_contains
                .map(Condition::CustomerNameContains),
            given.updated_since.map(Condition::UpdatedSince),
            given
                .waiting_on
                .map(|side| Condition::WaitingOn(side.into())),
            given
                .due_within_working_days
                .map(|days| Condition::DueWithinWorkingDays(days.clamp(0, MOST_DAYS))),
            given.stalled.map(Condition::Stalled),
            given
                .stalled_for_working_days
                .map(|days| Condition::SilentForWorkingDays(days.clamp(0, MOST_DAYS))),
        ];
        Self {
            conditions: conditions.into_iter().flatten().collect(),
            all: given.and.map(all).unwrap_or_default(),
            any: given.or.map(all),
            none: given.not.map(|filter| Box::new(Self::from(*filter))),
        }
    }
}

/// About a year: the days are walked one by one.
const MOST_DAYS: i32 = 250;

/// A queue of the vendor's decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum OpportunityQueueKind {
    /// What waits for its review.
    Review,
    /// What waits for its validation.
    Validation,
}

/// What opportunities can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum OpportunitySortField {
    /// When the draft was opened.
    CreatedAt,
    /// When anything about it last changed.
    UpdatedAt,
    /// What it is called, by character code.
    Name,
}

impl From<OpportunitySortField> for SortField {
    fn from(field: OpportunitySortField) -> Self {
        match field {
            OpportunitySortField::CreatedAt => Self::CreatedAt,
            OpportunitySortField::UpdatedAt => Self::UpdatedAt,
            OpportunitySortField::Name => Self::Name,
        }
    }
}

/// The order of a list of opportunities. Those that are equal follow in the order of their ids.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunitySort {
    /// What to sort by.
    field: OpportunitySortField,
    /// Which way.
    direction: SortDirection,
}

/// The newest first, unless the client says otherwise.
impl Default for OpportunitySort {
    fn default() -> Self {
        Self {
            field: OpportunitySortField::CreatedAt,
            direction: SortDirection::Descending,
        }
    }
}

type OpportunityConnection = Connection<String, OpportunityObject, Totals, EmptyFields>;

#[derive(Default)]
pub(crate) struct OpportunityQuery;

#[Object]
impl OpportunityQuery {
    /// One opportunity; null when it is unknown or not the viewer's to read.
    async fn opportunity(&self, ctx: &Context<'_>, id: ID) -> Result<Option<OpportunityObject>> {
        let found = loaded(ctx, global_id::<OpportunityId>(&id)).await?;
        Ok(found.map(OpportunityObject))
    }

    /// The opportunity of the viewer's organisation that has this reference in the partner's own system; null when there
    /// is none, or none that the viewer may read.
    async fn opportunity_by_external_reference(
        &self,
        ctx: &Context<'_>,
        reference: String,
    ) -> Result<Option<OpportunityObject>> {
        let loaders = ctx.loaders();
        let Read { snapshot, viewer } = loaders.loader();
        let found = service::find_by_reference(viewer, snapshot, &reference).await;
        Ok(answer(ctx, found)?.map(OpportunityObject))
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the four paging arguments of a connection, a filter and a sort"
    )]
    /// The opportunities of the viewer's organisation; for the vendor all but drafts. At most 100 at a time, the
    /// newest first unless sorted otherwise.
    async fn opportunities(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "where")] filter: Option<OpportunityWhere>,
        sort: Option<OpportunitySort>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<OpportunityConnection>> {
        let sort = sort.unwrap_or_default();
        let order = (SortField::from(sort.field), sort.direction.into());
        let filter = filter.map(Filter::from).unwrap_or_default();
        let page = PageInput::of(first, after, last, before);
        listed(ctx, (filter, order), page).await
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the four paging arguments of a connection, a kind and a condition"
    )]
    /// What waits for a decision of the vendor, the oldest first; null for a partner.
    async fn opportunity_queue(
        &self,
        ctx: &Context<'_>,
        kind: OpportunityQueueKind,
        #[graphql(
            default,
            desc = "Only what the viewer was named for with opportunityReviewerAssign."
        )]
        assigned_to_me: bool,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<OpportunityConnection>> {
        if !ctx.viewer().is_vendor() {
            return Ok(None);
        }
        let (state, field) = match kind {
            OpportunityQueueKind::Review => (ReviewState::UnderReview, SortField::SubmittedAt),
            OpportunityQueueKind::Validation => {
                (ReviewState::UnderValidation, SortField::ReviewedAt)
            }
        };
        let mut conditions = vec![Condition::ReviewStateIn(vec![state])];
        if assigned_to_me {
            let me = MemberId::parse(&ctx.viewer().actor());
            conditions.push(Condition::Reviewer(
                me.unwrap_or(MemberId(uuid::Uuid::nil())),
            ));
        }
        let filter = Filter {
            conditions,
            ..Filter::default()
        };
        let page = PageInput::of(first, after, last, before);
        listed(ctx, (filter, (field, Direction::Ascending)), page).await
    }
}

/// One page of the opportunities that a filter matches.
async fn listed(
    ctx: &Context<'_>,
    (filter, (field, direction)): (Filter, (SortField, Direction)),
    page: PageInput,
) -> Result<Option<OpportunityConnection>> {
    let sort = field.sort(direction);
    let window = page.window(ctx, sort)?;
    let loaders = ctx.loaders();
    let Read { snapshot, viewer } = loaders.loader();
    let page = service::list(viewer, snapshot, &filter, (sort, &window)).await;
    let page = answer(ctx, page)?;
    let total = if Totals::are_selected(ctx) {
        let count = service::count(viewer, snapshot, &filter).await;
        Some(answer(ctx, count)?)
    } else {
        None
    };
    Ok(Some(connection(
        ctx,
        (page, sort, Totals::of(total)),
        |opportunity| field.position(opportunity),
        OpportunityObject,
    )))
}

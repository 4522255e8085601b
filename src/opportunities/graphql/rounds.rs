//! Rounds, whose turn it is, and the vendor's own view, as a client reads them.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use async_graphql::{Context, Enum, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::super::model::{self, Court, Round, VendorView};
use super::super::service::{self, Times};
use crate::error::Failure;
use crate::graphql::{ContextExt as _, Date, Read, Result, loaded};
use crate::ids::{MemberId, OpportunityId, OrganisationId, Tagged as _};
use crate::organisation::MemberObject;

/// The rounds of one opportunity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RoundsOf(pub(crate) OpportunityId);

impl Loader<RoundsOf> for Read {
    type Value = Vec<Round>;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        keys: &[RoundsOf],
    ) -> std::result::Result<HashMap<RoundsOf, Vec<Round>>, Arc<Failure>> {
        let ids: Vec<OpportunityId> = keys.iter().map(|key| key.0).collect();
        let rounds = service::rounds(&self.viewer, &self.snapshot, &ids).await;
        let mut found: HashMap<RoundsOf, Vec<Round>> = HashMap::new();
        for round in rounds.map_err(Arc::new)? {
            found
                .entry(RoundsOf(round.opportunity))
                .or_default()
                .push(round);
        }
        Ok(found)
    }
}

/// The vendor's view of one opportunity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct VendorViewOf(pub(crate) OpportunityId);

impl Loader<VendorViewOf> for Read {
    type Value = VendorView;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        keys: &[VendorViewOf],
    ) -> std::result::Result<HashMap<VendorViewOf, VendorView>, Arc<Failure>> {
        let ids: Vec<OpportunityId> = keys.iter().map(|key| key.0).collect();
        let views = service::vendor_views(&self.viewer, &self.snapshot, &ids).await;
        let views = views.map_err(Arc::new)?.into_iter();
        Ok(views
            .map(|view| (VendorViewOf(view.opportunity), view))
            .collect())
    }
}

/// The working days around the time of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Now;

impl Loader<Now> for Read {
    type Value = Times;
    type Error = Arc<Failure>;

    async fn load(&self, keys: &[Now]) -> std::result::Result<HashMap<Now, Times>, Arc<Failure>> {
        let times = service::times(&self.snapshot).await.map_err(Arc::new)?;
        Ok(keys.iter().map(|key| (*key, times.clone())).collect())
    }
}

/// What became of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::RoundOutcome")]
pub(crate) enum OpportunityRoundOutcome {
    /// The vendor has not decided it to the end.
    Running,
    /// Refused in review.
    ReviewRejected,
    /// Refused in validation.
    ValidationRejected,
    /// The vendor let the time for the validation pass; not counted against the partner.
    TimedOut,
    /// Passed.
    Validated,
}

/// One side of an opportunity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Side")]
pub(crate) enum OpportunityParty {
    /// The partner.
    Partner,
    /// The vendor.
    Vendor,
}

/// How sure the vendor is that the deal comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Forecast")]
pub(crate) enum OpportunityForecast {
    /// Pursued, but open.
    Pipeline,
    /// Comes if all goes well.
    BestCase,
    /// Counted on.
    Commit,
    /// Left out of the forecast.
    Omitted,
}

pub(crate) struct OpportunityRound(pub(crate) Round);

/// One submission of an opportunity, and what the vendor decided on it.
#[Object]
impl OpportunityRound {
    /// 1 for the first, one more each time.
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// When it was submitted.
    async fn submitted_at(&self) -> DateTime<Utc> {
        self.0.submitted_at
    }

    /// The member of the partner who submitted it; null when a machine did.
    async fn submitted_by(&self, ctx: &Context<'_>) -> Result<Option<MemberObject>> {
        member(ctx, &self.0.submitted_by).await
    }

    /// What became of it.
    async fn outcome(&self) -> OpportunityRoundOutcome {
        self.0.outcome.into()
    }

    /// When its review was decided; null while that runs.
    async fn reviewed_at(&self) -> Option<DateTime<Utc>> {
        self.0.reviewed.as_ref().map(|(at, _)| *at)
    }

    /// When its validation ended, by a decision or the clock; null while that runs.
    async fn validated_at(&self) -> Option<DateTime<Utc>> {
        self.0.validated.as_ref().map(|(at, _)| *at)
    }

    /// Why it was refused; null unless it was.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The fields that differ from the round before, by the names of the input.
    async fn changed_fields(&self) -> &[String] {
        &self.0.changed
    }
}

/// A field that differs from the round before.
#[derive(SimpleObject)]
pub(crate) struct OpportunityFieldChange {
    /// The field, by its name in the input, such as expectedRevenue.
    name: String,
    /// What it was before, as text; null when it was empty, and always for what says something of a person.
    before: Option<String>,
    /// Whether the value before is kept at all.
    before_is_kept: bool,
}

/// What a resubmission changed, beside the reason of the refusal before.
#[derive(SimpleObject)]
pub(crate) struct OpportunityRoundChanges {
    /// The fields that differ from the round before.
    fields: Vec<OpportunityFieldChange>,
    /// Why the round before was refused; null when the clock ended it.
    last_reason: Option<String>,
    /// What became of the round before.
    last_outcome: OpportunityRoundOutcome,
}

impl OpportunityRoundChanges {
    /// Between the last two rounds; `None` before there are two.
    pub(crate) fn of(rounds: &[Round]) -> Option<Self> {
        let (last, earlier) = rounds.split_last()?;
        let before = earlier.last()?;
        let fields = last.changed.iter().map(|name| {
            let kept = before.content.get(name);
            OpportunityFieldChange {
                name: name.clone(),
                before: kept.and_then(text),
                before_is_kept: kept.is_some(),
            }
        });
        Some(Self {
            fields: fields.collect(),
            last_reason: before.reason.clone(),
            last_outcome: before.outcome.into(),
        })
    }
}

fn text(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::Array(_)
        | serde_json::Value::Object(_) => Some(value.to_string()),
    }
}

/// Where an opportunity stands in the checks that it has to pass.
pub(crate) struct OpportunityReviewProgress {
    pub(crate) court: Court,
    pub(crate) reviewer: Option<(OrganisationId, MemberId)>,
}

/// Where an opportunity stands in the checks that it has to pass, and whose turn it is.
#[Object]
impl OpportunityReviewProgress {
    /// The check that it is in, from 1; 0 before it was submitted.
    async fn step(&self) -> i32 {
        self.court.step
    }

    /// How many checks there are.
    async fn steps(&self) -> i32 {
        self.court.steps
    }

    /// Who has to act; null once the checks are over, and when nobody can: it was refused so often that it cannot be
    /// submitted again (R-OPP-35).
    async fn court_of(&self) -> Option<OpportunityParty> {
        self.court.side.map(OpportunityParty::from)
    }

    /// Since when it stands so.
    async fn since(&self) -> DateTime<Utc> {
        self.court.since
    }

    /// Whole working days since then; the day itself is not counted.
    async fn working_days_waiting(&self, ctx: &Context<'_>) -> Result<i64> {
        let times = loaded(ctx, Now).await?;
        Ok(times.map_or(0, |times| times.working_days_since(self.court.since)))
    }

    /// Who of the vendor's people is to decide; null for a partner, and while nobody is named.
    async fn assigned_reviewer(&self, ctx: &Context<'_>) -> Result<Option<MemberObject>> {
        match self.reviewer {
            Some((_, reviewer)) if ctx.viewer().is_vendor() => {
                Ok(loaded(ctx, reviewer).await?.map(MemberObject))
            }
            Some(_) | None => Ok(None),
        }
    }
}

/// How the vendor itself sees a deal.
pub(crate) struct OpportunityVendorView(pub(crate) VendorView);

/// How the vendor itself sees a deal, beside the partner's view. Both read it, but for what is the vendor's alone.
#[Object]
impl OpportunityVendorView {
    /// When the vendor expects the contract.
    async fn expected_close_on(&self) -> Option<Date> {
        self.0.expected_close_on.map(Date)
    }

    /// What the vendor does next.
    async fn next_step(&self) -> Option<&str> {
        self.0.next_step.as_deref()
    }

    /// Who of the vendor's people answers for the customer; null for a viewer who may not see that person.
    async fn customer_owner(&self, ctx: &Context<'_>) -> Result<Option<MemberObject>> {
        match self.0.customer_owner {
            Some((_, owner)) => Ok(loaded(ctx, owner).await?.map(MemberObject)),
            None => Ok(None),
        }
    }

    /// How sure the vendor is; null for a partner.
    async fn forecast(&self) -> Option<OpportunityForecast> {
        self.0.forecast.map(OpportunityForecast::from)
    }

    /// What the vendor keeps to itself; null for a partner.
    async fn internal_note(&self) -> Option<&str> {
        self.0.internal_note.as_deref()
    }
}

/// The member of this global id; null for a machine, and for a person whom the viewer may not see.
pub(super) async fn member(ctx: &Context<'_>, id: &str) -> Result<Option<MemberObject>> {
    match MemberId::parse(id) {
        Some(member) => Ok(loaded(ctx, member).await?.map(MemberObject)),
        None => Ok(None),
    }
}

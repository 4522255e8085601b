//! How a sandbox looks to a client. Translation only; a rule here is in the wrong file.

mod script;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

pub(crate) use script::SandboxScriptMutation;

use super::model::{Afterwards, Travel};
use super::service::{self, AdvanceTo, Asked, Stops};
use crate::clock::Pace;
use crate::graphql::{ContextExt as _, Read, Result, UserError, answer, payload};
use crate::ids::Tagged as _;

/// Whether the clock of a sandbox goes on by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Afterwards")]
pub(crate) enum SandboxPace {
    /// As fast as any other clock.
    Runs,
    /// Not until it is moved again: for what happens in the last second of a deadline.
    Stands,
}

/// One move of a sandbox's clock.
#[derive(SimpleObject)]
pub(crate) struct SandboxTravel {
    /// Names this travel.
    id: ID,
    /// The time in the sandbox when it began.
    before: DateTime<Utc>,
    /// The time in the sandbox when it arrived.
    after: DateTime<Utc>,
    /// How often it stopped on the way to let happen what was due.
    stops: i32,
    /// Deadlines that nobody kept on the way, and that had their consequence.
    deadlines_expired: i32,
    /// What the scripted vendor did on the way.
    vendor_answers: i32,
    /// Notices that people got on the way.
    notices_made: i32,
}

impl From<Travel> for SandboxTravel {
    fn from(travel: Travel) -> Self {
        let count = |number| i32::try_from(number).unwrap_or(i32::MAX);
        Self {
            id: ID(travel.id.global()),
            before: travel.from,
            after: travel.to,
            stops: travel.stops,
            deadlines_expired: count(travel.happened.deadlines_expired),
            vendor_answers: count(travel.happened.vendor_answers),
            notices_made: count(travel.happened.notices_made),
        }
    }
}

pub(crate) struct SandboxObject {
    now: DateTime<Utc>,
    unmoved: DateTime<Utc>,
    pace: Pace,
}

/// The sandbox: a deployment of made-up people, in which time can be moved and the vendor answers by a script.
#[Object(name = "Sandbox")]
impl SandboxObject {
    /// The time in the sandbox.
    async fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// By how many whole seconds it is ahead of the real time; negative when it is behind.
    async fn offset_seconds(&self) -> i64 {
        (self.now - self.unmoved).num_seconds()
    }

    /// Whether the clock goes on by itself.
    async fn pace(&self) -> SandboxPace {
        match self.pace {
            Pace::Runs(_) => SandboxPace::Runs,
            Pace::Stands(_) => SandboxPace::Stands,
        }
    }

    /// What the vendor answers to the opportunities of the viewer's organisation; the first rule that fits does.
    async fn script(&self, ctx: &Context<'_>) -> Result<Vec<script::SandboxRule>> {
        script::of_viewer(ctx).await
    }
}

#[derive(Default)]
pub(crate) struct SandboxQuery;

#[Object]
impl SandboxQuery {
    /// The sandbox that this is; null anywhere else.
    async fn sandbox(&self, ctx: &Context<'_>) -> Result<Option<SandboxObject>> {
        let loaders = ctx.loaders();
        let Read { snapshot, .. } = loaders.loader();
        let clock = answer(ctx, service::clock(ctx.db(), snapshot).await)?;
        Ok(clock.map(|(now, unmoved, pace)| SandboxObject { now, unmoved, pace }))
    }
}

/// Moves the clock of a sandbox.
#[derive(Debug, InputObject)]
pub(crate) struct SandboxAdvanceToInput {
    /// The time that it is to be afterwards: later than in the sandbox now, and at most 5 years later.
    at: DateTime<Utc>,
    /// What the clock does when it has arrived.
    #[graphql(default_with = "SandboxPace::Runs")]
    pace: SandboxPace,
    /// A new UUID for each intention; the same one repeats it safely.
    idempotency_key: Uuid,
}

/// What came of moving the clock.
#[derive(SimpleObject)]
pub(crate) struct SandboxAdvanceToPayload {
    /// From when to when, and what happened on the way; null when it was refused.
    travel: Option<SandboxTravel>,
    /// Why it was refused; empty when it was done.
    errors: Vec<UserError>,
    /// Whether this key had done it before; nothing was done again.
    replayed: bool,
}

#[derive(Default)]
pub(crate) struct SandboxMutation;

#[Object]
impl SandboxMutation {
    /// Moves the clock of a sandbox forward, and answers when everything on the way has happened: missed deadlines had
    /// their consequence, notices were written, the scripted vendor answered. Sign-ins and tokens live on. Only in a
    /// sandbox; anywhere else it answers `SANDBOX_ONLY`.
    async fn sandbox_advance_to(
        &self,
        ctx: &Context<'_>,
        input: SandboxAdvanceToInput,
    ) -> Result<SandboxAdvanceToPayload> {
        let wish = AdvanceTo {
            at: input.at,
            afterwards: input.pace.into(),
        };
        let asked = Asked {
            viewer: ctx.viewer(),
            correlation_id: ctx.correlation_id(),
            key: ctx.idempotency_key(input.idempotency_key),
        };
        let stops = ctx.data_unchecked::<Stops>();
        let applied = service::advance(ctx.db(), stops, asked, wish).await;
        ctx.renew();
        let (travel, errors, replayed) = payload(ctx, applied)?;
        let travel = match travel {
            Some(id) => {
                let loaders = ctx.loaders();
                let found = service::find_travel(&loaders.loader().snapshot, id).await;
                answer(ctx, found)?.map(SandboxTravel::from)
            }
            None => None,
        };
        Ok(SandboxAdvanceToPayload {
            travel,
            errors,
            replayed,
        })
    }
}

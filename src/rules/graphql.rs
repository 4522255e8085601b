//! How rules look to a client. Translation only; a rule here is in the wrong file.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::service::{self, Entry, Filter, Line, Schedule, Withdraw};
use super::{Site, registry};
use crate::error::Failure;
use crate::graphql::{
    ActionPermission, ContextExt as _, Date, Read, Result, UserError, Version, answer, global_id,
    loaded, payload,
};
use crate::i18n;
use crate::ids::{RuleId, Tagged as _};

impl Loader<RuleId> for Read {
    type Value = Entry;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        ids: &[RuleId],
    ) -> std::result::Result<HashMap<RuleId, Entry>, Arc<Failure>> {
        let found = service::find(&self.viewer, &self.snapshot, ids).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found.map(|entry| (entry.id, entry)).collect())
    }
}

impl Loader<Line> for Read {
    type Value = Vec<Entry>;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        lines: &[Line],
    ) -> std::result::Result<HashMap<Line, Vec<Entry>>, Arc<Failure>> {
        let found = service::histories(&self.viewer, &self.snapshot, lines).await;
        let mut histories: HashMap<Line, Vec<Entry>> = HashMap::new();
        for entry in found.map_err(Arc::new)? {
            histories.entry(entry.line.clone()).or_default().push(entry);
        }
        Ok(histories)
    }
}

/// A site of the vendor, with which organisations contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Site")]
pub(crate) enum RuleSite {
    /// The China site (中国站).
    Cn,
    /// The international site (国际站).
    Intl,
}

/// What the viewer may do with a rule now. Each answer is the one that the mutation would give.
#[derive(SimpleObject)]
struct RuleViewerPermissions {
    /// Withdrawing it before it holds.
    can_withdraw: ActionPermission,
}

pub(crate) struct RuleObject(pub(crate) Entry);

/// Numbers of a programme, each valid from a day on (规则). What was decided under a rule keeps it.
#[Object(name = "Rule")]
impl RuleObject {
    /// Global; results name the rule that they were decided under by it.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// What the viewer may do with this rule now, and why not.
    async fn viewer_permissions(&self, ctx: &Context<'_>) -> Result<RuleViewerPermissions> {
        let loaders = ctx.loaders();
        let Read { snapshot, viewer } = loaders.loader();
        let verdict = service::withdraw_verdict(viewer, snapshot, &self.0).await;
        Ok(RuleViewerPermissions {
            can_withdraw: ActionPermission::new(ctx, answer(ctx, verdict)?),
        })
    }

    /// What it is about, such as member.roles.
    async fn name(&self) -> &str {
        &self.0.line.name
    }

    /// For organisations of which site.
    async fn site(&self) -> RuleSite {
        self.0.line.site.into()
    }

    /// In which programme, such as `CO_SELL`; PORTAL for the portal itself.
    async fn programme(&self) -> &str {
        &self.0.line.programme
    }

    /// The first day on which it holds, in the programme's time zone.
    async fn effective_from(&self) -> Date {
        Date(self.0.effective_from)
    }

    /// The day from which the next value holds instead; null when none is scheduled.
    async fn effective_until(&self) -> Option<Date> {
        self.0.effective_until.map(Date)
    }

    /// The numbers, as a JSON object.
    async fn value(&self) -> String {
        self.0.value.to_string()
    }

    /// Where the numbers come from, such as a section of the programme's terms.
    async fn source(&self) -> &str {
        &self.0.source
    }

    /// What the numbers mean, in the language of the request.
    async fn description(&self, ctx: &Context<'_>) -> String {
        let key = registry::description_key(&self.0.line.name);
        i18n::sentence(&key, &BTreeMap::new(), ctx.locale()).unwrap_or_default()
    }

    /// All values that this rule had, has and will have, the newest day first; withdrawn ones too.
    async fn history(&self, ctx: &Context<'_>) -> Result<Vec<RuleObject>> {
        let entries = loaded(ctx, self.0.line.clone()).await?;
        let entries = entries.unwrap_or_default().into_iter();
        Ok(entries.map(RuleObject).collect())
    }

    /// When the vendor scheduled it; null for what came with the service.
    async fn scheduled_at(&self) -> Option<DateTime<Utc>> {
        self.0.scheduled_at
    }

    /// When the vendor took it back, before it ever held; null otherwise.
    async fn withdrawn_at(&self) -> Option<DateTime<Utc>> {
        self.0.withdrawn_at
    }

    /// Send it as expectedVersion with a change.
    async fn version(&self) -> Version {
        Version(self.0.version)
    }
}

#[derive(Default)]
pub(crate) struct RuleQuery;

#[Object]
impl RuleQuery {
    /// The rules that hold on a day, one value each.
    async fn rules(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of one site only.")] site: Option<RuleSite>,
        #[graphql(desc = "Of one programme only.")] programme: Option<String>,
        #[graphql(desc = "On which day; today, if it is left out.")] on: Option<Date>,
    ) -> Result<Option<Vec<RuleObject>>> {
        let filter = Filter {
            site: site.map(Site::from),
            programme,
            on: on.map(|day| day.0),
        };
        let loaders = ctx.loaders();
        let Read { snapshot, viewer } = loaders.loader();
        let found = answer(ctx, service::list(viewer, snapshot, &filter).await)?;
        Ok(Some(found.into_iter().map(RuleObject).collect()))
    }
}

/// Schedules a value of a rule.
#[derive(Debug, InputObject)]
pub(crate) struct RuleScheduleInput {
    /// Which rule, such as member.roles.
    name: String,
    /// For organisations of which site.
    site: RuleSite,
    /// In which programme, such as `CO_SELL`.
    programme: String,
    /// The first day on which it holds: tomorrow, in the programme's time zone, or later.
    effective_from: Date,
    /// The numbers, as a JSON object with the fields that the value in force has.
    value: String,
    /// Where the numbers come from, such as a section of the programme's terms; 500 characters at most.
    source: String,
    /// A new UUID for each intention; the same one repeats it safely.
    idempotency_key: Uuid,
}

/// Takes back a value that has not begun to hold.
#[derive(Debug, InputObject)]
pub(crate) struct RuleWithdrawInput {
    /// Which one.
    rule_id: ID,
    /// The version that the viewer saw.
    expected_version: Version,
    /// Why, for the history; 500 characters at most.
    reason: String,
    /// A new UUID for each intention; the same one repeats it safely.
    idempotency_key: Uuid,
}

/// What came of scheduling a rule.
#[derive(SimpleObject)]
pub(crate) struct RuleSchedulePayload {
    /// The rule; null when it was refused.
    rule: Option<RuleObject>,
    /// Why it was not done; empty when it was.
    errors: Vec<UserError>,
    /// Whether this key was used before, and nothing was done now.
    replayed: bool,
}

/// What came of withdrawing a rule.
#[derive(SimpleObject)]
pub(crate) struct RuleWithdrawPayload {
    /// The rule; null when it was refused.
    rule: Option<RuleObject>,
    /// Why it was not done; empty when it was.
    errors: Vec<UserError>,
    /// Whether this key was used before, and nothing was done now.
    replayed: bool,
}

#[derive(Default)]
pub(crate) struct RuleMutation;

#[Object]
impl RuleMutation {
    /// Schedules the value of a rule from a day to come on. Nothing that has begun is changed by it.
    async fn rule_schedule(
        &self,
        ctx: &Context<'_>,
        input: RuleScheduleInput,
    ) -> Result<RuleSchedulePayload> {
        let change = Schedule {
            organisation: ctx.viewer().organisation(),
            line: Line {
                name: input.name,
                site: input.site.into(),
                programme: input.programme,
            },
            effective_from: input.effective_from.0,
            value: input.value,
            source: input.source,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (id, errors, replayed) = payload(ctx, applied)?;
        Ok(RuleSchedulePayload {
            rule: written(ctx, id).await?,
            errors,
            replayed,
        })
    }

    /// Takes back what was scheduled, until the day on which it would begin to hold.
    async fn rule_withdraw(
        &self,
        ctx: &Context<'_>,
        input: RuleWithdrawInput,
    ) -> Result<RuleWithdrawPayload> {
        let change = Withdraw {
            organisation: ctx.viewer().organisation(),
            id: global_id(&input.rule_id),
            expected_version: input.expected_version.0,
            reason: input.reason,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (id, errors, replayed) = payload(ctx, applied)?;
        Ok(RuleWithdrawPayload {
            rule: written(ctx, id).await?,
            errors,
            replayed,
        })
    }
}

async fn written(ctx: &Context<'_>, id: Option<RuleId>) -> Result<Option<RuleObject>> {
    match id {
        Some(id) => Ok(loaded(ctx, id).await?.map(RuleObject)),
        None => Ok(None),
    }
}

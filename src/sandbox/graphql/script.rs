//! The script of a sandbox's vendor, as a client sees and sets it.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::super::model::script::{self, Answer, Occasion, ScriptDeal, ScriptRule};
use super::super::service::{self, SetScript};
use crate::graphql::{ContextExt as _, Result, UserError, answer, global_id, payload};
use crate::ids::Tagged as _;

/// What the scripted vendor answers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Occasion")]
pub(crate) enum SandboxOccasion {
    /// The partner submitted an opportunity.
    Submission,
    /// The review passed, and the validation waits.
    ReviewPassed,
    /// It was validated, or the partner accepted it; until a contract is signed.
    Settled,
    /// The script was set: for what the vendor does of its own accord, once each time that a script is set.
    ScriptSet,
}

/// What the scripted vendor does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Answer")]
pub(crate) enum SandboxAnswer {
    /// Passes the review; for SUBMISSION.
    Approve,
    /// Refuses it in review; for SUBMISSION, with a reason.
    Reject,
    /// Passes the validation; for `REVIEW_PASSED`.
    Validate,
    /// Refuses it in validation; for `REVIEW_PASSED`, with a reason.
    RejectValidation,
    /// Cancels it; for SETTLED, with a reason.
    Cancel,
    /// Shares an opportunity with the partner as soon as the vendor can; for `SCRIPT_SET`, with what it is about.
    Share,
    /// Nothing, so that deadlines lapse or a person answers; for all.
    Ignore,
}

/// What an opportunity is about that the scripted vendor shares.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct SandboxDeal {
    /// Its name; also its description and need.
    name: String,
    /// The end customer.
    customer_name: String,
    /// The end customer's province or city.
    customer_region: String,
    /// The partner's offering that it is for.
    offering_id: ID,
}

impl From<ScriptDeal> for SandboxDeal {
    fn from(deal: ScriptDeal) -> Self {
        Self {
            name: deal.name,
            customer_name: deal.customer_name,
            customer_region: deal.customer_region,
            offering_id: ID(deal.offering.global()),
        }
    }
}

/// What an opportunity is about that the scripted vendor is to share.
#[derive(Debug, InputObject)]
pub(crate) struct SandboxDealInput {
    /// Its name, up to 100 characters; also its description and need.
    name: String,
    /// The end customer, up to 100 characters.
    customer_name: String,
    /// The end customer's province or city, up to 100 characters.
    customer_region: String,
    /// An offering of the viewer's organisation for which the vendor shares opportunities: a baseline solution or a product
    /// under joint operation.
    offering_id: ID,
}

impl From<SandboxDealInput> for ScriptDeal {
    fn from(deal: SandboxDealInput) -> Self {
        Self {
            name: deal.name,
            customer_name: deal.customer_name,
            customer_region: deal.customer_region,
            offering: global_id(&deal.offering_id),
        }
    }
}

/// One rule of the vendor's script. The first one whose conditions hold answers.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct SandboxRule {
    /// What it answers to.
    on: SandboxOccasion,
    /// Only opportunities with this in their name, in upper or lower case.
    name_contains: Option<String>,
    /// Only opportunities with this in their customer's name, in upper or lower case.
    customer_contains: Option<String>,
    /// It answers so many working days later, at the same time of day.
    after_working_days: Option<i32>,
    /// It answers so many minutes later.
    after_minutes: Option<i32>,
    /// What the vendor does.
    answer: SandboxAnswer,
    /// Why, in words that the partner reads.
    reason: Option<String>,
    /// What is shared, by a rule that shares.
    deal: Option<SandboxDeal>,
}

impl From<&ScriptRule> for SandboxRule {
    fn from(rule: &ScriptRule) -> Self {
        let rule = rule.clone();
        Self {
            on: rule.on.into(),
            name_contains: rule.name_contains,
            customer_contains: rule.customer_contains,
            after_working_days: rule.after_working_days,
            after_minutes: rule.after_minutes,
            answer: rule.answer.into(),
            reason: rule.reason,
            deal: rule.deal.map(SandboxDeal::from),
        }
    }
}

/// One rule of the vendor's script. The first one whose conditions hold answers.
#[derive(Debug, InputObject)]
pub(crate) struct SandboxRuleInput {
    /// What it answers to.
    on: SandboxOccasion,
    /// Only opportunities with this in their name, in upper or lower case.
    name_contains: Option<String>,
    /// Only opportunities with this in their customer's name, in upper or lower case.
    customer_contains: Option<String>,
    /// It answers so many working days later, at the same time of day; 0 to 250. Either this or afterMinutes.
    after_working_days: Option<i32>,
    /// It answers so many minutes later; 0 to 525600.
    after_minutes: Option<i32>,
    /// What the vendor does.
    answer: SandboxAnswer,
    /// Why, in words that the partner reads; for answers that refuse or cancel.
    reason: Option<String>,
    /// What is shared; for SHARE, and for nothing else.
    deal: Option<SandboxDealInput>,
}

impl From<SandboxRuleInput> for ScriptRule {
    fn from(rule: SandboxRuleInput) -> Self {
        Self {
            on: rule.on.into(),
            name_contains: rule.name_contains,
            customer_contains: rule.customer_contains,
            after_working_days: rule.after_working_days,
            after_minutes: rule.after_minutes,
            answer: rule.answer.into(),
            reason: rule.reason,
            deal: rule.deal.map(ScriptDeal::from),
        }
    }
}

/// The script that holds for the viewer's opportunities.
pub(super) async fn of_viewer(ctx: &Context<'_>) -> Result<Vec<SandboxRule>> {
    let loaders = ctx.loaders();
    let read = loaders.loader();
    let own = answer(ctx, service::script(&read.viewer, &read.snapshot).await)?;
    Ok(match own {
        Some(rules) => rules.iter().map(SandboxRule::from).collect(),
        None => script::by_default().iter().map(SandboxRule::from).collect(),
    })
}

/// Sets what the vendor of a sandbox answers to the viewer's opportunities.
#[derive(Debug, InputObject)]
pub(crate) struct SandboxVendorScriptInput {
    /// The rules, at most 50; without a rule everything waits for people. Null brings back the script of a new sandbox:
    /// review passes after one working day, validation two working days later.
    rules: Option<Vec<SandboxRuleInput>>,
    /// A new UUID for each intention; the same one repeats it safely.
    idempotency_key: Uuid,
}

/// What came of setting the script.
#[derive(SimpleObject)]
pub(crate) struct SandboxVendorScriptPayload {
    /// The script that holds now; null when it was refused.
    script: Option<Vec<SandboxRule>>,
    /// Everything that is wrong, rule by rule; empty when it was set.
    errors: Vec<UserError>,
    /// Whether this key had done it before; nothing was done again.
    replayed: bool,
}

#[derive(Default)]
pub(crate) struct SandboxScriptMutation;

#[Object]
impl SandboxScriptMutation {
    /// Sets what the vendor of a sandbox answers to the opportunities of the viewer's organisation and what it shares with
    /// it, and after what time. Answers are given as the clock moves, by a member of the vendor, and stand in the timeline. Only in a sandbox;
    /// anywhere else it answers `SANDBOX_ONLY`.
    async fn sandbox_vendor_script(
        &self,
        ctx: &Context<'_>,
        input: SandboxVendorScriptInput,
    ) -> Result<SandboxVendorScriptPayload> {
        let rules = input
            .rules
            .map(|rules| rules.into_iter().map(ScriptRule::from).collect());
        let applied = match service::expect_inside(ctx.db()) {
            Ok(()) => ctx.apply(input.idempotency_key, &SetScript { rules }).await,
            Err(refusal) => Err(refusal.into()),
        };
        let (done, errors, replayed) = payload(ctx, applied)?;
        let script = match done {
            Some(()) => Some(of_viewer(ctx).await?),
            None => None,
        };
        Ok(SandboxVendorScriptPayload {
            script,
            errors,
            replayed,
        })
    }
}

//! Applying, cancelling, deciding and revealing. Translation only.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::super::model::DedicatedPath;
use super::super::service::{
    self, Apply, ApplyItem, Cancel, CancelWithdraw, Decide, DecideItem, Decision, Disqualify,
    ItemResult, RevealPerson, Target,
};
use super::DedicatedPersonObject;
use super::mutations::{PersonnelPayload, target};
use crate::db::Change;
use crate::graphql::{ContextExt as _, Result, UserError, Version, global_id, loaded, payload};
use crate::ids::{PersonId, Tagged as _};

/// What a partner can name when it applies. The last three have no dedicated personnel, and say so (R-DED-11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
enum DedicatedTrack {
    /// The service path.
    Service,
    /// The path of system integrators.
    SystemIntegrator,
    /// The learning path.
    Learning,
    /// The software path; refused.
    Software,
    /// The distribution programmes; refused.
    Distribution,
    /// The programme of solution providers; refused.
    Csp,
}

impl DedicatedTrack {
    fn path(self) -> Option<DedicatedPath> {
        match self {
            Self::Service => Some(DedicatedPath::Service),
            Self::SystemIntegrator => Some(DedicatedPath::SystemIntegrator),
            Self::Learning => Some(DedicatedPath::Learning),
            Self::Software | Self::Distribution | Self::Csp => None,
        }
    }
}

/// One person of an application.
#[derive(InputObject)]
struct DedicatedPersonApplyItemInput {
    /// The person.
    dedicated_person_id: ID,
    /// The version that was read; another one in the meantime refuses this item.
    expected_version: Version,
    /// The materials: complete documents of the partner's, at least one.
    document_ids: Vec<ID>,
}

/// Applies for dedicated status, for several persons at once.
#[derive(InputObject)]
struct DedicatedPersonApplyInput {
    /// What for: a path that the organisation is on.
    path: DedicatedTrack,
    /// 1 to 50 persons, each once.
    items: Vec<DedicatedPersonApplyItemInput>,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Asks the vendor to end a dedicated status.
#[derive(InputObject)]
struct DedicatedPersonCancelInput {
    /// The person that it is about.
    dedicated_person_id: ID,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// Why; 1 to 500 characters. The vendor reads it (R-DED-12).
    reason: String,
    /// Complete documents of the partner's, at least one (R-DED-12).
    document_ids: Vec<ID>,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Takes back that a dedicated status is to end.
#[derive(InputObject)]
struct DedicatedPersonCancelWithdrawInput {
    /// The person that it is about.
    dedicated_person_id: ID,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// How the vendor decides what a partner asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
enum DedicatedPersonDecision {
    /// As the partner asked.
    Approve,
    /// Not, with a reason.
    Reject,
}

/// One decision.
#[derive(InputObject)]
struct DedicatedPersonDecideItemInput {
    /// The person.
    dedicated_person_id: ID,
    /// The version that was read; another one in the meantime refuses this item.
    expected_version: Version,
    /// How it is decided.
    decision: DedicatedPersonDecision,
    /// Why it is refused, 1 to 500 characters; the partner reads it. Not used for an approval.
    reason: Option<String>,
}

/// Decides what partners asked for.
#[derive(InputObject)]
struct DedicatedPersonDecideInput {
    /// 1 to 50 decisions, each of another person.
    items: Vec<DedicatedPersonDecideItemInput>,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Takes a dedicated status away.
#[derive(InputObject)]
struct DedicatedPersonDisqualifyInput {
    /// The person that it is about.
    dedicated_person_id: ID,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// Why; 1 to 500 characters. The partner reads it.
    reason: String,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// What came of one item.
#[derive(SimpleObject)]
struct DedicatedPersonResult {
    /// The person that it was about.
    dedicated_person_id: ID,
    /// The person as it is now; null when the item was refused.
    dedicated_person: Option<DedicatedPersonObject>,
    /// Everything that speaks against it; empty when it was done.
    errors: Vec<UserError>,
}

/// What came of many items.
#[derive(SimpleObject)]
#[graphql(
    concrete(name = "DedicatedPersonApplyPayload", params(Apply)),
    concrete(name = "DedicatedPersonDecidePayload", params(Decide))
)]
struct PersonnelBatchPayload<C: Send + Sync> {
    /// One for each item, in their order; empty when the call as a whole was refused.
    results: Vec<DedicatedPersonResult>,
    /// What speaks against the call as a whole.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was done again.
    replayed: bool,
    #[graphql(skip)]
    change: std::marker::PhantomData<C>,
}

impl<C: Change<Outcome = Vec<ItemResult>>> PersonnelBatchPayload<C> {
    async fn of(ctx: &Context<'_>, key: Uuid, change: C) -> Result<Self> {
        let (found, errors, replayed) = payload(ctx, ctx.apply(key, &change).await)?;
        let mut results = Vec::new();
        for result in found.unwrap_or_default() {
            let person = match result.version {
                Some(_) => loaded(ctx, result.id).await?,
                None => None,
            };
            let refusals = result.refusals();
            let errors = refusals
                .iter()
                .map(|refusal| UserError::new(refusal, ctx.locale()));
            results.push(DedicatedPersonResult {
                dedicated_person_id: ID(result.id.global()),
                dedicated_person: person.map(DedicatedPersonObject),
                errors: errors.collect(),
            });
        }
        Ok(Self {
            results,
            errors,
            replayed,
            change: std::marker::PhantomData,
        })
    }
}

/// A value of a person that is masked by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "service::PersonalField")]
enum DedicatedPersonField {
    /// The e-mail address.
    Email,
    /// The mobile number.
    Mobile,
}

/// Reads values of a person in full.
#[derive(InputObject)]
struct DedicatedPersonRevealInput {
    /// The person that it is about.
    dedicated_person_id: ID,
    /// Which values; at least one.
    fields: Vec<DedicatedPersonField>,
    /// What for; stands in the person's history. 1 to 500 characters that are not only spaces.
    purpose: String,
    /// A fresh UUID for each reading; the same one again records nothing and shows nothing.
    idempotency_key: Uuid,
}

/// What was asked for, once.
#[derive(SimpleObject)]
struct DedicatedPersonRevealPayload {
    /// The e-mail address; null when it was not asked for, when there is none, or when this is a repetition.
    email: Option<String>,
    /// The mobile number; null when it was not asked for, when there is none, or when this is a repetition.
    mobile: Option<String>,
    /// Why nothing is shown; empty when it is.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: the values were shown then and are not shown again.
    replayed: bool,
}

fn item(id: &ID, version: Version) -> Target {
    target(id, version)
}

impl From<DedicatedPersonDecideItemInput> for DecideItem {
    fn from(given: DedicatedPersonDecideItemInput) -> Self {
        Self {
            target: item(&given.dedicated_person_id, given.expected_version),
            decision: match given.decision {
                DedicatedPersonDecision::Approve => Decision::Approve,
                DedicatedPersonDecision::Reject => {
                    Decision::Reject(given.reason.unwrap_or_default())
                }
            },
        }
    }
}

impl From<DedicatedPersonApplyItemInput> for ApplyItem {
    fn from(given: DedicatedPersonApplyItemInput) -> Self {
        Self {
            target: item(&given.dedicated_person_id, given.expected_version),
            documents: given.document_ids.iter().map(global_id).collect(),
        }
    }
}

#[derive(Default)]
pub(crate) struct PersonnelApplicationMutation;

#[Object]
impl PersonnelApplicationMutation {
    /// Applies to the vendor for dedicated status; needs personnel.manage. Each person is decided by itself: one that is
    /// refused stops no other. A person must be associated, have a base location and nothing pending (R-DED-10); the
    /// distribution and CSP programmes have no dedicated personnel (R-DED-11).
    async fn dedicated_person_apply(
        &self,
        ctx: &Context<'_>,
        input: DedicatedPersonApplyInput,
    ) -> Result<PersonnelBatchPayload<Apply>> {
        let change = Apply {
            path: input.path.path(),
            items: input.items.into_iter().map(Into::into).collect(),
        };
        PersonnelBatchPayload::of(ctx, input.idempotency_key, change).await
    }

    /// Asks the vendor to end a dedicated status, with a reason and a file (R-DED-12); needs personnel.manage.
    async fn dedicated_person_cancel(
        &self,
        ctx: &Context<'_>,
        input: DedicatedPersonCancelInput,
    ) -> Result<PersonnelPayload<Cancel>> {
        let change = Cancel {
            target: item(&input.dedicated_person_id, input.expected_version),
            reason: input.reason,
            documents: input.document_ids.iter().map(global_id).collect(),
        };
        PersonnelPayload::of(ctx, input.idempotency_key, Ok(change)).await
    }

    /// Takes that back, as long as the vendor has not decided (R-DED-13); needs personnel.manage.
    async fn dedicated_person_cancel_withdraw(
        &self,
        ctx: &Context<'_>,
        input: DedicatedPersonCancelWithdrawInput,
    ) -> Result<PersonnelPayload<CancelWithdraw>> {
        let target = item(&input.dedicated_person_id, input.expected_version);
        PersonnelPayload::of(ctx, input.idempotency_key, Ok(CancelWithdraw { target })).await
    }

    /// Decides what partners asked for, by the vendor; needs personnel.review. Each is decided by itself: one that is
    /// refused stops no other.
    async fn dedicated_person_decide(
        &self,
        ctx: &Context<'_>,
        input: DedicatedPersonDecideInput,
    ) -> Result<PersonnelBatchPayload<Decide>> {
        let change = Decide(input.items.into_iter().map(Into::into).collect());
        PersonnelBatchPayload::of(ctx, input.idempotency_key, change).await
    }

    /// Takes a dedicated status away, by the vendor and with a reason; needs personnel.review.
    async fn dedicated_person_disqualify(
        &self,
        ctx: &Context<'_>,
        input: DedicatedPersonDisqualifyInput,
    ) -> Result<PersonnelPayload<Disqualify>> {
        let change = Disqualify {
            target: item(&input.dedicated_person_id, input.expected_version),
            reason: input.reason,
        };
        PersonnelPayload::of(ctx, input.idempotency_key, Ok(change)).await
    }

    /// Reads masked values of a person in full, and records who read which and what for; needs personnel.read and
    /// personal.reveal. Of who is not associated there is nothing to read (R-DED-9).
    async fn dedicated_person_reveal(
        &self,
        ctx: &Context<'_>,
        input: DedicatedPersonRevealInput,
    ) -> Result<DedicatedPersonRevealPayload> {
        let person: PersonId = global_id(&input.dedicated_person_id);
        let change = RevealPerson {
            person,
            fields: input.fields.iter().map(|&field| field.into()).collect(),
            purpose: input.purpose,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (revealed, errors, replayed) = payload(ctx, applied)?;
        let found = match revealed {
            Some(_) if !replayed => loaded(ctx, person).await?,
            Some(_) | None => None,
        };
        let profile = found
            .and_then(|found| found.person.profile)
            .unwrap_or_default();
        let asks = |field| input.fields.contains(&field);
        Ok(DedicatedPersonRevealPayload {
            email: profile.email.filter(|_| asks(DedicatedPersonField::Email)),
            mobile: profile
                .mobile
                .filter(|_| asks(DedicatedPersonField::Mobile)),
            errors,
            replayed,
        })
    }
}

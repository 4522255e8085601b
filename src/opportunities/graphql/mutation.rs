//! Changing opportunities: the inputs as changes, and what came of them.

use std::marker::PhantomData;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use uuid::Uuid;

use super::super::model::{Contact, ContentEdit, Edit};
use super::super::service::{Create, ReviewApprove, ReviewReject, Submit, Update, Written};
use super::OpportunityObject;
use crate::db::Change;
use crate::graphql::{
    ContextExt as _, Date, MoneyInput, Result, UserError, Version, global_id, loaded, payload,
};
use crate::ids::MemberId;

/// A person at the customer.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityContactInput {
    /// 100 characters at most.
    name: String,
    /// Digits, spaces and + - ( ); 32 characters at most. A submission needs a phone number or an e-mail address.
    phone: Option<String>,
    /// 254 characters at most.
    email: Option<String>,
}

impl From<OpportunityContactInput> for Contact {
    fn from(contact: OpportunityContactInput) -> Self {
        Self {
            name: contact.name,
            phone: contact.phone,
            email: contact.email,
        }
    }
}

/// What the partner writes about a deal, beside its name.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityContentInput {
    /// What it is about, for people; 2,000 characters at most.
    description: MaybeUndefined<String>,
    /// The end customer's company; 200 characters at most.
    customer_name: MaybeUndefined<String>,
    /// Where the end customer is; 100 characters at most.
    customer_region: MaybeUndefined<String>,
    /// The end customer's line of business; 100 characters at most.
    customer_industry: MaybeUndefined<String>,
    /// What the vendor may expect to earn; above 0, and not below the programme's minimum, to be submitted.
    expected_revenue: MaybeUndefined<MoneyInput>,
    /// Budget, of BANT: what the customer may spend. In the currency of expectedRevenue; above 0 to be submitted.
    budget: MaybeUndefined<MoneyInput>,
    /// Authority, of BANT: who decides at the customer; 100 characters at most.
    decision_maker: MaybeUndefined<String>,
    /// Need, of BANT: what the customer needs; 2,000 characters at most.
    need: MaybeUndefined<String>,
    /// Timeline, of BANT: the day on which the customer plans to buy, from the year 2000 to 2100.
    purchase_on: MaybeUndefined<Date>,
    /// The people at the customer, 20 at most; replaces the whole list.
    contacts: MaybeUndefined<Vec<OpportunityContactInput>>,
    /// Whether the customer consented to share its data with the vendor; must be true to be submitted.
    customer_consent_confirmed: MaybeUndefined<bool>,
    /// The deal's name in the partner's own system, unique in its organisation; 64 characters at most.
    external_reference: MaybeUndefined<String>,
    /// The active member who answers for the deal; whoever creates it, unless given. Cannot be null.
    owner_id: MaybeUndefined<ID>,
    /// One of the organisation's own resellers, through which it sells.
    reseller_id: MaybeUndefined<ID>,
}

/// Absent leaves the field as it is, null clears it.
fn edit<T, U>(value: MaybeUndefined<T>, convert: impl FnOnce(T) -> U) -> Edit<U> {
    match value {
        MaybeUndefined::Undefined => Edit::Leave,
        MaybeUndefined::Null => Edit::Clear,
        MaybeUndefined::Value(value) => Edit::Set(convert(value)),
    }
}

impl OpportunityContentInput {
    fn into_edit(self, name: MaybeUndefined<String>) -> ContentEdit {
        let text = |text| edit(text, |text: String| text);
        let contacts = |contacts: Vec<_>| contacts.into_iter().map(Contact::from).collect();
        ContentEdit {
            name: text(name),
            description: text(self.description),
            customer_name: text(self.customer_name),
            customer_region: text(self.customer_region),
            customer_industry: text(self.customer_industry),
            expected_revenue: edit(self.expected_revenue, MoneyInput::into),
            budget: edit(self.budget, MoneyInput::into),
            decision_maker: text(self.decision_maker),
            need: text(self.need),
            purchase_on: edit(self.purchase_on, |day| day.0),
            contacts: edit(self.contacts, contacts),
            customer_consent_confirmed: edit(self.customer_consent_confirmed, |given| given),
            external_reference: text(self.external_reference),
            owner: edit(self.owner_id, |id| global_id::<MemberId>(&id)),
            reseller: edit(self.reseller_id, |id| global_id(&id)),
        }
    }
}

/// Opens a draft.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityCreateInput {
    /// What it is called; 1 to 100 characters.
    name: String,
    #[graphql(flatten)]
    content: OpportunityContentInput,
    /// A new UUID for each intention; the same one repeats it safely.
    idempotency_key: Uuid,
}

/// Edits an opportunity. A field that is absent stays as it is; null clears it.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityUpdateInput {
    /// Which opportunity; another organisation's answers like one that nobody has.
    opportunity_id: ID,
    /// The version that the viewer saw.
    expected_version: Version,
    /// What it is called; 1 to 100 characters. Cannot be null.
    name: MaybeUndefined<String>,
    #[graphql(flatten)]
    content: OpportunityContentInput,
    /// A new UUID for each intention; the same one repeats it safely.
    idempotency_key: Uuid,
}

/// Submits an opportunity to the vendor's review.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunitySubmitInput {
    /// Which opportunity; another organisation's answers like one that nobody has.
    opportunity_id: ID,
    /// The version that the viewer saw.
    expected_version: Version,
    /// A new UUID for each intention; the same one repeats it safely.
    idempotency_key: Uuid,
}

/// Passes the review of an opportunity.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityReviewApproveInput {
    /// Which opportunity; another organisation's answers like one that nobody has.
    opportunity_id: ID,
    /// The version that the viewer saw.
    expected_version: Version,
    /// A new UUID for each intention; the same one repeats it safely.
    idempotency_key: Uuid,
}

/// Refuses an opportunity in review.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityReviewRejectInput {
    /// Which opportunity; another organisation's answers like one that nobody has.
    opportunity_id: ID,
    /// The version that the viewer saw.
    expected_version: Version,
    /// Why, in words that the partner reads; 1 to 500 characters that are not only spaces.
    reason: String,
    /// A new UUID for each intention; the same one repeats it safely.
    idempotency_key: Uuid,
}

/// What came of a change.
#[derive(SimpleObject)]
#[graphql(
    concrete(name = "OpportunityCreatePayload", params(Create)),
    concrete(name = "OpportunityUpdatePayload", params(Update)),
    concrete(name = "OpportunitySubmitPayload", params(Submit)),
    concrete(name = "OpportunityReviewApprovePayload", params(ReviewApprove)),
    concrete(name = "OpportunityReviewRejectPayload", params(ReviewReject))
)]
pub(crate) struct OpportunityPayload<C: Send + Sync> {
    /// The opportunity as it is now; null when the change was refused.
    opportunity: Option<OpportunityObject>,
    /// Everything that speaks against the change; empty when it was done.
    errors: Vec<UserError>,
    /// Whether this key had done it before; nothing was done again.
    replayed: bool,
    #[graphql(skip)]
    change: PhantomData<C>,
}

impl<C: Change<Outcome = Written>> OpportunityPayload<C> {
    /// Carries the change out and reads the opportunity as it is afterwards.
    async fn of(ctx: &Context<'_>, key: Uuid, change: C) -> Result<Self> {
        let (written, errors, replayed) = payload(ctx, ctx.apply(key, &change).await)?;
        let opportunity = match written {
            Some(written) => loaded(ctx, written.id).await?.map(OpportunityObject),
            None => None,
        };
        Ok(Self {
            opportunity,
            errors,
            replayed,
            change: PhantomData,
        })
    }
}

#[derive(Default)]
pub(crate) struct OpportunityMutation;

#[Object]
impl OpportunityMutation {
    /// Opens a draft of an opportunity. It may be incomplete, and nobody outside the organisation sees it.
    async fn opportunity_create(
        &self,
        ctx: &Context<'_>,
        input: OpportunityCreateInput,
    ) -> Result<OpportunityPayload<Create>> {
        let name = MaybeUndefined::Value(input.name);
        let content = input.content.into_edit(name);
        OpportunityPayload::of(ctx, input.idempotency_key, Create { content }).await
    }

    /// Edits a draft, or an opportunity that the vendor refused. A submitted one is closed to the partner.
    async fn opportunity_update(
        &self,
        ctx: &Context<'_>,
        input: OpportunityUpdateInput,
    ) -> Result<OpportunityPayload<Update>> {
        let change = Update {
            id: global_id(&input.opportunity_id),
            expected_version: input.expected_version.0,
            content: input.content.into_edit(input.name),
        };
        OpportunityPayload::of(ctx, input.idempotency_key, change).await
    }

    /// Submits an opportunity to the vendor's review; it cannot be withdrawn. Everything that is missing comes back at
    /// once. A refused one may be submitted again, until 3 rounds were refused.
    async fn opportunity_submit(
        &self,
        ctx: &Context<'_>,
        input: OpportunitySubmitInput,
    ) -> Result<OpportunityPayload<Submit>> {
        let change = Submit {
            id: global_id(&input.opportunity_id),
            expected_version: input.expected_version.0,
        };
        OpportunityPayload::of(ctx, input.idempotency_key, change).await
    }

    /// Passes the review, by the vendor; validation with the customer follows.
    async fn opportunity_review_approve(
        &self,
        ctx: &Context<'_>,
        input: OpportunityReviewApproveInput,
    ) -> Result<OpportunityPayload<ReviewApprove>> {
        let change = ReviewApprove {
            id: global_id(&input.opportunity_id),
            expected_version: input.expected_version.0,
        };
        OpportunityPayload::of(ctx, input.idempotency_key, change).await
    }

    /// Refuses an opportunity in review, by the vendor, with a reason. The partner may submit it again.
    async fn opportunity_review_reject(
        &self,
        ctx: &Context<'_>,
        input: OpportunityReviewRejectInput,
    ) -> Result<OpportunityPayload<ReviewReject>> {
        let change = ReviewReject {
            id: global_id(&input.opportunity_id),
            expected_version: input.expected_version.0,
            reason: input.reason,
        };
        OpportunityPayload::of(ctx, input.idempotency_key, change).await
    }
}

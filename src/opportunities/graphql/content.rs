//! What is written of a deal, as inputs.

use async_graphql::{Context, ID, InputObject, MaybeUndefined};

use super::super::model::{Contact, ContentEdit, Opportunity};
use super::particulars::{OpportunityParticularsInput, edit};
use crate::graphql::{Date, MoneyInput, Result, global_id, loaded};
use crate::ids::MemberId;
use crate::resellers::ResellerObject;

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

/// What is known of a deal, whichever side writes it.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityDealInput {
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
    #[graphql(flatten)]
    particulars: OpportunityParticularsInput,
}

/// What the partner writes about a deal, beside its name.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityContentInput {
    #[graphql(flatten)]
    deal: OpportunityDealInput,
    /// The deal's name in the partner's own system, unique in its organisation; 64 characters at most.
    external_reference: MaybeUndefined<String>,
    /// The active member who answers for the deal; whoever creates it, unless given. Cannot be null.
    owner_id: MaybeUndefined<ID>,
    /// One of the organisation's own resellers, through which it sells.
    reseller_id: MaybeUndefined<ID>,
}

impl OpportunityDealInput {
    pub(super) fn into_edit(self, name: MaybeUndefined<String>) -> ContentEdit {
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
            particulars: self.particulars.into_edit(),
            ..ContentEdit::default()
        }
    }
}

impl OpportunityContentInput {
    pub(super) fn into_edit(self, name: MaybeUndefined<String>) -> ContentEdit {
        ContentEdit {
            external_reference: edit(self.external_reference, |text: String| text),
            owner: edit(self.owner_id, |id| global_id::<MemberId>(&id)),
            reseller: edit(self.reseller_id, |id| global_id(&id)),
            ..self.deal.into_edit(name)
        }
    }
}

/// Null also when the viewer may not read resellers.
pub(super) async fn reseller(
    ctx: &Context<'_>,
    opportunity: &Opportunity,
) -> Result<Option<ResellerObject>> {
    match opportunity.content.reseller {
        Some(reseller) => Ok(loaded(ctx, reseller).await?.map(ResellerObject)),
        None => Ok(None),
    }
}

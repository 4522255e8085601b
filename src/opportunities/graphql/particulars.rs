//! What the partner offers and asks for in a deal, as inputs and as fields.

use async_graphql::{Context, Enum, ID, InputObject, MaybeUndefined};

use super::super::model::{self, Edit, Opportunity, ParticularsEdit};
use crate::catalogue::{
    CloudServiceCode, CloudServiceObject, OfferingObject, OfficeCode, OfficeObject, OfficeOfRegion,
};
use crate::graphql::{Result, global_id, loaded, loaded_all};

/// What was done with the customer before the deal was shared. New kinds may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::PreSalesActivity")]
pub(crate) enum PreSalesActivity {
    /// The customer was visited.
    CustomerVisit,
    /// Both sides agreed on what is needed.
    RequirementAlignment,
    /// The solution was presented and discussed.
    SolutionTalk,
    /// The solution was shown at work.
    Demonstration,
    /// The customer tried the solution on its own case.
    ProofOfConcept,
    /// The customer has a quotation.
    Quotation,
}

/// What the partner asks the vendor for. New kinds may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::SupportKind")]
pub(crate) enum OpportunitySupport {
    /// Examining the architecture.
    ArchitectureValidation,
    /// Showing the business case.
    BusinessDemo,
    /// Advice on technology.
    TechnicalConsulting,
    /// Advice on strategy.
    StrategySupport,
    /// Sizing and configuring resources.
    ResourceConfiguration,
    /// Nothing; the vendor only sees the deal (仅供可视).
    VisibilityOnly,
}

/// What the partner offers and asks for in a deal, and who the customer is.
#[derive(Debug, InputObject)]
pub(crate) struct OpportunityParticularsInput {
    /// The partner's own active offerings that the deal is about, 20 at most; replaces the whole list. A submission needs
    /// one. The demand tags follow them.
    offering_ids: MaybeUndefined<Vec<ID>>,
    /// What was done with the customer before; replaces the whole list. A submission needs one.
    pre_sales_activities: MaybeUndefined<Vec<PreSalesActivity>>,
    /// Codes of the vendor's cloud services that may be used, 50 at most; replaces the whole list.
    cloud_services: MaybeUndefined<Vec<String>>,
    /// What the partner asks the vendor for; replaces the whole list.
    requested_support: MaybeUndefined<Vec<OpportunitySupport>>,
    /// The customer's unified social credit code (统一社会信用代码): 18 characters with a check character.
    unified_social_credit_code: MaybeUndefined<String>,
    /// The customer's internet domain, such as customer.example; an address of a web page will do.
    customer_domain: MaybeUndefined<String>,
}

impl OpportunityParticularsInput {
    pub(super) fn into_edit(self) -> ParticularsEdit {
        let ids = |ids: Vec<ID>| ids.iter().map(global_id).collect();
        let activities = |list: Vec<PreSalesActivity>| list.into_iter().map(Into::into).collect();
        let support = |list: Vec<OpportunitySupport>| list.into_iter().map(Into::into).collect();
        let codes = |codes: Vec<String>| {
            let trimmed = codes.into_iter().map(|code| code.trim().to_owned());
            trimmed.collect()
        };
        ParticularsEdit {
            offerings: edit(self.offering_ids, ids),
            pre_sales: edit(self.pre_sales_activities, activities),
            cloud_services: edit(self.cloud_services, codes),
            support: edit(self.requested_support, support),
            credit_code: edit(self.unified_social_credit_code, |text| text),
            customer_domain: edit(self.customer_domain, |text| text),
        }
    }
}

/// Absent leaves the field as it is, null clears it.
pub(super) fn edit<T, U>(value: MaybeUndefined<T>, convert: impl FnOnce(T) -> U) -> Edit<U> {
    match value {
        MaybeUndefined::Undefined => Edit::Leave,
        MaybeUndefined::Null => Edit::Clear,
        MaybeUndefined::Value(value) => Edit::Set(convert(value)),
    }
}

pub(super) async fn offerings(
    ctx: &Context<'_>,
    opportunity: &Opportunity,
) -> Result<Vec<OfferingObject>> {
    let found = loaded_all(ctx, &opportunity.content.particulars.offerings).await?;
    Ok(found.into_iter().map(OfferingObject).collect())
}

/// The tags of all offerings, each once, in the order of the offerings.
pub(super) async fn demand_tags(
    ctx: &Context<'_>,
    opportunity: &Opportunity,
) -> Result<Vec<String>> {
    let found = loaded_all(ctx, &opportunity.content.particulars.offerings).await?;
    let mut tags: Vec<String> = Vec::new();
    for tag in found.into_iter().flat_map(|offering| offering.demand_tags) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Ok(tags)
}

pub(super) async fn cloud_services(
    ctx: &Context<'_>,
    opportunity: &Opportunity,
) -> Result<Vec<CloudServiceObject>> {
    let codes = opportunity.content.particulars.cloud_services.iter();
    let keys: Vec<CloudServiceCode> = codes.cloned().map(CloudServiceCode).collect();
    let found = loaded_all(ctx, &keys).await?;
    Ok(found.into_iter().map(CloudServiceObject).collect())
}

/// The office that was written down; before that, the one that would be.
pub(super) async fn office(
    ctx: &Context<'_>,
    opportunity: &Opportunity,
) -> Result<Option<OfficeObject>> {
    let found = if let Some(code) = &opportunity.office {
        loaded(ctx, OfficeCode(code.clone())).await?
    } else if opportunity.content.customer_region.is_empty() {
        None
    } else {
        let region = opportunity.content.customer_region.clone();
        loaded(ctx, OfficeOfRegion(region)).await?
    };
    Ok(found.map(OfficeObject))
}

pub(super) fn pre_sales(opportunity: &Opportunity) -> Vec<PreSalesActivity> {
    let activities = opportunity.content.particulars.pre_sales.iter();
    activities.map(|&one| one.into()).collect()
}

pub(super) fn support(opportunity: &Opportunity) -> Vec<OpportunitySupport> {
    let support = opportunity.content.particulars.support.iter();
    support.map(|&one| one.into()).collect()
}

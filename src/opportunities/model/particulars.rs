//! What the partner says of a deal beyond its story: what it offers, what was done, what it asks for, who the customer is.

use std::collections::HashMap;

use super::super::error::Fault;
use super::content::check_line;
use super::customer;
use super::edit::Edit;
use crate::catalogue::ListState;
use crate::error::Faults;
use crate::ids::OfferingId;
use crate::words::words;

/// Offerings of one deal at most.
const OFFERINGS: usize = 20;
const CLOUD_SERVICES: usize = 50;
const CODE_LENGTH: usize = 64;
const DOMAIN_LENGTH: usize = 253;

words! {
    /// What was done with the customer before the deal was shared (R-OPP-21).
    PreSalesActivity {
        CustomerVisit = "CUSTOMER_VISIT",
        RequirementAlignment = "REQUIREMENT_ALIGNMENT",
        SolutionTalk = "SOLUTION_TALK",
        Demonstration = "DEMONSTRATION",
        ProofOfConcept = "PROOF_OF_CONCEPT",
        Quotation = "QUOTATION",
    }

    /// What the partner asks the vendor for.
    SupportKind {
        ArchitectureValidation = "ARCHITECTURE_VALIDATION",
        BusinessDemo = "BUSINESS_DEMO",
        TechnicalConsulting = "TECHNICAL_CONSULTING",
        StrategySupport = "STRATEGY_SUPPORT",
        ResourceConfiguration = "RESOURCE_CONFIGURATION",
        VisibilityOnly = "VISIBILITY_ONLY",
    }
}

/// Lists have no repetitions; their order is the partner's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Particulars {
    /// The partner's own; the demand tags of the deal are theirs (R-OPP-20).
    pub(crate) offerings: Vec<OfferingId>,
    pub(crate) pre_sales: Vec<PreSalesActivity>,
    /// Codes of the vendor's catalogue.
    pub(crate) cloud_services: Vec<String>,
    pub(crate) support: Vec<SupportKind>,
    /// The customer's, with a right check character.
    pub(crate) credit_code: Option<String>,
    /// The customer's, in its one spelling.
    pub(crate) customer_domain: Option<String>,
}

/// What the catalogue says of the offerings and services that a deal names; what it does not know is absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Catalogued {
    pub(crate) offerings: HashMap<OfferingId, ListState>,
    pub(crate) services: HashMap<String, ListState>,
}

/// A change of particulars, field by field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ParticularsEdit {
    pub(crate) offerings: Edit<Vec<OfferingId>>,
    pub(crate) pre_sales: Edit<Vec<PreSalesActivity>>,
    pub(crate) cloud_services: Edit<Vec<String>>,
    pub(crate) support: Edit<Vec<SupportKind>>,
    pub(crate) credit_code: Edit<String>,
    pub(crate) customer_domain: Edit<String>,
}

impl Particulars {
    /// Takes over what the edit sets; answers which fields differ, under the names that clients know.
    pub(super) fn put(&mut self, edit: &ParticularsEdit) -> [(&'static str, bool); 6] {
        let code = spelled(&edit.credit_code, customer::credit_code);
        let domain = spelled(&edit.customer_domain, customer::domain);
        [
            (
                "offeringIds",
                put_list(&edit.offerings, &mut self.offerings),
            ),
            (
                "preSalesActivities",
                put_list(&edit.pre_sales, &mut self.pre_sales),
            ),
            (
                "cloudServices",
                put_list(&edit.cloud_services, &mut self.cloud_services),
            ),
            (
                "requestedSupport",
                put_list(&edit.support, &mut self.support),
            ),
            (
                "unifiedSocialCreditCode",
                code.put_or_clear(&mut self.credit_code),
            ),
            (
                "customerDomain",
                domain.put_or_clear(&mut self.customer_domain),
            ),
        ]
    }

    /// Faults of form. What the catalogue says of offerings and services is the service's to ask.
    pub(super) fn check(&self, faults: &mut Faults) {
        for (path, length, maximum) in [
            ("offeringIds", self.offerings.len(), OFFERINGS),
            ("cloudServices", self.cloud_services.len(), CLOUD_SERVICES),
        ] {
            if length > maximum {
                faults.add(Fault::TooMany { maximum }.at(path));
            }
        }
        for (index, code) in self.cloud_services.iter().enumerate() {
            check_line(faults, &format!("cloudServices.{index}"), code, CODE_LENGTH);
        }
        if let Some(code) = &self.credit_code
            && customer::credit_code(code).is_none()
        {
            faults.add(Fault::NotACreditCode.at("unifiedSocialCreditCode"));
        }
        if let Some(domain) = &self.customer_domain
            && (customer::domain(domain).is_none() || domain.len() > DOMAIN_LENGTH)
        {
            faults.add(Fault::NotADomain.at("customerDomain"));
        }
    }

    /// A fault for each offering that is not an active one of the partner's, and for each cloud service that cannot be
    /// chosen (R-OPP-20, R-OPP-21); what was named `before` is not asked again. Another partner's offering answers like
    /// one that nobody has.
    pub(crate) fn check_catalogue(
        &self,
        before: Option<&Self>,
        catalogued: &Catalogued,
        faults: &mut Faults,
    ) {
        for (index, id) in self.offerings.iter().enumerate() {
            if before.is_some_and(|before| before.offerings.contains(id)) {
                continue;
            }
            let path = format!("offeringIds.{index}");
            match catalogued.offerings.get(id) {
                None => faults.add(Fault::OfferingUnknown.at(&path)),
                Some(ListState::Retired) => faults.add(Fault::OfferingRetired.at(&path)),
                Some(ListState::Active) => {}
            }
        }
        for (index, code) in self.cloud_services.iter().enumerate() {
            if before.is_some_and(|before| before.cloud_services.contains(code)) {
                continue;
            }
            let path = format!("cloudServices.{index}");
            match catalogued.services.get(code) {
                None => faults.add(Fault::CloudServiceUnknown.at(&path)),
                Some(ListState::Retired) => faults.add(Fault::CloudServiceRetired.at(&path)),
                Some(ListState::Active) => {}
            }
        }
    }

    /// What a submission needs of them (R-OPP-20, R-OPP-21).
    pub(super) fn check_complete(&self, catalogued: &Catalogued, faults: &mut Faults) {
        if self.offerings.is_empty() {
            faults.add(Fault::NoOffering.at("offeringIds"));
        }
        if self.pre_sales.is_empty() {
            faults.add(Fault::Incomplete.at("preSalesActivities"));
        }
        self.check_catalogue(None, catalogued, faults);
    }
}

/// A list without repetitions, each item where it stood first.
fn put_list<T: Clone + PartialEq>(edit: &Edit<Vec<T>>, field: &mut Vec<T>) -> bool {
    let distinct = match edit {
        Edit::Set(items) => {
            let mut distinct: Vec<T> = Vec::with_capacity(items.len());
            for item in items {
                if !distinct.contains(item) {
                    distinct.push(item.clone());
                }
            }
            Edit::Set(distinct)
        }
        Edit::Leave => Edit::Leave,
        Edit::Clear => Edit::Clear,
    };
    distinct.put(field, Vec::new())
}

/// A text in its one spelling; one that has none is kept to be refused, and a blank one clears the field.
fn spelled(edit: &Edit<String>, spell: fn(&str) -> Option<String>) -> Edit<String> {
    match edit {
        Edit::Set(text) if text.trim().is_empty() => Edit::Clear,
        Edit::Set(text) => Edit::Set(spell(text).unwrap_or_else(|| text.trim().to_owned())),
        Edit::Leave => Edit::Leave,
        Edit::Clear => Edit::Clear,
    }
}

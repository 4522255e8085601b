//! What the partner writes about a deal: how it is edited, and what it must bring to be submitted.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::super::error::Fault;
use super::contact::{self, Contact};
use super::edit::Edit;
use super::particulars::{Catalogued, Particulars, ParticularsEdit};
use crate::error::{Failure, Faults};
use crate::ids::{MemberId, ResellerId};
use crate::money::Money;

const NAME_LENGTH: usize = 100;
const CUSTOMER_NAME_LENGTH: usize = 200;
const PROSE_LENGTH: usize = 2000;
const REFERENCE_LENGTH: usize = 64;
const CONTACTS: usize = 20;
/// Before and after these years a day is a slip of the finger.
const PURCHASE_YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

/// Everything about a deal that is the partner's to write. Texts are empty until they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) customer_name: String,
    pub(crate) customer_region: String,
    pub(crate) customer_industry: String,
    /// What the vendor may expect to earn.
    pub(crate) expected_revenue: Option<Money>,
    /// What the customer may spend, in the same currency.
    pub(crate) budget: Option<Money>,
    pub(crate) decision_maker: String,
    pub(crate) need: String,
    pub(crate) purchase_on: Option<NaiveDate>,
    pub(crate) contacts: Vec<Contact>,
    /// The customer consented to share its data with the vendor.
    pub(crate) customer_consent_confirmed: bool,
    /// The deal's name in the partner's own system; unique in the organisation.
    pub(crate) external_reference: Option<String>,
    pub(crate) owner: MemberId,
    pub(crate) reseller: Option<ResellerId>,
    pub(crate) particulars: Particulars,
}

/// A change of content, field by field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ContentEdit {
    pub(crate) name: Edit<String>,
    pub(crate) description: Edit<String>,
    pub(crate) customer_name: Edit<String>,
    pub(crate) customer_region: Edit<String>,
    pub(crate) customer_industry: Edit<String>,
    pub(crate) expected_revenue: Edit<Money>,
    pub(crate) budget: Edit<Money>,
    pub(crate) decision_maker: Edit<String>,
    pub(crate) need: Edit<String>,
    pub(crate) purchase_on: Edit<NaiveDate>,
    pub(crate) contacts: Edit<Vec<Contact>>,
    pub(crate) customer_consent_confirmed: Edit<bool>,
    pub(crate) external_reference: Edit<String>,
    pub(crate) owner: Edit<MemberId>,
    pub(crate) reseller: Edit<ResellerId>,
    pub(crate) particulars: ParticularsEdit,
}

impl Content {
    /// Nothing is known yet but who answers for it.
    pub(crate) fn blank(owner: MemberId) -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            customer_name: String::new(),
            customer_region: String::new(),
            customer_industry: String::new(),
            expected_revenue: None,
            budget: None,
            decision_maker: String::new(),
            need: String::new(),
            purchase_on: None,
            contacts: Vec::new(),
            customer_consent_confirmed: false,
            external_reference: None,
            owner,
            reseller: None,
            particulars: Particulars::default(),
        }
    }

    /// The content after an edit, and the fields that differ; every fault of form at once.
    pub(crate) fn edited(&self, edit: &ContentEdit) -> Result<(Self, Vec<&'static str>), Failure> {
        let mut content = self.clone();
        let changed = content.put(edit);
        let mut faults = Faults::default();
        if edit.owner == Edit::Clear {
            faults.add(Fault::OwnerRequired.at("ownerId"));
        }
        content.check_texts(&mut faults);
        content.check_values(&mut faults);
        content.check_contacts(&mut faults);
        content.particulars.check(&mut faults);
        faults.check()?;
        Ok((content, changed))
    }

    /// Takes over every field that the edit sets, under the names that clients know.
    fn put(&mut self, edit: &ContentEdit) -> Vec<&'static str> {
        let consent = &mut self.customer_consent_confirmed;
        let owner = self.owner;
        let reference = match &edit.external_reference {
            Edit::Set(text) if !text.trim().is_empty() => Edit::Set(text.trim().to_owned()),
            Edit::Set(_) | Edit::Clear => Edit::Clear,
            Edit::Leave => Edit::Leave,
        };
        let fields = [
            ("name", edit.name.put_text(&mut self.name)),
            (
                "description",
                edit.description.put_text(&mut self.description),
            ),
            (
                "customerName",
                edit.customer_name.put_text(&mut self.customer_name),
            ),
            (
                "customerRegion",
                edit.customer_region.put_text(&mut self.customer_region),
            ),
            (
                "customerIndustry",
                edit.customer_industry.put_text(&mut self.customer_industry),
            ),
            (
                "expectedRevenue",
                edit.expected_revenue
                    .put_or_clear(&mut self.expected_revenue),
            ),
            ("budget", edit.budget.put_or_clear(&mut self.budget)),
            (
                "decisionMaker",
                edit.decision_maker.put_text(&mut self.decision_maker),
            ),
            ("need", edit.need.put_text(&mut self.need)),
            (
                "purchaseOn",
                edit.purchase_on.put_or_clear(&mut self.purchase_on),
            ),
            (
                "contacts",
                edit.contacts.put(&mut self.contacts, Vec::new()),
            ),
            (
                "customerConsentConfirmed",
                edit.customer_consent_confirmed.put(consent, false),
            ),
            (
                "externalReference",
                reference.put_or_clear(&mut self.external_reference),
            ),
            ("ownerId", edit.owner.put(&mut self.owner, owner)),
            ("resellerId", edit.reseller.put_or_clear(&mut self.reseller)),
        ];
        let particulars = self.particulars.put(&edit.particulars);
        let differing = fields.into_iter().chain(particulars);
        let differing = differing.filter(|(_, differs)| *differs);
        differing.map(|(field, _)| field).collect()
    }

    /// Blanks what it says of people.
    pub(crate) fn forget_people(&mut self) {
        self.decision_maker.clear();
        self.contacts.clear();
    }

    fn check_texts(&self, faults: &mut Faults) {
        if self.name.is_empty() {
            faults.add(Fault::NameRequired.at("name"));
        }
        let reference = self.external_reference.as_deref().unwrap_or_default();
        for (path, text, maximum) in [
            ("name", self.name.as_str(), NAME_LENGTH),
            ("customerName", &self.customer_name, CUSTOMER_NAME_LENGTH),
            ("customerRegion", &self.customer_region, NAME_LENGTH),
            ("customerIndustry", &self.customer_industry, NAME_LENGTH),
            ("decisionMaker", &self.decision_maker, NAME_LENGTH),
            ("externalReference", reference, REFERENCE_LENGTH),
        ] {
            check_line(faults, path, text, maximum);
        }
        check_prose(faults, "description", &self.description, PROSE_LENGTH);
        check_prose(faults, "need", &self.need, PROSE_LENGTH);
    }

    fn check_values(&self, faults: &mut Faults) {
        for (path, money) in [
            ("expectedRevenue.amount", self.expected_revenue),
            ("budget.amount", self.budget),
        ] {
            if money.is_some_and(|money| money.amount < Decimal::ZERO) {
                faults.add(Fault::AmountNegative.at(path));
            }
        }
        if let (Some(revenue), Some(budget)) = (self.expected_revenue, self.budget)
            && revenue.currency != budget.currency
        {
            faults.add(Fault::CurrenciesDiffer.at("budget.currency"));
        }
        if self.purchase_on.is_some_and(|day| !is_plausible(day)) {
            faults.add(Fault::DayOutOfRange.at("purchaseOn"));
        }
    }

    fn check_contacts(&self, faults: &mut Faults) {
        if self.contacts.len() > CONTACTS {
            let maximum = CONTACTS;
            faults.add(Fault::TooManyContacts { maximum }.at("contacts"));
            return;
        }
        for (index, contact) in self.contacts.iter().enumerate() {
            let path = |field| format!("contacts.{index}.{field}");
            check_line(faults, &path("name"), &contact.name, NAME_LENGTH);
            if let Some(phone) = &contact.phone {
                contact::check_phone(faults, &path("phone"), phone);
            }
            if let Some(email) = &contact.email {
                contact::check_email(faults, &path("email"), email);
            }
        }
    }

    /// What the vendor has to tell a partner with whom it shares a deal; everything that is missing at once.
    pub(crate) fn check_shareable(&self) -> Result<(), Failure> {
        let mut faults = Faults::default();
        for (path, text) in [
            ("description", &self.description),
            ("customerName", &self.customer_name),
            ("customerRegion", &self.customer_region),
            ("need", &self.need),
        ] {
            if text.is_empty() {
                faults.add(Fault::Incomplete.at(path));
            }
        }
        faults.check()
    }

    /// What a submission needs beyond good form; everything that is missing at once.
    pub(crate) fn check_complete(
        &self,
        minimum_revenue: Decimal,
        catalogued: &Catalogued,
    ) -> Result<(), Failure> {
        let mut faults = Faults::default();
        for (path, text) in [
            ("description", &self.description),
            ("customerName", &self.customer_name),
            ("customerRegion", &self.customer_region),
            ("customerIndustry", &self.customer_industry),
        ] {
            if text.is_empty() {
                faults.add(Fault::Incomplete.at(path));
            }
        }
        match self.expected_revenue {
            None => faults.add(Fault::Incomplete.at("expectedRevenue")),
            Some(Money { amount, .. }) if amount <= Decimal::ZERO || amount < minimum_revenue => {
                let minimum = minimum_revenue;
                faults.add(Fault::RevenueTooSmall { minimum }.at("expectedRevenue"));
            }
            Some(_) => {}
        }
        for (path, text) in [
            ("decisionMaker", &self.decision_maker),
            ("need", &self.need),
        ] {
            if text.is_empty() {
                faults.add(Fault::NotBant.at(path));
            }
        }
        if self
            .budget
            .is_none_or(|budget| budget.amount <= Decimal::ZERO)
        {
            faults.add(Fault::NoBudgetOrTime.at("budget"));
        }
        if self.purchase_on.is_none() {
            faults.add(Fault::NoBudgetOrTime.at("purchaseOn"));
        }
        if !self.contacts.iter().any(Contact::can_be_reached) {
            faults.add(Fault::NoContact.at("contacts"));
        }
        self.particulars.check_complete(catalogued, &mut faults);
        if !self.customer_consent_confirmed {
            faults.add(Fault::ConsentNotConfirmed.at("customerConsentConfirmed"));
        }
        faults.check()
    }
}

/// Whether a day ahead can be meant.
pub(super) fn is_plausible(day: NaiveDate) -> bool {
    PURCHASE_YEARS.contains(&chrono::Datelike::year(&day))
}

/// One line of text.
pub(super) fn check_line(faults: &mut Faults, path: &str, text: &str, maximum: usize) {
    check_length(faults, path, text, maximum);
    if text.chars().any(char::is_control) {
        faults.add(Fault::Unreadable.at(path));
    }
}

/// Text with paragraphs.
pub(super) fn check_prose(faults: &mut Faults, path: &str, text: &str, maximum: usize) {
    check_length(faults, path, text, maximum);
    let breaks = ['\n', '\r', '\t'];
    if text
        .chars()
        .any(|character| character.is_control() && !breaks.contains(&character))
    {
        faults.add(Fault::Unreadable.at(path));
    }
}

/// Lengths are in characters, not bytes: a Chinese name is as long as it looks.
fn check_length(faults: &mut Faults, path: &str, text: &str, maximum: usize) {
    if text.chars().count() > maximum {
        faults.add(Fault::TooLong { maximum }.at(path));
    }
}

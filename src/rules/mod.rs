//! The rule set: numbers of a programme, each valid from a day on (R-GEN-6).
//!
//! A rule is a typed value under a name; its row is chosen by the day of the event that asks.

mod error;
mod graphql;
mod opportunities;
mod registry;
mod service;
mod store;

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::DeserializeOwned;

pub(crate) use self::graphql::{RuleMutation, RuleObject, RuleQuery};
pub use self::opportunities::{
    AccessPolicy, OpportunityAccess, OpportunityChecks, OpportunityDuplicates,
    OpportunityEligibility, OpportunityProgress, OpportunitySharing, OpportunitySubmission,
    OpportunityUpdating,
};
use crate::db::{StoreError, Tx};
use crate::ids::{OrganisationId, RuleId};

/// The zone in which days, months and quarters of a programme are reckoned (R-GEN-7).
pub const PROGRAMME_ZONE: Tz = chrono_tz::Asia::Shanghai;

/// What a period in working days can be: more than a year of them is a slip of the keyboard.
const WORKING_DAYS: RangeInclusive<i32> = 1..=250;

/// Which of the vendor's sites an organisation contracts with; its rule set is chosen by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Site {
    Cn,
    Intl,
}

impl Site {
    pub const ALL: [Self; 2] = [Self::Cn, Self::Intl];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cn => "CN",
            Self::Intl => "INTL",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|site| site.as_str() == text)
    }
}

/// A typed rule. Its name is the key of its rows.
pub trait Rule: DeserializeOwned {
    const NAME: &'static str;
    const PROGRAMME: &'static str;

    /// Whether a programme could mean it; what the type alone forbids need not be asked again.
    fn is_possible(&self) -> bool {
        true
    }
}

/// How many roles a member has (R-ORG-4).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberRoles {
    pub minimum: usize,
    pub maximum: usize,
}

impl Rule for MemberRoles {
    const NAME: &'static str = "member.roles";
    const PROGRAMME: &'static str = "PORTAL";

    fn is_possible(&self) -> bool {
        1 <= self.minimum && self.minimum <= self.maximum
    }
}

/// How long an invitation to become a member can be accepted.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberInvitation {
    pub valid_days: i64,
}

impl Rule for MemberInvitation {
    const NAME: &'static str = "member.invitation";
    const PROGRAMME: &'static str = "PORTAL";

    fn is_possible(&self) -> bool {
        (1..=365).contains(&self.valid_days)
    }
}

/// How long an offer of the main account can be accepted (R-ORG-20).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MainAccountOfferRule {
    pub valid_days: i64,
}

impl Rule for MainAccountOfferRule {
    const NAME: &'static str = "main_account.offer";
    const PROGRAMME: &'static str = "PORTAL";

    fn is_possible(&self) -> bool {
        (1..=365).contains(&self.valid_days)
    }
}

/// How many roles of its own an organisation makes (R-ORG-12).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomRoles {
    pub maximum: i64,
}

impl Rule for CustomRoles {
    const NAME: &'static str = "member.custom_roles";
    const PROGRAMME: &'static str = "PORTAL";

    fn is_possible(&self) -> bool {
        (0..=1000).contains(&self.maximum)
    }
}

/// How many contacts a partner names to its customers (R-ORG-15).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerContacts {
    pub maximum: i64,
}

impl Rule for CustomerContacts {
    const NAME: &'static str = "organisation.customer_contacts";
    const PROGRAMME: &'static str = "PORTAL";

    fn is_possible(&self) -> bool {
        (1..=100).contains(&self.maximum)
    }
}

/// When something is near enough to stand in the inbox.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InboxAttention {
    /// Before an invitation expires.
    pub invitation_days: i64,
}

impl Rule for InboxAttention {
    const NAME: &'static str = "inbox.attention";
    const PROGRAMME: &'static str = "PORTAL";

    fn is_possible(&self) -> bool {
        self.invitation_days >= 0
    }
}

/// What goes on in a frozen organisation, by the names of the mutations (R-GEN-9).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganisationFrozen {
    pub allowed: Vec<String>,
}

impl Rule for OrganisationFrozen {
    const NAME: &'static str = "organisation.frozen";
    const PROGRAMME: &'static str = "PORTAL";
}

/// How long an invitation to be a partner's dedicated person holds, how many an administrator sends a day, and whether the
/// account must have its holder's real name (R-DED-2, R-DED-3, R-DED-7).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonnelInvitation {
    pub valid_days: i64,
    pub daily_limit: i64,
    pub personal_real_name: bool,
}

impl Rule for PersonnelInvitation {
    const NAME: &'static str = "personnel.invitation";
    const PROGRAMME: &'static str = "PORTAL";

    fn is_possible(&self) -> bool {
        (1..=365).contains(&self.valid_days) && self.daily_limit >= 1
    }
}

/// The paths whose partners can have dedicated persons (R-DED-10, R-DED-11).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonnelDedication {
    pub paths: Vec<String>,
}

impl Rule for PersonnelDedication {
    const NAME: &'static str = "personnel.dedication";
    const PROGRAMME: &'static str = "PORTAL";

    fn is_possible(&self) -> bool {
        let known = ["SERVICE", "SYSTEM_INTEGRATOR", "LEARNING"];
        self.paths.iter().all(|path| known.contains(&path.as_str()))
    }
}

/// How large documents may be, how many an organisation keeps, and how long their links work.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentLimits {
    pub maximum_bytes: i64,
    pub organisation_bytes: i64,
    pub organisation_files: i64,
    pub upload_minutes: i64,
    pub download_minutes: i64,
}

impl Rule for DocumentLimits {
    const NAME: &'static str = "document.limits";
    const PROGRAMME: &'static str = "PORTAL";

    fn is_possible(&self) -> bool {
        let minutes = 1..=60;
        // The graph has sizes as 32-bit numbers.
        (1..=i64::from(i32::MAX)).contains(&self.maximum_bytes)
            && self.organisation_bytes >= self.maximum_bytes
            && self.organisation_files >= 1
            && minutes.contains(&self.upload_minutes)
            && minutes.contains(&self.download_minutes)
    }
}

/// How long a partner's invitation of a customer can be accepted.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerInviting {
    pub valid_days: i64,
}

impl Rule for CustomerInviting {
    const NAME: &'static str = "customer.invitation";
    const PROGRAMME: &'static str = "PORTAL";

    fn is_possible(&self) -> bool {
        (1..=365).contains(&self.valid_days)
    }
}

/// How often the relation of one customer may be ended (R-CUS-8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerDissociation {
    pub maximum: usize,
    pub within_months: u32,
}

impl Rule for CustomerDissociation {
    const NAME: &'static str = "customer.dissociation";
    const PROGRAMME: &'static str = "PORTAL";

    fn is_possible(&self) -> bool {
        self.maximum >= 1 && (1..=120).contains(&self.within_months)
    }
}

/// Decimals are written as text: a JSON number would pass through a float.
fn decimal<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}

/// A rule's value, and the row that it stands in.
#[derive(Debug, Clone, Copy)]
pub struct Ruled<R> {
    pub id: RuleId,
    pub value: R,
}

/// The values of both sites, for a job whose work is about organisations of either.
#[derive(Debug, Clone)]
pub struct BySite<R> {
    cn: R,
    intl: R,
}

impl<R: Rule> BySite<R> {
    /// Those that hold on the day of `at`.
    pub async fn at(tx: &mut Tx, at: DateTime<Utc>) -> Result<Self, StoreError> {
        Ok(Self {
            cn: of_site(tx, Site::Cn, at).await?.value,
            intl: of_site(tx, Site::Intl, at).await?.value,
        })
    }
}

impl<R> BySite<R> {
    pub fn of(&self, site: Site) -> &R {
        match site {
            Site::Cn => &self.cn,
            Site::Intl => &self.intl,
        }
    }
}

/// The value that holds on the day of `at` on a site.
pub async fn of_site<R: Rule>(
    tx: &mut Tx,
    site: Site,
    at: DateTime<Utc>,
) -> Result<Ruled<R>, StoreError> {
    let found = store::find(tx, (R::NAME, site.as_str(), R::PROGRAMME), day_of(at)).await?;
    read(found)
}

/// The value that holds on the day of `at` on the site of an organisation that the transaction may see.
pub async fn of_organisation<R: Rule>(
    tx: &mut Tx,
    organisation: OrganisationId,
    at: DateTime<Utc>,
) -> Result<Ruled<R>, StoreError> {
    let names = (R::NAME, R::PROGRAMME);
    read(store::find_of(tx, organisation, names, day_of(at)).await?)
}

fn read<R: Rule>(found: Option<(RuleId, serde_json::Value)>) -> Result<Ruled<R>, StoreError> {
    let (id, value) = found.ok_or(StoreError::Rule(R::NAME))?;
    let value = serde_json::from_value(value).map_err(|_| StoreError::Rule(R::NAME))?;
    Ok(Ruled { id, value })
}

/// The day of an instant, as programmes reckon it.
pub fn day_of(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&PROGRAMME_ZONE).date_naive()
}

//! The rule set: numbers of a programme, each valid from a day on (R-GEN-6).
//!
//! A rule is a typed value under a name; its row is chosen by the day of the event that asks.

mod store;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::db::{StoreError, Tx};

/// The zone in which days, months and quarters of a programme are reckoned (R-GEN-7).
pub const PROGRAMME_ZONE: Tz = chrono_tz::Asia::Shanghai;

/// A typed rule. Its name is the key of its rows.
pub trait Rule: DeserializeOwned {
    const NAME: &'static str;
    const PROGRAMME: &'static str;
}

/// How many roles a member has (R-ORG-4).
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct MemberRoles {
    pub minimum: usize,
    pub maximum: usize,
}

impl Rule for MemberRoles {
    const NAME: &'static str = "member.roles";
    const PROGRAMME: &'static str = "PORTAL";
}

/// How long an invitation to become a member can be accepted.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct MemberInvitation {
    pub valid_days: i64,
}

impl Rule for MemberInvitation {
    const NAME: &'static str = "member.invitation";
    const PROGRAMME: &'static str = "PORTAL";
}

/// What goes on in a frozen organisation, by the names of the mutations (R-GEN-9).
#[derive(Debug, Clone, Deserialize)]
pub struct OrganisationFrozen {
    pub allowed: Vec<String>,
}

impl Rule for OrganisationFrozen {
    const NAME: &'static str = "organisation.frozen";
    const PROGRAMME: &'static str = "PORTAL";
}

/// What a submitted opportunity must bring (R-OPP-17), and how often it may come again (R-OPP-35).
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct OpportunitySubmission {
    #[serde(deserialize_with = "decimal")]
    pub minimum_revenue: Decimal,
    pub round_limit: i32,
}

impl Rule for OpportunitySubmission {
    const NAME: &'static str = "opportunity.submission";
    const PROGRAMME: &'static str = "CO_SELL";
}

/// Decimals are written as text: a JSON number would pass through a float.
fn decimal<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}

/// The value that holds on the day of `at` on the China site.
pub async fn of<R: Rule>(tx: &mut Tx, at: DateTime<Utc>) -> Result<R, StoreError> {
    let day = at.with_timezone(&PROGRAMME_ZONE).date_naive();
    let value = store::find(tx, R::NAME, "CN", R::PROGRAMME, day)
        .await?
        .ok_or(StoreError::Rule(R::NAME))?;
    serde_json::from_value(value).map_err(|_| StoreError::Rule(R::NAME))
}

//! The rules of opportunities: what they must bring, how long each side has, and what stands in the way of another one.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::{Rule, WORKING_DAYS, decimal};

/// What a submitted opportunity must bring (R-OPP-17), and how often it may come again (R-OPP-35).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpportunitySubmission {
    #[serde(deserialize_with = "decimal")]
    pub minimum_revenue: Decimal,
    pub round_limit: i32,
}

impl Rule for OpportunitySubmission {
    const NAME: &'static str = "opportunity.submission";
    const PROGRAMME: &'static str = "CO_SELL";

    fn is_possible(&self) -> bool {
        self.minimum_revenue >= Decimal::ZERO && self.round_limit >= 1
    }
}

/// The vendor's second check of an opportunity, and how long it may take (R-OPP-8, R-OPP-13).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpportunityChecks {
    pub validation: bool,
    pub validation_working_days: i32,
}

impl Rule for OpportunityChecks {
    const NAME: &'static str = "opportunity.checks";
    const PROGRAMME: &'static str = "CO_SELL";

    fn is_possible(&self) -> bool {
        WORKING_DAYS.contains(&self.validation_working_days)
    }
}

/// How long the partner has to answer what the vendor shares (R-OPP-3).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpportunitySharing {
    pub acceptance_working_days: i32,
}

impl Rule for OpportunitySharing {
    const NAME: &'static str = "opportunity.sharing";
    const PROGRAMME: &'static str = "CO_SELL";

    fn is_possible(&self) -> bool {
        WORKING_DAYS.contains(&self.acceptance_working_days)
    }
}

/// How long a partner may leave a deal without a word (R-OPP-33).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpportunityProgress {
    pub stall_working_days: i32,
}

impl Rule for OpportunityProgress {
    const NAME: &'static str = "opportunity.progress";
    const PROGRAMME: &'static str = "CO_SELL";

    fn is_possible(&self) -> bool {
        WORKING_DAYS.contains(&self.stall_working_days)
    }
}

/// Who of a partner works with opportunities (R-OPP-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpportunityAccess {
    pub policy: AccessPolicy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccessPolicy {
    /// Whoever has the permission.
    Permission,
    /// The holder of the main account, and nobody else, administrators included.
    MainAccountOnly,
}

impl Rule for OpportunityAccess {
    const NAME: &'static str = "opportunity.access";
    const PROGRAMME: &'static str = "CO_SELL";
}

/// With whom the vendor may share a deal (R-OPP-28).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpportunityEligibility {
    pub minimum_delivered: i64,
    pub within_months: u32,
}

impl Rule for OpportunityEligibility {
    const NAME: &'static str = "opportunity.eligibility";
    const PROGRAMME: &'static str = "CO_SELL";

    fn is_possible(&self) -> bool {
        self.minimum_delivered >= 0 && self.within_months > 0
    }
}

/// How many stalled deals a partner may have that regularly updates its own (R-OPP-33, R-OPP-28).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpportunityUpdating {
    pub maximum_stalled: i64,
}

impl Rule for OpportunityUpdating {
    const NAME: &'static str = "opportunity.updating";
    const PROGRAMME: &'static str = "CO_SELL";

    fn is_possible(&self) -> bool {
        self.maximum_stalled >= 0
    }
}

/// How long a delivered deal still stands in the way of another one for the same customer need (R-OPP-24).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpportunityDuplicates {
    pub delivered_months: u32,
}

impl Rule for OpportunityDuplicates {
    const NAME: &'static str = "opportunity.duplicates";
    const PROGRAMME: &'static str = "CO_SELL";
}

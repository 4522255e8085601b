//! Rounds: what was handed in each time, what differs from the time before, and what the vendor decided on it.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{Content, Opportunity};
use crate::ids::{OpportunityId, Tagged as _};
use crate::words::words;

words! {
    /// What became of a round.
    RoundOutcome {
        Running = "RUNNING",
        ReviewRejected = "REVIEW_REJECTED",
        ValidationRejected = "VALIDATION_REJECTED",
        TimedOut = "TIMED_OUT",
        Validated = "VALIDATED",
    }
}

/// One submission and the decisions on it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Round {
    pub(crate) opportunity: OpportunityId,
    pub(crate) number: i32,
    pub(crate) submitted_at: DateTime<Utc>,
    /// The global id of who handed it in.
    pub(crate) submitted_by: String,
    /// What was handed in, by field; nothing of a person.
    pub(crate) content: Map<String, Value>,
    /// Fields that differ from the round before.
    pub(crate) changed: Vec<String>,
    pub(crate) outcome: RoundOutcome,
    /// When the review was decided, and the global id of who did.
    pub(crate) reviewed: Option<(DateTime<Utc>, String)>,
    /// When the validation ended, and the global id of who ended it.
    pub(crate) validated: Option<(DateTime<Utc>, String)>,
    pub(crate) reason: Option<String>,
}

/// A round that begins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NewRound {
    pub(crate) opportunity: OpportunityId,
    pub(crate) number: i32,
    pub(crate) content: Map<String, Value>,
    pub(crate) changed: Vec<String>,
}

/// What is decided on a round. An earlier review stays as it was.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RoundDecision<'a> {
    pub(crate) outcome: RoundOutcome,
    pub(crate) reviewed: Option<(DateTime<Utc>, &'a str)>,
    pub(crate) validated: Option<(DateTime<Utc>, &'a str)>,
    pub(crate) reason: Option<&'a str>,
}

impl Content {
    /// What is handed in, by the names that clients know; nothing of a person is in it.
    pub(crate) fn snapshot(&self) -> Map<String, Value> {
        let amount = |money: Option<crate::money::Money>| {
            money.map(|money| format!("{} {}", money.amount.normalize(), money.currency.as_str()))
        };
        let particulars = &self.particulars;
        let Value::Object(fields) = json!({
            "name": self.name,
            "description": self.description,
            "customerName": self.customer_name,
            "customerRegion": self.customer_region,
            "customerIndustry": self.customer_industry,
            "expectedRevenue": amount(self.expected_revenue),
            "budget": amount(self.budget),
            "need": self.need,
            "purchaseOn": self.purchase_on,
            "customerConsentConfirmed": self.customer_consent_confirmed,
            "externalReference": self.external_reference,
            "ownerId": self.owner.global(),
            "resellerId": self.reseller.map(crate::ids::Tagged::global),
            "offeringIds": particulars.offerings.iter().map(|id| id.global()).collect::<Vec<_>>(),
            "preSalesActivities": particulars.pre_sales.iter().map(|one| one.as_str()).collect::<Vec<_>>(),
            "cloudServices": particulars.cloud_services,
            "requestedSupport": particulars.support.iter().map(|one| one.as_str()).collect::<Vec<_>>(),
            "unifiedSocialCreditCode": particulars.credit_code,
            "customerDomain": particulars.customer_domain,
        }) else {
            return Map::new();
        };
        fields
    }
}

impl Opportunity {
    /// The round that a submission makes. Must be asked before the submission forgets which fields were edited.
    ///
    /// A field of a person is known only to have been edited; any other was changed when its value differs.
    pub(crate) fn next_round(&self, last: Option<&Round>) -> NewRound {
        let content = self.content.snapshot();
        let differs = |field: &String| match (last, content.get(field)) {
            (Some(last), Some(value)) => last.content.get(field) != Some(value),
            (Some(_), None) | (None, _) => true,
        };
        let changed = self.edited.iter().filter(|field| differs(field));
        NewRound {
            opportunity: self.id,
            number: self.review.submission().map_or(0, |last| last.round) + 1,
            changed: changed.cloned().collect(),
            content,
        }
    }
}

//! Many decisions at once: each item is decided by itself, and one that is refused stops no other.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::deciding::{ReviewApprove, ReviewReject, ValidationApprove, ValidationReject};
use super::policy;
use super::{Target, Written};
use crate::db::{Change, Scope, Tx};
use crate::deadlines::Outcome;
use crate::error::{Code, Failure, Faults, Refusal, RefusalData, Refusals};
use crate::ids::OpportunityId;
use crate::opportunities::error::Fault;
use crate::opportunities::model::{Action, ReviewState};
use crate::viewer::Viewer;

/// The most items of one call.
const ITEMS: usize = 50;

/// Which check is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Queue {
    Review,
    Validation,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    Approve,
    Reject(String),
}

#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) target: Target,
    pub(crate) decision: Decision,
}

/// Decides reviews.
#[derive(Debug, Clone)]
pub(crate) struct ReviewDecide(pub(crate) Vec<Item>);

/// Decides validations.
#[derive(Debug, Clone)]
pub(crate) struct ValidationDecide(pub(crate) Vec<Item>);

/// What came of one item, as it is kept for a repeated key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ItemResult {
    pub(crate) id: OpportunityId,
    /// The version that the decision made; none when it was refused.
    version: Option<i64>,
    refusals: Vec<StoredRefusal>,
}

impl ItemResult {
    pub(crate) fn is_done(&self) -> bool {
        self.version.is_some()
    }

    pub(crate) fn refusals(&self) -> Vec<Refusal> {
        self.refusals.iter().map(Refusal::from).collect()
    }
}

impl Change for ReviewDecide {
    type Outcome = Vec<ItemResult>;
    const NAME: &'static str = "opportunities.review_decide";
    const ACTION: &'static str = "opportunityReviewDecide";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::scope(Action::ReviewApprove, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Vec<ItemResult>, Failure> {
        decide((tx, scope), Queue::Review, &self.0).await
    }
}

impl Change for ValidationDecide {
    type Outcome = Vec<ItemResult>;
    const NAME: &'static str = "opportunities.validation_decide";
    const ACTION: &'static str = "opportunityValidationDecide";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::scope(Action::ValidationApprove, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Vec<ItemResult>, Failure> {
        decide((tx, scope), Queue::Validation, &self.0).await
    }
}

/// Locks in the order of the ids, so that two batches never wait for each other; answers in the order of the items.
async fn decide(
    (tx, scope): (&mut Tx, &Scope),
    queue: Queue,
    items: &[Item],
) -> Result<Vec<ItemResult>, Failure> {
    if items.is_empty() || items.len() > ITEMS {
        let mut faults = Faults::default();
        let maximum = ITEMS;
        faults.add(Fault::BatchSize { maximum }.at("items"));
        faults.check()?;
    }
    let mut order: Vec<(usize, &Item)> = items.iter().enumerate().collect();
    order.sort_by_key(|(_, item)| item.target.id);
    let mut results = Vec::with_capacity(items.len());
    for (place, item) in order {
        // Nothing of a refused item is written before it is refused, except what the clock has done by itself.
        let result = match one((tx, scope), queue, item).await {
            Ok(written) => ItemResult {
                id: written.id,
                version: Some(written.version),
                refusals: Vec::new(),
            },
            Err(Failure::Refused(refusals)) => ItemResult {
                id: item.target.id,
                version: None,
                refusals: stored(&refusals),
            },
            Err(internal @ Failure::Internal(_)) => return Err(internal),
        };
        results.push((place, result));
    }
    results.sort_by_key(|(place, _)| *place);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

async fn one(
    (tx, scope): (&mut Tx, &Scope),
    queue: Queue,
    item: &Item,
) -> Result<Written, Failure> {
    let target = item.target;
    match (queue, &item.decision) {
        (Queue::Review, Decision::Approve) => ReviewApprove { target }.apply(tx, scope).await,
        (Queue::Review, Decision::Reject(reason)) => {
            let reason = reason.clone();
            ReviewReject { target, reason }.apply(tx, scope).await
        }
        (Queue::Validation, Decision::Approve) => {
            ValidationApprove { target }.apply(tx, scope).await
        }
        (Queue::Validation, Decision::Reject(reason)) => {
            let reason = reason.clone();
            ValidationReject { target, reason }.apply(tx, scope).await
        }
    }
}

/// A refusal of one item as it is kept: it is answered again under the same key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct StoredRefusal {
    code: String,
    reason: String,
    path: Vec<String>,
    params: Vec<(String, String)>,
    data: Option<StoredData>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum StoredData {
    VersionConflict {
        current: i64,
    },
    Transition {
        from: String,
        allowed: Vec<String>,
    },
    DeadlinePassed {
        due_until: DateTime<Utc>,
        last_day_on: NaiveDate,
        outcome: String,
    },
    Duplicate {
        existing: Option<String>,
    },
}

/// What a decision can be refused for, with the names of the values in its sentence.
const KNOWN: &[(&str, &[&str])] = &[
    ("OPPORTUNITY_NOT_FOUND", &[]),
    ("VERSION_CONFLICT", &["current"]),
    ("NOT_UNDER_REVIEW", &[]),
    ("NOT_UNDER_VALIDATION", &[]),
    ("DEADLINE_PASSED", &["lastDay"]),
    ("REASON_REQUIRED", &[]),
    ("TEXT_TOO_LONG", &["maximum"]),
    ("TEXT_UNREADABLE", &[]),
    ("TRY_AGAIN", &[]),
    ("PO_DUPLICATE", &["existing"]),
    ("MAIN_ACCOUNT_ONLY", &[]),
    ("PCE_NOT_JOINED", &[]),
];

const CODES: &[Code] = &[
    Code::Unauthenticated,
    Code::Forbidden,
    Code::NotFound,
    Code::InvalidInput,
    Code::Conflict,
    Code::Precondition,
    Code::Limited,
    Code::Timeout,
    Code::Unavailable,
    Code::Internal,
];

fn stored(refusals: &Refusals) -> Vec<StoredRefusal> {
    refusals.iter().map(StoredRefusal::from).collect()
}

impl From<&Refusal> for StoredRefusal {
    fn from(refusal: &Refusal) -> Self {
        let data = match &refusal.data {
            Some(RefusalData::VersionConflict { current }) => {
                Some(StoredData::VersionConflict { current: *current })
            }
            Some(RefusalData::Transition { from, allowed }) => Some(StoredData::Transition {
                from: (*from).to_owned(),
                allowed: allowed.iter().map(|&state| state.to_owned()).collect(),
            }),
            Some(RefusalData::DeadlinePassed {
                due_until,
                last_day_on,
                outcome,
            }) => Some(StoredData::DeadlinePassed {
                due_until: *due_until,
                last_day_on: *last_day_on,
                outcome: (*outcome).to_owned(),
            }),
            Some(RefusalData::Duplicate { existing }) => Some(StoredData::Duplicate {
                existing: existing.clone(),
            }),
            // Asked of the caller and not of an item.
            Some(
                RefusalData::Permission(_)
                | RefusalData::Frozen { .. }
                | RefusalData::Duties(_)
                | RefusalData::Quota { .. }
                | RefusalData::AskVendor { .. },
            )
            | None => None,
        };
        let params = refusal.params.iter();
        Self {
            code: refusal.code.as_str().to_owned(),
            reason: refusal.reason.0.to_owned(),
            path: refusal.path.clone(),
            params: params
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            data,
        }
    }
}

impl From<&StoredRefusal> for Refusal {
    fn from(stored: &StoredRefusal) -> Self {
        let code = CODES.iter().copied();
        let code = code
            .into_iter()
            .find(|code| code.as_str() == stored.code)
            .unwrap_or(Code::Conflict);
        let known = KNOWN.iter().find(|(reason, _)| *reason == stored.reason);
        let Some((reason, names)) = known else {
            return Refusal::new(Code::Conflict, "DECISION_REFUSED");
        };
        let mut refusal = Refusal::new(code, reason);
        refusal.path.clone_from(&stored.path);
        for (name, value) in &stored.params {
            if let Some(name) = names.iter().find(|known| *known == name) {
                refusal = refusal.with(name, value);
            }
        }
        refusal.data = stored.data.as_ref().and_then(StoredData::restored);
        refusal
    }
}

impl StoredData {
    fn restored(&self) -> Option<RefusalData> {
        let state = |text: &String| ReviewState::parse(text).map(ReviewState::as_str);
        Some(match self {
            Self::VersionConflict { current } => RefusalData::VersionConflict { current: *current },
            Self::Transition { from, allowed } => RefusalData::Transition {
                from: state(from)?,
                allowed: allowed.iter().filter_map(state).collect(),
            },
            Self::DeadlinePassed {
                due_until,
                last_day_on,
                outcome,
            } => RefusalData::DeadlinePassed {
                due_until: *due_until,
                last_day_on: *last_day_on,
                outcome: Outcome::parse(outcome)?.as_str(),
            },
            Self::Duplicate { existing } => RefusalData::Duplicate {
                existing: existing.clone(),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opportunities::error::OpportunityRefusal;

    #[test]
    fn a_refusal_is_answered_again_as_it_was() {
        let from = ReviewState::Draft;
        let refusals = [
            OpportunityRefusal::NotFound.into(),
            OpportunityRefusal::VersionConflict { current: 7 }.into(),
            OpportunityRefusal::NotUnderReview { from }.into(),
            OpportunityRefusal::NotUnderValidation { from }.into(),
            Fault::ReasonRequired.at("reason"),
            Fault::TooLong { maximum: 500 }.at("reason"),
            Fault::Unreadable.at("reason"),
            Refusal::new(Code::Conflict, "TRY_AGAIN"),
            Refusal::new(Code::Conflict, "DEADLINE_PASSED")
                .with("lastDay", "2026-12-07")
                .data(RefusalData::DeadlinePassed {
                    due_until: "2026-12-07T16:00:00Z".parse().unwrap(),
                    last_day_on: "2026-12-07".parse().unwrap(),
                    outcome: "AUTO_REJECT",
                }),
        ];
        for refusal in refusals {
            let text = serde_json::to_string(&StoredRefusal::from(&refusal)).unwrap();
            let stored: StoredRefusal = serde_json::from_str(&text).unwrap();
            assert_eq!(Refusal::from(&stored), refusal);
        }
    }
}

//! Many persons at once: each item is decided by itself, and one that is refused stops no other.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::error::PersonnelRefusal;
use super::{Target, Written};
use crate::error::{Code, Failure, Refusal, RefusalData, Refusals};
use crate::ids::PersonId;

/// The most items of one call.
const ITEMS: usize = 50;

/// What came of one item, as it is kept for a repeated key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ItemResult {
    pub(crate) id: PersonId,
    /// The version that was made; none when the item was refused.
    pub(crate) version: Option<i64>,
    refusals: Vec<StoredRefusal>,
}

impl ItemResult {
    /// What came of an item; what failed for a reason of ours fails the whole call.
    pub(super) fn of(id: PersonId, result: Result<Written, Failure>) -> Result<Self, Failure> {
        match result {
            Ok(written) => Ok(Self {
                id: written.id,
                version: Some(written.version),
                refusals: Vec::new(),
            }),
            Err(Failure::Refused(refusals)) => Ok(Self {
                id,
                version: None,
                refusals: stored(&refusals),
            }),
            Err(internal @ Failure::Internal(_)) => Err(internal),
        }
    }

    pub(crate) fn refusals(&self) -> Vec<Refusal> {
        self.refusals.iter().map(Refusal::from).collect()
    }
}

/// The places of the items in the order in which their rows are locked, so that two calls never wait for each other.
pub(super) fn order(targets: &[Target]) -> Result<Vec<usize>, PersonnelRefusal> {
    if targets.is_empty() || targets.len() > ITEMS {
        return Err(PersonnelRefusal::BatchSize { maximum: ITEMS });
    }
    let distinct: BTreeSet<PersonId> = targets.iter().map(|target| target.id).collect();
    if distinct.len() < targets.len() {
        return Err(PersonnelRefusal::ItemRepeated);
    }
    let mut order: Vec<(PersonId, usize)> = targets
        .iter()
        .enumerate()
        .map(|(place, target)| (target.id, place))
        .collect();
    order.sort_unstable();
    Ok(order.into_iter().map(|(_, place)| place).collect())
}

/// Results in the order of their items.
pub(super) fn sorted(mut results: Vec<(usize, ItemResult)>) -> Vec<ItemResult> {
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

/// A refusal of one item as it is kept: it is answered again under the same key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct StoredRefusal {
    code: String,
    reason: String,
    path: Vec<String>,
    params: Vec<(String, String)>,
    current: Option<i64>,
}

/// What an item can be refused for.
const REASONS: &[&str] = &[
    "DEDICATED_PERSON_NOT_FOUND",
    "VERSION_CONFLICT",
    "DEDICATED_PERSON_STATE",
    "DEDICATED_PERSON_NOT_BOUND",
    "APPLICATION_PENDING",
    "BASE_LOCATION_MISSING",
    "MATERIALS_REQUIRED",
    "REASON_REQUIRED",
    "DOCUMENT_NOT_FOUND",
];
/// The values in their sentences.
const NAMES: &[&str] = &["current", "state"];
const CODES: &[Code] = &[
    Code::NotFound,
    Code::Conflict,
    Code::InvalidInput,
    Code::Precondition,
];

fn stored(refusals: &Refusals) -> Vec<StoredRefusal> {
    refusals.iter().map(StoredRefusal::from).collect()
}

impl From<&Refusal> for StoredRefusal {
    fn from(refusal: &Refusal) -> Self {
        let params = refusal.params.iter();
        Self {
            code: refusal.code.as_str().to_owned(),
            reason: refusal.reason.0.to_owned(),
            path: refusal.path.clone(),
            params: params
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            current: if let Some(RefusalData::VersionConflict { current }) = refusal.data {
                Some(current)
            } else {
                None
            },
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
        let reason = REASONS.iter().find(|reason| **reason == stored.reason);
        let mut refusal = Refusal::new(code, reason.unwrap_or(&"DECISION_REFUSED"));
        refusal.path.clone_from(&stored.path);
        for (name, value) in &stored.params {
            if let Some(name) = NAMES.iter().find(|known| *known == name) {
                refusal = refusal.with(name, value);
            }
        }
        match stored.current {
            Some(current) => refusal.data(RefusalData::VersionConflict { current }),
            None => refusal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_an_item_is_answered_again_as_it_was() {
        let refusals: [PersonnelRefusal; 7] = [
            PersonnelRefusal::NotFound,
            PersonnelRefusal::VersionConflict { current: 7 },
            PersonnelRefusal::NotBound,
            PersonnelRefusal::ApplicationPending,
            PersonnelRefusal::BaseLocationMissing,
            PersonnelRefusal::MaterialsRequired,
            PersonnelRefusal::ReasonRequired,
        ];
        for refusal in refusals {
            let refusal = Refusal::from(refusal);
            let text = serde_json::to_string(&StoredRefusal::from(&refusal)).unwrap();
            let stored: StoredRefusal = serde_json::from_str(&text).unwrap();
            assert_eq!(Refusal::from(&stored), refusal);
        }
    }

    #[test]
    fn a_batch_names_each_person_once_and_locks_in_the_order_of_the_ids() {
        let target = |number| Target {
            id: PersonId(uuid::Uuid::from_u128(number)),
            expected_version: 1,
        };

        assert_eq!(order(&[target(3), target(1), target(2)]), Ok(vec![1, 2, 0]));
        let twice = order(&[target(1), target(1)]);
        assert_eq!(twice, Err(PersonnelRefusal::ItemRepeated));
        let many: Vec<Target> = (0..51).map(target).collect();
        assert!(order(&many).is_err() && order(&many[..50]).is_ok());
        assert!(order(&[]).is_err());
    }
}

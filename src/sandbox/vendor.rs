//! The vendor of a sandbox: a job that answers opportunities by the script, with the very changes that people use.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use openssl::sha::sha256;
use uuid::Uuid;

use super::model::script::{self, Answer, Case, Occasion, ScriptRule};
use super::store;
use crate::calendar;
use crate::db::{Db, IdempotencyKey, Scope, StoreError, Tx};
use crate::error::{Failure, Reason};
use crate::ids::{Tagged as _, TimelineEntryId};
use crate::jobs::{self, Job};
use crate::opportunities::{self, ReviewState, Target, VendorAct, Waiting};
use crate::viewer::Viewer;

const NAME: &str = "sandbox_vendor";

/// Answers what is due; outside a sandbox it is not registered.
pub(crate) struct ScriptedVendor;

impl Job for ScriptedVendor {
    fn name(&self) -> &'static str {
        NAME
    }

    fn run<'a>(&'a self, db: &'a Db) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let mut tx = jobs::begin(db, NAME).await?;
            let now = tx.now();
            let mut due = planned(&mut tx).await?;
            due.retain(|answer| answer.at <= now);
            let people = store::vendor_members(&mut tx).await?;
            drop(tx);
            for answer in due {
                let permission = answer.act.permission();
                if let Some(person) = people.iter().find(|person| person.may(permission)) {
                    give(db, person, answer).await?;
                }
            }
            Ok(())
        })
    }
}

/// An answer that the script gives.
struct Planned {
    target: Target,
    act: VendorAct,
    at: DateTime<Utc>,
}

/// When the script answers next, after `after`.
pub(super) async fn next(
    tx: &mut Tx,
    after: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let planned = planned(tx).await?;
    let later = planned.into_iter().map(|answer| answer.at);
    Ok(later.filter(|at| *at > after).min())
}

async fn planned(tx: &mut Tx) -> Result<Vec<Planned>, StoreError> {
    let calendar = calendar::current(tx).await?;
    let scripts = store::scripts(tx, &Scope::Job(NAME)).await?;
    let waiting = opportunities::waiting_for_vendor(tx).await?;
    let usual: Arc<[ScriptRule]> = script::by_default().into();
    let plan = |one: Waiting| {
        let rules = scripts.get(&one.organisation).unwrap_or(&usual);
        let case = Case {
            occasion: occasion(one.state)?,
            name: &one.name,
            customer: &one.customer_name,
            since: one.since,
        };
        let (rule, at) = script::answer(rules, &case, &calendar)?;
        Some(Planned {
            target: one.target,
            act: act(rule)?,
            at,
        })
    };
    Ok(waiting.into_iter().filter_map(plan).collect())
}

fn occasion(state: ReviewState) -> Option<Occasion> {
    match state {
        ReviewState::UnderReview => Some(Occasion::Submission),
        ReviewState::UnderValidation => Some(Occasion::ReviewPassed),
        ReviewState::Validated | ReviewState::Accepted => Some(Occasion::Settled),
        ReviewState::Draft
        | ReviewState::ReviewRejected
        | ReviewState::ValidationRejected
        | ReviewState::PendingAcceptance
        | ReviewState::Rejected
        | ReviewState::AutoRejected
        | ReviewState::CancelledByVendor => None,
    }
}

fn act(rule: &ScriptRule) -> Option<VendorAct> {
    let reason = rule.reason.clone().unwrap_or_default();
    match rule.answer {
        Answer::Approve => Some(VendorAct::Approve),
        Answer::Reject => Some(VendorAct::Reject(reason)),
        Answer::Validate => Some(VendorAct::Validate),
        Answer::RejectValidation => Some(VendorAct::RejectValidation(reason)),
        Answer::Cancel => Some(VendorAct::Cancel(reason)),
        Answer::Ignore => None,
    }
}

/// Gives an answer once, whichever replica does: its key is made of what it answers.
async fn give(db: &Db, person: &Viewer, answer: Planned) -> Result<(), Failure> {
    let TimelineEntryId(trace) = db.ids().fresh();
    let correlation_id = format!("{}{}", store::SCRIPTED, trace.simple());
    let digest = sha256(
        format!(
            "{}@{}",
            answer.target.id.global(),
            answer.target.expected_version
        )
        .as_bytes(),
    );
    let (key, _) = digest.split_at(16);
    let key = IdempotencyKey {
        key: Uuid::from_slice(key).unwrap_or_default(),
        input_hash: digest,
    };
    let given = opportunities::act_as_vendor(
        (db, person),
        (&correlation_id, key),
        (answer.target, answer.act),
    );
    match given.await {
        Ok(()) => Ok(()),
        // Somebody was faster, or it is too late: the next run looks again.
        Err(Failure::Refused(refusals)) => {
            let Reason(reason) = refusals.first.reason;
            tracing::debug!(reason, "the script's answer was refused");
            Ok(())
        }
        Err(failure @ Failure::Internal(_)) => Err(failure),
    }
}

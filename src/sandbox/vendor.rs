//! The vendor of a sandbox: a job that answers and shares opportunities by the script, with the very changes that people use.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use openssl::sha::sha256;
use uuid::Uuid;

use super::model::script::{self, Answer, Case, Occasion, ScriptRule};
use super::store;
use crate::calendar::{self, WorkCalendar};
use crate::db::{Db, IdempotencyKey, Scope, StoreError, Tx};
use crate::error::{Failure, Reason};
use crate::ids::{OrganisationId, SandboxScriptId, Tagged as _, TimelineEntryId};
use crate::jobs::{self, Job};
use crate::opportunities::{self, ReviewState, SharedDeal, Target, VendorAct, Waiting};
use crate::viewer::{Permission, Viewer};

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
                    give(db, person, answer.act).await?;
                }
            }
            Ok(())
        })
    }
}

/// What the script does at a time.
struct Planned {
    act: Act,
    at: DateTime<Utc>,
}

enum Act {
    Answer(Target, VendorAct),
    /// The rule at a place of a script shares what it says.
    Share((SandboxScriptId, i32), SharedDeal),
}

impl Act {
    fn permission(&self) -> Permission {
        match self {
            Self::Answer(_, act) => act.permission(),
            Self::Share(..) => Permission::ShareOpportunities,
        }
    }

    /// The same for the same act, whichever replica does it.
    fn key(&self) -> IdempotencyKey {
        let text = match self {
            Self::Answer(target, _) => {
                format!("{}@{}", target.id.global(), target.expected_version)
            }
            Self::Share((script, place), _) => format!("{}#{place}", script.0),
        };
        let digest = sha256(text.as_bytes());
        let (key, _) = digest.split_at(16);
        IdempotencyKey {
            key: Uuid::from_slice(key).unwrap_or_default(),
            input_hash: digest,
        }
    }
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
        let rules = scripts
            .get(&one.organisation)
            .map_or(&usual, |script| &script.rules);
        let case = Case {
            occasion: occasion(one.state)?,
            name: &one.name,
            customer: &one.customer_name,
            since: one.since,
        };
        let (rule, at) = script::answer(rules, &case, &calendar)?;
        Some(Planned {
            act: Act::Answer(one.target, act(rule)?),
            at,
        })
    };
    let answers = waiting.into_iter().filter_map(plan);
    let shares = scripts.iter();
    let shares = shares.flat_map(|(partner, script)| shares_of(*partner, script, &calendar));
    Ok(answers.chain(shares).collect())
}

/// What a script has not shared yet.
fn shares_of(
    partner: OrganisationId,
    script: &store::Script,
    calendar: &WorkCalendar,
) -> Vec<Planned> {
    let shares = script::shares(&script.rules, script.set_at, calendar);
    let open = shares.filter(|(place, ..)| !script.shared.contains(place));
    open.map(|(place, deal, at)| Planned {
        act: Act::Share(
            (script.id, place),
            SharedDeal {
                partner,
                name: deal.name.clone(),
                customer_name: deal.customer_name.clone(),
                customer_region: deal.customer_region.clone(),
                offering: deal.offering,
            },
        ),
        at,
    })
    .collect()
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
        // What it does of its own accord answers no opportunity.
        Answer::Share | Answer::Ignore => None,
    }
}

/// Does what is due once, whichever replica does it: its key is made of what it is.
async fn give(db: &Db, person: &Viewer, act: Act) -> Result<(), Failure> {
    let TimelineEntryId(trace) = db.ids().fresh();
    let correlation_id = format!("{}{}", store::SCRIPTED, trace.simple());
    let asked = (correlation_id.as_str(), act.key());
    let done = match act {
        Act::Answer(target, answer) => {
            opportunities::act_as_vendor((db, person), asked, (target, answer)).await
        }
        Act::Share(rule, deal) => {
            let shared = opportunities::share_as_vendor((db, person), asked, deal).await;
            if shared.is_ok() {
                let mut tx = jobs::begin(db, NAME).await?;
                store::note_shared(&mut tx, rule).await?;
                tx.commit().await?;
            }
            shared
        }
    };
    match done {
        Ok(()) => Ok(()),
        // Somebody was faster, it is too late, or too early for a partner that has not joined: the next run looks again.
        Err(Failure::Refused(refusals)) => {
            let Reason(reason) = refusals.first.reason;
            tracing::debug!(reason, "what the script does was refused");
            Ok(())
        }
        Err(failure @ Failure::Internal(_)) => Err(failure),
    }
}

//! How a settled opportunity ends before it is delivered (R-OPP-34).

use serde_json::json;

use super::policy;
use super::{Target, Written, event, moved, open, record};
use crate::db::{Change, Scope, Tx};
use crate::error::Failure;
use crate::opportunities::model::{Action, LossReason, ProgressStage};
use crate::viewer::Viewer;

/// The vendor's business developer ends it, with a reason, until the contract is signed (R-OPP-12, R-OPP-34).
#[derive(Debug, Clone)]
pub(crate) struct Cancel {
    pub(crate) target: Target,
    pub(crate) reason: String,
}

impl Change for Cancel {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.cancel";
    const ACTION: &'static str = "opportunityCancel";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::scope(Action::Cancel, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let opened = open(tx, scope, (Action::Cancel, self.target)).await?;
        let mut opportunity = opened.opportunity;
        opportunity.cancel(&self.reason, tx.now())?;
        let cancelled = moved(&opportunity, opened.from, "opportunity.cancelled");
        let reason = opportunity.review.reason().unwrap_or_default();
        record(tx, &opportunity, cancelled.because(reason)).await
    }
}

/// The partner gives the deal up, with one of a closed list of reasons.
#[derive(Debug, Clone)]
pub(crate) struct Lose {
    pub(crate) target: Target,
    pub(crate) reason: LossReason,
    pub(crate) note: Option<String>,
}

impl Change for Lose {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.lose";
    const ACTION: &'static str = "opportunityLose";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::scope(Action::Lose, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let mut opportunity = open(tx, scope, (Action::Lose, self.target))
            .await?
            .opportunity;
        let before = opportunity.progress;
        opportunity.lose((self.reason, self.note.as_deref()), tx.now())?;
        let lost = event(&opportunity, "opportunity.lost")
            .moved(
                before.map_or("NONE", ProgressStage::as_str),
                ProgressStage::Lost.as_str(),
            )
            .detail(json!({ "reasonCode": self.reason.as_str() }));
        let lost = match opportunity.loss.as_ref().and_then(|(_, note)| note.clone()) {
            Some(note) => lost.because(note),
            None => lost,
        };
        record(tx, &opportunity, lost).await
    }
}

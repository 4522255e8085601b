//! What the partner reports of a deal, and what has not been reported for too long (R-OPP-7 to R-OPP-9, R-OPP-30).

use serde_json::json;

use super::policy;
use super::{Target, Written, event, open, record};
use crate::db::{Change, Scope, Snapshot, Tx};
use crate::documents;
use crate::error::Failure;
use crate::ids::{OpportunityId, Tagged as _};
use crate::opportunities::model::{Action, ProgressEntry, ProgressReport, ProgressStage};
use crate::opportunities::store;
use crate::paging::{Page, Sort, Window};
use crate::viewer::{Permission, Viewer};

/// Appends a report. An entry is never changed: a mistake is followed by another entry (R-OPP-30).
#[derive(Debug, Clone)]
pub(crate) struct ProgressAdd {
    pub(crate) target: Target,
    pub(crate) report: ProgressReport,
}

impl Change for ProgressAdd {
    type Outcome = Written;
    const NAME: &'static str = "opportunities.progress_add";
    const ACTION: &'static str = "opportunityProgressAdd";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::scope(Action::ProgressAdd, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Written, Failure> {
        let opened = open(tx, scope, (Action::ProgressAdd, self.target)).await?;
        let mut opportunity = opened.opportunity;
        let before = opportunity.progress;
        let report = opportunity.report(&self.report, tx.now())?;
        documents::hold_complete(tx, scope, &report.documents, "documentIds").await?;
        let entry = ProgressEntry {
            organisation: opportunity.organisation,
            id: tx.fresh_id(),
            opportunity: opportunity.id,
            report,
            author: tx.acting().actor.clone(),
            at: tx.now(),
        };
        store::insert_entry(tx, &entry).await?;
        let documents = entry.report.documents.iter();
        let documents: Vec<String> = documents.map(|document| document.global()).collect();
        let reported = event(&opportunity, "opportunity.progress_added")
            .moved(
                before.map_or("NONE", ProgressStage::as_str),
                entry.report.stage.as_str(),
            )
            .detail(json!({
                "entryId": entry.id.global(),
                "winProbability": entry.report.win_probability,
                "documentIds": documents,
            }));
        record(tx, &opportunity, reported).await
    }
}

/// A page of what was reported of one opportunity, and how many entries there are if that is asked for too.
pub(crate) async fn entries(
    viewer: &Viewer,
    snapshot: &Snapshot,
    opportunity: OpportunityId,
    (sort, window): (Sort, &Window),
) -> Result<Page<ProgressEntry>, Failure> {
    viewer.require(Permission::ReadOpportunities)?;
    let mut tx = snapshot.read().await?;
    let scope = snapshot.scope();
    let rows = store::entries(&mut tx, scope, opportunity, (sort, window)).await?;
    Ok(Page::of(rows, window))
}

pub(crate) async fn count_entries(
    viewer: &Viewer,
    snapshot: &Snapshot,
    opportunity: OpportunityId,
) -> Result<i64, Failure> {
    viewer.require(Permission::ReadOpportunities)?;
    let mut tx = snapshot.read().await?;
    Ok(store::count_entries(&mut tx, snapshot.scope(), opportunity).await?)
}

//! What would happen to a deal if it were handed in now: everything that a submission and then a reviewer would refuse.

use super::facts::{Facts, today};
use super::{duplicates, policy};
use crate::catalogue;
use crate::db::Snapshot;
use crate::error::{Failure, Refusal, Refusals};
use crate::explain::Verdict;
use crate::ids::OpportunityId;
use crate::opportunities::error::Fault;
use crate::opportunities::model::{Action, Grade, Origin, doubts, grade};
use crate::opportunities::store;
use crate::viewer::{Permission, Viewer};

/// What was found.
#[derive(Debug, Clone)]
pub(crate) struct Preflight {
    /// The submission's own verdict: what it would refuse.
    pub(crate) submission: Verdict,
    /// What a reviewer would ask about, or refuse later.
    pub(crate) doubts: Vec<Refusal>,
    pub(crate) grade: Grade,
}

impl Preflight {
    pub(crate) fn is_clean(&self) -> bool {
        self.submission.is_allowed() && self.doubts.is_empty()
    }
}

/// Looks at a partner's deal that the viewer may read; nothing for any other.
pub(crate) async fn read(
    viewer: &Viewer,
    snapshot: &Snapshot,
    id: OpportunityId,
) -> Result<Option<Preflight>, Failure> {
    if !viewer.may(Permission::ReadOpportunities) {
        return Ok(None);
    }
    let found = super::find(viewer, snapshot, &[id]).await?.pop();
    let Some(opportunity) = found.filter(|found| found.origin == Origin::Partner) else {
        return Ok(None);
    };
    let mut tx = snapshot.read().await?;
    let scope = snapshot.scope();
    let facts = Facts::of(&mut tx, scope, &opportunity).await?;
    let submission = policy::verdict(Action::Submit, viewer, &opportunity, &facts);
    let content = &opportunity.content;
    let mut doubted = doubts(content, today(&tx));
    let region = &content.customer_region;
    if !region.is_empty() && catalogue::office_of(&mut tx, region).await?.is_none() {
        doubted.push(Fault::NoOffice.at("customerRegion"));
    }
    if let Some(duplicate) = duplicates::expected(&mut tx, scope, &opportunity).await? {
        doubted.push(duplicate.into());
    }
    let minimum = facts.submission.minimum_revenue;
    let missing = match content.check_complete(minimum, &facts.catalogued) {
        Err(Failure::Refused(Refusals { first, rest })) => {
            std::iter::once(first).chain(rest).collect()
        }
        Err(Failure::Internal(_)) | Ok(()) => Vec::new(),
    };
    let reasons = store::past_reasons(&mut tx, opportunity.organisation).await?;
    Ok(Some(Preflight {
        grade: grade(&missing, &doubted, &reasons),
        submission,
        doubts: doubted,
    }))
}

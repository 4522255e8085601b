//! What of opportunities waits on whom, for the inbox: as things stand at the time of the request, whether or not a job
//! has recorded what the clock did.

use chrono::{DateTime, Days, Utc};

use crate::calendar;
use crate::db::Tx;
use crate::error::Failure;
use crate::ids::{OpportunityId, OrganisationId, Tagged as _};
use crate::opportunities::store::waiting as store;
use crate::rules::{self, OpportunityProgress, OpportunitySubmission, Ruled};
use crate::viewer::{OrganisationKind, Permission, Viewer};
use crate::waiting::{Bounds, Kind, Rows, Source};

/// The questions for this viewer: a partner's own deals, or the vendor's queues.
pub(crate) async fn waiting(viewer: &Viewer, tx: &mut Tx) -> Result<Vec<Source>, Failure> {
    match viewer.acting_for() {
        Some(acting) if acting.kind == OrganisationKind::Partner => {
            of_partner(tx, acting.organisation).await
        }
        Some(acting) if acting.kind == OrganisationKind::Vendor => Ok(of_vendor(tx)),
        Some(_) | None => Ok(Vec::new()),
    }
}

async fn of_partner(tx: &mut Tx, organisation: OrganisationId) -> Result<Vec<Source>, Failure> {
    let now = tx.now();
    let rule: Ruled<OpportunitySubmission> = rules::of_organisation(tx, organisation, now).await?;
    let bounds = Bounds {
        organisation: Some(organisation.0),
        now,
        limit: now,
        number: i64::from(rule.value.round_limit),
    };
    let since = Bounds {
        limit: stalled_before(tx, organisation).await?,
        ..bounds
    };
    let (answer, write) = (
        Permission::SubmitOpportunities,
        Permission::WriteOpportunities,
    );
    Ok(vec![
        source(
            (Kind::AnswerSharedOpportunity, answer),
            store::push_shared,
            bounds,
        ),
        source((Kind::MendOpportunity, write), store::push_refused, bounds),
        source(
            (Kind::UpdateStalledOpportunity, write),
            store::push_stalled,
            since,
        ),
    ])
}

fn of_vendor(tx: &Tx) -> Vec<Source> {
    let bounds = Bounds {
        organisation: None,
        now: tx.now(),
        limit: tx.now(),
        number: 0,
    };
    let (review, validate) = (
        Permission::ReviewOpportunities,
        Permission::ValidateOpportunities,
    );
    vec![
        source(
            (Kind::ReviewOpportunity, review),
            store::push_in_review,
            bounds,
        ),
        source(
            (Kind::ValidateOpportunity, validate),
            store::push_in_validation,
            bounds,
        ),
    ]
}

fn source((kind, act): (Kind, Permission), rows: Rows, bounds: Bounds) -> Source {
    Source {
        kind,
        object_kind: OpportunityId::TAG,
        read: Permission::ReadOpportunities,
        act,
        rows,
        bounds,
    }
}

/// A deal of which nothing was reported since before this instant stands still: as many working days as the rule set says
/// are over (R-OPP-33).
async fn stalled_before(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<DateTime<Utc>, Failure> {
    let now = tx.now();
    let rule: Ruled<OpportunityProgress> = rules::of_organisation(tx, organisation, now).await?;
    let calendar = calendar::current(tx).await?;
    let mut day = calendar::day_of(now);
    // The day of the last report is not counted, so all of one day stand still together.
    while calendar
        .due(calendar::midnight(day), rule.value.stall_working_days)
        .due_until
        > now
    {
        day = day - Days::new(1);
    }
    Ok(calendar::midnight_after(day))
}

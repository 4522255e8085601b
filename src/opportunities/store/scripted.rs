//! What waits for the vendor, as a sandbox's script sees it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::db::{StoreError, Tx};
use crate::ids::{OpportunityId, OrganisationId};
use crate::opportunities::model::ReviewState;
use crate::opportunities::service::{Target, Waiting};

struct Row {
    organisation_id: Uuid,
    id: Uuid,
    version: i64,
    name: String,
    customer_name: String,
    review_state: String,
    since: DateTime<Utc>,
}

impl TryFrom<Row> for Waiting {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let state = ReviewState::parse(&row.review_state)
            .ok_or_else(|| StoreError::corrupt("opportunities.review_state", row.id))?;
        Ok(Self {
            target: Target {
                id: OpportunityId(row.id),
                expected_version: row.version,
            },
            organisation: OrganisationId(row.organisation_id),
            name: row.name,
            customer_name: row.customer_name,
            state,
            since: row.since,
        })
    }
}

/// Submitted, reviewed or settled opportunities, with when they came to that.
pub(in crate::opportunities) async fn waiting_for_vendor(
    tx: &mut Tx,
) -> Result<Vec<Waiting>, StoreError> {
    sqlx::query_as!(
        Row,
        r#"SELECT organisation_id, id, version, name, customer_name, review_state,
               COALESCE(CASE review_state WHEN 'UNDER_REVIEW' THEN submitted_at WHEN 'UNDER_VALIDATION' THEN reviewed_at
                   ELSE settled_at END, updated_at) AS "since!"
           FROM opportunities
           WHERE review_state IN ('UNDER_REVIEW', 'UNDER_VALIDATION')
              OR (review_state IN ('VALIDATED', 'ACCEPTED')
                  AND COALESCE(progress_stage, 'QUALIFYING') IN ('QUALIFYING', 'SOLUTION', 'NEGOTIATION'))
           ORDER BY id"#,
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(Waiting::try_from)
    .collect()
}

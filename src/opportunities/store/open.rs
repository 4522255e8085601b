//! The deals that somebody still has to work on, by who answers for them. What was not answered in time waits no more,
//! recorded or not (R-GEN-7).

use std::collections::HashMap;

use uuid::Uuid;

use crate::db::{Scope, StoreError, Tx};
use crate::ids::{MemberId, OpportunityId};
use crate::organisation::members::{Held, MOST_NAMED};

/// What each of these owners still has in hand.
pub(in crate::opportunities) async fn open_of(
    tx: &mut Tx,
    scope: &Scope,
    owners: &[MemberId],
) -> Result<HashMap<MemberId, Held>, StoreError> {
    let now = tx.now();
    let owners: Vec<Uuid> = owners.iter().map(|owner| owner.0).collect();
    let rows = sqlx::query!(
        r#"SELECT owner_member_id, count(*) AS "count!",
               (array_agg(id ORDER BY created_at, id))[1:$3] AS "first!: Vec<Uuid>"
           FROM opportunities
           WHERE owner_member_id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2)
             AND deleted_at IS NULL AND review_state NOT IN ('REJECTED', 'AUTO_REJECTED', 'CANCELLED_BY_VENDOR')
             AND (progress_stage IS NULL OR progress_stage NOT IN ('DELIVERED', 'LOST'))
             AND NOT (review_state = 'PENDING_ACCEPTANCE' AND EXISTS (SELECT FROM deadlines
                 WHERE deadlines.object_id = opportunities.id AND ended_at IS NULL AND state = 'RUNNING'
                   AND due_until <= $4))
           GROUP BY owner_member_id"#,
        &owners,
        scope.owner(),
        i32::try_from(MOST_NAMED).unwrap_or(i32::MAX),
        now,
    )
    .fetch_all(tx.connection())
    .await?;
    let held = |count, first| Held { count, first };
    Ok(rows
        .into_iter()
        .map(|row| (MemberId(row.owner_member_id), held(row.count, row.first)))
        .collect())
}

/// All of one owner's, the oldest first.
pub(in crate::opportunities) async fn open_ids(
    tx: &mut Tx,
    scope: &Scope,
    owner: MemberId,
) -> Result<Vec<OpportunityId>, StoreError> {
    let now = tx.now();
    let ids = sqlx::query_scalar!(
        "SELECT id FROM opportunities
         WHERE owner_member_id = $1 AND ($2::uuid IS NULL OR organisation_id = $2)
           AND deleted_at IS NULL AND review_state NOT IN ('REJECTED', 'AUTO_REJECTED', 'CANCELLED_BY_VENDOR')
           AND (progress_stage IS NULL OR progress_stage NOT IN ('DELIVERED', 'LOST'))
           AND NOT (review_state = 'PENDING_ACCEPTANCE' AND EXISTS (SELECT FROM deadlines
                WHERE deadlines.object_id = opportunities.id AND ended_at IS NULL AND state = 'RUNNING'
                  AND due_until <= $3))
         ORDER BY created_at, id",
        owner.0,
        scope.owner(),
        now,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(ids.into_iter().map(OpportunityId).collect())
}

//! The rows that wait on somebody, each query in the columns that `waiting` asks for.

use sqlx::{Postgres, QueryBuilder};

use crate::waiting::Bounds;

/// What the vendor shared and the partner can still answer.
pub(in crate::opportunities) fn push_shared(query: &mut QueryBuilder<Postgres>, bounds: Bounds) {
    query.push(
        "SELECT opportunities.id, number, name, due_until, expected_revenue AS amount, currency,
             starts_at AS since, owner_member_id AS owner_id
         FROM opportunities
         JOIN deadlines ON deadlines.organisation_id = opportunities.organisation_id
             AND object_id = opportunities.id AND deadlines.kind = 'ACCEPT_SHARED_OPPORTUNITY' AND ended_at IS NULL
         WHERE review_state = 'PENDING_ACCEPTANCE' AND opportunities.organisation_id = ",
    );
    query.push_bind(bounds.organisation);
    query.push(" AND due_until > ").push_bind(bounds.now);
}

/// What the vendor refused, or did not validate in time, and may be submitted again (R-OPP-35).
pub(in crate::opportunities) fn push_refused(query: &mut QueryBuilder<Postgres>, bounds: Bounds) {
    query.push(
        "SELECT opportunities.id, number, name, NULL::timestamptz AS due_until, expected_revenue AS amount, currency,
             coalesce(validation.due_until, settled_at, reviewed_at) AS since, owner_member_id AS owner_id
         FROM opportunities
         LEFT JOIN deadlines AS validation ON validation.organisation_id = opportunities.organisation_id
             AND object_id = opportunities.id AND validation.kind = 'VALIDATE_OPPORTUNITY' AND ended_at IS NULL
             AND validation.due_until <= ",
    );
    query.push_bind(bounds.now);
    query.push(" WHERE opportunities.organisation_id = ");
    query.push_bind(bounds.organisation);
    query
        .push(" AND refused_rounds < ")
        .push_bind(bounds.number);
    query.push(
        " AND (review_state IN ('REVIEW_REJECTED', 'VALIDATION_REJECTED')
              OR (review_state = 'UNDER_VALIDATION' AND validation.id IS NOT NULL))",
    );
}

/// The vendor's first check.
pub(in crate::opportunities) fn push_in_review(query: &mut QueryBuilder<Postgres>, _: Bounds) {
    query.push(
        "SELECT id, number, name, NULL::timestamptz AS due_until, expected_revenue AS amount, currency,
             submitted_at AS since, reviewer_member_id AS owner_id
         FROM opportunities WHERE review_state = 'UNDER_REVIEW'",
    );
}

/// The vendor's second check, as long as it can be made.
pub(in crate::opportunities) fn push_in_validation(
    query: &mut QueryBuilder<Postgres>,
    bounds: Bounds,
) {
    query.push(
        "SELECT opportunities.id, number, name, due_until, expected_revenue AS amount, currency,
             reviewed_at AS since, reviewer_member_id AS owner_id
         FROM opportunities
         LEFT JOIN deadlines ON deadlines.organisation_id = opportunities.organisation_id
             AND object_id = opportunities.id AND deadlines.kind = 'VALIDATE_OPPORTUNITY' AND ended_at IS NULL
         WHERE review_state = 'UNDER_VALIDATION' AND (due_until IS NULL OR due_until > ",
    );
    query.push_bind(bounds.now).push(")");
}

/// Settled deals that run and of which nothing was reported since the limit (R-OPP-33).
pub(in crate::opportunities) fn push_stalled(query: &mut QueryBuilder<Postgres>, bounds: Bounds) {
    query.push(
        "SELECT id, number, name, NULL::timestamptz AS due_until, expected_revenue AS amount, currency,
             coalesce(last_progress_at, settled_at) AS since, owner_member_id AS owner_id
         FROM opportunities
         WHERE review_state IN ('VALIDATED', 'ACCEPTED') AND coalesce(progress_stage, '') NOT IN ('DELIVERED', 'LOST')
             AND organisation_id = ",
    );
    query.push_bind(bounds.organisation);
    query.push(" AND coalesce(last_progress_at, settled_at) < ");
    query.push_bind(bounds.limit);
}

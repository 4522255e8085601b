//! What waits, for the inbox: rows of `id, number, name, due_until, amount, currency, since, owner_id`.

use sqlx::{Postgres, QueryBuilder};

use crate::waiting::Bounds;

/// What the vendor has to decide, whosever it is.
pub(in super::super) fn push_in_review(query: &mut QueryBuilder<Postgres>, _: Bounds) {
    query.push(
        "SELECT id, coalesce(path, '') AS number, coalesce(name, '') AS name, NULL::timestamptz AS due_until,
             NULL::numeric AS amount, NULL::text AS currency, changed_at AS since, NULL::uuid AS owner_id
         FROM dedicated_personnel WHERE state IN ('APPLY_UNDER_REVIEW', 'CANCEL_UNDER_REVIEW')",
    );
}

/// Applications that the vendor refused.
pub(in super::super) fn push_rejected(query: &mut QueryBuilder<Postgres>, bounds: Bounds) {
    query.push(
        "SELECT id, coalesce(path, '') AS number, coalesce(name, '') AS name, NULL::timestamptz AS due_until,
             NULL::numeric AS amount, NULL::text AS currency, changed_at AS since, NULL::uuid AS owner_id
         FROM dedicated_personnel WHERE state = 'APPLY_REJECTED' AND organisation_id = ",
    );
    query.push_bind(bounds.organisation);
}

/// Unanswered invitations that expire before the limit. Of who did not agree yet no name is told.
pub(in super::super) fn push_expiring(query: &mut QueryBuilder<Postgres>, bounds: Bounds) {
    query.push(
        "SELECT id, '' AS number, left(coalesce(invited_as, ''), 3) || '***' AS name, expires_at AS due_until,
             NULL::numeric AS amount, NULL::text AS currency, sent_at AS since, invited_by AS owner_id
         FROM dedicated_personnel WHERE state = 'INVITED' AND organisation_id = ",
    );
    query.push_bind(bounds.organisation);
    query.push(" AND expires_at > ").push_bind(bounds.now);
    query.push(" AND expires_at <= ").push_bind(bounds.limit);
}

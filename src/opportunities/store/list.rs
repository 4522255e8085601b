//! Lists of opportunities: the one statement that is put together, from literals of ours and bound values.

use chrono::{DateTime, Utc};
use sqlx::{Postgres, QueryBuilder};

use super::super::model::{Condition, Filter, Opportunity, ReviewState, Side};
use super::{Row, all};
use crate::db::{Scope, StoreError, Tx};
use crate::opportunities::service::Times;
use crate::paging::{LARGEST_COUNT, Sort, Window};
use crate::rules::Site;
use crate::viewer::Visibility;

/// The columns of [`Row`], for the queries that are put together.
const SELECT: &str = "SELECT organisation_id, id, number, origin,
    (SELECT site FROM organisations WHERE organisations.id = organisation_id) AS site, name, description, customer_name, customer_region,
    customer_industry, expected_revenue, budget, currency, decision_maker, need, purchase_on, contacts,
    customer_consent_confirmed, external_reference, owner_member_id, reseller_id, review_state, review_round,
    refused_rounds, review_reason, progress_stage, created_at, submitted_at, reviewed_at, settled_at, cancelled_at,
    timed_out, edited_fields, reviewer_organisation_id, reviewer_member_id, loss_reason, loss_note, last_progress_at,
    win_probability, updated_at, version, office_code, offering_ids, pre_sales_activities, cloud_services,
    requested_support, unified_social_credit_code, customer_domain
    FROM opportunities WHERE deleted_at IS NULL";

/// One row more than the window holds, as [`crate::paging::Page::of`] expects.
pub(in crate::opportunities) async fn list(
    tx: &mut Tx,
    scope: &Scope,
    (filter, times): (&Filter, &Times),
    (sort, window): (Sort, &Window),
) -> Result<Vec<Opportunity>, StoreError> {
    let mut query = QueryBuilder::new(SELECT);
    push_scope(&mut query, (scope, tx.visibility()));
    query.push(" AND ");
    push_filter(&mut query, filter, times);
    sort.push(&mut query, window);
    let rows = query
        .build_query_as::<Row>()
        .fetch_all(tx.connection())
        .await?;
    all(tx, scope, rows).await
}

/// How many there are; one more than [`LARGEST_COUNT`] stands for all above it.
pub(in crate::opportunities) async fn count(
    tx: &mut Tx,
    scope: &Scope,
    (filter, times): (&Filter, &Times),
) -> Result<i64, StoreError> {
    let mut query = QueryBuilder::new(
        "SELECT count(*) FROM (SELECT FROM opportunities WHERE deleted_at IS NULL",
    );
    push_scope(&mut query, (scope, tx.visibility()));
    query.push(" AND ");
    push_filter(&mut query, filter, times);
    query
        .push(" LIMIT ")
        .push_bind(LARGEST_COUNT + 1)
        .push(") AS counted");
    Ok(query
        .build_query_scalar()
        .fetch_one(tx.connection())
        .await?)
}

/// Narrows to the owner first: a text search must never meet another organisation's rows. Then to what an account manager
/// looks after: his own deals, and those through resellers that are assigned to him (R-ORG-7).
fn push_scope(query: &mut QueryBuilder<Postgres>, (scope, visibility): (&Scope, Visibility)) {
    if let Some(owner) = scope.owner() {
        query.push(" AND organisation_id = ").push_bind(owner);
    }
    if let Some(member) = visibility.assigned_to() {
        query.push(" AND (owner_member_id = ").push_bind(member);
        query.push(" OR reseller_id IN (SELECT id FROM resellers WHERE account_manager_id = ");
        query.push_bind(member).push("))");
    }
}

fn push_filter(query: &mut QueryBuilder<Postgres>, filter: &Filter, times: &Times) {
    query.push("(TRUE");
    for condition in &filter.conditions {
        query.push(" AND ");
        push_condition(query, condition, times);
    }
    for child in &filter.all {
        query.push(" AND ");
        push_filter(query, child, times);
    }
    if let Some(children) = &filter.any {
        query.push(" AND (FALSE");
        for child in children {
            query.push(" OR ");
            push_filter(query, child, times);
        }
        query.push(")");
    }
    if let Some(child) = &filter.none {
        // An unknown (a revenue that is not given) is not a match, neither here nor above.
        query.push(" AND ");
        push_filter(query, child, times);
        query.push(" IS NOT TRUE");
    }
    query.push(")");
}

#[expect(clippy::too_many_lines, reason = "one arm for each condition")]
fn push_condition(query: &mut QueryBuilder<Postgres>, condition: &Condition, times: &Times) {
    match condition {
        Condition::ReviewStateIn(states) => {
            push_states(query, states, times.now);
        }
        Condition::ProgressStageIn(stages) => {
            let stages: Vec<&str> = stages.iter().map(|stage| stage.as_str()).collect();
            push_any(query, "progress_stage", stages);
        }
        Condition::Origin(origin) => {
            query.push("origin = ").push_bind(origin.as_str());
        }
        Condition::Owner(owner) => {
            query.push("owner_member_id = ").push_bind(owner.0);
        }
        Condition::Reseller(reseller) => {
            query.push("reseller_id = ").push_bind(reseller.0);
        }
        Condition::Offering(offering) => {
            query.push("offering_ids @> ").push_bind(vec![offering.0]);
        }
        Condition::CloudService(code) => push_text(query, (" = ANY(cloud_services)", code)),
        Condition::Office(code) => push_text(query, (" = office_code", code)),
        Condition::CustomerRegion(region) => push_text(query, (" = customer_region", region)),
        Condition::CreatedSince(at) => push_instant(query, "created_at >= ", *at),
        Condition::CreatedBefore(at) => push_instant(query, "created_at < ", *at),
        Condition::UpdatedSince(at) => push_instant(query, "updated_at >= ", *at),
        Condition::RevenueIn(currency) => {
            query
                .push("currency = ")
                .push_bind(currency.as_str().to_owned());
        }
        Condition::RevenueAtLeast(amount) => {
            query.push("expected_revenue >= ").push_bind(*amount);
        }
        Condition::RevenueAtMost(amount) => {
            query.push("expected_revenue <= ").push_bind(*amount);
        }
        // PostgreSQL refuses the whole statement for a NUL, and no row holds one.
        Condition::CustomerNameContains(text) if text.contains('\0') => {
            query.push("FALSE");
        }
        Condition::CustomerNameContains(text) => {
            query.push("customer_name ILIKE ").push_bind(pattern(text));
        }
        Condition::WaitingOn(side) => {
            push_states(query, &ReviewState::waiting_for(*side), times.now);
            if *side == Side::Partner {
                push_rounds_left(query, times);
            }
        }
        Condition::Reviewer(reviewer) => {
            query.push("reviewer_member_id = ").push_bind(reviewer.0);
        }
        Condition::DueWithinWorkingDays(days) => {
            query
                .push(
                    "EXISTS (SELECT FROM deadlines WHERE deadlines.object_id = opportunities.id
                     AND deadlines.ended_at IS NULL AND deadlines.due_until > ",
                )
                .push_bind(times.now)
                .push(" AND deadlines.due_until <= ")
                .push_bind(times.due_before(*days))
                .push(")");
        }
        Condition::Stalled(stalled) => {
            query.push(if *stalled { "(" } else { "NOT (" });
            query.push(OWES_PROGRESS).push(
                "CASE (SELECT site FROM organisations WHERE organisations.id = organisation_id) WHEN 'CN' THEN ",
            );
            query.push_bind(times.stalled_before(Site::Cn));
            query
                .push(" ELSE ")
                .push_bind(times.stalled_before(Site::Intl))
                .push(" END)");
        }
        Condition::SilentForWorkingDays(days) => {
            query
                .push("(")
                .push(OWES_PROGRESS)
                .push_bind(times.silent_before(*days))
                .push(")");
        }
    }
}

/// The states at `now`: what waits beyond its deadline is what that made of it, recorded or not (R-GEN-7).
///
/// The stored state narrows first, so that its index serves.
fn push_states(query: &mut QueryBuilder<Postgres>, states: &[ReviewState], now: DateTime<Utc>) {
    let mut stored: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
    let asked = stored.clone();
    stored.extend(
        states
            .iter()
            .filter_map(|state| Some(state.before_lapse()?.as_str())),
    );
    push_any(query, "review_state", stored);
    query
        .push(" AND (CASE WHEN ")
        .push(HAS_LAPSED)
        .push_bind(now)
        .push(
            ") THEN CASE review_state WHEN 'PENDING_ACCEPTANCE' THEN 'AUTO_REJECTED' ELSE 'VALIDATION_REJECTED' END
             ELSE review_state END) = ANY(",
        )
        .push_bind(asked)
        .push(")");
}

/// What was not refused so often that it cannot be handed in again (R-OPP-35); what the vendor shared has no rounds.
fn push_rounds_left(query: &mut QueryBuilder<Postgres>, times: &Times) {
    query
        .push(
            " AND (review_state = 'PENDING_ACCEPTANCE' OR refused_rounds <
             CASE (SELECT site FROM organisations WHERE organisations.id = organisation_id) WHEN 'CN' THEN ",
        )
        .push_bind(times.round_limit(Site::Cn))
        .push(" ELSE ")
        .push_bind(times.round_limit(Site::Intl))
        .push(" END)");
}

/// Progress is owed, and the last word is older than the instant that follows (R-OPP-33).
const OWES_PROGRESS: &str = "review_state IN ('VALIDATED', 'ACCEPTED')
    AND coalesce(progress_stage, '') NOT IN ('DELIVERED', 'LOST') AND greatest(settled_at, last_progress_at) < ";

/// Up to the instant that has come; it is bound after this, and a parenthesis closes it.
const HAS_LAPSED: &str = "review_state IN ('PENDING_ACCEPTANCE', 'UNDER_VALIDATION') AND EXISTS (
    SELECT FROM deadlines WHERE deadlines.object_id = opportunities.id AND deadlines.ended_at IS NULL
      AND deadlines.state = 'RUNNING' AND deadlines.due_until <= ";

/// A text compared with a column; PostgreSQL refuses the whole statement for a NUL, and no row holds one.
fn push_text(query: &mut QueryBuilder<Postgres>, (comparison, text): (&'static str, &str)) {
    if text.contains('\0') {
        query.push("FALSE");
    } else {
        query.push_bind(text.to_owned()).push(comparison);
    }
}

fn push_any(query: &mut QueryBuilder<Postgres>, column: &'static str, words: Vec<&'static str>) {
    query
        .push(column)
        .push(" = ANY(")
        .push_bind(words)
        .push(")");
}

/// Instants that PostgreSQL cannot hold lie beyond every row, and so does the nearest one that it can.
fn push_instant(query: &mut QueryBuilder<Postgres>, comparison: &'static str, at: DateTime<Utc>) {
    const YEAR_10000: i64 = 253_402_300_800;
    let last = DateTime::from_timestamp(YEAR_10000, 0).unwrap_or(at);
    query
        .push(comparison)
        .push_bind(at.clamp(DateTime::UNIX_EPOCH, last));
}

/// A text that is found anywhere, none of its characters being a wildcard.
fn pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

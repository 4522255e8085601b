//! Rounds: one row for each submission, and what was decided on it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::db::{Scope, StoreError, Tx};
use crate::ids::{OpportunityId, OrganisationId};
use crate::opportunities::model::{NewRound, Round, RoundDecision, RoundOutcome};

struct Row {
    opportunity_id: Uuid,
    round: i32,
    submitted_at: DateTime<Utc>,
    submitted_by: String,
    content: serde_json::Value,
    changed_fields: Vec<String>,
    outcome: String,
    reviewed_at: Option<DateTime<Utc>>,
    reviewed_by: Option<String>,
    validated_at: Option<DateTime<Utc>>,
    validated_by: Option<String>,
    reason: Option<String>,
}

impl TryFrom<Row> for Round {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt(column, row.opportunity_id);
        let serde_json::Value::Object(content) = row.content else {
            return Err(corrupt("opportunity_rounds.content"));
        };
        Ok(Self {
            opportunity: OpportunityId(row.opportunity_id),
            number: row.round,
            submitted_at: row.submitted_at,
            submitted_by: row.submitted_by,
            content,
            changed: row.changed_fields,
            outcome: RoundOutcome::parse(&row.outcome)
                .ok_or(corrupt("opportunity_rounds.outcome"))?,
            reviewed: row.reviewed_at.zip(row.reviewed_by),
            validated: row.validated_at.zip(row.validated_by),
            reason: row.reason,
        })
    }
}

/// Writes what is handed in.
pub(in crate::opportunities) async fn insert_round(
    tx: &mut Tx,
    organisation: OrganisationId,
    round: &NewRound,
) -> Result<(), StoreError> {
    let (now, actor) = (tx.now(), tx.acting().actor.clone());
    sqlx::query!(
        "INSERT INTO opportunity_rounds (organisation_id, opportunity_id, round, submitted_at, submitted_by, content,
             changed_fields)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        organisation.0,
        round.opportunity.0,
        round.number,
        now,
        actor,
        serde_json::Value::Object(round.content.clone()),
        &round.changed,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Writes what was decided on the round of an opportunity that is locked. One without a row was handed in before rounds
/// were kept, and stays without.
pub(in crate::opportunities) async fn record_decision(
    tx: &mut Tx,
    (opportunity, round): (OpportunityId, i32),
    decision: &RoundDecision<'_>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE opportunity_rounds SET outcome = $3, reason = $4,
             reviewed_at = coalesce(reviewed_at, $5), reviewed_by = coalesce(reviewed_by, $6),
             validated_at = $7, validated_by = $8
         WHERE opportunity_id = $1 AND round = $2",
        opportunity.0,
        round,
        decision.outcome.as_str(),
        decision.reason,
        decision.reviewed.map(|(at, _)| at),
        decision.reviewed.map(|(_, by)| by),
        decision.validated.map(|(at, _)| at),
        decision.validated.map(|(_, by)| by),
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// All rounds of the opportunities that the scope may see, the oldest of each first.
pub(in crate::opportunities) async fn rounds(
    tx: &mut Tx,
    scope: &Scope,
    opportunities: &[OpportunityId],
) -> Result<Vec<Round>, StoreError> {
    let ids: Vec<Uuid> = opportunities.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Row,
        "SELECT opportunity_id, round, submitted_at, submitted_by, content, changed_fields, outcome, reviewed_at,
             reviewed_by, validated_at, validated_by, reason
         FROM opportunity_rounds
         WHERE opportunity_id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2)
         ORDER BY opportunity_id, round",
        &ids,
        scope.owner(),
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(Round::try_from)
    .collect()
}

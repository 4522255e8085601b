//! What hangs on an opportunity: its rounds, its deadline and what the partner reported.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Row;
use super::journey::Journey;
use crate::calendar::{WorkCalendar, shipped};
use crate::ids::{MemberId, OpportunityId, Tagged as _};
use crate::seed::deadlines::DeadlineRow;
use crate::seed::store::{self, insert_into};
use crate::seed::{Plan, SeedError, random};

/// Working days as the rule set ships them; each is stored with its deadline.
const ANSWER_DAYS: i32 = 3;
const VALIDATION_DAYS: i32 = 10;
const ANSWER_RULE: &str = "018c0000-0000-7000-8000-000000000033";
const VALIDATION_RULE: &str = "018c0000-0000-7000-8000-000000000031";

#[derive(Serialize)]
struct RoundRow {
    organisation_id: Uuid,
    opportunity_id: Uuid,
    round: usize,
    submitted_at: DateTime<Utc>,
    submitted_by: String,
    content: serde_json::Value,
    changed_fields: Vec<&'static str>,
    outcome: &'static str,
    reviewed_at: Option<DateTime<Utc>>,
    reviewed_by: Option<String>,
    validated_at: Option<DateTime<Utc>>,
    validated_by: Option<String>,
    reason: Option<&'static str>,
}

insert_into!(
    RoundRow,
    "opportunity_rounds",
    "organisation_id, opportunity_id, round, submitted_at, submitted_by, content, changed_fields, outcome, reviewed_at,
     reviewed_by, validated_at, validated_by, reason"
);

#[derive(Serialize)]
struct ProgressRow {
    organisation_id: Uuid,
    id: Uuid,
    opportunity_id: Uuid,
    stage: &'static str,
    win_probability: i32,
    note: &'static str,
    document_ids: [Uuid; 0],
    author: String,
    at: DateTime<Utc>,
}

insert_into!(
    ProgressRow,
    "opportunity_progress",
    "organisation_id, id, opportunity_id, stage, win_probability, note, document_ids, author, at"
);

/// The rows of many opportunities.
pub(super) struct Life {
    calendar: WorkCalendar,
    rounds: Vec<RoundRow>,
    deadlines: Vec<DeadlineRow>,
    reports: Vec<ProgressRow>,
}

impl Default for Life {
    fn default() -> Self {
        Self {
            calendar: shipped::calendar(),
            rounds: Vec::new(),
            deadlines: Vec::new(),
            reports: Vec::new(),
        }
    }
}

/// The newest report that is no loss.
pub(super) fn last_report(journey: &Journey) -> Option<(&'static str, DateTime<Utc>)> {
    let mut reports = journey.reports().into_iter().rev();
    reports.find(|(stage, _)| *stage != "LOST")
}

pub(super) fn win_probability(stage: &str) -> i32 {
    match stage {
        "QUALIFYING" => 20,
        "SOLUTION" => 40,
        "NEGOTIATION" => 70,
        _ => 100,
    }
}

fn note(stage: &str) -> &'static str {
    match stage {
        "QUALIFYING" => "已拜访客户，确认需求与预算。",
        "SOLUTION" => "已提交方案，客户正在评审。",
        "NEGOTIATION" => "商务条款谈判中。",
        "SIGNED" => "合同已签署。",
        "DELIVERING" => "项目已启动，按计划交付。",
        _ => "交付完成，客户已验收。",
    }
}

impl Life {
    pub(super) fn add(
        &mut self,
        plan: &Plan,
        (index, row): (usize, &Row),
        (journey, reviewer): (&Journey, Uuid),
    ) {
        let (owner, reviewer) = (
            MemberId(row.owner_member_id).global(),
            MemberId(reviewer).global(),
        );
        for (round, number) in journey.rounds().into_iter().zip(1..) {
            let refused = round.outcome.ends_with("REJECTED");
            self.rounds.push(RoundRow {
                organisation_id: row.organisation_id,
                opportunity_id: row.id,
                round: number,
                submitted_at: round.submitted_at,
                submitted_by: owner.clone(),
                content: serde_json::json!({ "name": row.name, "need": row.need }),
                changed_fields: if number > 1 {
                    vec!["contacts"]
                } else {
                    Vec::new()
                },
                outcome: round.outcome,
                reviewed_at: round.reviewed_at,
                reviewed_by: round.reviewed_at.map(|_| reviewer.clone()),
                validated_at: round.validated_at,
                validated_by: round.validated_at.map(|_| reviewer.clone()),
                reason: refused.then(|| row.review_reason.unwrap_or("请补充客户联系人。")),
            });
        }
        self.add_deadline(plan, (index, row), journey);
        for (place, (stage, at)) in journey.reports().into_iter().enumerate() {
            if stage == "LOST" {
                continue;
            }
            self.reports.push(ProgressRow {
                organisation_id: row.organisation_id,
                id: random::id(plan.seed, &format!("report {place}"), index),
                opportunity_id: row.id,
                stage,
                win_probability: win_probability(stage),
                note: note(stage),
                document_ids: [],
                author: owner.clone(),
                at,
            });
        }
    }

    fn add_deadline(&mut self, plan: &Plan, (index, row): (usize, &Row), journey: &Journey) {
        let Some(deadline) = journey.deadline() else {
            return;
        };
        let (length, rule_id) = match deadline.kind {
            "VALIDATE_OPPORTUNITY" => (VALIDATION_DAYS, VALIDATION_RULE),
            _ => (ANSWER_DAYS, ANSWER_RULE),
        };
        let row = DeadlineRow::running(
            &self.calendar,
            (
                row.organisation_id,
                random::id(plan.seed, "deadline", index),
            ),
            (OpportunityId::TAG, row.id),
            (deadline.kind, "AUTO_REJECT"),
            (deadline.starts_at, length),
        );
        self.deadlines.push(DeadlineRow {
            rule_id: Some(rule_id),
            state: deadline.ended.map_or("RUNNING", |(_, state)| state),
            ended_at: deadline.ended.map(|(at, _)| at),
            ..row
        });
    }

    pub(super) async fn insert(&self, connection: &mut PgConnection) -> Result<(), SeedError> {
        store::insert(connection, &self.rounds).await?;
        store::insert(connection, &self.deadlines).await?;
        store::insert(connection, &self.reports).await
    }
}

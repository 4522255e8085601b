//! Progress entries: appended and read, never changed.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::QueryBuilder;
use uuid::Uuid;

use crate::db::{Scope, StoreError, Tx};
use crate::ids::{DocumentId, OpportunityId, OrganisationId, ProgressEntryId};
use crate::opportunities::model::{ProgressEntry, ProgressReport, ProgressStage};
use crate::paging::{LARGEST_COUNT, Sort, Window};

#[derive(sqlx::FromRow)]
struct Row {
    organisation_id: Uuid,
    id: Uuid,
    opportunity_id: Uuid,
    stage: String,
    win_probability: i32,
    note: String,
    technical_exchange: Option<String>,
    test_details: Option<String>,
    occurred_on: Option<NaiveDate>,
    document_ids: Vec<Uuid>,
    author: String,
    at: DateTime<Utc>,
}

impl TryFrom<Row> for ProgressEntry {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let stage = ProgressStage::parse(&row.stage)
            .ok_or(StoreError::corrupt("opportunity_progress.stage", row.id))?;
        Ok(Self {
            organisation: OrganisationId(row.organisation_id),
            id: ProgressEntryId(row.id),
            opportunity: OpportunityId(row.opportunity_id),
            report: ProgressReport {
                stage,
                win_probability: row.win_probability,
                note: row.note,
                technical_exchange: row.technical_exchange,
                test_details: row.test_details,
                occurred_on: row.occurred_on,
                documents: row.document_ids.into_iter().map(DocumentId).collect(),
            },
            author: row.author,
            at: row.at,
        })
    }
}

pub(in crate::opportunities) async fn insert_entry(
    tx: &mut Tx,
    entry: &ProgressEntry,
) -> Result<(), StoreError> {
    let report = &entry.report;
    let documents: Vec<Uuid> = report.documents.iter().map(|id| id.0).collect();
    sqlx::query!(
        "INSERT INTO opportunity_progress (organisation_id, id, opportunity_id, stage, win_probability, note,
             technical_exchange, test_details, occurred_on, document_ids, author, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        entry.organisation.0,
        entry.id.0,
        entry.opportunity.0,
        report.stage.as_str(),
        report.win_probability,
        report.note,
        report.technical_exchange,
        report.test_details,
        report.occurred_on,
        &documents,
        entry.author,
        entry.at,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// One row more than the window holds, as [`crate::paging::Page::of`] expects.
pub(in crate::opportunities) async fn entries(
    tx: &mut Tx,
    scope: &Scope,
    opportunity: OpportunityId,
    (sort, window): (Sort, &Window),
) -> Result<Vec<ProgressEntry>, StoreError> {
    let mut query = QueryBuilder::new(
        "SELECT organisation_id, id, opportunity_id, stage, win_probability, note, technical_exchange, test_details,
             occurred_on, document_ids, author, at
         FROM opportunity_progress WHERE opportunity_id = ",
    );
    query.push_bind(opportunity.0);
    if let Some(owner) = scope.owner() {
        query.push(" AND organisation_id = ").push_bind(owner);
    }
    sort.push(&mut query, window);
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx.connection()).await?;
    rows.into_iter().map(ProgressEntry::try_from).collect()
}

/// How many there are; one more than [`LARGEST_COUNT`] stands for all above it.
pub(in crate::opportunities) async fn count_entries(
    tx: &mut Tx,
    scope: &Scope,
    opportunity: OpportunityId,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM (
               SELECT FROM opportunity_progress
               WHERE opportunity_id = $1 AND ($2::uuid IS NULL OR organisation_id = $2) LIMIT $3
           ) AS counted"#,
        opportunity.0,
        scope.owner(),
        LARGEST_COUNT + 1,
    )
    .fetch_one(tx.connection())
    .await?)
}

//! The only SQL about opportunities. Rows go in and out; no rule is decided here.

mod list;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::types::Json;
use uuid::Uuid;

pub(super) use list::{count, list};

use super::error::OpportunityRefusal;
use super::model::{
    Contact, Content, Opportunity, Origin, ProgressStage, Review, ReviewState, Submission,
};
use crate::db::{Scope, StoreError, Tx};
use crate::error::Failure;
use crate::ids::{MemberId, OpportunityId, OrganisationId, ResellerId};
use crate::money::{Currency, Money};

/// A row as the table has it: flat and nullable where [`Review`] is precise.
#[derive(sqlx::FromRow)]
struct Row {
    organisation_id: Uuid,
    id: Uuid,
    number: String,
    origin: String,
    name: String,
    description: String,
    customer_name: String,
    customer_region: String,
    customer_industry: String,
    expected_revenue: Option<Decimal>,
    budget: Option<Decimal>,
    currency: String,
    decision_maker: String,
    need: String,
    purchase_on: Option<NaiveDate>,
    contacts: Json<Vec<Contact>>,
    customer_consent_confirmed: bool,
    external_reference: Option<String>,
    owner_member_id: Uuid,
    reseller_id: Option<Uuid>,
    review_state: String,
    review_round: i32,
    refused_rounds: i32,
    review_reason: Option<String>,
    progress_stage: Option<String>,
    created_at: DateTime<Utc>,
    submitted_at: Option<DateTime<Utc>>,
    reviewed_at: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
    version: i64,
}

/// A query for rows whose text is known here and checked against the database when this is built.
macro_rules! rows {
    ($condition:tt, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"SELECT organisation_id, id, number, origin, name, description, customer_name, customer_region,
                customer_industry, expected_revenue, budget, currency, decision_maker, need, purchase_on,
                contacts AS "contacts: Json<Vec<Contact>>", customer_consent_confirmed, external_reference,
                owner_member_id, reseller_id, review_state, review_round, refused_rounds, review_reason,
                progress_stage, created_at, submitted_at, reviewed_at, updated_at, version
                FROM opportunities "#
                + $condition,
            $($argument),*
        )
    };
}

impl Row {
    fn review(&self) -> Option<Review> {
        let submission = self.submitted_at.map(|at| Submission {
            round: self.review_round,
            at,
        });
        let (reviewed_at, reason) = (self.reviewed_at, self.review_reason.clone());
        Some(match ReviewState::parse(&self.review_state)? {
            ReviewState::Draft => Review::Draft,
            ReviewState::UnderReview => Review::UnderReview(submission?),
            ReviewState::ReviewRejected => Review::ReviewRejected {
                submission: submission?,
                reviewed_at: reviewed_at?,
                reason: reason?,
            },
            ReviewState::UnderValidation => Review::UnderValidation {
                submission: submission?,
                reviewed_at: reviewed_at?,
            },
            ReviewState::ValidationRejected => Review::ValidationRejected {
                submission: submission?,
                reviewed_at: reviewed_at?,
                reason: reason?,
            },
            ReviewState::Validated => Review::Validated {
                submission: submission?,
                reviewed_at: reviewed_at?,
            },
            ReviewState::PendingAcceptance => Review::PendingAcceptance,
            ReviewState::Accepted => Review::Accepted,
            ReviewState::Rejected => Review::Rejected { reason: reason? },
            ReviewState::AutoRejected => Review::AutoRejected,
        })
    }

    fn progress(&self) -> Result<Option<ProgressStage>, StoreError> {
        let stage = self.progress_stage.as_deref();
        stage
            .map(|text| {
                ProgressStage::parse(text)
                    .ok_or(StoreError::corrupt("opportunities.progress_stage", self.id))
            })
            .transpose()
    }
}

impl TryFrom<Row> for Opportunity {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt(column, row.id);
        let currency = Currency::parse(&row.currency).ok_or(corrupt("opportunities.currency"))?;
        let origin = Origin::parse(&row.origin).ok_or(corrupt("opportunities.origin"))?;
        let review = row.review().ok_or(corrupt("opportunities.review_state"))?;
        let progress = row.progress()?;
        let money = |amount| Money { amount, currency };
        Ok(Self {
            id: OpportunityId(row.id),
            organisation: OrganisationId(row.organisation_id),
            number: row.number,
            origin,
            content: Content {
                name: row.name,
                description: row.description,
                customer_name: row.customer_name,
                customer_region: row.customer_region,
                customer_industry: row.customer_industry,
                expected_revenue: row.expected_revenue.map(money),
                budget: row.budget.map(money),
                decision_maker: row.decision_maker,
                need: row.need,
                purchase_on: row.purchase_on,
                contacts: row.contacts.0,
                customer_consent_confirmed: row.customer_consent_confirmed,
                external_reference: row.external_reference,
                owner: MemberId(row.owner_member_id),
                reseller: row.reseller_id.map(ResellerId),
            },
            review,
            refused_rounds: row.refused_rounds,
            progress,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        })
    }
}

fn all(rows: Vec<Row>) -> Result<Vec<Opportunity>, StoreError> {
    rows.into_iter().map(Opportunity::try_from).collect()
}

/// Those of the ids that the scope may see, in no order.
pub(super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[OpportunityId],
) -> Result<Vec<Opportunity>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = rows!(
        "WHERE id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2)",
        &ids,
        scope.owner()
    );
    all(rows.fetch_all(tx.connection()).await?)
}

/// Reads one within the scope and locks it until the transaction ends.
pub(super) async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    id: OpportunityId,
) -> Result<Option<Opportunity>, StoreError> {
    rows!(
        "WHERE id = $1 AND ($2::uuid IS NULL OR organisation_id = $2) FOR UPDATE",
        id.0,
        scope.owner()
    )
    .fetch_optional(tx.connection())
    .await?
    .map(Opportunity::try_from)
    .transpose()
}

/// Whether a new opportunity found its number free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inserted {
    Yes,
    NumberTaken,
}

/// Inserts a draft. A number that is taken is skipped instead of failing the transaction: it is drawn by chance.
pub(super) async fn insert(tx: &mut Tx, opportunity: &Opportunity) -> Result<Inserted, Failure> {
    let content = &opportunity.content;
    let currency = currency(content);
    let done = sqlx::query!(
        "INSERT INTO opportunities (organisation_id, id, number, origin, review_state, name, description, customer_name,
             customer_region, customer_industry, expected_revenue, budget, currency, decision_maker, need, purchase_on,
             contacts, customer_consent_confirmed, external_reference, owner_member_id, reseller_id, created_at,
             updated_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
             $23, $24)
         ON CONFLICT (number) DO NOTHING",
        opportunity.organisation.0,
        opportunity.id.0,
        opportunity.number,
        opportunity.origin.as_str(),
        opportunity.review.state().as_str(),
        content.name,
        content.description,
        content.customer_name,
        content.customer_region,
        content.customer_industry,
        content.expected_revenue.map(|money| money.amount),
        content.budget.map(|money| money.amount),
        currency.as_str(),
        content.decision_maker,
        content.need,
        content.purchase_on,
        Json(&content.contacts) as _,
        content.customer_consent_confirmed,
        content.external_reference,
        content.owner.0,
        content.reseller.map(|reseller| reseller.0),
        opportunity.created_at,
        opportunity.updated_at,
        opportunity.version,
    )
    .execute(tx.connection())
    .await
    .map_err(refused)?;
    Ok(match done.rows_affected() {
        0 => Inserted::NumberTaken,
        _ => Inserted::Yes,
    })
}

/// Writes the content of an opportunity that is locked.
pub(super) async fn record_content(tx: &mut Tx, opportunity: &Opportunity) -> Result<(), Failure> {
    let content = &opportunity.content;
    let currency = currency(content);
    sqlx::query!(
        "UPDATE opportunities SET name = $3, description = $4, customer_name = $5, customer_region = $6,
             customer_industry = $7, expected_revenue = $8, budget = $9, currency = $10, decision_maker = $11,
             need = $12, purchase_on = $13, contacts = $14, customer_consent_confirmed = $15, external_reference = $16,
             owner_member_id = $17, reseller_id = $18, updated_at = $19, version = $20
         WHERE organisation_id = $1 AND id = $2",
        opportunity.organisation.0,
        opportunity.id.0,
        content.name,
        content.description,
        content.customer_name,
        content.customer_region,
        content.customer_industry,
        content.expected_revenue.map(|money| money.amount),
        content.budget.map(|money| money.amount),
        currency.as_str(),
        content.decision_maker,
        content.need,
        content.purchase_on,
        Json(&content.contacts) as _,
        content.customer_consent_confirmed,
        content.external_reference,
        content.owner.0,
        content.reseller.map(|reseller| reseller.0),
        opportunity.updated_at,
        opportunity.version,
    )
    .execute(tx.connection())
    .await
    .map_err(refused)?;
    Ok(())
}

/// Writes where the review of an opportunity that is locked stands.
pub(super) async fn record_review(
    tx: &mut Tx,
    opportunity: &Opportunity,
) -> Result<(), StoreError> {
    let review = &opportunity.review;
    let submission = review.submission();
    sqlx::query!(
        "UPDATE opportunities SET review_state = $3, review_round = coalesce($4, review_round), refused_rounds = $5,
             review_reason = $6, submitted_at = $7, reviewed_at = $8, updated_at = $9, version = $10
         WHERE organisation_id = $1 AND id = $2",
        opportunity.organisation.0,
        opportunity.id.0,
        review.state().as_str(),
        submission.map(|submission| submission.round),
        opportunity.refused_rounds,
        review.reason(),
        submission.map(|submission| submission.at),
        review.reviewed_at(),
        opportunity.updated_at,
        opportunity.version,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The currency of both amounts.
fn currency(content: &Content) -> Currency {
    content
        .expected_revenue
        .or(content.budget)
        .map_or(Currency::CNY, |money| money.currency)
}

/// What a constraint says of the input. The names are those of the migration.
fn refused(error: sqlx::Error) -> Failure {
    let error = StoreError::from(error);
    match error.constraint() {
        Some("opportunities_owner") => OpportunityRefusal::OwnerUnknown.into(),
        Some("opportunities_reseller") => OpportunityRefusal::ResellerUnknown.into(),
        Some("opportunities_external_reference") => {
            OpportunityRefusal::ExternalReferenceTaken.into()
        }
        _ => error.into(),
    }
}

/// How many deals wait for their owner, unless one of these roles lets the owner go on with them.
pub(super) async fn count_left_behind(
    tx: &mut Tx,
    scope: &Scope,
    owner: MemberId,
    remaining: &[String],
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM opportunities
           WHERE owner_member_id = $1 AND ($2::uuid IS NULL OR organisation_id = $2)
             AND review_state NOT IN ('REJECTED', 'AUTO_REJECTED')
             AND (progress_stage IS NULL OR progress_stage NOT IN ('DELIVERED', 'LOST'))
             AND NOT EXISTS (SELECT FROM roles WHERE code = ANY($3) AND 'opportunity.write' = ANY(permissions))"#,
        owner.0,
        scope.owner(),
        remaining,
    )
    .fetch_one(tx.connection())
    .await?)
}

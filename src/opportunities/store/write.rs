//! Writing opportunities: whole new ones, and what changed of those that are locked.

use sqlx::types::Json;

use super::particulars;
use crate::db::{StoreError, Tx};
use crate::error::Failure;
use crate::money::Currency;
use crate::opportunities::error::OpportunityRefusal;
use crate::opportunities::model::{Content, Opportunity, ProgressStage};

/// Whether a new opportunity found its number free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::opportunities) enum Inserted {
    Yes,
    NumberTaken,
}

/// Inserts a draft. A number that is taken is skipped instead of failing the transaction: it is drawn by chance.
pub(in crate::opportunities) async fn insert(
    tx: &mut Tx,
    opportunity: &Opportunity,
) -> Result<Inserted, Failure> {
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
    if done.rows_affected() == 0 {
        return Ok(Inserted::NumberTaken);
    }
    particulars::record(tx, opportunity).await?;
    Ok(Inserted::Yes)
}

/// Writes the content of an opportunity that is locked.
pub(in crate::opportunities) async fn record_content(
    tx: &mut Tx,
    opportunity: &Opportunity,
) -> Result<(), Failure> {
    let content = &opportunity.content;
    let currency = currency(content);
    sqlx::query!(
        "UPDATE opportunities SET name = $3, description = $4, customer_name = $5, customer_region = $6,
             customer_industry = $7, expected_revenue = $8, budget = $9, currency = $10, decision_maker = $11,
             need = $12, purchase_on = $13, contacts = $14, customer_consent_confirmed = $15, external_reference = $16,
             owner_member_id = $17, reseller_id = $18, updated_at = $19, version = $20, edited_fields = $21
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
        &opportunity.edited,
    )
    .execute(tx.connection())
    .await
    .map_err(refused)?;
    particulars::record(tx, opportunity).await?;
    Ok(())
}

/// Writes everything but the content of an opportunity that is locked: its states, who decides, and what came of it.
pub(in crate::opportunities) async fn record_state(
    tx: &mut Tx,
    opportunity: &Opportunity,
) -> Result<(), StoreError> {
    let review = &opportunity.review;
    let submission = review.submission();
    let loss = opportunity.loss.as_ref();
    sqlx::query!(
        "UPDATE opportunities SET review_state = $3, review_round = coalesce($4, review_round), refused_rounds = $5,
             review_reason = $6, submitted_at = $7, reviewed_at = $8, updated_at = $9, version = $10, settled_at = $11,
             cancelled_at = $12, timed_out = $13, edited_fields = $14, reviewer_member_id = $15, progress_stage = $16,
             loss_reason = $17, loss_note = $18, last_progress_at = $19, win_probability = $20, owner_member_id = $21,
             deleted_at = $22, reviewer_organisation_id = $23
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
        review.settled_at(),
        review.cancelled_at(),
        review.is_timed_out(),
        &opportunity.edited,
        opportunity.reviewer.map(|(_, member)| member.0),
        opportunity.progress.map(ProgressStage::as_str),
        loss.map(|(reason, _)| reason.as_str()),
        loss.and_then(|(_, note)| note.as_deref()),
        opportunity.last_progress_at,
        opportunity.win_probability,
        opportunity.content.owner.0,
        opportunity.deleted_at,
        opportunity.reviewer.map(|(organisation, _)| organisation.0),
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

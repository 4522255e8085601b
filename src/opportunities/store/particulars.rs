//! The columns of [`Particulars`], and the keys that the customer is compared under.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::model::{Opportunity, Particulars, PreSalesActivity, SupportKind, customer_keys};
use crate::db::{StoreError, Tx};
use crate::ids::{OfferingId, OrganisationId};

/// As the table has them.
pub(super) struct Columns {
    pub(super) id: Uuid,
    pub(super) offering_ids: Vec<Uuid>,
    pub(super) pre_sales_activities: Vec<String>,
    pub(super) cloud_services: Vec<String>,
    pub(super) requested_support: Vec<String>,
    pub(super) unified_social_credit_code: Option<String>,
    pub(super) customer_domain: Option<String>,
}

impl TryFrom<Columns> for Particulars {
    type Error = StoreError;

    fn try_from(columns: Columns) -> Result<Self, StoreError> {
        let id = columns.id;
        let corrupt = |column| move || StoreError::corrupt(column, id);
        let activity = |text: &String| {
            PreSalesActivity::parse(text).ok_or_else(corrupt("opportunities.pre_sales_activities"))
        };
        let support = |text: &String| {
            SupportKind::parse(text).ok_or_else(corrupt("opportunities.requested_support"))
        };
        let activities = columns.pre_sales_activities.iter().map(activity);
        let supports = columns.requested_support.iter().map(support);
        Ok(Self {
            offerings: columns.offering_ids.into_iter().map(OfferingId).collect(),
            pre_sales: activities.collect::<Result<_, _>>()?,
            cloud_services: columns.cloud_services,
            support: supports.collect::<Result<_, _>>()?,
            credit_code: columns.unified_social_credit_code,
            customer_domain: columns.customer_domain,
        })
    }
}

/// Writes them for an opportunity that this transaction inserted or locked.
pub(super) async fn record(tx: &mut Tx, opportunity: &Opportunity) -> Result<(), StoreError> {
    let particulars = &opportunity.content.particulars;
    let offerings: Vec<Uuid> = particulars.offerings.iter().map(|id| id.0).collect();
    let activities = particulars.pre_sales.iter();
    let activities: Vec<String> = activities.map(|one| one.as_str().to_owned()).collect();
    let support = particulars.support.iter();
    let support: Vec<String> = support.map(|one| one.as_str().to_owned()).collect();
    sqlx::query!(
        "UPDATE opportunities SET offering_ids = $3, pre_sales_activities = $4, cloud_services = $5,
             requested_support = $6, unified_social_credit_code = $7, customer_domain = $8, customer_keys = $9
         WHERE organisation_id = $1 AND id = $2",
        opportunity.organisation.0,
        opportunity.id.0,
        &offerings,
        &activities,
        &particulars.cloud_services,
        &support,
        particulars.credit_code,
        particulars.customer_domain,
        &customer_keys(&opportunity.content),
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Writes which office of the vendor it belongs to.
pub(in crate::opportunities) async fn record_office(
    tx: &mut Tx,
    opportunity: &Opportunity,
    office: Option<&str>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE opportunities SET office_code = $3 WHERE organisation_id = $1 AND id = $2",
        opportunity.organisation.0,
        opportunity.id.0,
        office,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// How many of the partner's own deals were delivered at or after an instant, whenever they were signed (R-OPP-28).
pub(in crate::opportunities) async fn count_delivered(
    tx: &mut Tx,
    partner: OrganisationId,
    since: DateTime<Utc>,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM opportunities
           WHERE organisation_id = $1 AND origin = 'PARTNER' AND progress_stage = 'DELIVERED'
             AND coalesce((SELECT min(at) FROM opportunity_progress
                           WHERE opportunity_progress.opportunity_id = opportunities.id AND stage = 'DELIVERED'),
                 last_progress_at, updated_at) >= $2"#,
        partner.0,
        since,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// How many of the partner's deals, whoever brought them, owe progress and had their last word before an instant
/// (R-OPP-33).
pub(in crate::opportunities) async fn count_stalled(
    tx: &mut Tx,
    partner: OrganisationId,
    silent_before: DateTime<Utc>,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM opportunities
           WHERE organisation_id = $1 AND review_state IN ('VALIDATED', 'ACCEPTED')
             AND coalesce(progress_stage, '') NOT IN ('DELIVERED', 'LOST')
             AND greatest(settled_at, last_progress_at) < $2"#,
        partner.0,
        silent_before,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Why the vendor refused the organisation's deals, the newest first.
pub(in crate::opportunities) async fn past_reasons(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<Vec<String>, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT reason AS "reason!" FROM opportunity_rounds
           WHERE organisation_id = $1 AND reason IS NOT NULL ORDER BY submitted_at DESC LIMIT 200"#,
        organisation.0,
    )
    .fetch_all(tx.connection())
    .await?)
}

/// Writes which offerings the vendor put in, and the version that this made.
pub(in crate::opportunities) async fn record_offerings(
    tx: &mut Tx,
    opportunity: &Opportunity,
) -> Result<(), StoreError> {
    let offerings: Vec<Uuid> = opportunity
        .content
        .particulars
        .offerings
        .iter()
        .map(|id| id.0)
        .collect();
    sqlx::query!(
        "UPDATE opportunities SET offering_ids = $3, updated_at = $4, version = $5
         WHERE organisation_id = $1 AND id = $2",
        opportunity.organisation.0,
        opportunity.id.0,
        &offerings,
        opportunity.updated_at,
        opportunity.version,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

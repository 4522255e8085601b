//! The only SQL about opportunities. Rows go in and out; no rule is decided here.

mod announce;
mod duplicates;
mod list;
mod open;
mod particulars;
mod people;
mod progress;
mod rounds;
mod scripted;
pub(super) mod waiting;
mod write;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::types::Json;
use uuid::Uuid;

pub(super) use announce::{Past, latest, subject};
pub(super) use duplicates::{first_duplicates, has_duplicate, newest_share, take_turn};
pub(super) use list::{count, list};
pub(super) use open::{open_ids, open_of};
pub(super) use particulars::{
    count_delivered, count_stalled, past_reasons, record_offerings, record_office,
};
pub(super) use people::{record_vendor_view, shared_vendor_views, vendor_views, worker};
pub(super) use progress::{count_entries, entries, insert_entry};
pub(super) use rounds::{insert_round, record_decision, rounds};
pub(super) use scripted::waiting_for_vendor;
pub(super) use write::{Inserted, insert, record_content, record_state};

use super::model::{
    Cancelled, Contact, Content, LossReason, Opportunity, Origin, ProgressStage, Refused, Review,
    ReviewState, Submission,
};
use crate::db::{Scope, StoreError, Tx};
use crate::deadlines;
use crate::ids::{MemberId, OpportunityId, OrganisationId, ResellerId};
use crate::money::{Currency, Money};
use crate::rules::Site;
use particulars::Columns;

/// A row as the table has it: flat and nullable where [`Review`] is precise.
#[derive(sqlx::FromRow)]
struct Row {
    organisation_id: Uuid,
    id: Uuid,
    site: String,
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
    settled_at: Option<DateTime<Utc>>,
    cancelled_at: Option<DateTime<Utc>>,
    timed_out: bool,
    edited_fields: Vec<String>,
    reviewer_organisation_id: Option<Uuid>,
    reviewer_member_id: Option<Uuid>,
    loss_reason: Option<String>,
    loss_note: Option<String>,
    last_progress_at: Option<DateTime<Utc>>,
    win_probability: Option<i32>,
    updated_at: DateTime<Utc>,
    version: i64,
    office_code: Option<String>,
    offering_ids: Vec<Uuid>,
    pre_sales_activities: Vec<String>,
    cloud_services: Vec<String>,
    requested_support: Vec<String>,
    unified_social_credit_code: Option<String>,
    customer_domain: Option<String>,
}

/// A query for rows whose text is known here and checked against the database when this is built.
macro_rules! rows {
    ($condition:tt, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"SELECT organisation_id, id, number, origin,
                (SELECT site FROM organisations WHERE organisations.id = organisation_id) AS "site!", name, description, customer_name, customer_region,
                customer_industry, expected_revenue, budget, currency, decision_maker, need, purchase_on,
                contacts AS "contacts: Json<Vec<Contact>>", customer_consent_confirmed, external_reference,
                owner_member_id, reseller_id, review_state, review_round, refused_rounds, review_reason,
                progress_stage, created_at, submitted_at, reviewed_at, settled_at, cancelled_at, timed_out,
                edited_fields, reviewer_organisation_id, reviewer_member_id, loss_reason, loss_note, last_progress_at, win_probability,
                updated_at, version,
                office_code, offering_ids, pre_sales_activities, cloud_services, requested_support,
                unified_social_credit_code, customer_domain
                FROM opportunities WHERE deleted_at IS NULL AND "#
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
        let (reviewed_at, settled_at) = (self.reviewed_at, self.settled_at);
        let reason = self.review_reason.clone();
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
                validated_at: settled_at?,
                refused: if self.timed_out {
                    Refused::TimedOut
                } else {
                    Refused::Because(reason?)
                },
            },
            ReviewState::Validated => Review::Validated {
                submission: submission?,
                reviewed_at: reviewed_at?,
                validated_at: settled_at?,
            },
            ReviewState::PendingAcceptance => Review::PendingAcceptance,
            ReviewState::Accepted => Review::Accepted { at: settled_at? },
            ReviewState::Rejected => Review::Rejected {
                at: settled_at?,
                reason: reason?,
            },
            ReviewState::AutoRejected => Review::AutoRejected { at: settled_at? },
            ReviewState::CancelledByVendor => Review::CancelledByVendor(Cancelled {
                submission,
                reviewed_at,
                settled_at: settled_at?,
                at: self.cancelled_at?,
                reason: reason?,
            }),
        })
    }

    fn loss(&self) -> Result<Option<(LossReason, Option<String>)>, StoreError> {
        let Some(reason) = &self.loss_reason else {
            return Ok(None);
        };
        let reason = LossReason::parse(reason)
            .ok_or(StoreError::corrupt("opportunities.loss_reason", self.id))?;
        Ok(Some((reason, self.loss_note.clone())))
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
        let (progress, loss) = (row.progress()?, row.loss()?);
        let site = Site::parse(&row.site).ok_or(corrupt("organisations.site"))?;
        let money = |amount| Money { amount, currency };
        let particulars = Columns {
            id: row.id,
            offering_ids: row.offering_ids,
            pre_sales_activities: row.pre_sales_activities,
            cloud_services: row.cloud_services,
            requested_support: row.requested_support,
            unified_social_credit_code: row.unified_social_credit_code,
            customer_domain: row.customer_domain,
        };
        Ok(Self {
            id: OpportunityId(row.id),
            organisation: OrganisationId(row.organisation_id),
            site,
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
                particulars: particulars.try_into()?,
            },
            review,
            deadline: None,
            reviewer: row
                .reviewer_organisation_id
                .map(OrganisationId)
                .zip(row.reviewer_member_id.map(MemberId)),
            edited: row.edited_fields,
            refused_rounds: row.refused_rounds,
            progress,
            win_probability: row.win_probability,
            last_progress_at: row.last_progress_at,
            loss,
            deleted_at: None,
            office: row.office_code,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        })
    }
}

/// The opportunities of the rows, each with its last deadline: one statement more, however many there are.
async fn all(tx: &mut Tx, scope: &Scope, rows: Vec<Row>) -> Result<Vec<Opportunity>, StoreError> {
    let found: Result<Vec<_>, _> = rows.into_iter().map(Opportunity::try_from).collect();
    let mut found = found?;
    if found.is_empty() {
        return Ok(found);
    }
    let ids: Vec<Uuid> = found.iter().map(|opportunity| opportunity.id.0).collect();
    let mut last = HashMap::with_capacity(ids.len());
    for deadline in deadlines::of_objects(tx, scope, &ids).await? {
        last.insert(deadline.object.id, deadline);
    }
    for opportunity in &mut found {
        opportunity.deadline = last.remove(&opportunity.id.0);
    }
    Ok(found)
}

/// Those of the ids that the scope and the transaction's viewer (R-ORG-7) may see, as their rows have them, in no order.
pub(super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[OpportunityId],
) -> Result<Vec<Opportunity>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = rows!(
        "id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2)
         AND ($3::uuid IS NULL OR owner_member_id = $3
              OR reseller_id IN (SELECT id FROM resellers WHERE account_manager_id = $3))",
        &ids,
        scope.owner(),
        tx.visibility().assigned_to()
    );
    let rows = rows.fetch_all(tx.connection()).await?;
    all(tx, scope, rows).await
}

/// The one of the scope's organisation that has this reference; none or one.
pub(super) async fn find_by_reference(
    tx: &mut Tx,
    scope: &Scope,
    reference: &str,
) -> Result<Vec<Opportunity>, StoreError> {
    let rows = rows!(
        "external_reference = $1 AND ($2::uuid IS NULL OR organisation_id = $2)
         AND ($3::uuid IS NULL OR owner_member_id = $3
              OR reseller_id IN (SELECT id FROM resellers WHERE account_manager_id = $3))",
        reference,
        scope.owner(),
        tx.visibility().assigned_to()
    );
    let rows = rows.fetch_all(tx.connection()).await?;
    all(tx, scope, rows).await
}

/// Reads one within the scope and locks it until the transaction ends.
pub(super) async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    id: OpportunityId,
) -> Result<Option<Opportunity>, StoreError> {
    let rows = rows!(
        "id = $1 AND ($2::uuid IS NULL OR organisation_id = $2)
         AND ($3::uuid IS NULL OR owner_member_id = $3
              OR reseller_id IN (SELECT id FROM resellers WHERE account_manager_id = $3)) FOR UPDATE",
        id.0,
        scope.owner(),
        tx.visibility().assigned_to()
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(all(tx, scope, rows).await?.pop())
}

/// The site that an organisation contracts with.
pub(super) async fn site(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<Option<Site>, StoreError> {
    let found = sqlx::query_scalar!(
        "SELECT site FROM organisations WHERE id = $1",
        organisation.0
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(found.and_then(|text| Site::parse(&text)))
}

//! Who can work on an opportunity, and how the vendor sees it.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::db::{Scope, StoreError, Tx};
use crate::ids::{MemberId, OpportunityId, OrganisationId};
use crate::opportunities::model::{Forecast, VendorView};
use crate::viewer::{OrganisationKind, Permission};

/// An active member of somewhere.
#[derive(Debug, Clone, Copy)]
pub(in crate::opportunities) struct Worker {
    pub(in crate::opportunities) organisation: OrganisationId,
    pub(in crate::opportunities) kind: OrganisationKind,
    /// Whether the roles give every permission that was asked for.
    pub(in crate::opportunities) is_able: bool,
}

/// An active member whom the transaction can see, held until it ends: nobody disables the member in between.
pub(in crate::opportunities) async fn worker(
    tx: &mut Tx,
    member: MemberId,
    permissions: &[Permission],
) -> Result<Option<Worker>, StoreError> {
    let wanted: Vec<String> = permissions
        .iter()
        .map(|permission| permission.as_str().to_owned())
        .collect();
    let row = sqlx::query!(
        r#"SELECT members.organisation_id,
               (SELECT kind FROM organisations WHERE organisations.id = members.organisation_id) AS "kind!",
               NOT EXISTS (
                   SELECT FROM unnest($2::text[]) AS wanted (permission)
                   WHERE NOT EXISTS (
                       SELECT FROM member_permissions AS held
                       WHERE held.organisation_id = members.organisation_id AND held.member_id = members.id
                         AND held.permission = wanted.permission)) AS "is_able!"
           FROM members WHERE members.id = $1 AND members.state = 'ACTIVE' FOR SHARE OF members"#,
        member.0,
        &wanted,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| Worker {
        organisation: OrganisationId(row.organisation_id),
        kind: match row.kind.as_str() {
            "VENDOR" => OrganisationKind::Vendor,
            "PARTNER" => OrganisationKind::Partner,
            _ => OrganisationKind::Customer,
        },
        is_able: row.is_able,
    }))
}

struct Row {
    opportunity_id: Uuid,
    expected_close_on: Option<NaiveDate>,
    next_step: Option<String>,
    customer_owner_organisation_id: Option<Uuid>,
    customer_owner_id: Option<Uuid>,
    forecast: Option<String>,
    internal_note: Option<String>,
}

impl TryFrom<Row> for VendorView {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let forecast = row.forecast.map(|text| {
            Forecast::parse(&text).ok_or(StoreError::corrupt(
                "opportunity_vendor_views.forecast",
                row.opportunity_id,
            ))
        });
        Ok(Self {
            opportunity: OpportunityId(row.opportunity_id),
            expected_close_on: row.expected_close_on,
            next_step: row.next_step,
            customer_owner: row
                .customer_owner_organisation_id
                .map(OrganisationId)
                .zip(row.customer_owner_id.map(MemberId)),
            forecast: forecast.transpose()?,
            internal_note: row.internal_note,
        })
    }
}

fn ids(opportunities: &[OpportunityId]) -> Vec<Uuid> {
    opportunities.iter().map(|id| id.0).collect()
}

/// The views with what is the vendor's alone; only its own role can read them so.
pub(in crate::opportunities) async fn vendor_views(
    tx: &mut Tx,
    scope: &Scope,
    opportunities: &[OpportunityId],
) -> Result<Vec<VendorView>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT opportunity_id, expected_close_on, next_step, customer_owner_organisation_id, customer_owner_id,
             forecast, internal_note
         FROM opportunity_vendor_views
         WHERE opportunity_id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2)",
        &ids(opportunities),
        scope.owner(),
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(VendorView::try_from).collect()
}

/// The views as the partner may know them.
pub(in crate::opportunities) async fn shared_vendor_views(
    tx: &mut Tx,
    scope: &Scope,
    opportunities: &[OpportunityId],
) -> Result<Vec<VendorView>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT opportunity_id, expected_close_on, next_step, customer_owner_organisation_id, customer_owner_id,
             NULL::text AS forecast, NULL::text AS internal_note
         FROM opportunity_vendor_views
         WHERE opportunity_id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2)",
        &ids(opportunities),
        scope.owner(),
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(VendorView::try_from).collect()
}

/// Writes the view of an opportunity that is locked.
pub(in crate::opportunities) async fn record_vendor_view(
    tx: &mut Tx,
    organisation: OrganisationId,
    (view, owner): (&VendorView, Option<OrganisationId>),
) -> Result<(), StoreError> {
    let now = tx.now();
    sqlx::query!(
        "INSERT INTO opportunity_vendor_views (organisation_id, opportunity_id, expected_close_on, next_step,
             customer_owner_organisation_id, customer_owner_id, forecast, internal_note, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (organisation_id, opportunity_id) DO UPDATE SET expected_close_on = EXCLUDED.expected_close_on,
             next_step = EXCLUDED.next_step,
             customer_owner_organisation_id = EXCLUDED.customer_owner_organisation_id,
             customer_owner_id = EXCLUDED.customer_owner_id, forecast = EXCLUDED.forecast,
             internal_note = EXCLUDED.internal_note, updated_at = EXCLUDED.updated_at",
        organisation.0,
        view.opportunity.0,
        view.expected_close_on,
        view.next_step,
        owner.map(|organisation| organisation.0),
        view.customer_owner.map(|(_, member)| member.0),
        view.forecast.map(Forecast::as_str),
        view.internal_note,
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

//! The rows that customers of the demo data are written as.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::seed::store::insert_into;

#[derive(Serialize)]
pub(super) struct OrganisationRow {
    pub(super) id: Uuid,
    pub(super) number: String,
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) state: &'static str,
    pub(super) site: &'static str,
    pub(super) business_area: &'static str,
    pub(super) created_at: DateTime<Utc>,
    pub(super) version: i64,
}

insert_into!(
    OrganisationRow,
    "organisations",
    "id, number, kind, name, state, site, business_area, created_at, version"
);

#[derive(Serialize)]
pub(super) struct MemberRow {
    pub(super) organisation_id: Uuid,
    pub(super) id: Uuid,
    pub(super) account_name: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) state: &'static str,
    pub(super) created_at: DateTime<Utc>,
    pub(super) version: i64,
}

insert_into!(
    MemberRow,
    "members",
    "organisation_id, id, account_name, name, email, state, created_at, version"
);

#[derive(Serialize)]
pub(super) struct RoleRow {
    pub(super) organisation_id: Uuid,
    pub(super) member_id: Uuid,
    pub(super) role: &'static str,
}

insert_into!(RoleRow, "member_roles", "organisation_id, member_id, role");

#[derive(Serialize)]
pub(super) struct InvitationRow {
    pub(super) id: Uuid,
    pub(super) organisation_id: Uuid,
    pub(super) association_type: &'static str,
    pub(super) label: String,
    pub(super) token_hash: String,
    pub(super) state: &'static str,
    pub(super) sent_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
    pub(super) invited_by: Uuid,
    pub(super) customer_id: Option<Uuid>,
    pub(super) refused_because: [&'static str; 0],
    pub(super) version: i64,
}

insert_into!(
    InvitationRow,
    "customer_invitations",
    "id, organisation_id, association_type, label, token_hash, state, sent_at, expires_at, invited_by, customer_id,
     refused_because, version"
);

#[derive(Serialize)]
pub(super) struct CustomerRow {
    pub(super) organisation_id: Uuid,
    pub(super) id: Uuid,
    pub(super) number: String,
    pub(super) partner_id: Uuid,
    pub(super) account_id: String,
    pub(super) account_name: String,
    pub(super) account_kind: &'static str,
    pub(super) association_type: &'static str,
    pub(super) account_manager_id: Option<Uuid>,
    pub(super) state: &'static str,
    pub(super) invitation_id: Uuid,
    pub(super) notice_version: i32,
    pub(super) associated_at: DateTime<Utc>,
    pub(super) dissociated_at: Option<DateTime<Utc>>,
    pub(super) dissociation_reason: Option<&'static str>,
    pub(super) version: i64,
}

insert_into!(
    CustomerRow,
    "customers",
    "organisation_id, id, number, partner_id, account_id, account_name, account_kind, association_type,
     account_manager_id, state, invitation_id, notice_version, associated_at, dissociated_at, dissociation_reason,
     version"
);

#[derive(Serialize)]
pub(super) struct AccountRow {
    pub(super) account_id: String,
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) site: &'static str,
    pub(super) status: &'static str,
    pub(super) country: &'static str,
    pub(super) issuer: &'static str,
    pub(super) subject: String,
    pub(super) circumstances: Vec<&'static str>,
}

insert_into!(
    AccountRow,
    "vendor_accounts",
    "account_id, name, kind, site, status, country, issuer, subject, circumstances"
);

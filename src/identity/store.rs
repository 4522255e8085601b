//! The only SQL about memberships: what crosses organisations, through functions that answer for one person.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::model::{MemberState, Membership, MembershipState, PendingInvitation};
use crate::db::{StoreError, Tx};
use crate::ids::{IdentityId, MemberId, OrganisationId};
use crate::viewer::{ActingFor, OrganisationKind, OrganisationState, Permission, Visibility};

struct Row {
    organisation_id: Uuid,
    organisation_name: String,
    organisation_kind: String,
    organisation_state: String,
    member_id: Uuid,
    member_state: String,
    roles: Vec<String>,
    permissions: Vec<String>,
    linked_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Membership {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let acting_for = acting_for(
            row.organisation_id,
            &row.organisation_kind,
            &row.organisation_state,
        )?;
        let member_state = match row.member_state.as_str() {
            "ACTIVE" => MemberState::Active,
            "DISABLED" => MemberState::Disabled,
            _ => return Err(StoreError::corrupt("members.state", row.member_id)),
        };
        Ok(Self {
            state: MembershipState::of(row.ended_at, member_state, acting_for.state),
            acting_for,
            organisation_name: row.organisation_name,
            member: MemberId(row.member_id),
            visibility: Visibility::of(MemberId(row.member_id), &row.roles),
            // A permission that this version of the program does not know gives nothing.
            permissions: row
                .permissions
                .iter()
                .filter_map(|text| Permission::parse(text))
                .collect(),
            linked_at: row.linked_at,
        })
    }
}

/// Reads what an organisation's row says of itself.
pub(super) fn acting_for(id: Uuid, kind: &str, state: &str) -> Result<ActingFor, StoreError> {
    let kind = match kind {
        "VENDOR" => OrganisationKind::Vendor,
        "PARTNER" => OrganisationKind::Partner,
        "CUSTOMER" => OrganisationKind::Customer,
        _ => return Err(StoreError::corrupt("organisations.kind", id)),
    };
    let state = match state {
        "ACTIVE" => OrganisationState::Active,
        "FROZEN" => OrganisationState::Frozen,
        "CLOSED" => OrganisationState::Closed,
        _ => return Err(StoreError::corrupt("organisations.state", id)),
    };
    Ok(ActingFor {
        organisation: OrganisationId(id),
        kind,
        state,
    })
}

/// Every membership that a person has or had, the oldest first.
pub(super) async fn memberships(
    tx: &mut Tx,
    identity: IdentityId,
) -> Result<Vec<Membership>, StoreError> {
    sqlx::query_as!(
        Row,
        r#"SELECT organisation_id AS "organisation_id!", organisation_name AS "organisation_name!",
               organisation_kind AS "organisation_kind!", organisation_state AS "organisation_state!",
               member_id AS "member_id!", member_state AS "member_state!", roles AS "roles!", permissions AS "permissions!",
               linked_at AS "linked_at!", ended_at
           FROM portico_memberships($1) ORDER BY linked_at, member_id"#,
        identity.0,
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(Membership::try_from)
    .collect()
}

/// The invitations that wait for an address, the latest first.
pub(super) async fn invitations_to(
    tx: &mut Tx,
    email: &str,
) -> Result<Vec<PendingInvitation>, StoreError> {
    let now = tx.now();
    Ok(sqlx::query_as!(
        PendingInvitation,
        r#"SELECT organisation.name AS "organisation_name!", invitation.sent_at, invitation.expires_at
           FROM invitations AS invitation, portico_organisation_facts(invitation.organisation_id) AS organisation
           WHERE lower(invitation.email) = lower($1) AND invitation.state = 'SENT' AND invitation.expires_at > $2
               AND organisation.state <> 'CLOSED'
           ORDER BY invitation.sent_at DESC, invitation.id DESC LIMIT 20"#,
        email,
        now,
    )
    .fetch_all(tx.connection())
    .await?)
}

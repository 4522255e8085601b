//! The only SQL about invitations. The table is global, because a token is looked up before its organisation is known:
//! every other function here narrows to one organisation itself.

use chrono::{DateTime, Utc};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::model::{Answer, Invitation, Invitee};
use crate::db::{StoreError, Tx};
use crate::ids::{IdentityId, InvitationId, MemberId, OrganisationId};
use crate::organisation::members::MemberRole;
use crate::paging::{Page, Sort, Window};
use crate::waiting::Bounds;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    organisation_id: Uuid,
    email: String,
    name: String,
    account_name: String,
    roles: Vec<String>,
    state: String,
    sent_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    invited_by: Uuid,
    accepted_member_id: Option<Uuid>,
    version: i64,
}

impl TryFrom<Row> for Invitation {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt(column, row.id);
        let answer = match (row.state.as_str(), row.accepted_member_id) {
            ("SENT", _) => Answer::None,
            ("ACCEPTED", Some(member)) => Answer::Accepted {
                member: MemberId(member),
            },
            ("REVOKED", _) => Answer::Revoked,
            _ => return Err(corrupt("invitations.state")),
        };
        let roles = row.roles.iter().map(|role| MemberRole::parse(role));
        let roles = roles.collect::<Option<_>>();
        Ok(Self {
            id: InvitationId(row.id),
            organisation: OrganisationId(row.organisation_id),
            invitee: Invitee {
                roles: roles.ok_or_else(|| corrupt("invitations.roles"))?,
                email: row.email,
                name: row.name,
                account_name: row.account_name,
            },
            invited_by: MemberId(row.invited_by),
            sent_at: row.sent_at,
            expires_at: row.expires_at,
            answer,
            version: row.version,
        })
    }
}

/// Whose invitation has this token.
pub(super) async fn organisation_of(
    tx: &mut Tx,
    token_hash: &[u8; 32],
) -> Result<Option<OrganisationId>, StoreError> {
    let organisation = sqlx::query_scalar!(
        "SELECT organisation_id FROM invitations WHERE token_hash = $1",
        &token_hash[..],
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(organisation.map(OrganisationId))
}

/// Reads the organisation's invitation with this token and holds it until the transaction ends.
pub(super) async fn lock_by_token(
    tx: &mut Tx,
    organisation: OrganisationId,
    token_hash: &[u8; 32],
) -> Result<Option<Invitation>, StoreError> {
    sqlx::query_as!(
        Row,
        "SELECT id, organisation_id, email, name, account_name, roles, state, sent_at, expires_at, invited_by,
             accepted_member_id, version
         FROM invitations WHERE token_hash = $1 AND organisation_id = $2 FOR UPDATE",
        &token_hash[..],
        organisation.0,
    )
    .fetch_optional(tx.connection())
    .await?
    .map(Invitation::try_from)
    .transpose()
}

pub(super) async fn lock(
    tx: &mut Tx,
    organisation: OrganisationId,
    id: InvitationId,
) -> Result<Option<Invitation>, StoreError> {
    sqlx::query_as!(
        Row,
        "SELECT id, organisation_id, email, name, account_name, roles, state, sent_at, expires_at, invited_by,
             accepted_member_id, version
         FROM invitations WHERE id = $1 AND organisation_id = $2 FOR UPDATE",
        id.0,
        organisation.0,
    )
    .fetch_optional(tx.connection())
    .await?
    .map(Invitation::try_from)
    .transpose()
}

pub(super) async fn find(
    tx: &mut Tx,
    organisation: OrganisationId,
    ids: &[InvitationId],
) -> Result<Vec<Invitation>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Row,
        "SELECT id, organisation_id, email, name, account_name, roles, state, sent_at, expires_at, invited_by,
             accepted_member_id, version
         FROM invitations WHERE id = ANY($1) AND organisation_id = $2",
        &ids,
        organisation.0,
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(Invitation::try_from)
    .collect()
}

pub(super) async fn latest(
    tx: &mut Tx,
    organisation: OrganisationId,
    (account_name, email): (Option<&str>, Option<&str>),
) -> Result<Option<Invitation>, StoreError> {
    sqlx::query_as!(
        Row,
        "SELECT id, organisation_id, email, name, account_name, roles, state, sent_at, expires_at, invited_by,
             accepted_member_id, version
         FROM invitations WHERE organisation_id = $1 AND (account_name = $2 OR lower(email) = lower($3))
         ORDER BY sent_at DESC, id DESC LIMIT 1",
        organisation.0,
        account_name,
        email,
    )
    .fetch_optional(tx.connection())
    .await?
    .map(Invitation::try_from)
    .transpose()
}

pub(super) async fn list(
    tx: &mut Tx,
    organisation: OrganisationId,
    (sort, window): (Sort, &Window),
) -> Result<Page<Invitation>, StoreError> {
    let mut query = sqlx::QueryBuilder::new(
        "SELECT id, organisation_id, email, name, account_name, roles, state, sent_at, expires_at, invited_by,
             accepted_member_id, version
         FROM invitations WHERE organisation_id = ",
    );
    query.push_bind(organisation.0);
    sort.push(&mut query, window);
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx.connection()).await?;
    let items = rows.into_iter().map(Invitation::try_from);
    Ok(Page::of(items.collect::<Result<_, _>>()?, window))
}

pub(super) async fn count(tx: &mut Tx, organisation: OrganisationId) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM (SELECT FROM invitations WHERE organisation_id = $1 LIMIT $2) AS counted"#,
        organisation.0,
        crate::paging::LARGEST_COUNT + 1,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Whether an invitation to somebody else, still open, has this account name.
pub(super) async fn is_promised(
    tx: &mut Tx,
    organisation: OrganisationId,
    invitee: &Invitee,
) -> Result<bool, StoreError> {
    let now = tx.now();
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (
             SELECT FROM invitations
             WHERE organisation_id = $1 AND state = 'SENT' AND expires_at > $2
               AND account_name = $3 AND lower(email) <> lower($4)) AS "promised!""#,
        organisation.0,
        now,
        invitee.account_name,
        invitee.email,
    )
    .fetch_one(tx.connection())
    .await?)
}

pub(super) async fn insert(
    tx: &mut Tx,
    invitation: &Invitation,
    token_hash: &[u8; 32],
) -> Result<(), StoreError> {
    let invitee = &invitation.invitee;
    let roles: Vec<String> = invitee
        .roles
        .iter()
        .map(|role| role.as_str().to_owned())
        .collect();
    sqlx::query!(
        "INSERT INTO invitations (id, organisation_id, email, name, account_name, roles, token_hash, state, sent_at,
             expires_at, invited_by, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'SENT', $8, $9, $10, $11)",
        invitation.id.0,
        invitation.organisation.0,
        invitee.email,
        invitee.name,
        invitee.account_name,
        &roles,
        &token_hash[..],
        invitation.sent_at,
        invitation.expires_at,
        invitation.invited_by.0,
        invitation.version,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Voids what is unanswered for an address, expired ones included; ids and new versions.
pub(super) async fn record_voided(
    tx: &mut Tx,
    organisation: OrganisationId,
    email: &str,
) -> Result<Vec<(InvitationId, i64)>, StoreError> {
    let rows = sqlx::query!(
        "UPDATE invitations SET state = 'REVOKED', version = version + 1
         WHERE organisation_id = $1 AND lower(email) = lower($2) AND state = 'SENT'
         RETURNING id, version",
        organisation.0,
        email,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (InvitationId(row.id), row.version))
        .collect())
}

pub(super) async fn record_revoked(
    tx: &mut Tx,
    organisation: OrganisationId,
    id: InvitationId,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "UPDATE invitations SET state = 'REVOKED', version = version + 1
         WHERE organisation_id = $1 AND id = $2 RETURNING version",
        organisation.0,
        id.0,
    )
    .fetch_one(tx.connection())
    .await?)
}

pub(super) async fn record_accepted(
    tx: &mut Tx,
    invitation: &Invitation,
    (identity, member): (IdentityId, MemberId),
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "UPDATE invitations
         SET state = 'ACCEPTED', accepted_by = $3, accepted_member_id = $4, version = version + 1
         WHERE organisation_id = $1 AND id = $2 RETURNING version",
        invitation.organisation.0,
        invitation.id.0,
        identity.0,
        member.0,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Unanswered ones that expire before the limit, for the inbox.
pub(super) fn push_expiring(query: &mut QueryBuilder<Postgres>, bounds: Bounds) {
    query.push(
        "SELECT id, email AS number, name, expires_at AS due_until, NULL::numeric AS amount, NULL::text AS currency,
             sent_at AS since, invited_by AS owner_id
         FROM invitations WHERE state = 'SENT' AND organisation_id = ",
    );
    query.push_bind(bounds.organisation);
    query.push(" AND expires_at > ").push_bind(bounds.now);
    query.push(" AND expires_at <= ").push_bind(bounds.limit);
}

/// Who sent it, and the number of the organisation that it leads into.
pub(super) async fn sender(
    tx: &mut Tx,
    InvitationId(id): InvitationId,
) -> Result<Option<(String, MemberId)>, StoreError> {
    let row = sqlx::query!(
        "SELECT number, invited_by FROM invitations JOIN organisations ON organisations.id = organisation_id
         WHERE invitations.id = $1",
        id,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| (row.number, MemberId(row.invited_by))))
}

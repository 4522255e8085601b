//! The SQL about personal accounts and about what is sent to them. The accounts are asked for one value at a time.

use chrono::NaiveDate;
use uuid::Uuid;

use super::super::model::account::{PersonalAccount, RealName};
use crate::db::{StoreError, Tx};
use crate::ids::{IdentityId, MemberId, OrganisationId, PersonId, PersonalAccountId};

struct Row {
    id: Uuid,
    account_name: String,
    name: String,
    email: Option<String>,
    mobile: Option<String>,
    real_name: String,
}

impl TryFrom<Row> for PersonalAccount {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: PersonalAccountId(row.id),
            real_name: RealName::parse(&row.real_name)
                .ok_or_else(|| StoreError::corrupt("personal_accounts.real_name", row.id))?,
            account_name: row.account_name,
            name: row.name,
            email: row.email,
            mobile: row.mobile,
        })
    }
}

/// The accounts that have this name, address, number or id.
pub(in super::super) async fn by(
    tx: &mut Tx,
    (kind, value): (&str, &str),
) -> Result<Vec<PersonalAccount>, StoreError> {
    sqlx::query_as!(
        Row,
        r#"SELECT id AS "id!", account_name AS "account_name!", name AS "name!", email, mobile,
             real_name AS "real_name!"
           FROM portico_personal_accounts($1, $2)"#,
        kind,
        value,
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(PersonalAccount::try_from)
    .collect()
}

/// The account with which a person has signed in, if the vendor told us of it.
pub(in super::super) async fn of_identity(
    tx: &mut Tx,
    identity: IdentityId,
) -> Result<Option<PersonalAccount>, StoreError> {
    sqlx::query_as!(
        Row,
        r#"SELECT id AS "id!", account_name AS "account_name!", name AS "name!", email, mobile,
             real_name AS "real_name!"
           FROM portico_account_of_identity($1)"#,
        identity.0,
    )
    .fetch_optional(tx.connection())
    .await?
    .map(PersonalAccount::try_from)
    .transpose()
}

/// Takes the turn of one identity: of two acceptances at once the second sees what the first did (R-DED-6).
pub(in super::super) async fn take_turn(
    tx: &mut Tx,
    identity: IdentityId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "SELECT id FROM federated_identities WHERE id = $1 FOR NO KEY UPDATE",
        identity.0,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(())
}

/// How many invitations a member sent on a day.
pub(in super::super) async fn sent(
    tx: &mut Tx,
    (organisation, by): (OrganisationId, MemberId),
    day: NaiveDate,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM personnel_sendings
           WHERE organisation_id = $1 AND sent_by = $2 AND sent_on = $3"#,
        organisation.0,
        by.0,
        day,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// One sending, by its place in the sender's day.
pub(in super::super) struct NewSending {
    pub(in super::super) organisation: OrganisationId,
    pub(in super::super) person: PersonId,
    pub(in super::super) by: MemberId,
    pub(in super::super) day: NaiveDate,
    pub(in super::super) ordinal: i64,
    pub(in super::super) token_hash: [u8; 32],
}

pub(in super::super) async fn insert_sending(
    tx: &mut Tx,
    sending: &NewSending,
) -> Result<(), StoreError> {
    let now = tx.now();
    sqlx::query!(
        "INSERT INTO personnel_sendings (organisation_id, sent_by, sent_on, ordinal, person_id, token_hash, sent_at,
             mail_after)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
        sending.organisation.0,
        sending.by.0,
        sending.day,
        sending.ordinal,
        sending.person.0,
        &sending.token_hash[..],
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Whose invitation has this token.
pub(in super::super) async fn of_token(
    tx: &mut Tx,
    token_hash: &[u8; 32],
) -> Result<Option<(OrganisationId, PersonId)>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT organisation_id AS "organisation!", person_id AS "person!" FROM portico_personnel_of_token($1)"#,
        &token_hash[..],
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| (OrganisationId(row.organisation), PersonId(row.person))))
}

/// Whether this token is the one that was sent last to the person.
pub(in super::super) async fn is_newest(
    tx: &mut Tx,
    (organisation, person): (OrganisationId, PersonId),
    token_hash: &[u8; 32],
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT token_hash = $3 AS "newest!" FROM personnel_sendings
           WHERE organisation_id = $1 AND person_id = $2
           ORDER BY sent_at DESC, sent_on DESC, ordinal DESC LIMIT 1"#,
        organisation.0,
        person.0,
        &token_hash[..],
    )
    .fetch_optional(tx.connection())
    .await?
    .unwrap_or(false))
}

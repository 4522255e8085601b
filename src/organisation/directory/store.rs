//! The only SQL about users of IAM tenants.

use uuid::Uuid;

use crate::db::{StoreError, Tx};
use crate::ids::OrganisationId;

/// A user as a table of the vendor's has it.
#[derive(Debug, Clone)]
pub(crate) struct IamUser {
    pub(crate) user_name: String,
    pub(crate) email: String,
    pub(crate) is_present: bool,
}

/// A row that was added or changed.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) organisation: Uuid,
    pub(crate) id: Uuid,
    pub(crate) version: i64,
    pub(crate) user_name: String,
}

/// The name of another present user of the organisation's tenant who has this address.
pub(in crate::organisation) async fn other_user_of(
    tx: &mut Tx,
    organisation: OrganisationId,
    (account_name, email): (&str, &str),
) -> Result<Option<String>, StoreError> {
    Ok(sqlx::query_scalar!(
        "SELECT user_name FROM iam_users
         WHERE organisation_id = $1 AND lower(email) = lower($2) AND user_name <> $3 AND state = 'PRESENT'
           AND NOT EXISTS (SELECT FROM iam_users AS own
                WHERE own.organisation_id = $1 AND lower(own.email) = lower($2) AND own.user_name = $3
                  AND own.state = 'PRESENT')
         ORDER BY user_name LIMIT 1",
        organisation.0,
        email,
        account_name,
    )
    .fetch_optional(tx.connection())
    .await?)
}

/// Whether the tenant has a present user of this name or address.
pub(in crate::organisation) async fn known(
    tx: &mut Tx,
    organisation: OrganisationId,
    (account_name, email): (Option<&str>, Option<&str>),
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM iam_users
             WHERE organisation_id = $1 AND (user_name = $2 OR lower(email) = lower($3)) AND state = 'PRESENT') AS "known!""#,
        organisation.0,
        account_name,
        email,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Writes a table for the vendor: organisation, fresh id and user of each row. What is known already is not touched.
pub(crate) async fn write(
    tx: &mut Tx,
    rows: &[(Uuid, Uuid, IamUser)],
) -> Result<Vec<Written>, StoreError> {
    let state = |user: &IamUser| {
        if user.is_present {
            "PRESENT"
        } else {
            "REMOVED"
        }
    };
    Ok(sqlx::query_as!(
        Written,
        r#"INSERT INTO iam_users AS held (organisation_id, id, user_name, email, state)
           SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[])
           ON CONFLICT (organisation_id, user_name) DO UPDATE
               SET email = EXCLUDED.email, state = EXCLUDED.state, version = held.version + 1
               WHERE (held.email, held.state) IS DISTINCT FROM (EXCLUDED.email, EXCLUDED.state)
           RETURNING organisation_id AS organisation, id, version, user_name"#,
        &rows.iter().map(|row| row.0).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.1).collect::<Vec<_>>(),
        &rows
            .iter()
            .map(|row| row.2.user_name.clone())
            .collect::<Vec<_>>(),
        &rows
            .iter()
            .map(|row| row.2.email.clone())
            .collect::<Vec<_>>(),
        &rows
            .iter()
            .map(|row| state(&row.2).to_owned())
            .collect::<Vec<_>>(),
    )
    .fetch_all(tx.connection())
    .await?)
}

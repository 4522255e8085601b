//! Personal accounts of an import.

use uuid::Uuid;

use super::super::facts::PersonalAccountRow;
use super::{Written, keyed};
use crate::db::{StoreError, Tx};
use crate::ids::PersonalAccountId;

/// A row about an account that is known by its name replaces what was known.
pub(in super::super) async fn written(
    tx: &mut Tx,
    rows: &[PersonalAccountRow],
) -> Result<Vec<Written>, StoreError> {
    let ids: Vec<Uuid> = rows
        .iter()
        .map(|_| tx.fresh_id::<PersonalAccountId>().0)
        .collect();
    let text = |of: fn(&PersonalAccountRow) -> &str| -> Vec<String> {
        rows.iter().map(|row| of(row).to_owned()).collect()
    };
    let optional = |of: fn(&PersonalAccountRow) -> Option<&str>| -> Vec<Option<String>> {
        rows.iter().map(|row| of(row).map(str::to_owned)).collect()
    };
    let written = sqlx::query!(
        r#"INSERT INTO personal_accounts AS held
               (id, account_name, identity_provider, subject, name, email, mobile, real_name)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
               $8::text[])
           ON CONFLICT (lower(account_name)) DO UPDATE
               SET identity_provider = EXCLUDED.identity_provider, subject = EXCLUDED.subject, name = EXCLUDED.name,
                   email = EXCLUDED.email, mobile = EXCLUDED.mobile, real_name = EXCLUDED.real_name
               WHERE (held.identity_provider, held.subject, held.name, held.email, held.mobile, held.real_name)
                   IS DISTINCT FROM (EXCLUDED.identity_provider, EXCLUDED.subject, EXCLUDED.name, EXCLUDED.email,
                       EXCLUDED.mobile, EXCLUDED.real_name)
           RETURNING xmax = 0 AS "is_new!""#,
        &ids,
        &text(|row| &row.account_name),
        &text(|row| &row.identity_provider),
        &text(|row| &row.subject),
        &text(|row| &row.name),
        &optional(|row| row.email.as_deref()) as _,
        &optional(|row| row.mobile.as_deref()) as _,
        &text(|row| row.real_name.as_str()),
    )
    .fetch_all(tx.connection())
    .await?;
    let rows = written.into_iter();
    Ok(rows.map(|row| keyed(String::new(), row.is_new)).collect())
}

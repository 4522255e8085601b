//! Customers' accounts of an import.

use super::super::customer_accounts::CustomerAccountRow;
use super::{Written, keyed};
use crate::db::{StoreError, Tx};

/// A row about an account that is known by its id replaces what was known.
///
/// Circumstances travel as text with semicolons between them: an array of arrays of different lengths cannot.
pub(in super::super) async fn written(
    tx: &mut Tx,
    rows: &[CustomerAccountRow],
) -> Result<Vec<Written>, StoreError> {
    let column = |read: fn(&CustomerAccountRow) -> &str| -> Vec<String> {
        rows.iter().map(|row| read(row).to_owned()).collect()
    };
    let circumstances = |row: &CustomerAccountRow| {
        let words: Vec<&str> = row.circumstances.iter().map(|word| word.as_str()).collect();
        words.join(";")
    };
    let written = sqlx::query!(
        r#"INSERT INTO vendor_accounts AS held (account_id, name, kind, site, status, country, issuer, subject, email,
               mobile, circumstances)
           SELECT account, name, kind, site, status, country, issuer, subject, email, mobile,
               coalesce(string_to_array(NULLIF(circumstances, ''), ';'), '{}')
           FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
               $9::text[], $10::text[], $11::text[])
               AS given (account, name, kind, site, status, country, issuer, subject, email, mobile, circumstances)
           ON CONFLICT (account_id) DO UPDATE
               SET name = EXCLUDED.name, kind = EXCLUDED.kind, site = EXCLUDED.site, status = EXCLUDED.status,
                   country = EXCLUDED.country, issuer = EXCLUDED.issuer, subject = EXCLUDED.subject,
                   email = EXCLUDED.email, mobile = EXCLUDED.mobile, circumstances = EXCLUDED.circumstances
               WHERE (held.*) IS DISTINCT FROM (EXCLUDED.*)
           RETURNING account_id AS key, xmax = 0 AS "is_new!""#,
        &column(|row| &row.id),
        &column(|row| &row.name),
        &column(|row| row.kind.as_str()),
        &column(|row| row.site.as_str()),
        &column(|row| row.status.as_str()),
        &column(|row| &row.country),
        &column(|row| &row.issuer),
        &column(|row| &row.subject),
        &rows.iter().map(|row| row.email.clone()).collect::<Vec<_>>() as _,
        &rows.iter().map(|row| row.mobile.clone()).collect::<Vec<_>>() as _,
        &rows.iter().map(circumstances).collect::<Vec<_>>(),
    )
    .fetch_all(tx.connection())
    .await?;
    let rows = written.into_iter();
    Ok(rows.map(|row| keyed(row.key, row.is_new)).collect())
}

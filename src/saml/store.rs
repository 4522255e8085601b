//! The only SQL about SAML messages: which ids were used.

use chrono::{DateTime, Utc};

use crate::db::{StoreError, Tx};

/// The ids that one sign-in uses up (R-SSO-7).
pub(super) struct Used<'a> {
    pub(super) issuer: &'a str,
    pub(super) request_id: &'a str,
    pub(super) response_id: &'a str,
    pub(super) assertion_id: &'a str,
    /// After this none of them would be accepted anyway.
    pub(super) keep_until: DateTime<Utc>,
}

/// Whether all of these were unused until now. A parallel twin waits for this transaction's end and then finds them.
pub(super) async fn consume(tx: &mut Tx, used: &Used<'_>) -> Result<bool, StoreError> {
    let fresh = sqlx::query!(
        "INSERT INTO saml_consumed (kind, issuer, saml_id, keep_until)
         VALUES ('REQUEST', $1, $2, $5), ('RESPONSE', $1, $3, $5), ('ASSERTION', $1, $4, $5)
         ON CONFLICT DO NOTHING",
        used.issuer,
        used.request_id,
        used.response_id,
        used.assertion_id,
        used.keep_until,
    )
    .execute(tx.connection())
    .await?
    .rows_affected();
    Ok(fresh == 3)
}

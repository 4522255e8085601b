//! What news of a person and letters to him need to know.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::db::{StoreError, Tx};
use crate::ids::{MemberId, OrganisationId, PersonId, Tagged as _};
use crate::rules::Site;

/// What a sentence and its audience need of a person.
pub(in super::super) struct Subject {
    pub(in super::super) organisation: OrganisationId,
    pub(in super::super) account_name: Option<String>,
    pub(in super::super) invited_by: Option<MemberId>,
    /// The global id of whoever handed the latest application in.
    pub(in super::super) submitted_by: Option<String>,
}

pub(in super::super) async fn subject(
    tx: &mut Tx,
    id: PersonId,
) -> Result<Option<Subject>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT organisation_id, account_name, invited_by,
             (SELECT submitted_by FROM personnel_applications application
              WHERE application.organisation_id = person.organisation_id AND person_id = person.id
              ORDER BY submitted_at DESC, application.id DESC LIMIT 1) AS submitted_by
           FROM dedicated_personnel person WHERE id = $1"#,
        id.0,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| Subject {
        organisation: OrganisationId(row.organisation_id),
        account_name: row.account_name,
        invited_by: row.invited_by.map(MemberId),
        submitted_by: row.submitted_by,
    }))
}

/// A letter of invitation that is ours until its lease ends.
#[derive(Debug, Clone)]
pub(in super::super) struct Due {
    key: (Uuid, Uuid, NaiveDate, i64),
    /// The same when it is sent again.
    pub(in super::super) message: String,
    pub(in super::super) person: PersonId,
    pub(in super::super) partner: String,
    pub(in super::super) site: Site,
    pub(in super::super) email: String,
    pub(in super::super) expires_at: DateTime<Utc>,
    /// This one included.
    pub(in super::super) attempts: i32,
}

/// Takes up to `limit` letters whose time has come and that nobody holds: of invitations that are the newest, unanswered
/// and not over, to accounts with an address.
pub(in super::super) async fn lease(
    tx: &mut Tx,
    (locked_until, limit): (DateTime<Utc>, i64),
) -> Result<Vec<Due>, StoreError> {
    let now = tx.now();
    let rows = sqlx::query!(
        r#"UPDATE personnel_sendings sending SET mail_after = $1, mail_attempts = mail_attempts + 1
           FROM dedicated_personnel person
           JOIN personal_accounts account ON account.id = person.account_id
           JOIN organisations partner ON partner.id = person.organisation_id
           WHERE (sending.organisation_id, sending.sent_by, sending.sent_on, sending.ordinal) IN (
                   SELECT organisation_id, sent_by, sent_on, ordinal FROM personnel_sendings
                   WHERE mail_after <= $2 ORDER BY mail_after LIMIT $3 FOR UPDATE SKIP LOCKED)
             AND person.organisation_id = sending.organisation_id AND person.id = sending.person_id
           RETURNING sending.organisation_id, sending.sent_by, sending.sent_on, sending.ordinal, sending.person_id,
             sending.mail_attempts, sending.sent_at, person.state, person.sent_at AS newest, person.expires_at,
             account.email, partner.name, partner.site"#,
        locked_until,
        now,
        limit,
    )
    .fetch_all(tx.connection())
    .await?;
    let mut due = Vec::new();
    for row in rows {
        let key = (row.organisation_id, row.sent_by, row.sent_on, row.ordinal);
        let open = row.state == "INVITED"
            && row.newest == Some(row.sent_at)
            && row.expires_at.is_some_and(|end| now < end);
        match (row.email, row.expires_at) {
            (Some(email), Some(expires_at)) if open => due.push(Due {
                key,
                message: format!(
                    "{}.{}.{}",
                    PersonId(row.person_id).global(),
                    row.sent_on,
                    row.ordinal
                ),
                person: PersonId(row.person_id),
                partner: row.name,
                site: Site::parse(&row.site).unwrap_or(Site::Cn),
                email,
                expires_at,
                attempts: row.mail_attempts,
            }),
            (_, _) => settle(tx, key, None).await?,
        }
    }
    Ok(due)
}

/// Marks a letter as done, or says when it is tried again.
pub(in super::super) async fn record(
    tx: &mut Tx,
    due: &Due,
    again: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    settle(tx, due.key, again).await
}

async fn settle(
    tx: &mut Tx,
    (organisation, by, day, ordinal): (Uuid, Uuid, NaiveDate, i64),
    again: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE personnel_sendings SET mail_after = $5
         WHERE organisation_id = $1 AND sent_by = $2 AND sent_on = $3 AND ordinal = $4",
        organisation,
        by,
        day,
        ordinal,
        again,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

//! What changes write about a person.

use uuid::Uuid;

use super::super::model::DedicatedPerson;
use crate::db::{StoreError, Tx};
use crate::ids::{IdentityId, OrganisationId, PersonId};

/// Inserts a person, or writes all of what a change may have moved.
pub(in super::super) async fn save(
    tx: &mut Tx,
    person: &DedicatedPerson,
) -> Result<(), StoreError> {
    let profile = person.profile.clone().unwrap_or_default();
    let sending = person.invitation;
    sqlx::query!(
        "INSERT INTO dedicated_personnel (organisation_id, id, state, account_id, identity_id, invited_as, invited_by,
             sent_at, expires_at, name, account_name, email, mobile, position, employment, base_location, started_on, path,
             decision_reason, bound_at, ended_at, ended_by, changed_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
             $24)
         ON CONFLICT (organisation_id, id) DO UPDATE SET state = EXCLUDED.state, account_id = EXCLUDED.account_id,
             identity_id = EXCLUDED.identity_id, invited_as = EXCLUDED.invited_as, invited_by = EXCLUDED.invited_by,
             sent_at = EXCLUDED.sent_at, expires_at = EXCLUDED.expires_at, name = EXCLUDED.name,
             account_name = EXCLUDED.account_name, email = EXCLUDED.email, mobile = EXCLUDED.mobile,
             position = EXCLUDED.position, employment = EXCLUDED.employment, base_location = EXCLUDED.base_location,
             started_on = EXCLUDED.started_on, path = EXCLUDED.path, decision_reason = EXCLUDED.decision_reason,
             bound_at = EXCLUDED.bound_at, ended_at = EXCLUDED.ended_at, ended_by = EXCLUDED.ended_by,
             changed_at = EXCLUDED.changed_at, version = EXCLUDED.version",
        person.organisation.0,
        person.id.0,
        person.state.as_str(),
        person.account.map(|id| id.0),
        person.identity.map(|id| id.0),
        person.invited_as.as_deref(),
        sending.and_then(|sending| sending.by).map(|by| by.0),
        sending.map(|sending| sending.at),
        sending.map(|sending| sending.expires_at),
        profile.name,
        profile.account_name,
        profile.email,
        profile.mobile,
        profile.position,
        profile.employment.map(|word| word.as_str().to_owned()),
        profile.base_location,
        profile.started_on,
        person.path.map(|path| path.as_str().to_owned()),
        person.decision_reason.as_deref(),
        person.bound_at,
        person.ended.map(|(at, _)| at),
        person.ended.map(|(_, by)| by.as_str().to_owned()),
        person.changed_at,
        person.version,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// That the person agreed, or took it back.
#[derive(Debug)]
pub(in super::super) struct Consent<'a> {
    pub(in super::super) id: Uuid,
    pub(in super::super) organisation: OrganisationId,
    pub(in super::super) person: PersonId,
    pub(in super::super) identity: Option<IdentityId>,
    pub(in super::super) kind: &'a str,
    pub(in super::super) text: (&'a str, i32),
    pub(in super::super) locale: &'a str,
    pub(in super::super) attributes: &'a [String],
}

pub(in super::super) async fn insert_consent(
    tx: &mut Tx,
    consent: &Consent<'_>,
) -> Result<(), StoreError> {
    let now = tx.now();
    sqlx::query!(
        "INSERT INTO personnel_consents (organisation_id, id, person_id, identity_id, kind, text_id, text_version, locale,
             attributes, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        consent.organisation.0,
        consent.id,
        consent.person.0,
        consent.identity.map(|id| id.0),
        consent.kind,
        consent.text.0,
        consent.text.1,
        consent.locale,
        consent.attributes,
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

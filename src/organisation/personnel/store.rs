//! The only SQL about dedicated personnel. Rows go in and out; no rule is decided here.

pub(super) mod accounts;
pub(super) mod announce;
pub(super) mod applications;
pub(super) mod list;
pub(super) mod records;
pub(super) mod waiting;
pub(super) mod write;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::model::{
    DedicatedPath, DedicatedPerson, Employment, EndedBy, Partner, PersonState, Profile, Reader,
    Sending,
};
use crate::db::{Scope, StoreError, Tx};
use crate::ids::{IdentityId, MemberId, OrganisationId, PersonId, PersonalAccountId};
use crate::viewer::OrganisationState;

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    organisation_id: Uuid,
    id: Uuid,
    state: String,
    account_id: Option<Uuid>,
    identity_id: Option<Uuid>,
    invited_as: Option<String>,
    invited_by: Option<Uuid>,
    sent_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    name: Option<String>,
    account_name: Option<String>,
    email: Option<String>,
    mobile: Option<String>,
    position: Option<String>,
    employment: Option<String>,
    base_location: Option<String>,
    started_on: Option<NaiveDate>,
    path: Option<String>,
    decision_reason: Option<String>,
    bound_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    ended_by: Option<String>,
    changed_at: DateTime<Utc>,
    version: i64,
    partner_name: Option<String>,
    partner_state: Option<String>,
}

/// A query for rows whose text is known here and checked against the database when this is built.
macro_rules! rows {
    ($source:tt, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"SELECT organisation_id AS "organisation_id!", id AS "id!", person.state AS "state!", account_id, identity_id,
                 invited_as, invited_by, sent_at, expires_at, person.name, account_name, email, mobile, position,
                 employment, base_location, started_on, path, decision_reason, bound_at, ended_at, ended_by,
                 changed_at AS "changed_at!", version AS "version!", partner.name AS "partner_name?",
                 partner.state AS "partner_state?"
               FROM "# + $source,
            $($argument),*
        )
    };
}

impl Row {
    /// The whole record as it is at `now`.
    pub(super) fn person(self, now: DateTime<Utc>) -> Result<DedicatedPerson, StoreError> {
        let id = self.id;
        let corrupt = |column| StoreError::corrupt(column, id);
        let word = |text: Option<String>, column: &'static str| match text {
            Some(text) => DedicatedPath::parse(&text)
                .map(Some)
                .ok_or_else(|| corrupt(column)),
            None => Ok(None),
        };
        let state = PersonState::parse(&self.state)
            .filter(|state| *state != PersonState::Expired)
            .ok_or_else(|| corrupt("dedicated_personnel.state"))?;
        let employment = match self.employment.as_deref() {
            Some(text) => Some(
                Employment::parse(text).ok_or_else(|| corrupt("dedicated_personnel.employment"))?,
            ),
            None => None,
        };
        let ended_by = self.ended_by.as_deref().and_then(EndedBy::parse);
        Ok(DedicatedPerson {
            id: PersonId(id),
            organisation: OrganisationId(self.organisation_id),
            state: state.at(now, self.expires_at),
            account: self.account_id.map(PersonalAccountId),
            identity: self.identity_id.map(IdentityId),
            invitation: self
                .sent_at
                .zip(self.expires_at)
                .map(|(at, expires_at)| Sending {
                    by: self.invited_by.map(MemberId),
                    at,
                    expires_at,
                }),
            invited_as: self.invited_as,
            path: word(self.path, "dedicated_personnel.path")?,
            profile: Some(Profile {
                name: self.name,
                account_name: self.account_name,
                email: self.email,
                mobile: self.mobile,
                position: self.position,
                employment,
                base_location: self.base_location,
                started_on: self.started_on,
            }),
            decision_reason: self.decision_reason,
            bound_at: self.bound_at,
            ended: self.ended_at.zip(ended_by),
            changed_at: self.changed_at,
            version: self.version,
            partner: self
                .partner_name
                .zip(self.partner_state.as_deref().and_then(standing))
                .map(|(name, state)| Partner { name, state }),
        })
    }
}

fn standing(text: &str) -> Option<OrganisationState> {
    use OrganisationState as S;
    let mut states = [S::Active, S::Frozen, S::Closed].into_iter();
    states.find(|state| state.as_str() == text)
}

/// Those of the ids that the scope may see, as its organisation reads them.
pub(super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[PersonId],
) -> Result<Vec<DedicatedPerson>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let now = tx.now();
    let rows = rows!(
        "dedicated_personnel person LEFT JOIN (SELECT NULL::text AS name, NULL::text AS state) partner ON true
         WHERE id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2)",
        &ids,
        scope.owner()
    )
    .fetch_all(tx.connection())
    .await?;
    let shown = |row: Row| Ok(row.person(now)?.shown_to(Reader::Organisation));
    rows.into_iter().map(shown).collect()
}

/// Reads one person within the scope, whole, and holds the row until the transaction ends.
pub(super) async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    id: PersonId,
) -> Result<Option<DedicatedPerson>, StoreError> {
    let now = tx.now();
    let row = rows!(
        "dedicated_personnel person LEFT JOIN (SELECT NULL::text AS name, NULL::text AS state) partner ON true
         WHERE id = $1 AND ($2::uuid IS NULL OR organisation_id = $2) FOR UPDATE OF person",
        id.0,
        scope.owner()
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(|row| row.person(now)).transpose()
}

/// The organisation's person with this account, held until the transaction ends.
pub(super) async fn lock_by_account(
    tx: &mut Tx,
    organisation: OrganisationId,
    account: PersonalAccountId,
) -> Result<Option<DedicatedPerson>, StoreError> {
    let now = tx.now();
    let row = rows!(
        "dedicated_personnel person LEFT JOIN (SELECT NULL::text AS name, NULL::text AS state) partner ON true
         WHERE organisation_id = $1 AND account_id = $2 FOR UPDATE OF person",
        organisation.0,
        account.0
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(|row| row.person(now)).transpose()
}

/// A person's own associations and invitations, with whatever partner, the latest first.
pub(super) async fn own(
    tx: &mut Tx,
    identity: IdentityId,
) -> Result<Vec<DedicatedPerson>, StoreError> {
    let now = tx.now();
    let rows = rows!(
        "portico_own_personnel($1) person CROSS JOIN LATERAL portico_organisation_facts(organisation_id) partner
         ORDER BY changed_at DESC, id DESC LIMIT 100",
        identity.0
    )
    .fetch_all(tx.connection())
    .await?;
    let shown = |row: Row| Ok(row.person(now)?.shown_to(Reader::Himself));
    rows.into_iter().map(shown).collect()
}

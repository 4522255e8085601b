//! What the vendor states of an account, and what its enterprise has joined elsewhere.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::db::{Scope, StoreError, Tx};
use crate::ids::OrganisationId;
use crate::organisation::programmes::model::{AccountFacts, AccountFlag, Contact, RealName};
use crate::rules::Site;

pub(in crate::organisation::programmes) async fn facts(
    tx: &mut Tx,
    scope: &Scope,
    organisation: OrganisationId,
) -> Result<Option<AccountFacts>, StoreError> {
    let row = sqlx::query!(
        "SELECT real_name, credit_code, flags, manager_name, manager_contact FROM account_facts
         WHERE organisation_id = $1 AND ($2::uuid IS NULL OR organisation_id = $2)",
        organisation.0,
        scope.owner(),
    )
    .fetch_optional(tx.connection())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let corrupt = |column| StoreError::corrupt(column, organisation.0);
    let flags = row.flags.iter().map(|flag| AccountFlag::parse(flag));
    Ok(Some(AccountFacts {
        real_name: RealName::parse(&row.real_name)
            .ok_or_else(|| corrupt("account_facts.real_name"))?,
        credit_code: row.credit_code,
        flags: flags
            .collect::<Option<_>>()
            .ok_or_else(|| corrupt("account_facts.flags"))?,
        manager: row
            .manager_name
            .zip(row.manager_contact)
            .map(|(name, contact)| Contact { name, contact }),
    }))
}

/// What another account of the enterprise has to do with a programme or path.
pub(in crate::organisation::programmes) struct ElsewhereRow {
    pub(in crate::organisation::programmes) kind: String,
    pub(in crate::organisation::programmes) code: String,
    pub(in crate::organisation::programmes) state: String,
    pub(in crate::organisation::programmes) valid_until: Option<NaiveDate>,
    pub(in crate::organisation::programmes) same_area: bool,
}

pub(in crate::organisation::programmes) async fn elsewhere(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<Vec<ElsewhereRow>, StoreError> {
    Ok(sqlx::query_as!(
        ElsewhereRow,
        r#"SELECT kind AS "kind!", code AS "code!", state AS "state!", valid_until, same_area AS "same_area!"
           FROM portico_enterprise_memberships($1)"#,
        organisation.0,
    )
    .fetch_all(tx.connection())
    .await?)
}

/// Lets no other account of the same enterprise join anything until the transaction ends.
pub(in crate::organisation::programmes) async fn take_enterprise_turn(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<(), StoreError> {
    sqlx::query(
        "SELECT pg_advisory_xact_lock(hashtextextended(credit_code, 15)) FROM account_facts
         WHERE organisation_id = $1 AND credit_code IS NOT NULL",
    )
    .bind(organisation.0)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Those of the ids that are partners, and whether a distributor supplies them now (R-PRG-12).
pub(in crate::organisation::programmes) async fn partners(
    tx: &mut Tx,
    organisations: &[Uuid],
) -> Result<Vec<(OrganisationId, bool)>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT id, EXISTS (
               SELECT FROM resellers WHERE resellers.organisation_id = organisations.id AND state <> 'ENDED'
           ) AS "supplied!"
           FROM organisations WHERE id = ANY($1) AND kind = 'PARTNER'"#,
        organisations,
    )
    .fetch_all(tx.connection())
    .await?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|row| (OrganisationId(row.id), row.supplied))
        .collect())
}

/// Holds a partner that is not closed; false when there is none of this id.
pub(in crate::organisation::programmes) async fn lock_partner(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<bool, StoreError> {
    let found = sqlx::query_scalar!(
        "SELECT id FROM organisations WHERE id = $1 AND kind = 'PARTNER' AND state <> 'CLOSED' FOR NO KEY UPDATE",
        organisation.0,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(found.is_some())
}

/// Those of the ids that are partners, with their site and their ecosystem manager.
pub(in crate::organisation::programmes) async fn managers(
    tx: &mut Tx,
    organisations: &[Uuid],
) -> Result<Vec<(OrganisationId, Site, Option<Contact>)>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT organisations.id, site, manager_name AS "manager_name?", manager_contact AS "manager_contact?"
           FROM organisations LEFT JOIN account_facts ON account_facts.organisation_id = organisations.id
           WHERE organisations.id = ANY($1) AND kind = 'PARTNER'"#,
        organisations,
    )
    .fetch_all(tx.connection())
    .await?;
    let contact = |(name, contact)| Contact { name, contact };
    rows.into_iter()
        .map(|row| {
            let site = Site::parse(&row.site)
                .ok_or_else(|| StoreError::corrupt("organisations.site", row.id))?;
            let manager = row.manager_name.zip(row.manager_contact).map(contact);
            Ok((OrganisationId(row.id), site, manager))
        })
        .collect()
}

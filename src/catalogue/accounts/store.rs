//! The only SQL that reads accounts: through functions that answer for one person or one account.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use super::model::{
    AccountKind, AccountStatus, Circumstance, Holding, HoldingFacts, VendorAccount,
};
use crate::db::{StoreError, Tx};
use crate::ids::{IdentityId, OrganisationId};
use crate::rules::Site;

struct Row {
    account_id: String,
    name: String,
    kind: String,
    site: String,
    status: String,
    country: String,
    email: Option<String>,
    mobile: Option<String>,
    circumstances: Vec<String>,
    customer_organisation: Option<Uuid>,
    partner: Option<Uuid>,
}

impl TryFrom<Row> for Holding {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt(column, Uuid::nil());
        Ok(Self {
            account: VendorAccount {
                kind: AccountKind::parse(&row.kind)
                    .ok_or_else(|| corrupt("vendor_accounts.kind"))?,
                site: Site::parse(&row.site).ok_or_else(|| corrupt("vendor_accounts.site"))?,
                status: AccountStatus::parse(&row.status)
                    .ok_or_else(|| corrupt("vendor_accounts.status"))?,
                circumstances: circumstances(&row.circumstances)?,
                id: row.account_id,
                name: row.name,
                country: row.country,
                email: row.email,
                mobile: row.mobile,
            },
            organisation: row.customer_organisation.map(OrganisationId),
            partner: row.partner.map(OrganisationId),
        })
    }
}

fn circumstances(texts: &[String]) -> Result<BTreeSet<Circumstance>, StoreError> {
    let parsed = texts.iter().map(|text| Circumstance::parse(text));
    parsed
        .collect::<Option<_>>()
        .ok_or_else(|| StoreError::corrupt("vendor_accounts.circumstances", Uuid::nil()))
}

pub(super) async fn of_person(
    tx: &mut Tx,
    identity: IdentityId,
) -> Result<Vec<Holding>, StoreError> {
    sqlx::query_as!(
        Row,
        r#"SELECT account_id AS "account_id!", name AS "name!", kind AS "kind!", site AS "site!", status AS "status!",
               country AS "country!", email, mobile, circumstances AS "circumstances!", customer_organisation, partner
           FROM portico_accounts_of($1)"#,
        identity.0,
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(Holding::try_from)
    .collect()
}

pub(super) async fn hold(tx: &mut Tx, account: &str) -> Result<(), StoreError> {
    sqlx::query("SELECT portico_hold_account($1)")
        .bind(account)
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(super) async fn facts_of(
    tx: &mut Tx,
    accounts: &[String],
) -> Result<HashMap<String, HoldingFacts>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT wanted.account AS "account!", status, circumstances, dissociated_at AS "dissociated_at!"
           FROM unnest($1::text[]) AS wanted (account)
           CROSS JOIN LATERAL portico_account_circumstances(wanted.account)"#,
        accounts,
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            let facts = HoldingFacts {
                status: row.status.as_deref().and_then(AccountStatus::parse),
                circumstances: circumstances(&row.circumstances.unwrap_or_default())?,
                dissociated_at: row.dissociated_at,
            };
            Ok((row.account, facts))
        })
        .collect()
}

//! Machines of organisations. A token is shown once, when it is made; only its digest is kept.

mod store;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};

use super::RandomToken;
use crate::db::{Db, Scope, StoreError, Tx};
use crate::ids::{OrganisationId, ServiceAccountId};
use crate::viewer::{ActingService, OrganisationState, Permission};

/// What a token begins with, so that scanners of leaked secrets know it.
const PREFIX: &str = "pst_";

/// What a machine shows as its bearer token.
pub struct ServiceToken(RandomToken);

impl ServiceToken {
    pub fn fresh() -> Result<Self, StoreError> {
        RandomToken::fresh().map(Self)
    }

    /// `None` for a value that was never a token of ours.
    pub fn parse(text: &str) -> Option<Self> {
        RandomToken::parse(text.strip_prefix(PREFIX)?).map(Self)
    }

    pub fn text(&self) -> SecretString {
        format!("{PREFIX}{}", self.0.text().expose_secret()).into()
    }

    fn hash(&self) -> [u8; 32] {
        self.0.sha256()
    }
}

/// A service account to make.
#[derive(Debug, Clone)]
pub struct NewServiceAccount<'a> {
    pub organisation: OrganisationId,
    pub name: &'a str,
    pub permissions: BTreeSet<Permission>,
    pub expires_at: DateTime<Utc>,
}

/// A service account as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAccount {
    pub id: ServiceAccountId,
    pub name: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// What came of a bearer token.
#[derive(Debug)]
pub enum Check {
    Valid(ActingService),
    Invalid,
    /// Nobody could be asked: neither yes nor no.
    Unknown(StoreError),
}

/// Makes a service account; the caller hands out the token and forgets it.
pub async fn create(
    tx: &mut Tx,
    account: NewServiceAccount<'_>,
    token: &ServiceToken,
) -> Result<ServiceAccountId, StoreError> {
    store::insert(tx, &account, token.hash()).await
}

/// Ends a service account; its next request is refused.
pub async fn revoke(tx: &mut Tx, account: ServiceAccountId) -> Result<(), StoreError> {
    store::revoke(tx, account).await
}

/// One service account, for itself.
pub async fn find(
    tx: &mut Tx,
    account: ServiceAccountId,
) -> Result<Option<ServiceAccount>, StoreError> {
    store::find(tx, account).await
}

/// Asks the database each time: machines are few, and their tokens end at once.
pub async fn check(db: &Db, token: &ServiceToken) -> Check {
    match acting(db, token).await {
        Ok(Some(service)) => Check::Valid(service),
        Ok(None) => Check::Invalid,
        Err(error) => Check::Unknown(error),
    }
}

async fn acting(db: &Db, token: &ServiceToken) -> Result<Option<ActingService>, StoreError> {
    let mut tx = db.begin(&Scope::Nobody, &super::checking()).await?;
    let service = store::find_active(&mut tx, token.hash()).await?;
    Ok(service.filter(|service| service.acting_for.state != OrganisationState::Closed))
}

//! Machines of organisations. A token is shown once, when it is made; only its digest is kept.

mod error;
mod model;
pub(crate) mod policy;
pub(crate) mod service;
mod store;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};

pub(crate) use self::model::ServiceAccountState;
pub use self::model::{ServiceAccount, ServiceAccountLimits};
use super::RandomToken;
use crate::db::{Db, Scope, StoreError, Tx};
use crate::ids::{MemberId, OrganisationId, ServiceAccountId};
use crate::timeline::Event;
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
    /// Absent when the deployment's operator makes it.
    pub created_by: Option<MemberId>,
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
    let id = store::insert(tx, &account, token.hash()).await?;
    let permissions = account.permissions.iter();
    let permissions: Vec<&str> = permissions.map(|permission| permission.as_str()).collect();
    let created = Event::new(account.organisation, id, 1, "service_account.created")
        .detail(serde_json::json!({ "permissions": permissions, "expiresAt": account.expires_at }));
    tx.record(created).await?;
    Ok(id)
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
    let Some((service, is_due)) = store::find_active(&mut tx, token.hash()).await? else {
        return Ok(None);
    };
    if service.acting_for.state == OrganisationState::Closed {
        return Ok(None);
    }
    if is_due {
        // A database that only reads still knows whose token it is.
        match store::record_used(&mut tx, service.account).await {
            Ok(()) => tx.commit().await?,
            Err(error) => tracing::warn!(%error, "a machine's last use could not be noted"),
        }
    }
    Ok(Some(service))
}

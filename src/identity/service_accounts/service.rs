//! Making, renewing and ending the machines of one's own organisation.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::error::ServiceAccountRefusal;
use super::model::{
    ServiceAccount, ServiceAccountLimits, check_end, check_name, check_permissions,
};
use super::policy::{self, Action};
use super::{NewServiceAccount, ServiceToken, store};
use crate::db::{Change, Scope, Snapshot, Tx};
use crate::error::{Failure, Faults};
use crate::ids::{MemberId, OrganisationId, ServiceAccountId, Tagged as _};
use crate::rules;
use crate::timeline::Event;
use crate::viewer::{Permission, Viewer};

/// Whether the viewer reads the machines of its organisation.
fn reads(viewer: &Viewer) -> bool {
    viewer.may(Permission::ManageServiceAccounts)
}

/// The machines of the viewer's own organisation, the newest first; `None` for who does not manage them.
pub(crate) async fn list(
    viewer: &Viewer,
    snapshot: &Snapshot,
) -> Result<Option<Vec<ServiceAccount>>, Failure> {
    let Some(own) = viewer.organisation().filter(|_| reads(viewer)) else {
        return Ok(None);
    };
    let mut reading = snapshot.read().await?;
    Ok(Some(store::of_organisation(&mut reading, own).await?))
}

/// Those of `ids` that the viewer may read: a machine itself, and whoever manages the organisation's machines.
pub(crate) async fn read(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[ServiceAccountId],
) -> Result<Vec<ServiceAccount>, Failure> {
    let itself = match viewer {
        Viewer::Service(service) => Some(service.account),
        Viewer::Member(_) | Viewer::Federated(_) => None,
    };
    let Some(own) = viewer.organisation() else {
        return Ok(Vec::new());
    };
    if !reads(viewer) && !ids.iter().any(|id| Some(*id) == itself) {
        return Ok(Vec::new());
    }
    let mut reading = snapshot.read().await?;
    let found = store::find_all(&mut reading, own, ids).await?.into_iter();
    Ok(found
        .filter(|account| reads(viewer) || Some(account.id) == itself)
        .collect())
}

/// The viewer as who answers for a change; permissions are asked of it again where the account is known.
fn owner(scope: &Scope) -> Result<OrganisationId, Failure> {
    scope
        .owner()
        .map(OrganisationId)
        .ok_or_else(|| ServiceAccountRefusal::NotFound.into())
}

async fn limits(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<ServiceAccountLimits, Failure> {
    let now = tx.now();
    Ok(rules::of_organisation(tx, organisation, now).await?.value)
}

/// Makes a machine an account of the viewer's organisation.
pub(crate) struct Create {
    pub(crate) viewer: Viewer,
    pub(crate) name: String,
    /// As they were written; one that there is not is refused.
    pub(crate) permissions: Vec<String>,
    pub(crate) expires_at: DateTime<Utc>,
    /// Made before the transaction, which may run twice; only its digest is stored.
    pub(crate) token: ServiceToken,
}

impl Create {
    fn permissions(&self, faults: &mut Faults) -> BTreeSet<Permission> {
        let mut wanted = BTreeSet::new();
        let mut all_known = true;
        for text in &self.permissions {
            match Permission::parse(text) {
                Some(permission) => {
                    wanted.insert(permission);
                }
                None => all_known = false,
            }
        }
        if all_known {
            for refusal in check_permissions(&self.viewer, &wanted) {
                faults.add(refusal);
            }
        } else {
            faults.add(ServiceAccountRefusal::PermissionUnknown);
        }
        wanted
    }

    /// Everything that is wrong at once, for the form.
    fn check(
        &self,
        now: DateTime<Utc>,
        limits: ServiceAccountLimits,
    ) -> Result<BTreeSet<Permission>, Failure> {
        let mut faults = Faults::default();
        if let Err(refusal) = check_name(&self.name) {
            faults.add(refusal);
        }
        let wanted = self.permissions(&mut faults);
        if let Err(refusal) = check_end(now, self.expires_at, limits) {
            faults.add(refusal);
        }
        faults.check()?;
        Ok(wanted)
    }
}

impl Change for Create {
    type Outcome = ServiceAccountId;
    const NAME: &'static str = "service_accounts.create";
    const ACTION: &'static str = "serviceAccountCreate";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<ServiceAccountId, Failure> {
        let organisation = owner(scope)?;
        let limits = limits(tx, organisation).await?;
        let permissions = self.check(tx.unmoved_now(), limits)?;
        // Two who make the last one wait for each other.
        store::lock_organisation(tx, organisation).await?;
        if store::count_active(tx, organisation).await? >= limits.maximum {
            return Err(ServiceAccountRefusal::TooMany {
                maximum: limits.maximum,
            }
            .into());
        }
        let account = NewServiceAccount {
            organisation,
            name: self.name.trim(),
            permissions,
            created_by: MemberId::parse(&tx.acting().actor),
            expires_at: self.expires_at,
        };
        Ok(super::create(tx, account, &self.token).await?)
    }
}

/// Gives an account a new token; the old one is dead with the same commit.
pub(crate) struct Rotate {
    pub(crate) viewer: Viewer,
    pub(crate) account: ServiceAccountId,
    pub(crate) expected_version: i64,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) token: ServiceToken,
}

impl Change for Rotate {
    type Outcome = ServiceAccountId;
    const NAME: &'static str = "service_accounts.rotate";
    const ACTION: &'static str = "serviceAccountRotate";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<ServiceAccountId, Failure> {
        let account = lock(tx, scope, (self.account, self.expected_version)).await?;
        policy::verdict(Action::Rotate, &self.viewer, &account).check()?;
        let limits = limits(tx, account.organisation).await?;
        check_end(tx.unmoved_now(), self.expires_at, limits)?;
        let version =
            store::record_rotated(tx, account.id, self.token.hash(), self.expires_at).await?;
        let rotated = Event::new(
            account.organisation,
            account.id,
            version,
            "service_account.rotated",
        )
        .detail(serde_json::json!({ "expiresAt": self.expires_at }));
        tx.record(rotated).await?;
        Ok(account.id)
    }
}

/// Ends an account: its next request is refused.
pub(crate) struct Revoke {
    pub(crate) viewer: Viewer,
    pub(crate) account: ServiceAccountId,
    pub(crate) expected_version: i64,
}

impl Change for Revoke {
    type Outcome = ServiceAccountId;
    const NAME: &'static str = "service_accounts.revoke";
    const ACTION: &'static str = "serviceAccountRevoke";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<ServiceAccountId, Failure> {
        let account = lock(tx, scope, (self.account, self.expected_version)).await?;
        policy::verdict(Action::Revoke, &self.viewer, &account).check()?;
        let version = store::revoke(tx, account.id).await?;
        let revoked = Event::new(
            account.organisation,
            account.id,
            version,
            "service_account.revoked",
        );
        tx.record(revoked).await?;
        Ok(account.id)
    }
}

async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    (account, expected): (ServiceAccountId, i64),
) -> Result<ServiceAccount, Failure> {
    let organisation = owner(scope)?;
    let account = store::lock(tx, organisation, account)
        .await?
        .ok_or(ServiceAccountRefusal::NotFound)?;
    if account.version != expected {
        return Err(ServiceAccountRefusal::VersionConflict {
            current: account.version,
        }
        .into());
    }
    Ok(account)
}

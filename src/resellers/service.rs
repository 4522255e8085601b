//! What a viewer can do with resellers: who may, on what, in which order.

mod succession;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

pub(crate) use succession::ManagedResellers;

use super::error::ResellerRefusal;
use super::model::{Reseller, State};
use super::policy::{self, Action};
use super::store;
use crate::db::{Change, Scope, Snapshot, Tx};
use crate::error::Failure;
use crate::ids::{MemberId, OrganisationId, ResellerId, Tagged as _};
use crate::organisation::members;
use crate::paging::{Page, Sort, Window};
use crate::timeline::Event;
use crate::viewer::{Permission, Viewer};
use crate::waiting::{Bounds, Kind, Source};

/// Which resellers a list shows; what is `None` does not narrow it.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    pub(super) states: Option<Vec<State>>,
    pub(super) business_area: Option<String>,
    pub(super) account_manager: Option<MemberId>,
    /// Part of the company's name, in any case (R-RES-8).
    pub(super) name_part: Option<String>,
}

/// The relations that the viewer is a party of; without the permission there are none.
pub(super) async fn by_id(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[ResellerId],
) -> Result<HashMap<ResellerId, Reseller>, Failure> {
    if !viewer.may(Permission::ReadResellers) {
        return Ok(HashMap::new());
    }
    let found = store::find(&mut *snapshot.read().await?, snapshot.scope(), ids).await?;
    Ok(found
        .into_iter()
        .map(|reseller| (reseller.id, reseller))
        .collect())
}

/// A distributor sees its resellers, a reseller its own relation, the vendor all.
pub(super) async fn list(
    viewer: &Viewer,
    snapshot: &Snapshot,
    filter: &Filter,
    (sort, window): (Sort, &Window),
) -> Result<Page<Reseller>, Failure> {
    viewer.require(Permission::ReadResellers)?;
    let mut tx = snapshot.read().await?;
    Ok(store::list(&mut tx, snapshot.scope(), filter, (sort, window)).await?)
}

/// How many [`list`] would show in all.
pub(super) async fn count(
    viewer: &Viewer,
    snapshot: &Snapshot,
    filter: &Filter,
) -> Result<i64, Failure> {
    viewer.require(Permission::ReadResellers)?;
    let mut tx = snapshot.read().await?;
    Ok(store::count(&mut tx, snapshot.scope(), filter).await?)
}

/// Resellers that nobody looks after, for the distributor's people.
pub(crate) fn waiting(viewer: &Viewer, tx: &Tx) -> Vec<Source> {
    let source = |own: OrganisationId| Source {
        kind: Kind::AssignAccountManager,
        object_kind: ResellerId::TAG,
        read: Permission::ReadResellers,
        act: Permission::AssignAccountManagers,
        rows: store::push_unmanaged,
        bounds: Bounds {
            organisation: Some(own.0),
            now: tx.now(),
            limit: tx.now(),
            number: 0,
        },
    };
    viewer.organisation().map(source).into_iter().collect()
}

/// Whether the scope's organisation is the distributor of this relation, and the relation is not over.
pub(crate) async fn is_supplied(
    tx: &mut Tx,
    scope: &Scope,
    id: ResellerId,
) -> Result<bool, Failure> {
    let Some(distributor) = scope.organisation() else {
        return Ok(false);
    };
    let found = store::find(tx, &Scope::Distributor(distributor), &[id]).await?;
    Ok(found
        .iter()
        .any(|reseller| reseller.state() != State::Ended))
}

/// What is kept of a change to a reseller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Changed {
    pub(super) reseller: ResellerId,
    pub(super) version: i64,
}

/// Names the account manager of a reseller: the named distributor's decision alone (R-RES-9 to R-RES-11).
#[derive(Debug)]
pub(super) struct AssignAccountManager {
    pub(super) reseller: ResellerId,
    pub(super) account_manager: MemberId,
    pub(super) expected_version: i64,
}

impl Change for AssignAccountManager {
    type Outcome = Changed;
    const NAME: &'static str = "resellers.assign_account_manager";
    const ACTION: &'static str = "resellerAccountManagerAssign";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Changed, Failure> {
        let mut reseller = lock(tx, scope, self.reseller, self.expected_version).await?;
        policy::of_reseller(Action::AssignAccountManager, &reseller).check_first()?;
        let candidate = members::hold(tx, scope, self.account_manager)
            .await?
            .ok_or(ResellerRefusal::CandidateUnknown)?;
        let former = reseller.account_manager;
        reseller.assign(&candidate)?;
        record(tx, &reseller, former, "reseller.account_manager_assigned").await
    }
}

/// Leaves a reseller without an account manager until another one is assigned (R-RES-10).
#[derive(Debug)]
pub(super) struct WithdrawAccountManager {
    pub(super) reseller: ResellerId,
    pub(super) expected_version: i64,
}

impl Change for WithdrawAccountManager {
    type Outcome = Changed;
    const NAME: &'static str = "resellers.withdraw_account_manager";
    const ACTION: &'static str = "resellerAccountManagerWithdraw";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Changed, Failure> {
        let mut reseller = lock(tx, scope, self.reseller, self.expected_version).await?;
        policy::of_reseller(Action::WithdrawAccountManager, &reseller).check_first()?;
        let former = reseller.account_manager;
        reseller.withdraw()?;
        record(tx, &reseller, former, "reseller.account_manager_withdrawn").await
    }
}

async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    id: ResellerId,
    expected_version: i64,
) -> Result<Reseller, Failure> {
    let reseller = store::lock(tx, scope, id)
        .await?
        .ok_or(ResellerRefusal::NotFound)?;
    if reseller.version != expected_version {
        let current = reseller.version;
        return Err(ResellerRefusal::Changed { current }.into());
    }
    Ok(reseller)
}

/// Stores who looks after the reseller now; the entry keeps who did before (R-RES-10).
async fn record(
    tx: &mut Tx,
    reseller: &Reseller,
    former: Option<MemberId>,
    action: &'static str,
) -> Result<Changed, Failure> {
    store::record_account_manager(tx, reseller).await?;
    let details = json!({
        "from": former.map(MemberId::global),
        "to": reseller.account_manager.map(MemberId::global),
    });
    let event = Event::new(reseller.organisation, reseller.id, reseller.version, action);
    tx.record(event.detail(details)).await?;
    Ok(Changed {
        reseller: reseller.id,
        version: reseller.version,
    })
}

#[cfg(test)]
mod tests;

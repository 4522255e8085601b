//! Resellers pass to another account manager when theirs goes or loses the role (R-ORG-21).

use std::collections::HashMap;

use futures_util::future::BoxFuture;

use super::record;
use crate::db::{Scope, StoreError, Tx};
use crate::error::Failure;
use crate::ids::MemberId;
use crate::organisation::members::{DutyHolder, DutyKind, Handover, Held, MemberRole, Remaining};
use crate::resellers::store;

/// Relations that have not ended, each with the member of the distributor who looks after it.
pub(crate) struct ManagedResellers;

impl DutyHolder for ManagedResellers {
    fn kind(&self) -> DutyKind {
        DutyKind::ManagedResellers
    }

    fn held<'a>(
        &'a self,
        tx: &'a mut Tx,
        scope: &'a Scope,
        members: &'a [MemberId],
        remaining: &'a Remaining,
    ) -> BoxFuture<'a, Result<HashMap<MemberId, Held>, StoreError>> {
        Box::pin(async move {
            if remaining.roles.contains(&MemberRole::AccountManager) {
                return Ok(HashMap::new());
            }
            store::managed_by(tx, scope, members).await
        })
    }

    fn hand_over<'a>(
        &'a self,
        tx: &'a mut Tx,
        _scope: &'a Scope,
        handover: &'a Handover<'a>,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let scope = Scope::Distributor(handover.organisation.id);
            for id in store::managed_ids(tx, &scope, handover.from).await? {
                let Some(mut reseller) = store::lock(tx, &scope, id).await? else {
                    continue;
                };
                let former = reseller.account_manager;
                let action = if let Some(to) = handover.to {
                    reseller.assign(to)?;
                    "reseller.account_manager_assigned"
                } else {
                    reseller.withdraw()?;
                    "reseller.account_manager_withdrawn"
                };
                record(tx, &reseller, former, action).await?;
            }
            Ok(())
        })
    }
}

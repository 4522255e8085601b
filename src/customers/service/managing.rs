//! Who looks after a customer: assigned and withdrawn by the partner, with the history in the timeline.

use std::collections::HashMap;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::error::CustomerRefusal;
use super::super::model::Customer;
use super::super::policy::{self, Action};
use super::super::store;
use crate::db::{Change, Scope, StoreError, Tx};
use crate::error::Failure;
use crate::ids::{CustomerId, MemberId, Tagged as _};
use crate::organisation::members::{
    self, DutyHolder, DutyKind, Handover, Held, MemberRole, Remaining,
};
use crate::timeline::Event;
use crate::viewer::Viewer;

/// What is kept of a change to a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Changed {
    pub(in super::super) customer: CustomerId,
    pub(in super::super) version: i64,
}

/// Names the account manager of a customer, or another one.
#[derive(Debug)]
pub(in super::super) struct AssignAccountManager {
    pub(in super::super) customer: CustomerId,
    pub(in super::super) account_manager: MemberId,
    pub(in super::super) expected_version: i64,
}

impl Change for AssignAccountManager {
    type Outcome = Changed;
    const NAME: &'static str = "customers.assign_account_manager";
    const ACTION: &'static str = "customerAccountManagerAssign";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(Action::AssignAccountManager, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Changed, Failure> {
        let mut customer = lock(tx, scope, (self.customer, self.expected_version)).await?;
        policy::of_customer(Action::AssignAccountManager, &customer, None).check_first()?;
        let candidate = members::hold(tx, scope, self.account_manager)
            .await?
            .ok_or(CustomerRefusal::CandidateUnknown)?;
        let former = customer.account_manager;
        customer.assign(&candidate)?;
        record(tx, &customer, former, "customer.account_manager_assigned").await
    }
}

/// Leaves a customer without an account manager until another one is assigned.
#[derive(Debug)]
pub(in super::super) struct WithdrawAccountManager {
    pub(in super::super) customer: CustomerId,
    pub(in super::super) expected_version: i64,
}

impl Change for WithdrawAccountManager {
    type Outcome = Changed;
    const NAME: &'static str = "customers.withdraw_account_manager";
    const ACTION: &'static str = "customerAccountManagerWithdraw";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(Action::WithdrawAccountManager, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Changed, Failure> {
        let mut customer = lock(tx, scope, (self.customer, self.expected_version)).await?;
        policy::of_customer(Action::WithdrawAccountManager, &customer, None).check_first()?;
        let former = customer.account_manager;
        customer.withdraw()?;
        record(tx, &customer, former, "customer.account_manager_withdrawn").await
    }
}

/// Reads a customer of the scope's own partner, holds it, and refuses a change that was decided on an older version.
pub(super) async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    (id, expected_version): (CustomerId, i64),
) -> Result<Customer, Failure> {
    let customer = store::lock(tx, scope, id)
        .await?
        .ok_or(CustomerRefusal::NotFound)?;
    if customer.version != expected_version {
        let current = customer.version;
        return Err(CustomerRefusal::Changed { current }.into());
    }
    Ok(customer)
}

/// Stores who looks after the customer now; the entry keeps who did before.
async fn record(
    tx: &mut Tx,
    customer: &Customer,
    former: Option<MemberId>,
    action: &'static str,
) -> Result<Changed, Failure> {
    store::record_account_manager(tx, customer).await?;
    let details = json!({
        "from": former.map(MemberId::global),
        "to": customer.account_manager.map(MemberId::global),
    });
    let event = Event::new(customer.organisation, customer.id, customer.version, action);
    tx.record(event.detail(details)).await?;
    Ok(Changed {
        customer: customer.id,
        version: customer.version,
    })
}

/// A member who looks after customers cannot lose the role or leave before somebody else does (R-ORG-21).
pub(crate) struct ManagedCustomers;

impl DutyHolder for ManagedCustomers {
    fn kind(&self) -> DutyKind {
        DutyKind::ManagedCustomers
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
            let scope = Scope::Own(handover.organisation.id);
            for id in store::managed_ids(tx, &scope, handover.from).await? {
                let Some(mut customer) = store::lock(tx, &scope, id).await? else {
                    continue;
                };
                let former = customer.account_manager;
                let action = if let Some(to) = handover.to {
                    customer.assign(to)?;
                    "customer.account_manager_assigned"
                } else {
                    customer.withdraw()?;
                    "customer.account_manager_withdrawn"
                };
                record(tx, &customer, former, action).await?;
            }
            Ok(())
        })
    }
}

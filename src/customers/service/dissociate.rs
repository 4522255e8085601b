//! The partner's administrator ends the relation to a customer (R-CUS-8, R-CUS-9).

use serde_json::json;

use super::super::error::CustomerRefusal;
use super::super::policy::{self, Action};
use super::super::store;
use super::end_facts_of;
use super::managing::{Changed, lock};
use crate::catalogue::accounts;
use crate::db::{Change, Scope, Tx};
use crate::error::Failure;
use crate::ids::{CustomerId, MemberId, Tagged as _};
use crate::timeline::Event;
use crate::viewer::Viewer;

const REASON_LENGTH: usize = 500;

/// Ends the relation. The customer is told, the relation stays as history, and another partner may invite.
#[derive(Debug)]
pub(in super::super) struct Dissociate {
    pub(in super::super) customer: CustomerId,
    pub(in super::super) expected_version: i64,
    pub(in super::super) reason: String,
}

impl Change for Dissociate {
    type Outcome = Changed;
    const NAME: &'static str = "customers.dissociate";
    const ACTION: &'static str = "customerDissociate";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(Action::Dissociate, viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<Changed, Failure> {
        let mut customer = lock(tx, scope, (self.customer, self.expected_version)).await?;
        // What the vendor says of the account stays so until this is done.
        accounts::hold(tx, &customer.account.id).await?;
        let wanted = [customer.account.id.clone()];
        let member = MemberId::parse(&tx.acting().actor);
        let facts = end_facts_of(tx, (customer.partner, member), &wanted).await?;
        let facts = facts.get(&customer.account.id);
        policy::of_customer(Action::Dissociate, &customer, facts).check()?;
        let length = self.reason.chars().count();
        if self.reason.trim().is_empty() || length > REASON_LENGTH {
            return Err(CustomerRefusal::ReasonRequired.into());
        }
        let manager = customer.account_manager;
        customer.dissociate(tx.now(), &self.reason)?;
        store::record_dissociated(tx, &customer).await?;
        let event = Event::new(
            customer.organisation,
            customer.id,
            customer.version,
            "customer.dissociated",
        );
        let details = json!({ "accountManager": manager.map(MemberId::global) });
        let event = event
            .moved("ASSOCIATED", "DISSOCIATED")
            .because(&*self.reason)
            .detail(details);
        tx.record(event).await?;
        Ok(Changed {
            customer: customer.id,
            version: customer.version,
        })
    }
}

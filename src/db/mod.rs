//! PostgreSQL: pools, scopes, transactions, and the one way in which anything is changed ([`Change`]).
//!
//! Nothing outside this module opens a transaction, and no transaction is opened without a [`Scope`].

mod announcements;
pub mod bootstrap;
mod change;
pub mod deployment;
pub mod embedded;
mod idempotency;
mod memo;
pub mod migrate;
mod pool;
pub mod sandbox;
mod scope;
mod snapshot;
mod store_error;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod turn;
mod tx;
pub mod watchdog;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub use announcements::{Announcements, Heartbeat};
pub use change::{Applied, Change};
pub use idempotency::IdempotencyKey;
pub use memo::Memo;
pub use pool::{Pool, PoolSettings};
pub use scope::Scope;
pub use snapshot::{Reading, Snapshot};
pub use store_error::StoreError;
pub use turn::{Turn, Turns};
pub use tx::{Acting, Tx};

use crate::clock::Clock;
use crate::ids::IdSource;
use crate::viewer::Viewer;

/// The database of a deployment. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Db(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    app: Pool,
    staff: Pool,
    clock: Clock,
    ids: IdSource,
    statements: AtomicU64,
    memo: Memo,
}

impl Db {
    pub fn new(app: Pool, staff: Pool, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            app,
            staff,
            clock,
            ids: IdSource,
            statements: AtomicU64::new(0),
            memo: Memo::default(),
        }))
    }

    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub fn ids(&self) -> IdSource {
        self.0.ids
    }

    /// How many statements were sent since the start; the difference around a request is its cost.
    pub fn statements(&self) -> u64 {
        self.0.statements.load(Ordering::Relaxed)
    }

    fn count_statement(&self) {
        self.0.statements.fetch_add(1, Ordering::Relaxed);
    }

    /// The pool whose role may see what the scope may see.
    fn pool(&self, scope: &Scope) -> &Pool {
        match scope {
            Scope::Own(_) | Scope::Distributor(_) | Scope::Nobody => &self.0.app,
            Scope::Vendor | Scope::Job(_) => &self.0.staff,
        }
    }

    /// Opens the one read-only snapshot of a viewer's request; no connection is taken before it is read.
    pub fn snapshot_of(&self, viewer: &Viewer) -> Snapshot {
        let sees = (viewer.read_scope(), viewer.visibility());
        Snapshot::new(self.clone(), sees)
    }

    /// The same for somebody who is of no organisation yet, such as the bearer of an invitation.
    pub(crate) fn snapshot_of_nobody(&self) -> Snapshot {
        Snapshot::new(
            self.clone(),
            (Scope::Nobody, crate::viewer::Visibility::All),
        )
    }

    /// The same within a scope, for nobody in particular.
    #[cfg(test)]
    pub(crate) fn snapshot(&self, scope: Scope) -> Snapshot {
        Snapshot::new(self.clone(), (scope, crate::viewer::Visibility::All))
    }

    /// Whether the database answers, for `/readyz`.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1")
            .execute(&*self.0.app.current())
            .await?;
        Ok(())
    }

    /// Both pools, for the watchdog and for closing.
    pub fn pools(&self) -> [&Pool; 2] {
        [&self.0.app, &self.0.staff]
    }
}

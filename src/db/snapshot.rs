//! The one snapshot that a read request sees.

use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

use super::{Db, Scope, StoreError, Tx};

/// One repeatable-read connection behind a mutex: loaders take turns, and all see the same instant.
#[derive(Debug)]
pub struct Snapshot {
    db: Db,
    scope: Scope,
    tx: Mutex<Option<Tx>>,
}

/// A turn at the snapshot's connection.
pub type Reading<'a> = MappedMutexGuard<'a, Tx>;

impl Snapshot {
    pub(super) fn new(db: Db, scope: Scope) -> Self {
        Self {
            db,
            scope,
            tx: Mutex::new(None),
        }
    }

    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Waits for a turn; the first one begins the transaction.
    pub async fn read(&self) -> Result<Reading<'_>, StoreError> {
        let mut slot = self.tx.lock().await;
        if slot.is_none() {
            *slot = Some(self.db.begin_read(&self.scope).await?);
        }
        MutexGuard::try_map(slot, Option::as_mut)
            .map_err(|_| StoreError::Database(sqlx::Error::PoolClosed))
    }
}

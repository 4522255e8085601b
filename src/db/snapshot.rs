//! The one snapshot that a read request sees.

use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

use super::{Db, Scope, StoreError, Tx};
use crate::viewer::Visibility;

/// One repeatable-read connection behind a mutex: loaders take turns, and all see the same instant.
#[derive(Debug)]
pub struct Snapshot {
    db: Db,
    scope: Scope,
    visibility: Visibility,
    tx: Mutex<Option<Tx>>,
}

/// A turn at the snapshot's connection.
pub type Reading<'a> = MappedMutexGuard<'a, Tx>;

impl Snapshot {
    pub(super) fn new(db: Db, (scope, visibility): (Scope, Visibility)) -> Self {
        Self {
            db,
            scope,
            visibility,
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
            let tx = self.db.begin_read(&self.scope).await?;
            *slot = Some(tx.seeing(self.visibility));
        }
        MutexGuard::try_map(slot, Option::as_mut)
            .map_err(|_| StoreError::Database(sqlx::Error::PoolClosed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::db::testing::TestDb;
    use crate::db::{Acting, Pool, PoolSettings};
    use crate::ids::OrganisationId;

    #[tokio::test]
    async fn a_snapshot_does_not_see_what_commits_after_it_began() {
        let test = TestDb::new().await;
        let pool = |role| Pool::lazy(&test.url(role), PoolSettings::default()).unwrap();
        let db = Db::new(pool("portico_app"), pool("portico_staff"), Clock::default());
        let count = "SELECT count(*) FROM organisations";
        let snapshot = db.snapshot(Scope::Vendor);
        let before: i64 = sqlx::query_scalar(count)
            .fetch_one(snapshot.read().await.unwrap().connection())
            .await
            .unwrap();

        let acting = Acting {
            actor: "job:test".to_owned(),
            correlation_id: "c".to_owned(),
        };
        let mut tx = db.begin(&Scope::Vendor, &acting).await.unwrap();
        let (id, now) = (tx.fresh_id::<OrganisationId>(), tx.now());
        sqlx::query(
            "INSERT INTO organisations (id, number, kind, name, business_area, created_at)
             VALUES ($1, 'ORG-1', 'PARTNER', 'P', 'North', $2)",
        )
        .bind(id.0)
        .bind(now)
        .execute(tx.connection())
        .await
        .unwrap();
        tx.commit().await.unwrap();

        let after: i64 = sqlx::query_scalar(count)
            .fetch_one(snapshot.read().await.unwrap().connection())
            .await
            .unwrap();
        assert_eq!((before, after), (0, 0));
        let fresh = db.snapshot(Scope::Vendor);
        let fresh: i64 = sqlx::query_scalar(count)
            .fetch_one(fresh.read().await.unwrap().connection())
            .await
            .unwrap();
        assert_eq!(fresh, 1);
    }
}

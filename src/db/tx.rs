//! One transaction, with its scope, its time and its trace.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Postgres, Transaction};

use super::{Db, Memo, Scope, StoreError};
use crate::ids::{IdSource, OrganisationId, Tagged};

/// On whose behalf a transaction runs, for the timeline.
#[derive(Debug, Clone)]
pub struct Acting {
    /// The global id of a member, identity or service account, or `job:<name>`.
    pub actor: String,
    /// Joins the answer, the log lines and the timeline entries of one request.
    pub correlation_id: String,
}

/// A transaction. Dropped without [`Tx::commit`] it never happened.
#[derive(Debug)]
pub struct Tx {
    inner: Transaction<'static, Postgres>,
    db: Db,
    acting: Acting,
    scope: Scope,
    now: DateTime<Utc>,
}

impl Db {
    /// Begins a transaction in which rows can be changed.
    pub async fn begin(&self, scope: &Scope, acting: &Acting) -> Result<Tx, StoreError> {
        self.open(scope, acting, "BEGIN").await
    }

    /// Begins the transaction of a read: everything in it is of one instant.
    pub(super) async fn begin_read(&self, scope: &Scope) -> Result<Tx, StoreError> {
        let acting = Acting {
            actor: String::new(),
            correlation_id: String::new(),
        };
        self.open(
            scope,
            &acting,
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        )
        .await
    }

    /// The only place where a transaction starts, and so the only one where its scope is set.
    async fn open(
        &self,
        scope: &Scope,
        acting: &Acting,
        begin: &'static str,
    ) -> Result<Tx, StoreError> {
        let pool = self.pool(scope);
        let mut inner = pool.current().begin_with(begin).await?;
        pool.count_begun();
        let organisation = scope
            .organisation()
            .map_or_else(String::new, |OrganisationId(id)| id.to_string());
        self.count_statement();
        let database: DateTime<Utc> =
            sqlx::query_scalar("SELECT now() FROM set_config('portico.organisation_id', $1, true)")
                .bind(organisation)
                .fetch_one(&mut *inner)
                .await?;
        let now = self.clock().read(database);
        Ok(Tx {
            inner,
            db: self.clone(),
            acting: acting.clone(),
            scope: scope.clone(),
            now,
        })
    }
}

impl Tx {
    /// The connection for one statement.
    pub fn connection(&mut self) -> &mut PgConnection {
        self.db.count_statement();
        &mut self.inner
    }

    /// The time of this transaction: the database's at its start. Every question of time is asked here (R-GEN-7).
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    pub fn acting(&self) -> &Acting {
        &self.acting
    }

    /// Whose rows this transaction may touch.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    pub fn fresh_id<I: Tagged>(&self) -> I {
        self.db.ids().fresh()
    }

    pub fn ids(&self) -> IdSource {
        self.db.ids()
    }

    /// What this process remembers of the database.
    pub fn memo(&self) -> &Memo {
        &self.db.0.memo
    }

    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.inner.commit().await?)
    }
}

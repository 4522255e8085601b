//! One transaction, with its scope, its time and its trace.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{PgConnection, Postgres, Transaction};

use super::{Db, Memo, Scope, StoreError};
use crate::clock::{Pace, Travelled};
use crate::ids::{IdSource, OrganisationId, Tagged};
use crate::viewer::Visibility;

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
    visibility: Visibility,
    times: Times,
}

/// When a transaction began.
#[derive(Debug, Clone, Copy)]
struct Times {
    now: DateTime<Utc>,
    unmoved: DateTime<Utc>,
}

const OPEN: &str = "SELECT now() FROM set_config('portico.organisation_id', $1, true)";
/// The same in a sandbox, whose clock may have been moved by another replica a moment ago.
const OPEN_SANDBOX: &str =
    "SELECT now(), moves, ahead_micros, standing_at FROM set_config('portico.organisation_id', $1, true)
     LEFT JOIN sandbox_clock ON true";

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
        let times = self.times(&mut inner, organisation).await?;
        Ok(Tx {
            inner,
            db: self.clone(),
            acting: acting.clone(),
            scope: scope.clone(),
            visibility: Visibility::All,
            times,
        })
    }

    /// Sets the organisation, and asks for the time in the same breath.
    async fn times(
        &self,
        connection: &mut PgConnection,
        organisation: String,
    ) -> Result<Times, StoreError> {
        self.count_statement();
        let clock = self.clock();
        if !clock.is_sandbox() {
            let database = sqlx::query_scalar(OPEN)
                .bind(organisation)
                .fetch_one(connection)
                .await?;
            return Ok(Times {
                now: clock.read(database),
                unmoved: clock.read_unmoved(database),
            });
        }
        let row: (
            DateTime<Utc>,
            Option<i64>,
            Option<i64>,
            Option<DateTime<Utc>>,
        ) = sqlx::query_as(OPEN_SANDBOX)
            .bind(organisation)
            .fetch_one(connection)
            .await?;
        let (database, moves, ahead, standing) = row;
        let ahead = TimeDelta::microseconds(ahead.unwrap_or_default());
        let travelled = Travelled {
            moves: moves.unwrap_or_default(),
            pace: standing.map_or(Pace::Runs(ahead), Pace::Stands),
        };
        clock.learn(travelled);
        Ok(Times {
            // As this transaction sees it, whatever the process heard of since.
            now: travelled.pace.read(database),
            unmoved: clock.read_unmoved(database),
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
        self.times.now
    }

    /// The same without the travels of a sandbox, for what a travel must not end: sign-ins, sessions, tokens, and the
    /// memory of requests that a client may repeat.
    pub fn unmoved_now(&self) -> DateTime<Utc> {
        self.times.unmoved
    }

    /// Whether this is a sandbox's database, in which time can be moved.
    pub fn is_sandbox(&self) -> bool {
        self.db.clock().is_sandbox()
    }

    pub fn acting(&self) -> &Acting {
        &self.acting
    }

    /// Whose rows this transaction may touch.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Which of the scope's customers, resellers and opportunities this transaction may see (R-ORG-7).
    pub fn visibility(&self) -> Visibility {
        self.visibility
    }

    /// Narrows it to what its viewer sees.
    #[must_use]
    pub(super) fn seeing(self, visibility: Visibility) -> Self {
        Self { visibility, ..self }
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

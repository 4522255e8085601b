//! Turns that one process of a deployment has at a time, for work that takes more than one transaction.

use sqlx::Postgres;
use sqlx::pool::PoolConnection;

use super::{Db, StoreError};

/// What turns are taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turns {
    /// Moving the clock of a sandbox.
    SandboxClock,
}

impl Turns {
    /// The advisory lock of this database: a number that nothing else uses as one.
    fn lock(self) -> i64 {
        match self {
            Self::SandboxClock => 0x0070_6f72_7469_0001,
        }
    }
}

/// A turn. Dropped it is over, and the end of its process ends it too.
#[derive(Debug)]
pub struct Turn {
    /// Its session holds the lock and is closed with it.
    _connection: PoolConnection<Postgres>,
}

impl Db {
    /// Takes the turn, unless somebody has it.
    pub async fn try_turn(&self, turns: Turns) -> Result<Option<Turn>, StoreError> {
        let [_, staff] = self.pools();
        let mut connection = staff.current().acquire().await?;
        // Back in the pool it would keep the lock for whoever comes next.
        connection.close_on_drop();
        self.count_statement();
        let taken: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
            .bind(turns.lock())
            .fetch_one(&mut *connection)
            .await?;
        Ok(taken.then_some(Turn {
            _connection: connection,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::db::testing::TestDb;
    use crate::db::{Pool, PoolSettings};

    #[tokio::test]
    async fn one_replica_has_the_turn_until_it_ends() {
        let test = TestDb::new().await;
        let replica = || {
            let pool = |role| Pool::lazy(&test.url(role), PoolSettings::default()).unwrap();
            Db::new(pool("portico_app"), pool("portico_staff"), Clock::default())
        };
        let (one, other) = (replica(), replica());

        let turn = one.try_turn(Turns::SandboxClock).await.unwrap();
        assert!(turn.is_some());
        for replica in [&one, &other] {
            let second = replica.try_turn(Turns::SandboxClock).await.unwrap();
            assert!(second.is_none());
        }
        drop(turn);
        let mut tries = 0;
        while other.try_turn(Turns::SandboxClock).await.unwrap().is_none() {
            tries += 1;
            assert!(tries < 10_000, "the turn never ends");
            tokio::task::yield_now().await;
        }
    }
}

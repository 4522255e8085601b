//! Brings the schema to this binary's version, safely while other replicas start too.
//!
//! sqlx would wait inside `pg_advisory_lock`; that statement's snapshot is what a `CREATE INDEX CONCURRENTLY` of the
//! replica in front waits for, and both wait for ever (reliability F9). So the lock is asked for, never waited in.

use std::time::Duration;

use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use tokio::time::Instant;

/// Any number that nothing else in this database uses as an advisory lock.
const LOCK: i64 = 0x0070_6f72_7469_636f;
const POLL: Duration = Duration::from_millis(200);
/// How long a replica waits for another one's migration before it gives up and says so.
const PATIENCE: Duration = Duration::from_mins(15);

/// Why the schema is not at this binary's version.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    #[error("the database cannot be reached as portico_owner")]
    Database(#[from] sqlx::Error),
    #[error("a migration failed")]
    Migration(#[from] MigrateError),
    #[error("another process has been migrating for {} minutes", PATIENCE.as_secs() / 60)]
    Waiting,
}

/// What a migration run did.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    /// How many migrations this call applied.
    pub applied: usize,
    /// The schema's version afterwards.
    pub version: Option<i64>,
}

/// Applies what is missing, as the owner. Of several callers one works and the others wait.
pub async fn run(owner: &PgConnectOptions) -> Result<Report, SchemaError> {
    apply(owner, shipped()).await
}

fn shipped() -> Migrator {
    sqlx::migrate!("./migrations")
}

/// The version that the schema has after all migrations of this binary.
pub(super) fn newest() -> Option<i64> {
    shipped().iter().map(|migration| migration.version).max()
}

async fn apply(owner: &PgConnectOptions, mut migrator: Migrator) -> Result<Report, SchemaError> {
    let mut connection = owner.connect().await?;
    // A backfill may take longer than any request; the limits of requests are not for it.
    sqlx::raw_sql(
        "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;
         SET client_min_messages = warning",
    )
    .execute(&mut connection)
    .await?;
    lock(&mut connection).await?;
    let before = applied(&mut connection).await?;
    migrator.set_locking(false).run(&mut connection).await?;
    rebuild_invalid_indexes(&mut connection).await?;
    // The gateway reads it to know whether it may serve.
    sqlx::raw_sql("GRANT SELECT ON _sqlx_migrations TO portico_app, portico_staff")
        .execute(&mut connection)
        .await?;
    let after = applied(&mut connection).await?;
    // Closing the session gives the lock back.
    connection.close().await?;
    Ok(Report {
        applied: after.len() - before.len(),
        version: after.last().copied(),
    })
}

async fn lock(connection: &mut PgConnection) -> Result<(), SchemaError> {
    let deadline = Instant::now() + PATIENCE;
    let mut said = false;
    loop {
        let locked: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
            .bind(LOCK)
            .fetch_one(&mut *connection)
            .await?;
        if locked {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(SchemaError::Waiting);
        }
        if !said {
            tracing::info!("another process is migrating the database; waiting for it");
            said = true;
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn applied(connection: &mut PgConnection) -> Result<Vec<i64>, SchemaError> {
    connection
        .ensure_migrations_table("_sqlx_migrations")
        .await?;
    let applied = connection
        .list_applied_migrations("_sqlx_migrations")
        .await?;
    Ok(applied
        .into_iter()
        .map(|migration| migration.version)
        .collect())
}

/// A concurrent index build that was cut off leaves an index that is written but never read.
///
/// Its migration says IF NOT EXISTS and so passes on the second try; this makes the index whole.
async fn rebuild_invalid_indexes(connection: &mut PgConnection) -> Result<(), SchemaError> {
    let broken: Vec<String> = sqlx::query_scalar(
        "SELECT format('REINDEX INDEX CONCURRENTLY %I.%I', n.nspname, c.relname)
         FROM pg_index i
         JOIN pg_class c ON c.oid = i.indexrelid
         JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE NOT i.indisvalid AND n.nspname = 'public' AND c.relname !~ '_ccnew[0-9]*$'",
    )
    .fetch_all(&mut *connection)
    .await?;
    for statement in broken {
        tracing::warn!(statement, "an index was left unfinished; building it again");
        // Quoted by PostgreSQL's own format() above.
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;

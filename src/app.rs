//! The composition root: the only place that constructs pools, clients and services.

use std::sync::Arc;

use anyhow::Context as _;

use crate::clock::Clock;
use crate::db::{Db, Pool, PoolSettings};
use crate::graphql::{self, PorticoSchema};
use crate::paging::CursorKey;

/// Where the two roles of the application find the database, and how their pools behave.
#[derive(Debug, Clone)]
pub struct DatabaseAccess {
    /// As portico_app: partners and customers.
    pub app_url: String,
    /// As portico_staff: the vendor's people and jobs.
    pub staff_url: String,
    pub pool: PoolSettings,
}

/// Everything that serves a request. Built once; cheap to share.
pub struct App {
    pub db: Db,
    pub schema: PorticoSchema,
    pub cursors: Arc<CursorKey>,
}

impl App {
    /// Builds the application without connecting: a database that is down does not stop the start.
    pub fn build(
        database: &DatabaseAccess,
        cursor_secret: &[u8],
        clock: Clock,
    ) -> anyhow::Result<Self> {
        let app = Pool::lazy(&database.app_url, database.pool.clone()).context("database.url")?;
        let staff =
            Pool::lazy(&database.staff_url, database.pool.clone()).context("database.staff_url")?;
        let cursors = Arc::new(CursorKey::new(cursor_secret).context("the cursor key")?);
        Ok(Self {
            db: Db::new(app, staff, clock),
            schema: graphql::schema(),
            cursors,
        })
    }
}

//! Replaces a pool that sqlx lost (reliability F8).
//!
//! When PostgreSQL falls silent, a connection that is handed back keeps its permit for ever. A pool that lost all of
//! them answers nobody until it is replaced.

use std::time::{Duration, Instant};

use tokio_util::task::AbortOnDropHandle;

use super::{Db, Pool};

/// Watches both pools until the handle is dropped. `patience` is how long a full pool may go without beginning a
/// transaction: longer than statements and idle transactions may last. Must run inside the runtime.
pub fn watch(db: Db, patience: Duration) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(async move {
        let mut ticks = tokio::time::interval(patience / 10);
        let mut suspicions = [Suspicion::default(), Suspicion::default()];
        loop {
            ticks.tick().await;
            for (pool, suspicion) in db.pools().into_iter().zip(&mut suspicions) {
                if suspicion.is_confirmed(pool, patience) {
                    tracing::warn!("a connection pool is stuck and is replaced");
                    pool.rebuild();
                }
            }
        }
    }))
}

/// Since when a pool looks stuck, and how far it had come by then.
#[derive(Debug, Default)]
struct Suspicion(Option<(Instant, u64)>);

impl Suspicion {
    fn is_confirmed(&mut self, pool: &Pool, patience: Duration) -> bool {
        let begun = pool.begun();
        let since = match self.0 {
            Some((since, before)) if before == begun && pool.is_exhausted() => since,
            _ => {
                self.0 = pool.is_exhausted().then(|| (Instant::now(), begun));
                return false;
            }
        };
        let confirmed = since.elapsed() >= patience;
        if confirmed {
            self.0 = None;
        }
        confirmed
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use tokio::net::{UnixListener, UnixStream};
    use tokio::sync::watch;

    use super::*;
    use crate::clock::Clock;
    use crate::db::testing::TestDb;
    use crate::db::{Acting, PoolSettings, Scope, StoreError, Tx};

    /// Stands between a pool and the database, and can fall silent without closing a connection.
    struct Wire {
        folder: PathBuf,
        silence: watch::Sender<()>,
    }

    impl Wire {
        fn to(test: &TestDb) -> Self {
            let name = crate::ids::IdSource.number("portico-wire", 0);
            let folder = std::env::temp_dir().join(name);
            std::fs::create_dir(&folder).unwrap();
            let silence = watch::Sender::new(());
            let falls = silence.clone();
            let listener = UnixListener::bind(folder.join(".s.PGSQL.5432")).unwrap();
            let server = Path::new(&sockets(&test.url("portico_app"))).join(".s.PGSQL.5432");
            tokio::spawn(async move {
                while let Ok((client, _)) = listener.accept().await {
                    tokio::spawn(carry(client, server.clone(), falls.subscribe()));
                }
            });
            Self { folder, silence }
        }

        fn url(&self, test: &TestDb) -> String {
            let url = test.url("portico_app");
            let before = url.split_once("?host=").unwrap().0;
            format!("{before}?host={}", self.folder.display())
        }
    }

    impl Drop for Wire {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.folder).ok();
        }
    }

    fn sockets(url: &str) -> String {
        let url = url::Url::parse(url).unwrap();
        url.query_pairs()
            .find(|(name, _)| name == "host")
            .unwrap()
            .1
            .into_owned()
    }

    /// A connection that was open when silence fell stays silent for ever, as after a lost network.
    async fn carry(mut client: UnixStream, server: PathBuf, mut silence: watch::Receiver<()>) {
        let mut server = UnixStream::connect(server).await.unwrap();
        let silent = tokio::select! {
            _ = tokio::io::copy_bidirectional(&mut client, &mut server) => false,
            _ = silence.changed() => true,
        };
        if silent {
            std::future::pending::<()>().await;
        }
    }

    async fn begin(db: &Db) -> Result<Tx, StoreError> {
        let acting = Acting {
            actor: String::new(),
            correlation_id: String::new(),
        };
        db.begin(&Scope::Nobody, &acting).await
    }

    #[tokio::test]
    async fn a_pool_that_lost_its_permits_is_replaced() {
        let test = TestDb::new().await;
        let wire = Wire::to(&test);
        let settings = PoolSettings {
            max_connections: 2,
            acquire_timeout: Duration::from_millis(500),
            ..PoolSettings::default()
        };
        let app = Pool::lazy(&wire.url(&test), settings).unwrap();
        let staff = Pool::lazy(&test.url("portico_staff"), PoolSettings::default()).unwrap();
        let db = Db::new(app, staff, Clock::default());

        let busy = (begin(&db).await.unwrap(), begin(&db).await.unwrap());
        wire.silence.send_replace(());
        drop(busy);
        assert!(
            begin(&db).await.is_err(),
            "the fault is no longer in sqlx: the watchdog can go"
        );

        let watching = watch(db.clone(), Duration::from_millis(300));
        let start = Instant::now();
        while begin(&db).await.is_err() {
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "the pool was never replaced"
            );
        }
        drop(watching);
    }

    #[tokio::test]
    async fn a_busy_pool_is_left_alone() {
        let test = TestDb::new().await;
        let settings = PoolSettings {
            max_connections: 1,
            ..PoolSettings::default()
        };
        let app = Pool::lazy(&test.url("portico_app"), settings).unwrap();
        let staff = Pool::lazy(&test.url("portico_staff"), PoolSettings::default()).unwrap();
        let db = Db::new(app, staff, Clock::default());

        let mut suspicion = Suspicion::default();
        for _ in 0..3 {
            let tx = begin(&db).await.unwrap();
            assert!(!suspicion.is_confirmed(db.pools()[0], Duration::ZERO));
            drop(tx);
        }
        let _held = begin(&db).await.unwrap();
        assert!(!suspicion.is_confirmed(db.pools()[0], Duration::ZERO));
        assert!(
            suspicion.is_confirmed(db.pools()[0], Duration::ZERO),
            "nothing began since"
        );
    }
}

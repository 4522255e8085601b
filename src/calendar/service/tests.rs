use super::super::shipped;
use super::*;
use crate::clock::Clock;
use crate::db::testing::TestDb;
use crate::db::{Acting, Db, Pool, PoolSettings, Scope};

fn acting() -> Acting {
    Acting {
        actor: "job:test".to_owned(),
        correlation_id: "test".to_owned(),
    }
}

/// R-GEN-1: what a migration loaded is what the file says.
#[tokio::test]
async fn r_gen_1_the_database_has_the_shipped_calendar() {
    let test = TestDb::new().await;
    let pool = |role| Pool::lazy(&test.url(role), PoolSettings::default()).unwrap();
    let db = Db::new(pool("portico_app"), pool("portico_staff"), Clock::default());
    for scope in [Scope::Nobody, Scope::Vendor] {
        let mut tx = db.begin(&scope, &acting()).await.unwrap();
        assert_eq!(*current(&mut tx).await.unwrap(), shipped::calendar());
    }
}

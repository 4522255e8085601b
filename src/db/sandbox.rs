//! The mark of a sandbox's database. The owner makes it, in an empty database, and nothing takes it away.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Connection as _, PgConnection};

use crate::clock::Pace;

/// What came of marking a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marked {
    /// It is a sandbox's from now on; `now` is the time in it.
    Begun { now: DateTime<Utc> },
    /// It was one already.
    Before {
        began_at: DateTime<Utc>,
        now: DateTime<Utc>,
    },
    /// It holds data of some other deployment.
    Refused,
}

/// Whether the database is a sandbox's.
pub async fn is_one(owner: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM sandbox_clock)")
        .fetch_one(owner)
        .await
}

/// Makes an empty database a sandbox's, whose clock begins at `start`; the server's time without one.
pub async fn mark(
    owner: &mut PgConnection,
    start: Option<DateTime<Utc>>,
) -> Result<Marked, sqlx::Error> {
    let mut tx = owner.begin().await?;
    // Two first starts at once: the second waits and finds the mark.
    sqlx::query("LOCK TABLE sandbox_clock IN SHARE ROW EXCLUSIVE MODE")
        .execute(&mut *tx)
        .await?;
    let (now, holds_data): (DateTime<Utc>, bool) = sqlx::query_as(
        "SELECT clock_timestamp(),
             EXISTS (SELECT FROM organisations) OR EXISTS (SELECT FROM identity_providers)",
    )
    .fetch_one(&mut *tx)
    .await?;
    let before: Option<(DateTime<Utc>, i64, Option<DateTime<Utc>>)> =
        sqlx::query_as("SELECT began_at, ahead_micros, standing_at FROM sandbox_clock")
            .fetch_optional(&mut *tx)
            .await?;
    if let Some((began_at, ahead, standing)) = before {
        let pace = standing.map_or(Pace::Runs(TimeDelta::microseconds(ahead)), Pace::Stands);
        return Ok(Marked::Before {
            began_at,
            now: pace.read(now),
        });
    }
    if holds_data {
        return Ok(Marked::Refused);
    }
    let start = start.unwrap_or(now);
    sqlx::query("INSERT INTO sandbox_clock (began_at, ahead_micros) VALUES ($1, $2)")
        .bind(start)
        .bind((start - now).num_microseconds().unwrap_or_default())
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(Marked::Begun { now: start })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::testing::TestDb;

    #[tokio::test]
    async fn an_empty_database_becomes_a_sandboxs_once_and_keeps_its_clock() {
        let test = TestDb::new().await;
        let mut owner = test.connect("portico_owner").await;
        let start = "2026-09-30T02:00:00Z".parse().unwrap();

        assert!(!is_one(&mut owner).await.unwrap());
        let begun = mark(&mut owner, Some(start)).await.unwrap();
        assert_eq!(begun, Marked::Begun { now: start });
        let Marked::Before { began_at, now } = mark(&mut owner, None).await.unwrap() else {
            panic!("it was marked")
        };
        assert_eq!(began_at, start);
        assert!(now >= start && now < start + TimeDelta::hours(1));
        assert!(is_one(&mut owner).await.unwrap());
    }

    #[tokio::test]
    async fn a_database_with_data_never_becomes_a_sandboxs() {
        let test = TestDb::new().await;
        let mut owner = test.connect("portico_owner").await;
        sqlx::query(
            "INSERT INTO organisations (id, number, kind, name, business_area, created_at)
             VALUES (gen_random_uuid(), 'ORG-1', 'PARTNER', 'P', 'North', '2026-11-23')",
        )
        .execute(&mut owner)
        .await
        .unwrap();

        assert_eq!(mark(&mut owner, None).await.unwrap(), Marked::Refused);
        assert!(!is_one(&mut owner).await.unwrap());
    }

    #[tokio::test]
    async fn no_application_can_turn_its_database_into_a_sandboxs() {
        let test = TestDb::new().await;
        for role in ["portico_app", "portico_staff"] {
            let mut application = test.connect(role).await;
            let tried =
                sqlx::query("INSERT INTO sandbox_clock (began_at, ahead_micros) VALUES ($1, 0)")
                    .bind(DateTime::<Utc>::UNIX_EPOCH)
                    .execute(&mut application)
                    .await;
            assert!(tried.is_err(), "{role}");
        }
    }
}

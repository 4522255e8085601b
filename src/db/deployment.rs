//! Is what the database holds fit to be served to people? Asked once at the start, when it can be asked.

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};

use super::migrate;

/// Why a gateway must not serve this database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("{key} connects as `{role}`, which no row-level security holds back")]
    MightyRole { key: &'static str, role: String },
    #[error("the schema is older than this version of Portico: run `portico migrate` first")]
    OldSchema,
    #[error("the database holds demo data, whose passwords are no secret")]
    DemoData,
    #[error("the development IAM is registered as an identity provider")]
    DevelopmentIam,
    #[error(
        "the database is a sandbox's, whose clock was moved: its dates mean nothing outside of it"
    )]
    Sandbox,
}

/// What must not be there.
#[derive(Debug, Clone, Copy)]
pub struct Unwanted {
    /// The number of the demo data's vendor.
    pub demo_vendor: &'static str,
    /// The entity id of the development IAM.
    pub development_iam: &'static str,
}

/// Everything that speaks against serving. An error means that nobody could be asked.
pub async fn faults(
    (app_url, staff_url): (&str, &str),
    unwanted: Unwanted,
) -> Result<Vec<Fault>, sqlx::Error> {
    let mut faults = Vec::new();
    let mut app = connect(app_url).await?;
    faults.extend(mighty("database.url", &mut app).await?);
    app.close().await?;
    let mut staff = connect(staff_url).await?;
    faults.extend(mighty("database.staff_url", &mut staff).await?);
    if is_current(&mut staff).await? {
        faults.extend(unwanted_rows(&mut staff, unwanted).await?);
    } else {
        faults.push(Fault::OldSchema);
    }
    staff.close().await?;
    Ok(faults)
}

async fn connect(url: &str) -> Result<PgConnection, sqlx::Error> {
    PgConnectOptions::from_str(url)?
        .disable_statement_logging()
        .connect()
        .await
}

async fn mighty(
    key: &'static str,
    connection: &mut PgConnection,
) -> Result<Option<Fault>, sqlx::Error> {
    let role: Option<String> = sqlx::query_scalar(
        "SELECT rolname::text FROM pg_roles
         WHERE rolname = current_user
           AND (rolsuper OR rolbypassrls OR EXISTS (
               SELECT FROM pg_class
               WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_has_role(relowner, 'MEMBER')))",
    )
    .fetch_optional(connection)
    .await?;
    Ok(role.map(|role| Fault::MightyRole { key, role }))
}

/// Whether every migration of this binary has been applied. One that is newer than the binary is fine: releases
/// expand the schema before they use it, and contract it when nothing old is left.
async fn is_current(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let readable: bool = sqlx::query_scalar(
        "SELECT COALESCE(has_table_privilege(to_regclass('public._sqlx_migrations'), 'SELECT'), false)",
    )
    .fetch_one(&mut *connection)
    .await?;
    if !readable {
        return Ok(false);
    }
    let applied: Option<i64> =
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success")
            .fetch_one(connection)
            .await?;
    Ok(applied >= migrate::newest())
}

async fn unwanted_rows(
    connection: &mut PgConnection,
    unwanted: Unwanted,
) -> Result<Vec<Fault>, sqlx::Error> {
    let (demo, iam, sandbox): (bool, bool, bool) = sqlx::query_as(
        "SELECT EXISTS (SELECT FROM organisations WHERE number = $1),
                EXISTS (SELECT FROM identity_providers WHERE entity_id = $2 AND state = 'ACTIVE'),
                EXISTS (SELECT FROM sandbox_clock)",
    )
    .bind(unwanted.demo_vendor)
    .bind(unwanted.development_iam)
    .fetch_one(connection)
    .await?;
    let found = [
        (demo, Fault::DemoData),
        (iam, Fault::DevelopmentIam),
        (sandbox, Fault::Sandbox),
    ];
    Ok(found
        .into_iter()
        .filter_map(|(is_there, fault)| is_there.then_some(fault))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::testing::TestDb;

    const UNWANTED: Unwanted = Unwanted {
        demo_vendor: "ORG-DEMO",
        development_iam: "urn:development-iam",
    };

    async fn found(database: &TestDb, app: &str) -> Vec<Fault> {
        let urls = (&*database.url(app), &*database.url("portico_staff"));
        faults(urls, UNWANTED).await.unwrap()
    }

    async fn execute(database: &TestDb, statement: &'static str) {
        let mut owner = database.connect("portico_owner").await;
        sqlx::raw_sql(statement).execute(&mut owner).await.unwrap();
    }

    /// What `portico migrate` grants and the tests' template leaves out.
    async fn migrated() -> TestDb {
        let database = TestDb::new().await;
        let grant = "GRANT SELECT ON _sqlx_migrations TO portico_staff";
        execute(&database, grant).await;
        database
    }

    #[tokio::test]
    async fn a_migrated_database_under_the_right_roles_is_fit() {
        let database = migrated().await;

        assert_eq!(found(&database, "portico_app").await, []);
    }

    #[tokio::test]
    async fn a_role_that_owns_the_tables_is_named() {
        let database = migrated().await;

        let expected = Fault::MightyRole {
            key: "database.url",
            role: "portico_owner".to_owned(),
        };
        assert_eq!(found(&database, "portico_owner").await, [expected]);
    }

    #[tokio::test]
    async fn a_schema_of_an_older_release_is_named() {
        let database = migrated().await;
        execute(
            &database,
            "DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)",
        )
        .await;

        assert_eq!(found(&database, "portico_app").await, [Fault::OldSchema]);
    }

    #[tokio::test]
    async fn a_sandboxs_database_is_named() {
        let database = migrated().await;
        execute(
            &database,
            "INSERT INTO sandbox_clock (began_at, ahead_micros) VALUES ('2026-11-23', 0)",
        )
        .await;

        assert_eq!(found(&database, "portico_app").await, [Fault::Sandbox]);
    }

    #[tokio::test]
    async fn demo_data_and_the_development_iam_are_named() {
        let database = migrated().await;
        execute(
            &database,
            "INSERT INTO organisations (id, number, kind, name, business_area, created_at)
             VALUES (gen_random_uuid(), 'ORG-DEMO', 'VENDOR', 'Demo', 'ALL', '2026-11-23');
             INSERT INTO identity_providers (id, entity_id, display_name, metadata, created_at)
             VALUES (gen_random_uuid(), 'urn:development-iam', 'IAM', '<a/>', '2026-11-23')",
        )
        .await;

        assert_eq!(
            found(&database, "portico_app").await,
            [Fault::DemoData, Fault::DevelopmentIam]
        );
    }
}

//! The roles and the database that Portico needs before the first migration: what a DBA does once.
//!
//! Not a migration, because it takes a role that may create roles, and that role's password belongs in no
//! configuration. Everything here can be repeated.

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};

/// The database's name.
pub const DATABASE: &str = "portico";

const ROLES: &str = include_str!("bootstrap/roles.sql");
/// psql quotes its variables itself.
const PASSWORDS: &str = "\
ALTER ROLE portico_owner PASSWORD :'owner_password';
ALTER ROLE portico_app PASSWORD :'app_password';
ALTER ROLE portico_staff PASSWORD :'staff_password';
";
const DATABASE_RIGHTS: &str = include_str!("bootstrap/database.sql");

/// The passwords to set. A cluster behind a private socket needs none.
#[derive(Default)]
pub struct Passwords {
    pub owner: Option<SecretString>,
    pub app: Option<SecretString>,
    pub staff: Option<SecretString>,
}

/// Creates what is missing. `admin` is a superuser, or may create roles and databases.
pub async fn run(admin: &PgConnectOptions, passwords: &Passwords) -> Result<(), sqlx::Error> {
    let mut connection = admin.connect().await?;
    sqlx::raw_sql(ROLES).execute(&mut connection).await?;
    let roles = [
        ("portico_owner", &passwords.owner),
        ("portico_app", &passwords.app),
        ("portico_staff", &passwords.staff),
    ];
    for (role, password) in roles {
        if let Some(password) = password {
            set_password(&mut connection, role, password).await?;
        }
    }
    let exists: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(DATABASE)
            .fetch_one(&mut connection)
            .await?;
    if !exists {
        sqlx::raw_sql("CREATE DATABASE portico OWNER portico_owner")
            .execute(&mut connection)
            .await?;
    }
    connection.close().await?;

    let mut inside = admin.clone().database(DATABASE).connect().await?;
    sqlx::raw_sql(DATABASE_RIGHTS).execute(&mut inside).await?;
    inside.close().await
}

/// `ALTER ROLE` takes no parameters, so they travel as settings of this session, and PostgreSQL quotes them.
async fn set_password(
    connection: &mut PgConnection,
    role: &str,
    password: &SecretString,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "SELECT set_config('portico.role', $1, false), set_config('portico.password', $2, false)",
    )
    .bind(role)
    .bind(password.expose_secret())
    .execute(&mut *connection)
    .await?;
    sqlx::raw_sql(
        "DO $$ BEGIN
             EXECUTE format(
                 'ALTER ROLE %I PASSWORD %L', current_setting('portico.role'), current_setting('portico.password')
             );
         END $$;
         SELECT set_config('portico.password', '', false)",
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The same as a script for `psql`, for a DBA who gives nobody a superuser's password.
pub fn script() -> String {
    format!(
        "-- Portico: roles, database and rights. Running it again changes nothing but the passwords.\n\
         -- psql -v owner_password=… -v app_password=… -v staff_password=… -f this.sql 'postgres://dba@host/postgres'\n\
         \\set ON_ERROR_STOP on\n\n\
         {ROLES}\n\
         {PASSWORDS}\n\
         SELECT 'CREATE DATABASE {DATABASE} OWNER portico_owner'\n\
         WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = '{DATABASE}')\n\
         \\gexec\n\n\
         \\connect {DATABASE}\n\n\
         {DATABASE_RIGHTS}"
    )
}

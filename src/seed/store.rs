//! The SQL of the demo data: whole tables, a few thousand rows a statement.
//!
//! Rows travel as one JSON parameter: COPY is refused under row-level security, and a parameter per column would say
//! every column four times.

use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::SeedError;

/// Rows of one statement.
pub(super) const CHUNK: usize = 2_000;

/// A table's row, and the statement that inserts many of it.
pub(super) trait Row: Serialize + Sync {
    const INSERT: &'static str;
}

macro_rules! insert_into {
    ($row:ty, $table:literal, $columns:literal) => {
        impl $crate::seed::store::Row for $row {
            const INSERT: &'static str = concat!(
                "INSERT INTO ",
                $table,
                " (",
                $columns,
                ") SELECT ",
                $columns,
                " FROM jsonb_populate_recordset(NULL::",
                $table,
                ", $1)"
            );
        }
    };
}
pub(super) use insert_into;

pub(super) async fn insert<R: Row>(
    connection: &mut PgConnection,
    rows: &[R],
) -> Result<(), SeedError> {
    for chunk in rows.chunks(CHUNK) {
        sqlx::query(R::INSERT)
            .bind(Json(chunk))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Amounts are text in JSON: a number would pass through a float.
pub(super) fn amount<S: serde::Serializer>(
    amount: &rust_decimal::Decimal,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(amount)
}

/// What stands in the way of demo data.
pub(super) enum Occupancy {
    Empty,
    Demo,
    Other,
}

/// Looks whether the database has organisations, and lets nobody else seed until the transaction ends.
pub(super) async fn occupancy(
    connection: &mut PgConnection,
    vendor_number: &str,
) -> Result<Occupancy, SeedError> {
    sqlx::query("SELECT pg_advisory_xact_lock(7022)")
        .execute(&mut *connection)
        .await?;
    let demo: Option<bool> = sqlx::query_scalar("SELECT bool_or(number = $1) FROM organisations")
        .bind(vendor_number)
        .fetch_one(&mut *connection)
        .await?;
    Ok(match demo {
        None => Occupancy::Empty,
        Some(true) => Occupancy::Demo,
        Some(false) => Occupancy::Other,
    })
}

/// Which member holds an organisation's main account; the member could not exist before the organisation.
#[derive(Serialize)]
pub(super) struct MainAccount {
    pub(super) id: Uuid,
    pub(super) main_account_id: Uuid,
}

pub(super) async fn name_main_accounts(
    connection: &mut PgConnection,
    accounts: &[MainAccount],
) -> Result<(), SeedError> {
    sqlx::query(
        "UPDATE organisations SET main_account_id = named.main_account_id
         FROM jsonb_populate_recordset(NULL::organisations, $1) AS named WHERE organisations.id = named.id",
    )
    .bind(Json(accounts))
    .execute(connection)
    .await?;
    Ok(())
}

/// Without fresh statistics the first queries after a large seed would be planned for empty tables.
pub(super) async fn analyse(connection: &mut PgConnection) -> Result<(), SeedError> {
    sqlx::query(
        "ANALYZE organisations, members, member_roles, resellers, opportunities, dedicated_personnel, incentives,
             incentive_specialists, timeline_entries, customers, customer_invitations, programme_memberships, path_memberships, offerings",
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The member of an organisation of this number who has this e-mail address.
pub(super) async fn member_by_email(
    connection: &mut PgConnection,
    organisation_number: &str,
    email: &str,
) -> Result<Option<(Uuid, Uuid)>, SeedError> {
    Ok(sqlx::query_as(
        "SELECT members.organisation_id, members.id
         FROM members JOIN organisations ON organisations.id = members.organisation_id
         WHERE organisations.number = $1 AND lower(members.email) = lower($2)",
    )
    .bind(organisation_number)
    .bind(email)
    .fetch_optional(connection)
    .await?)
}

/// Makes the identity known, or finds it; answers its id.
pub(super) async fn upsert_identity(
    connection: &mut PgConnection,
    identity: &super::sign_in::IdentityRow<'_>,
) -> Result<Uuid, SeedError> {
    Ok(sqlx::query_scalar(
        "INSERT INTO federated_identities (id, idp_id, subject, display_name, email, first_seen_at, last_seen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)
         ON CONFLICT (idp_id, subject) DO UPDATE SET display_name = EXCLUDED.display_name
         RETURNING id",
    )
    .bind(identity.id)
    .bind(identity.idp)
    .bind(identity.user.subject)
    .bind(identity.user.display_name)
    .bind(identity.user.email)
    .bind(identity.at)
    .fetch_one(connection)
    .await?)
}

/// Links an identity to a member, unless either is linked already.
pub(super) async fn link(
    connection: &mut PgConnection,
    link: &super::sign_in::LinkRow,
) -> Result<(), SeedError> {
    sqlx::query(
        "INSERT INTO identity_links (id, identity_id, organisation_id, member_id, made_by, actor, linked_at)
         VALUES ($1, $2, $3, $4, 'BOOTSTRAP', $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(link.id)
    .bind(link.identity)
    .bind(link.organisation)
    .bind(link.member)
    .bind(super::ACTOR)
    .bind(link.at)
    .execute(connection)
    .await?;
    Ok(())
}

/// What the vendor knows of the personal account of a demo user.
pub(super) async fn upsert_account(
    connection: &mut PgConnection,
    (idp, id): (Uuid, Uuid),
    user: &super::cast::DemoUser,
) -> Result<(), SeedError> {
    let account_name = user.email.split('@').next().unwrap_or(user.user);
    sqlx::query(
        "INSERT INTO personal_accounts (id, account_name, identity_provider, subject, name, email, mobile, real_name)
         SELECT $2, $3, entity_id, $4, $5, $6, '8610000000000', 'PERSONAL' FROM identity_providers WHERE id = $1
         ON CONFLICT (lower(account_name)) DO UPDATE
             SET identity_provider = EXCLUDED.identity_provider, subject = EXCLUDED.subject",
    )
    .bind(idp)
    .bind(id)
    .bind(account_name)
    .bind(user.subject)
    .bind(user.display_name)
    .bind(user.email)
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes a demo user the person of one association of the organisation, unless the user has one already.
pub(super) async fn associate(
    connection: &mut PgConnection,
    (identity, number): (Uuid, &str),
    user: &super::cast::DemoUser,
) -> Result<(), SeedError> {
    sqlx::query(
        "UPDATE dedicated_personnel SET identity_id = $1, name = account.name, account_name = account.account_name,
             email = account.email, mobile = account.mobile, invited_as = account.email, account_id = account.id
         FROM personal_accounts account
         WHERE account.email = $3 AND NOT EXISTS (SELECT FROM dedicated_personnel WHERE identity_id = $1)
           AND dedicated_personnel.id = (
               SELECT person.id FROM dedicated_personnel person
               JOIN organisations ON organisations.id = person.organisation_id
               WHERE organisations.number = $2 AND person.state = 'BOUND' AND person.identity_id IS NULL
               ORDER BY person.id LIMIT 1)",
    )
    .bind(identity)
    .bind(number)
    .bind(user.email)
    .execute(connection)
    .await?;
    Ok(())
}

/// The vendor states an account of somebody who comes from this identity provider, unless it has said so before.
pub(super) async fn state_account(
    connection: &mut PgConnection,
    idp: Uuid,
    account: &super::cast::DemoAccount,
) -> Result<(), SeedError> {
    sqlx::query(
        "INSERT INTO vendor_accounts (account_id, name, kind, site, status, country, issuer, subject, email, mobile)
         SELECT $1, $2, $3, 'CN', 'ACTIVE', 'CN', entity_id, $4, $5, $6 FROM identity_providers WHERE id = $7
         ON CONFLICT DO NOTHING",
    )
    .bind(account.id)
    .bind(account.name)
    .bind(account.kind)
    .bind(account.subject)
    .bind(account.email)
    .bind(account.mobile)
    .bind(idp)
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts a user into the directory of an IAM tenant, unless the vendor's table has said something about it already.
pub(super) async fn know_iam_user(
    connection: &mut PgConnection,
    user: &super::sign_in::IamUserRow,
) -> Result<(), SeedError> {
    sqlx::query(
        "INSERT INTO iam_users (organisation_id, id, user_name, email, state)
         VALUES ($1, $2, $3, $4, 'PRESENT') ON CONFLICT DO NOTHING",
    )
    .bind(user.organisation)
    .bind(user.id)
    .bind(user.user_name)
    .bind(user.email)
    .execute(connection)
    .await?;
    Ok(())
}

//! The SQL of an import: whole tables, one statement each. It runs for the vendor or a job, who see every organisation.
//!
//! A row that says what is there already is not touched and not answered.

pub(super) mod customer_accounts;
pub(super) mod personal_accounts;

use uuid::Uuid;

use super::accounts::AccountRow;
use super::facts::{OfferingRow, OfficeRow, PathRow, ProgrammeRow, RegionRow, ServiceRow};
use super::members::ReviewRow;
use crate::db::{StoreError, Tx};

/// A row that was added or changed.
#[derive(Debug, Clone)]
pub(super) struct Written {
    /// Whose it is, its id and its version now; the vendor's own lists have none of these.
    pub(super) object: Option<(Uuid, Uuid, i64)>,
    pub(super) key: String,
    pub(super) is_new: bool,
}

/// A row of a partner's as the database answers it.
struct Owned {
    organisation_id: Uuid,
    id: Uuid,
    version: i64,
    key: String,
    is_new: bool,
}

impl From<Owned> for Written {
    fn from(row: Owned) -> Self {
        Self {
            object: Some((row.organisation_id, row.id, row.version)),
            key: row.key,
            is_new: row.is_new,
        }
    }
}

/// A row of the vendor's own lists.
struct Listed {
    key: String,
    is_new: bool,
}

impl From<Listed> for Written {
    fn from(row: Listed) -> Self {
        Self {
            object: None,
            key: row.key,
            is_new: row.is_new,
        }
    }
}

/// A row that is of no organisation.
fn keyed(key: String, is_new: bool) -> Written {
    Listed { key, is_new }.into()
}

fn written<R: Into<Written>>(rows: Vec<R>) -> Vec<Written> {
    rows.into_iter().map(R::into).collect()
}

/// One column of the rows, as `unnest` takes it.
fn column<R, T>(rows: &[R], value: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

/// The partners of these numbers.
pub(super) async fn partners(
    tx: &mut Tx,
    numbers: &[String],
) -> Result<Vec<(String, Uuid)>, StoreError> {
    let rows = sqlx::query!(
        "SELECT number, id FROM organisations WHERE number = ANY($1) AND kind = 'PARTNER'",
        numbers,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|row| (row.number, row.id)).collect())
}

/// Those of the codes that are offices.
pub(super) async fn offices(tx: &mut Tx, codes: &[String]) -> Result<Vec<String>, StoreError> {
    Ok(
        sqlx::query_scalar!("SELECT code FROM offices WHERE code = ANY($1)", codes)
            .fetch_all(tx.connection())
            .await?,
    )
}

/// From here on nothing that is written stays, if [`forget`] is called.
pub(super) async fn rehearse(tx: &mut Tx) -> Result<(), StoreError> {
    sqlx::query("SAVEPOINT rehearsal")
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(super) async fn forget(tx: &mut Tx) -> Result<(), StoreError> {
    sqlx::query("ROLLBACK TO SAVEPOINT rehearsal")
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Two imports of one kind take turns: they could otherwise wait for each other's rows.
pub(super) async fn take_turn(tx: &mut Tx) -> Result<(), StoreError> {
    sqlx::query("SELECT FROM organisations WHERE kind = 'VENDOR' FOR NO KEY UPDATE")
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(super) async fn programmes(
    tx: &mut Tx,
    rows: &[(Uuid, Uuid, ProgrammeRow)],
) -> Result<Vec<Written>, StoreError> {
    let rows = sqlx::query_as!(
        Owned,
        r#"INSERT INTO programme_memberships AS held (organisation_id, id, programme, state, valid_from, valid_until)
           SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::date[], $6::date[])
           ON CONFLICT (organisation_id, programme) DO UPDATE
               SET state = EXCLUDED.state, valid_from = EXCLUDED.valid_from, valid_until = EXCLUDED.valid_until,
                   version = held.version + 1
               WHERE (held.state, held.valid_from, held.valid_until)
                   IS DISTINCT FROM (EXCLUDED.state, EXCLUDED.valid_from, EXCLUDED.valid_until)
           RETURNING organisation_id, id, version, programme AS key, version = 1 AS "is_new!""#,
        &column(rows, |row| row.0),
        &column(rows, |row| row.1),
        &column(rows, |row| row.2.programme.as_str().to_owned()),
        &column(rows, |row| row.2.state.as_str().to_owned()),
        &column(rows, |row| row.2.valid_from),
        &column(rows, |row| row.2.valid_until) as _,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(written(rows))
}

pub(super) async fn paths(
    tx: &mut Tx,
    rows: &[(Uuid, Uuid, PathRow)],
) -> Result<Vec<Written>, StoreError> {
    let rows = sqlx::query_as!(
        Owned,
        r#"INSERT INTO path_memberships AS held (organisation_id, id, path, stage, state)
           SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[])
           ON CONFLICT (organisation_id, path) DO UPDATE
               SET stage = EXCLUDED.stage, state = EXCLUDED.state, version = held.version + 1
               WHERE (held.stage, held.state) IS DISTINCT FROM (EXCLUDED.stage, EXCLUDED.state)
           RETURNING organisation_id, id, version, path AS key, version = 1 AS "is_new!""#,
        &column(rows, |row| row.0),
        &column(rows, |row| row.1),
        &column(rows, |row| row.2.path.as_str().to_owned()),
        &column(rows, |row| row.2.stage.as_str().to_owned()),
        &column(rows, |row| row.2.state.as_str().to_owned()),
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(written(rows))
}

/// One review of each member and role; the key of a row is the account name.
pub(super) async fn reviews(
    tx: &mut Tx,
    rows: &[(Uuid, Uuid, ReviewRow)],
) -> Result<Vec<Written>, StoreError> {
    let written = sqlx::query!(
        r#"INSERT INTO qualification_reviews AS held (organisation_id, id, account_name, role, state)
           SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[])
           ON CONFLICT (organisation_id, account_name, role) DO UPDATE
               SET state = EXCLUDED.state, version = held.version + 1
               WHERE held.state IS DISTINCT FROM EXCLUDED.state
           RETURNING organisation_id, id, version, account_name AS key, version = 1 AS "is_new!""#,
        &rows.iter().map(|row| row.0).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.1).collect::<Vec<_>>(),
        &rows
            .iter()
            .map(|row| row.2.account_name.clone())
            .collect::<Vec<_>>(),
        &rows
            .iter()
            .map(|row| row.2.role.as_str().to_owned())
            .collect::<Vec<_>>(),
        &rows
            .iter()
            .map(|row| row.2.state.as_str().to_owned())
            .collect::<Vec<_>>(),
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(written
        .into_iter()
        .map(|row| Written {
            object: Some((row.organisation_id, row.id, row.version)),
            key: row.key,
            is_new: row.is_new,
        })
        .collect())
}

/// Tags travel as text with semicolons between them: an array of arrays of different lengths cannot.
pub(super) async fn offerings(
    tx: &mut Tx,
    rows: &[(Uuid, Uuid, OfferingRow)],
) -> Result<Vec<Written>, StoreError> {
    let joint = |row: &OfferingRow| row.joint_operation == super::facts::Answer::Yes;
    let rows = sqlx::query_as!(
        Owned,
        r#"INSERT INTO offerings AS held (organisation_id, id, code, name, kind, joint_operation, demand_tags, state)
           SELECT organisation, id, code, name, kind, joint, coalesce(string_to_array(NULLIF(tags, ''), ';'), '{}'), state
           FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::text[], $8::text[])
               AS given (organisation, id, code, name, kind, joint, tags, state)
           ON CONFLICT (organisation_id, code) DO UPDATE
               SET name = EXCLUDED.name, kind = EXCLUDED.kind, joint_operation = EXCLUDED.joint_operation,
                   demand_tags = EXCLUDED.demand_tags, state = EXCLUDED.state, version = held.version + 1
               WHERE (held.name, held.kind, held.joint_operation, held.demand_tags, held.state) IS DISTINCT FROM
                   (EXCLUDED.name, EXCLUDED.kind, EXCLUDED.joint_operation, EXCLUDED.demand_tags, EXCLUDED.state)
           RETURNING organisation_id, id, version, code AS key, version = 1 AS "is_new!""#,
        &column(rows, |row| row.0),
        &column(rows, |row| row.1),
        &column(rows, |row| row.2.code.clone()),
        &column(rows, |row| row.2.name.clone()),
        &column(rows, |row| row.2.kind.as_str().to_owned()),
        &column(rows, |row| joint(&row.2)),
        &column(rows, |row| row.2.demand_tags.join(";")),
        &column(rows, |row| row.2.state.as_str().to_owned()),
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(written(rows))
}

/// The vendor's own lists have no versions: a row that no transaction has deleted or replaced before is a new one.
pub(super) async fn offices_written(
    tx: &mut Tx,
    rows: &[OfficeRow],
) -> Result<Vec<Written>, StoreError> {
    let rows = sqlx::query_as!(
        Listed,
        r#"INSERT INTO offices AS held (code, name_zh, name_en)
           SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
           ON CONFLICT (code) DO UPDATE SET name_zh = EXCLUDED.name_zh, name_en = EXCLUDED.name_en
               WHERE (held.name_zh, held.name_en) IS DISTINCT FROM (EXCLUDED.name_zh, EXCLUDED.name_en)
           RETURNING code AS key, xmax = 0 AS "is_new!""#,
        &column(rows, |row| row.code.clone()),
        &column(rows, |row| row.name_zh.clone()),
        &column(rows, |row| row.name_en.clone()),
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(written(rows))
}

pub(super) async fn regions(tx: &mut Tx, rows: &[RegionRow]) -> Result<Vec<Written>, StoreError> {
    let rows = sqlx::query_as!(
        Listed,
        r#"INSERT INTO office_regions AS held (region, office_code) SELECT * FROM unnest($1::text[], $2::text[])
           ON CONFLICT (region) DO UPDATE SET office_code = EXCLUDED.office_code
               WHERE held.office_code <> EXCLUDED.office_code
           RETURNING region AS key, xmax = 0 AS "is_new!""#,
        &column(rows, |row| row.region.clone()),
        &column(rows, |row| row.office.clone()),
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(written(rows))
}

pub(super) async fn services(tx: &mut Tx, rows: &[ServiceRow]) -> Result<Vec<Written>, StoreError> {
    let rows = sqlx::query_as!(
        Listed,
        r#"INSERT INTO cloud_services AS held (code, name_zh, name_en, state)
           SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
           ON CONFLICT (code) DO UPDATE
               SET name_zh = EXCLUDED.name_zh, name_en = EXCLUDED.name_en, state = EXCLUDED.state
               WHERE (held.name_zh, held.name_en, held.state)
                   IS DISTINCT FROM (EXCLUDED.name_zh, EXCLUDED.name_en, EXCLUDED.state)
           RETURNING code AS key, xmax = 0 AS "is_new!""#,
        &column(rows, |row| row.code.clone()),
        &column(rows, |row| row.name_zh.clone()),
        &column(rows, |row| row.name_en.clone()),
        &column(rows, |row| row.state.as_str().to_owned()),
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(written(rows))
}

pub(super) async fn accounts(
    tx: &mut Tx,
    rows: &[(Uuid, Uuid, AccountRow)],
) -> Result<Vec<Written>, StoreError> {
    let (names, contacts): (Vec<_>, Vec<_>) =
        rows.iter().map(|row| row.2.manager.clone().unzip()).unzip();
    // Lists of different lengths are no array of arrays, so each travels as one text.
    let written = sqlx::query!(
        r#"INSERT INTO account_facts AS held (organisation_id, id, real_name, credit_code, flags, manager_name, manager_contact)
           SELECT organisation, id, real_name, credit_code, string_to_array(flags, ';'), name, contact
           FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
               AS rows (organisation, id, real_name, credit_code, flags, name, contact)
           ON CONFLICT (organisation_id) DO UPDATE
               SET real_name = EXCLUDED.real_name, credit_code = EXCLUDED.credit_code, flags = EXCLUDED.flags,
                   manager_name = EXCLUDED.manager_name, manager_contact = EXCLUDED.manager_contact,
                   version = held.version + 1
               WHERE (held.real_name, held.credit_code, held.flags, held.manager_name, held.manager_contact)
                   IS DISTINCT FROM (EXCLUDED.real_name, EXCLUDED.credit_code, EXCLUDED.flags, EXCLUDED.manager_name,
                       EXCLUDED.manager_contact)
           RETURNING organisation_id, id, version, version = 1 AS "is_new!""#,
        &rows.iter().map(|row| row.0).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.1).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.2.real_name.as_str().to_owned()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.2.credit_code.clone()).collect::<Vec<_>>() as _,
        &rows.iter().map(|row| row.2.flags.join(";")).collect::<Vec<_>>(),
        &names as _,
        &contacts as _,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(written
        .into_iter()
        .map(|row| Written {
            object: Some((row.organisation_id, row.id, row.version)),
            key: "account".to_owned(),
            is_new: row.is_new,
        })
        .collect())
}

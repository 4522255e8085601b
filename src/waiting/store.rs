//! The SQL that every source shares: which rows come first, and from where on.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::{Source, Waiting, Wanted, Whose, never};
use crate::db::{StoreError, Tx};
use crate::ids::MemberId;
use crate::money::{Currency, Money};
use crate::paging::LARGEST_COUNT;
use crate::timeline::ObjectRef;

/// Writes a source's own query, which selects `id, number, name, due_until, amount, currency, since, owner_id`.
pub(crate) type Rows = fn(&mut QueryBuilder<Postgres>, Bounds);

/// What the queries of sources compare with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// The organisation whose things they are; `None` for the vendor's queues.
    pub(crate) organisation: Option<Uuid>,
    pub(crate) now: DateTime<Utc>,
    /// A limit in time of the source's own: until when something counts as near, or since when as long ago.
    pub(crate) limit: DateTime<Utc>,
    /// A limit in number of the source's own.
    pub(crate) number: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    number: String,
    name: String,
    due_until: Option<DateTime<Utc>>,
    amount: Option<Decimal>,
    currency: Option<String>,
    since: DateTime<Utc>,
    owner_id: Option<Uuid>,
}

/// The first of what waits, by rank, from a place on.
pub(crate) async fn page(
    tx: &mut Tx,
    source: &Source,
    wanted: &Wanted,
) -> Result<Vec<Waiting>, StoreError> {
    let mut query = QueryBuilder::new("SELECT * FROM (");
    (source.rows)(&mut query, source.bounds);
    query.push(") AS waiting WHERE TRUE");
    push_whose(&mut query, wanted.whose);
    if let Some(after) = &wanted.after {
        query.push(" AND (coalesce(due_until, ").push_bind(never());
        query.push("), -coalesce(amount, 0), since, id) > (");
        query.push_bind(after.due_until).push(", ");
        query.push_bind(-after.money.0).push(", ");
        query.push_bind(after.since).push(", ");
        query.push_bind(after.id).push(")");
    }
    query
        .push(" ORDER BY coalesce(due_until, ")
        .push_bind(never());
    query.push("), -coalesce(amount, 0), since, id LIMIT ");
    query.push_bind(wanted.most);
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx.connection()).await?;
    rows.into_iter().map(|row| waiting(source, row)).collect()
}

/// How many wait in all, up to one more than is ever told.
pub(crate) async fn count(tx: &mut Tx, source: &Source, whose: Whose) -> Result<i64, StoreError> {
    let mut query = QueryBuilder::new("SELECT count(*) FROM (SELECT FROM (");
    (source.rows)(&mut query, source.bounds);
    query.push(") AS waiting WHERE TRUE");
    push_whose(&mut query, whose);
    query.push(" LIMIT ").push_bind(LARGEST_COUNT + 1);
    query.push(") AS counted");
    Ok(query
        .build_query_scalar()
        .fetch_one(tx.connection())
        .await?)
}

fn push_whose(query: &mut QueryBuilder<Postgres>, whose: Whose) {
    match whose {
        Whose::All => {}
        Whose::OwnOrNobodys(member) => {
            query.push(" AND (owner_id IS NULL OR owner_id = ");
            query.push_bind(member.0).push(")");
        }
        Whose::Own(member) => {
            query.push(" AND owner_id = ").push_bind(member.0);
        }
    }
}

fn waiting(source: &Source, row: Row) -> Result<Waiting, StoreError> {
    let money = match (row.amount, row.currency) {
        (Some(amount), Some(currency)) => Some(Money {
            amount,
            currency: Currency::parse(&currency)
                .ok_or_else(|| StoreError::corrupt("currency", row.id))?,
        }),
        _ => None,
    };
    Ok(Waiting {
        kind: source.kind,
        object: ObjectRef {
            kind: source.object_kind,
            id: row.id,
        },
        number: row.number,
        name: row.name,
        due_until: row.due_until,
        money,
        since: row.since,
        owner: row.owner_id.map(MemberId),
    })
}

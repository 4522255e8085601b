//! Pages of the histories of one or many objects.

use sqlx::{FromRow as _, Postgres, QueryBuilder, Row as _};
use uuid::Uuid;

use super::super::model::{Entry, Head};
use super::super::{NEWEST_FIRST, ObjectRef};
use super::Row;
use crate::db::{Scope, StoreError, Tx};
use crate::ids::global_of;
use crate::paging::Window;

/// An object by both names that entries have for it.
pub(in super::super) struct About {
    id: Uuid,
    global: String,
}

impl From<&ObjectRef> for About {
    fn from(object: &ObjectRef) -> Self {
        Self {
            id: object.id,
            global: global_of(object.kind, object.id),
        }
    }
}

/// The window's entries of each object, each with the object that it was asked for: its own, and the reveals about it.
pub(in super::super) async fn read(
    tx: &mut Tx,
    scope: &Scope,
    (objects, window): (&[About], &Window),
) -> Result<Vec<(Uuid, Entry)>, StoreError> {
    let ids: Vec<Uuid> = objects.iter().map(|object| object.id).collect();
    let globals: Vec<String> = objects.iter().map(|object| object.global.clone()).collect();
    let mut query: QueryBuilder<Postgres> = QueryBuilder::new(
        "SELECT wanted.id AS about, found.*,
           (SELECT coalesce(jsonb_object_agg(field, value), '{}') FROM timeline_personal_values
            WHERE entry_id = found.id) AS personal_values
         FROM unnest(",
    );
    query.push_bind(ids).push("::uuid[], ").push_bind(globals);
    query.push(
        "::text[]) WITH ORDINALITY AS wanted (id, global, place)
         CROSS JOIN LATERAL (
           SELECT * FROM timeline_entries
           WHERE (object_id = wanted.id OR (object_kind = 'rvl' AND details ->> 'subject' = wanted.global))",
    );
    if let Some(owner) = scope.owner() {
        // The other party of a relation reads its history too; the policy knows which.
        query.push(" AND (organisation_id = ").push_bind(owner);
        query.push(" OR object_kind IN ('rsl', 'cus'))");
    }
    NEWEST_FIRST.push(&mut query, window);
    query.push(") AS found ORDER BY wanted.place, found.at");
    query.push(match window {
        Window::First { .. } => " DESC, found.id DESC",
        Window::Last { .. } => " ASC, found.id ASC",
    });
    let rows = query.build().fetch_all(tx.connection()).await?;
    rows.iter()
        .map(|row| {
            let about: Uuid = row.try_get("about")?;
            Ok((about, Row::from_row(row)?.try_into()?))
        })
        .collect()
}

/// Where the object's chain ends.
pub(in super::super) async fn head(
    tx: &mut Tx,
    scope: &Scope,
    object: Uuid,
) -> Result<Option<Head>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT entries, object_version, hash AS "hash!" FROM timeline_heads
           WHERE object_id = $1 AND ($2::uuid IS NULL OR organisation_id = $2) AND hash IS NOT NULL"#,
        object,
        scope.owner(),
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| Head {
        entries: row.entries,
        version: row.object_version,
        hash: row.hash,
    }))
}

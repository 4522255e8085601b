//! Who directs whom.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Row, members};
use crate::db::{Scope, StoreError, Tx};
use crate::ids::MemberId;
use crate::organisation::members::duties::{Held, MOST_NAMED};
use crate::organisation::members::model::Member;

/// The account managers whom each of these members directs.
pub(in crate::organisation::members) async fn directed(
    tx: &mut Tx,
    scope: &Scope,
    directors: &[MemberId],
) -> Result<HashMap<MemberId, Held>, StoreError> {
    let organisation = scope.organisation().map(|organisation| organisation.0);
    let directors: Vec<Uuid> = directors.iter().map(|director| director.0).collect();
    let rows = sqlx::query!(
        r#"SELECT director_id AS "director_id!", count(*) AS "count!",
               (array_agg(id ORDER BY name, id))[1:$3] AS "first!: Vec<Uuid>"
           FROM members WHERE director_id = ANY($1) AND organisation_id = $2
           GROUP BY director_id"#,
        &directors,
        organisation,
        i32::try_from(MOST_NAMED).unwrap_or(i32::MAX),
    )
    .fetch_all(tx.connection())
    .await?;
    let held = |count, first| Held { count, first };
    Ok(rows
        .into_iter()
        .map(|row| (MemberId(row.director_id), held(row.count, row.first)))
        .collect())
}

/// The same of one director, each held until the transaction ends.
pub(in crate::organisation::members) async fn lock_directed(
    tx: &mut Tx,
    scope: &Scope,
    director: MemberId,
) -> Result<Vec<Member>, StoreError> {
    let organisation = scope.organisation().map(|organisation| organisation.0);
    members!(
        "director_id = $1 AND organisation_id = $2 ORDER BY id FOR NO KEY UPDATE",
        director.0,
        organisation
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(Member::try_from)
    .collect()
}

/// Names the director of a locked member, or none; the next version.
pub(in crate::organisation::members) async fn record_director(
    tx: &mut Tx,
    member: &Member,
    director: Option<MemberId>,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "UPDATE members SET director_id = $3, version = version + 1
         WHERE organisation_id = $1 AND id = $2 RETURNING version",
        member.organisation.0,
        member.id.0,
        director.map(|director| director.0),
    )
    .fetch_one(tx.connection())
    .await?)
}

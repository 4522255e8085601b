//! Agreements and who signed them.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::db::{Scope, StoreError, Tx};
use crate::ids::{AgreementSignatureId, MemberId, OrganisationId};
use crate::organisation::programmes::model::{Agreement, InBoth};
use crate::timeline::ObjectRef;

/// Of each agreement the version that holds on the day.
pub(in crate::organisation::programmes) async fn agreements(
    tx: &mut Tx,
    codes: &[String],
    day: NaiveDate,
) -> Result<Vec<Agreement>, StoreError> {
    let rows = sqlx::query!(
        "SELECT DISTINCT ON (code) code, version, effective_from, title_zh, title_en, commitment_zh, commitment_en, body_zh,
             body_en
         FROM agreements WHERE code = ANY($1) AND effective_from <= $2 ORDER BY code, effective_from DESC",
        codes,
        day,
    )
    .fetch_all(tx.connection())
    .await?;
    let both = |zh, en| InBoth { zh, en };
    Ok(rows
        .into_iter()
        .map(|row| Agreement {
            code: row.code,
            version: row.version,
            effective_from: row.effective_from,
            title: both(row.title_zh, row.title_en),
            commitment: both(row.commitment_zh, row.commitment_en),
            body: both(row.body_zh, row.body_en),
        })
        .collect())
}

/// That somebody signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::organisation::programmes) struct Signature {
    pub(in crate::organisation::programmes) object: Uuid,
    pub(in crate::organisation::programmes) agreement: String,
    pub(in crate::organisation::programmes) version: i32,
    pub(in crate::organisation::programmes) signer: MemberId,
    pub(in crate::organisation::programmes) at: DateTime<Utc>,
}

/// Records who signs which version of what, now.
pub(in crate::organisation::programmes) async fn sign(
    tx: &mut Tx,
    (organisation, signer): (OrganisationId, MemberId),
    object: ObjectRef,
    (agreement, version): (&str, i32),
) -> Result<(), StoreError> {
    let (id, now): (AgreementSignatureId, _) = (tx.fresh_id(), tx.now());
    sqlx::query!(
        "INSERT INTO agreement_signatures (organisation_id, id, object_kind, object_id, agreement, agreement_version,
             member_id, signed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        organisation.0,
        id.0,
        object.kind,
        object.id,
        agreement,
        version,
        signer.0,
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The latest signature under each of the objects that the scope may see.
pub(in crate::organisation::programmes) async fn signatures(
    tx: &mut Tx,
    scope: &Scope,
    objects: &[Uuid],
) -> Result<Vec<Signature>, StoreError> {
    let rows = sqlx::query!(
        "SELECT DISTINCT ON (object_id) object_id, agreement, agreement_version, member_id, signed_at
         FROM agreement_signatures
         WHERE object_id = ANY($1) AND ($2::uuid IS NULL OR organisation_id = $2)
         ORDER BY object_id, signed_at DESC, id DESC",
        objects,
        scope.owner(),
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Signature {
            object: row.object_id,
            agreement: row.agreement,
            version: row.agreement_version,
            signer: MemberId(row.member_id),
            at: row.signed_at,
        })
        .collect())
}

//! The SQL about texts and what was agreed to.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::super::model::{Consent, ConsentGiven, Customer, Text, Texts};
use crate::catalogue::accounts::Attribute;
use crate::db::{Scope, StoreError, Tx};
use crate::i18n::Locale;
use crate::ids::{ConsentId, CustomerId, IdentityId};

/// The newest version of each text that holds on the day.
pub(in super::super) async fn texts(tx: &mut Tx, day: NaiveDate) -> Result<Texts, StoreError> {
    let rows = sqlx::query!(
        "SELECT DISTINCT ON (kind) kind, version, title_zh, title_en, text_zh, text_en, attributes
         FROM consent_texts WHERE effective_from <= $1 ORDER BY kind, version DESC",
        day,
    )
    .fetch_all(tx.connection())
    .await?;
    let mut attributes = Vec::new();
    let mut found = BTreeMap::new();
    for row in rows {
        attributes.extend(row.attributes);
        let (title, text) = ((row.title_zh, row.title_en), (row.text_zh, row.text_en));
        found.insert(row.kind, Text::new(row.version, title, text));
    }
    let mut take = |kind: &str| {
        let missing = || StoreError::corrupt("consent_texts.kind", Uuid::nil());
        found.remove(kind).ok_or_else(missing)
    };
    Ok(Texts {
        notice: take("ASSOCIATION_NOTICE")?,
        user_agreement: take("USER_AGREEMENT")?,
        privacy_statement: take("PRIVACY_STATEMENT")?,
        release: take("ATTRIBUTE_RELEASE")?,
        attributes: parsed(&attributes, Uuid::nil())?,
    })
}

fn parsed(attributes: &[String], id: Uuid) -> Result<Vec<Attribute>, StoreError> {
    let words = attributes.iter().map(|word| Attribute::parse(word));
    words
        .collect::<Option<_>>()
        .ok_or_else(|| StoreError::corrupt("consents.attributes", id))
}

pub(in super::super) async fn insert(
    tx: &mut Tx,
    (id, customer): (ConsentId, &Customer),
    consent: &Consent,
) -> Result<(), StoreError> {
    let attributes = consent.attributes.iter().map(|it| it.as_str().to_owned());
    sqlx::query!(
        "INSERT INTO customer_consents (organisation_id, id, customer_id, identity_id, user_agreement_version,
             privacy_statement_version, release_version, attributes, locale, given_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        customer.organisation.0,
        id.0,
        customer.id.0,
        consent.person.0,
        consent.given.user_agreement,
        consent.given.privacy_statement,
        consent.given.release,
        &attributes.collect::<Vec<String>>(),
        consent.locale.tag(),
        consent.given_at,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

struct Row {
    customer_id: Uuid,
    identity_id: Uuid,
    user_agreement_version: i32,
    privacy_statement_version: i32,
    release_version: i32,
    attributes: Vec<String>,
    locale: String,
    given_at: DateTime<Utc>,
}

/// What these customers agreed to; whoever sees the relation sees its consent.
pub(in super::super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[CustomerId],
) -> Result<HashMap<CustomerId, Consent>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Row,
        "SELECT customer_id, identity_id, user_agreement_version, privacy_statement_version, release_version, attributes,
             locale, given_at
         FROM customer_consents
         WHERE customer_id = ANY($1) AND EXISTS (
             SELECT FROM customers
             WHERE customers.organisation_id = customer_consents.organisation_id AND customers.id = customer_id
               AND ($2::uuid IS NULL OR customers.organisation_id = $2 OR customers.partner_id = $2))",
        &ids,
        scope.owner(),
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            let locale = Locale::ALL
                .into_iter()
                .find(|locale| locale.tag() == row.locale);
            let consent = Consent {
                given: ConsentGiven {
                    user_agreement: row.user_agreement_version,
                    privacy_statement: row.privacy_statement_version,
                    release: row.release_version,
                },
                attributes: parsed(&row.attributes, row.customer_id)?,
                locale: locale.unwrap_or_default(),
                person: IdentityId(row.identity_id),
                given_at: row.given_at,
            };
            Ok((CustomerId(row.customer_id), consent))
        })
        .collect()
}

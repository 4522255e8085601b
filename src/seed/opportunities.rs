//! Opportunities in every state, each with the history that led there.

mod journey;
mod life;

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

use self::journey::Journey;
use self::life::Life;
use super::catalogue::Catalogue;
use super::network::{Network, Partner};
use super::random::{self, Random};
use super::store::{self, CHUNK, insert_into};
use super::words::{self, Deal, Language};
use super::{Plan, SeedError};
use crate::opportunities::key_of_name;

/// One of this many opportunities belongs to the demo user's company.
const SHARE_OF_DEMO_USER: usize = 8;

const PRE_SALES: &[&str] = &[
    "CUSTOMER_VISIT",
    "REQUIREMENT_ALIGNMENT",
    "SOLUTION_TALK",
    "DEMONSTRATION",
];

const SUPPORT: &[&str] = &[
    "ARCHITECTURE_VALIDATION",
    "BUSINESS_DEMO",
    "TECHNICAL_CONSULTING",
    "VISIBILITY_ONLY",
];

#[derive(Serialize)]
struct Row {
    organisation_id: Uuid,
    id: Uuid,
    number: String,
    origin: &'static str,
    name: String,
    description: String,
    customer_name: String,
    customer_region: &'static str,
    customer_industry: &'static str,
    #[serde(serialize_with = "store::amount")]
    expected_revenue: Decimal,
    budget: Option<String>,
    currency: &'static str,
    decision_maker: String,
    need: &'static str,
    purchase_on: NaiveDate,
    contacts: serde_json::Value,
    customer_consent_confirmed: bool,
    external_reference: Option<String>,
    owner_member_id: Uuid,
    reseller_id: Option<Uuid>,
    review_state: &'static str,
    review_round: i32,
    refused_rounds: i32,
    review_reason: Option<&'static str>,
    progress_stage: Option<&'static str>,
    loss_reason: Option<&'static str>,
    timed_out: bool,
    edited_fields: [&'static str; 0],
    last_progress_at: Option<DateTime<Utc>>,
    win_probability: Option<i32>,
    created_at: DateTime<Utc>,
    submitted_at: Option<DateTime<Utc>>,
    reviewed_at: Option<DateTime<Utc>>,
    settled_at: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
    version: i64,
    offering_ids: Vec<Uuid>,
    pre_sales_activities: Vec<&'static str>,
    cloud_services: Vec<&'static str>,
    requested_support: Vec<&'static str>,
    customer_keys: Vec<String>,
    office_code: Option<&'static str>,
}

insert_into!(
    Row,
    "opportunities",
    "organisation_id, id, number, origin, name, description, customer_name, customer_region, customer_industry,
     expected_revenue, budget, currency, decision_maker, need, purchase_on, contacts, customer_consent_confirmed,
     external_reference, owner_member_id, reseller_id, review_state, review_round, refused_rounds, review_reason,
     progress_stage, loss_reason, timed_out, edited_fields, last_progress_at, win_probability, created_at, submitted_at, reviewed_at, settled_at, updated_at,
     version, offering_ids, pre_sales_activities, cloud_services, requested_support, customer_keys,
     office_code"
);

/// An opportunity for which an incentive can be paid.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settled {
    pub(super) organisation: Uuid,
    pub(super) id: Uuid,
    pub(super) expected_revenue: Decimal,
    pub(super) currency: &'static str,
}

/// Writes all opportunities; `written` is told how many there are so far. Answers those that are settled.
pub(super) async fn insert(
    connection: &mut PgConnection,
    plan: &Plan,
    (network, catalogue): (&Network, &Catalogue),
    written: impl Fn(usize),
) -> Result<Vec<Settled>, SeedError> {
    let mut random = Random::of(plan.seed, "opportunities");
    let mut settled = Vec::new();
    let mut done = 0;
    while done < plan.opportunities {
        let end = plan.opportunities.min(done + CHUNK);
        let mut rows = Vec::with_capacity(end - done);
        let mut entries = Vec::with_capacity((end - done) * 3);
        let mut life = Life::default();
        for index in done..end {
            let Some((partner, turn)) = owner_of(index, network, &mut random) else {
                continue;
            };
            let journey = Journey::new(turn, &mut random, plan.now);
            let row = opportunity((plan, &mut random), (index, partner, catalogue), &journey);
            entries.extend(journey.history(&row, network.reviewer));
            life.add(plan, (index, &row), (&journey, network.reviewer));
            if row.progress_stage.is_some() {
                settled.push(Settled {
                    organisation: row.organisation_id,
                    id: row.id,
                    expected_revenue: row.expected_revenue,
                    currency: row.currency,
                });
            }
            rows.push(row);
        }
        store::insert(connection, &rows).await?;
        store::insert(connection, &entries).await?;
        life.insert(connection).await?;
        done = end;
        written(done);
    }
    Ok(settled)
}

/// Whose opportunity the one of this index is; for the demo user's company also how many it had before, so that its
/// first ones are one of each state.
fn owner_of<'a>(
    index: usize,
    network: &'a Network,
    random: &mut Random,
) -> Option<(&'a Partner, usize)> {
    if index.is_multiple_of(SHARE_OF_DEMO_USER) {
        return Some((network.partners.first()?, index / SHARE_OF_DEMO_USER));
    }
    let partner = network.partners.get(random.below(network.partners.len()))?;
    Some((partner, usize::MAX))
}

#[expect(clippy::too_many_lines, reason = "one row with all its columns")]
fn opportunity(
    (plan, random): (&Plan, &mut Random),
    (index, partner, catalogue): (usize, &Partner, &Catalogue),
    journey: &Journey,
) -> Row {
    let Deal {
        customer,
        industry,
        name,
        need,
    } = words::deal(random, (partner.language, partner.city));
    let revenue = Decimal::from(random.between(8, 900) * 5_000);
    let through_reseller = !partner.resellers.is_empty() && random.percent(40);
    let reseller_id = through_reseller
        .then(|| random.pick(&partner.resellers))
        .flatten();
    let person = words::person(random, partner.language);
    // Drawn apart, so that what was there before stays as it was.
    let mut more = Random::of(plan.seed, &format!("particulars {index}"));
    let is_draft = journey.state == "DRAFT";
    Row {
        offering_ids: more
            .pick(catalogue.offerings_of(partner))
            .into_iter()
            .collect(),
        pre_sales_activities: vec![more.word(PRE_SALES)],
        cloud_services: vec![Catalogue::service(&mut more)],
        requested_support: vec![more.word(SUPPORT)],
        customer_keys: key_of_name(&customer, partner.area).into_iter().collect(),
        office_code: Catalogue::office_of(partner.area).filter(|_| !is_draft),
        organisation_id: partner.id,
        id: random::id(plan.seed, "opportunity", index),
        number: random::number("OPP", journey.created_at.year(), (plan.seed, index)),
        origin: journey.origin(),
        description: description(partner.language, &customer),
        name,
        customer_name: customer,
        customer_region: partner.area,
        customer_industry: industry,
        expected_revenue: revenue,
        budget: random
            .percent(60)
            .then(|| (revenue * Decimal::new(12, 1)).to_string()),
        currency: match partner.language {
            Language::Chinese => "CNY",
            Language::English => "USD",
        },
        need,
        purchase_on: (journey.created_at + TimeDelta::days(random.between(40, 240))).date_naive(),
        contacts: serde_json::json!([{
            "name": person.name,
            "phone": format!("+86100{:08}", random.below(100_000_000)),
            "email": format!("{}@customer{index}.example", person.account),
        }]),
        decision_maker: person.name,
        customer_consent_confirmed: true,
        external_reference: random.percent(30).then(|| format!("CRM-{index:06}")),
        owner_member_id: random.pick(&partner.sellers).unwrap_or_default(),
        reseller_id,
        review_state: journey.state,
        review_round: journey.round(),
        refused_rounds: journey.refused_rounds(),
        review_reason: journey.reason(partner.language),
        progress_stage: journey.progress,
        loss_reason: journey.loss_reason(),
        timed_out: journey.state == "AUTO_REJECTED",
        edited_fields: [],
        last_progress_at: life::last_report(journey).map(|(_, at)| at),
        win_probability: life::last_report(journey).map(|(stage, _)| life::win_probability(stage)),
        created_at: journey.created_at,
        submitted_at: journey.submitted_at(),
        reviewed_at: journey.reviewed_at(),
        settled_at: journey.settled_at(),
        updated_at: journey.updated_at(),
        version: journey.version(),
    }
}

fn description(language: Language, customer: &str) -> String {
    match language {
        Language::Chinese => format!("{customer}计划在今年内选定云服务商，已完成初步技术交流。"),
        Language::English => {
            format!(
                "{customer} will choose its cloud provider this year; first technical talks are done."
            )
        }
    }
}

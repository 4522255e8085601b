//! Incentives in every state: a list for each of the last months, and some for settled opportunities.

use chrono::{DateTime, Datelike as _, Months, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

use super::deadlines::DeadlineRow;
use super::network::{Network, Partner};
use super::opportunities::Settled;
use super::random::{self, Random};
use super::store::{self, insert_into};
use super::words::Language;
use super::{Plan, SeedError};
use crate::calendar::{WorkCalendar, midnight, shipped};
use crate::ids::{IncentiveId, Tagged as _};
use crate::rules::PROGRAMME_ZONE;

/// Working days for confirming (R-FH-7). The services will read it from the rule set.
const WORKING_DAYS: i32 = 14;
/// Service months before the present one.
const MONTHS: u32 = 6;
/// A person's amount in a month. Invented: the real rates are not public.
const SAMPLE_RATE: i64 = 18_500;
const VARIANTS: &[&str] = &[
    "SERVICE_EXPERT",
    "CCOE",
    "SI_PRE_SALES",
    "INSTRUCTOR_CULTIVATION",
];
/// What became of a list whose deadline has passed.
const OUTCOMES: &[&str] = &[
    "FINALISED",
    "LAPSED",
    "FIRST_PASSED",
    "FIRST_REJECTED",
    "FIRST_REVIEW",
    "FINALISED",
    "PENDING_CONFIRM",
];

#[derive(Serialize)]
struct Row {
    organisation_id: Uuid,
    id: Uuid,
    number: String,
    variant: &'static str,
    service_month: NaiveDate,
    #[serde(serialize_with = "store::amount")]
    amount: Decimal,
    currency: &'static str,
    state: &'static str,
    opportunity_id: Option<Uuid>,
    generated_at: DateTime<Utc>,
    due_until: DateTime<Utc>,
    version: i64,
}

insert_into!(
    Row,
    "incentives",
    "organisation_id, id, number, variant, service_month, amount, currency, state, opportunity_id, generated_at,
     due_until, version"
);

#[expect(clippy::struct_field_names, reason = "the table's columns")]
#[derive(Serialize)]
struct SpecialistRow {
    organisation_id: Uuid,
    incentive_id: Uuid,
    person_id: Uuid,
}

insert_into!(
    SpecialistRow,
    "incentive_specialists",
    "organisation_id, incentive_id, person_id"
);

pub(super) async fn insert(
    connection: &mut PgConnection,
    plan: &Plan,
    (network, settled): (&Network, &[Settled]),
) -> Result<(), SeedError> {
    let mut ledger = Ledger {
        plan,
        random: Random::of(plan.seed, "incentives"),
        calendar: shipped::calendar(),
        rows: Vec::new(),
        specialists: Vec::new(),
    };
    for partner in &network.partners {
        ledger.monthly(partner);
    }
    for (index, deal) in settled.iter().enumerate() {
        if index.is_multiple_of(10) {
            ledger.of_opportunity(index / 10, deal);
        }
    }
    store::insert(connection, &ledger.rows).await?;
    store::insert(connection, &ledger.deadlines()).await?;
    store::insert(connection, &ledger.specialists).await
}

struct Ledger<'a> {
    plan: &'a Plan,
    random: Random,
    calendar: WorkCalendar,
    rows: Vec<Row>,
    specialists: Vec<SpecialistRow>,
}

impl Ledger<'_> {
    /// A list for each of the last months, generated when the next one began, and one that can still be confirmed.
    fn monthly(&mut self, partner: &Partner) {
        if partner.specialists.is_empty() {
            return;
        }
        let today = self.plan.now.with_timezone(&PROGRAMME_ZONE).date_naive();
        let this_month = today.with_day(1).unwrap_or(today);
        let first_variant = self.random.below(VARIANTS.len());
        for back in 0..=MONTHS {
            // Both the corrected list and the newest regular one are last month's, of different variants.
            let month = this_month - Months::new(back.max(1));
            let generated_at = if back == 0 {
                // A list that the vendor corrected a few days ago: its time began anew.
                self.plan.now - TimeDelta::hours(self.random.between(2, 5 * 24))
            } else {
                let day = this_month - Months::new(back - 1);
                midnight(day) + TimeDelta::minutes(self.random.between(60, 2_800))
            };
            if generated_at > self.plan.now {
                continue;
            }
            let state = if back == 0 {
                "PENDING_CONFIRM"
            } else {
                OUTCOMES
                    .get((self.rows.len() + back as usize) % OUTCOMES.len())
                    .copied()
                    .unwrap_or("FINALISED")
            };
            let index = self.rows.len();
            let variant = VARIANTS
                .get((first_variant + back as usize) % VARIANTS.len())
                .copied()
                .unwrap_or_default();
            let people = self.assign(partner, index);
            let amount = Decimal::from(SAMPLE_RATE) * Decimal::from(people);
            let currency = match partner.language {
                Language::Chinese => "CNY",
                Language::English => "USD",
            };
            let row = self.row(
                (partner.id, variant),
                (month, generated_at),
                (amount, currency),
            );
            self.rows.push(Row { state, ..row });
        }
    }

    /// Three per cent of a settled deal; every other one can still be confirmed, the rest passed its deadline unconfirmed.
    fn of_opportunity(&mut self, turn: usize, deal: &Settled) {
        let days = if turn.is_multiple_of(2) {
            self.random.between(0, 8)
        } else {
            self.random.between(30, 120)
        };
        let generated_at = self.plan.now - TimeDelta::hours(days * 24 + 1);
        let day = generated_at.with_timezone(&PROGRAMME_ZONE).date_naive();
        let month = day.with_day(1).unwrap_or(day);
        let amount = (deal.expected_revenue * Decimal::new(3, 2)).round_dp(2);
        let row = self.row(
            (deal.organisation, "OPPORTUNITY"),
            (month, generated_at),
            (amount, deal.currency),
        );
        self.rows.push(Row {
            opportunity_id: Some(deal.id),
            ..row
        });
    }

    fn row(
        &self,
        (organisation_id, variant): (Uuid, &'static str),
        (service_month, generated_at): (NaiveDate, DateTime<Utc>),
        (amount, currency): (Decimal, &'static str),
    ) -> Row {
        let index = self.rows.len();
        let due = self.calendar.due(generated_at, WORKING_DAYS);
        Row {
            organisation_id,
            id: self.id(index),
            number: random::number("INC", service_month.year(), (self.plan.seed, index)),
            variant,
            service_month,
            amount,
            currency,
            state: "PENDING_CONFIRM",
            opportunity_id: None,
            generated_at,
            due_until: due.due_until,
            version: 1,
        }
    }

    /// Until when each of them is to be confirmed, and what came of it.
    fn deadlines(&self) -> Vec<DeadlineRow> {
        let rows = self.rows.iter().enumerate();
        rows.map(|(index, row)| {
            let deadline = DeadlineRow::running(
                &self.calendar,
                (
                    row.organisation_id,
                    random::id(self.plan.seed, "confirmation", index),
                ),
                (IncentiveId::TAG, row.id),
                ("CONFIRM_INCENTIVE", "LAPSE"),
                (row.generated_at, WORKING_DAYS),
            );
            let (state, ended_at) = match row.state {
                "PENDING_CONFIRM" => ("RUNNING", None),
                "LAPSED" => ("EXPIRED", Some(deadline.due_until)),
                // Confirmed two days later.
                _ => {
                    let confirmed_at = row.generated_at + TimeDelta::days(2);
                    ("MET", Some(confirmed_at.min(self.plan.now)))
                }
            };
            DeadlineRow {
                state,
                ended_at,
                ..deadline
            }
        })
        .collect()
    }

    fn id(&self, index: usize) -> Uuid {
        random::id(self.plan.seed, "incentive", index)
    }

    /// Names one to four specialists of the incentive that comes next.
    fn assign(&mut self, partner: &Partner, index: usize) -> usize {
        let start = self.random.below(partner.specialists.len());
        let count = (1 + self.random.below(4)).min(partner.specialists.len());
        let chosen = partner.specialists.iter().cycle().skip(start).take(count);
        let incentive_id = self.id(index);
        self.specialists
            .extend(chosen.map(|&person_id| SpecialistRow {
                organisation_id: partner.id,
                incentive_id,
                person_id,
            }));
        count
    }
}

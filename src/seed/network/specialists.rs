//! Dedicated persons of a company, with their records, in every state that an association can have.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{Network, Partner};
use crate::ids::{PersonId, Tagged as _};
use crate::seed::Plan;
use crate::seed::history::Entry;
use crate::seed::random::{self, Random};
use crate::seed::store::insert_into;
use crate::seed::words::{self, Language};

#[derive(Serialize)]
pub(super) struct PersonRow {
    organisation_id: Uuid,
    id: Uuid,
    name: Option<String>,
    account_name: Option<String>,
    email: Option<String>,
    mobile: Option<String>,
    invited_as: String,
    sent_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    position: &'static str,
    employment: &'static str,
    base_location: Option<&'static str>,
    state: &'static str,
    started_on: NaiveDate,
    path: Option<&'static str>,
    decision_reason: Option<&'static str>,
    bound_at: Option<DateTime<Utc>>,
    changed_at: DateTime<Utc>,
    version: i64,
}

insert_into!(
    PersonRow,
    "dedicated_personnel",
    "organisation_id, id, name, account_name, email, mobile, invited_as, sent_at, expires_at, position, employment, base_location, state, started_on, path, decision_reason, bound_at, changed_at, version"
);

/// A time of dedicated status.
#[derive(Serialize)]
pub(super) struct DedicationRow {
    organisation_id: Uuid,
    id: Uuid,
    person_id: Uuid,
    path: &'static str,
    from_at: DateTime<Utc>,
    until_at: Option<DateTime<Utc>>,
}

insert_into!(
    DedicationRow,
    "personnel_dedications",
    "organisation_id, id, person_id, path, from_at, until_at"
);

/// A line of a record.
#[derive(Serialize)]
pub(super) struct LineRow {
    organisation_id: Uuid,
    id: Uuid,
    person_id: Uuid,
    kind: &'static str,
    name: &'static str,
    detail: Option<String>,
    from_on: NaiveDate,
    until_on: Option<NaiveDate>,
    added_at: DateTime<Utc>,
}

insert_into!(
    LineRow,
    "personnel_records",
    "organisation_id, id, person_id, kind, name, detail, from_on, until_on, added_at"
);

const POSITIONS: &[(&str, &str)] = &[
    ("解决方案架构师", "Solution Architect"),
    ("云服务工程师", "Cloud Engineer"),
    ("售前专家", "Pre-sales Expert"),
    ("讲师", "Instructor"),
];
const PATH: &str = "SERVICE";

/// What a person of the demo is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Invited,
    /// Invited, and nobody answered in time.
    Expired,
    Bound,
    Unbound,
    /// Any state after an application.
    Applied(&'static str),
}

/// All states of the association; a dedicated person is what incentives are paid for, hence half of them.
const STANDINGS: &[Standing] = &[
    Standing::Applied("DEDICATED"),
    Standing::Bound,
    Standing::Applied("DEDICATED"),
    Standing::Invited,
    Standing::Applied("DEDICATED"),
    Standing::Applied("APPLY_UNDER_REVIEW"),
    Standing::Applied("DEDICATED"),
    Standing::Unbound,
    Standing::Applied("DEDICATED"),
    Standing::Applied("CANCEL_UNDER_REVIEW"),
    Standing::Applied("DEDICATED"),
    Standing::Expired,
    Standing::Applied("DEDICATED"),
    Standing::Applied("APPLY_REJECTED"),
    Standing::Applied("DEDICATED"),
    Standing::Applied("CANCEL_APPROVED"),
    Standing::Applied("DEDICATED"),
    Standing::Applied("DISQUALIFIED"),
];

impl Standing {
    fn state(self) -> &'static str {
        match self {
            Self::Invited | Self::Expired => "INVITED",
            Self::Bound => "BOUND",
            Self::Unbound => "UNBOUND",
            Self::Applied(state) => state,
        }
    }

    fn is_known(self) -> bool {
        !matches!(self, Self::Invited | Self::Expired)
    }

    fn reason(self) -> Option<&'static str> {
        match self {
            Self::Applied("APPLY_REJECTED") => Some("缺少社会保险证明。"),
            Self::Applied("DISQUALIFIED") => Some("证书已被撤销。"),
            Self::Invited | Self::Expired | Self::Bound | Self::Unbound | Self::Applied(_) => None,
        }
    }
}

/// Engages dedicated persons; in the demo user's company every state of the association occurs.
pub(super) fn engage(
    network: &mut Network,
    random: &mut Random,
    (plan, partner): (&Plan, &mut Partner),
) {
    let count = if network.partners.is_empty() {
        STANDINGS.len()
    } else {
        4 + random.below(4)
    };
    for &standing in STANDINGS.iter().take(count) {
        let person = person(network, random, (plan, partner, standing));
        let (id, started, known) = (person.id, person.started_on, standing.is_known());
        if standing.state() == "DEDICATED" {
            partner.specialists.push(id);
        }
        network.entries.push(entry(&person));
        dedicate(network, plan, &person);
        network.persons.push(person);
        if known {
            record(network, random, (plan, partner.id, id, started));
        }
    }
}

fn person(
    network: &Network,
    random: &mut Random,
    (plan, partner, standing): (&Plan, &Partner, Standing),
) -> PersonRow {
    let id = random::id(plan.seed, "person", network.persons.len());
    let position = random.pick(POSITIONS).unwrap_or_default();
    let started = plan.now - TimeDelta::days(random.between(60, 1_200));
    let who = words::person(random, partner.language);
    let account = format!("{}{}", who.account.replace('.', ""), network.persons.len());
    let email = format!("{account}@home.example");
    let sent_at = match standing {
        Standing::Invited => plan.now - TimeDelta::days(2),
        Standing::Expired => plan.now - TimeDelta::days(12),
        Standing::Bound | Standing::Unbound | Standing::Applied(_) => started,
    };
    let known = standing.is_known();
    let applied = matches!(standing, Standing::Applied(_));
    PersonRow {
        organisation_id: partner.id,
        id,
        name: known.then(|| who.name.clone()),
        account_name: known.then(|| account.clone()),
        // 100 is no mobile prefix: nobody's phone rings.
        mobile: known.then(|| format!("86100{:08}", random.below(100_000_000))),
        invited_as: email.clone(),
        email: known.then_some(email),
        sent_at,
        expires_at: sent_at + TimeDelta::days(7),
        position: match partner.language {
            Language::Chinese => position.0,
            Language::English => position.1,
        },
        employment: "LABOUR_CONTRACT",
        base_location: known.then_some(partner.city),
        state: standing.state(),
        started_on: started.date_naive(),
        path: applied.then_some(PATH),
        decision_reason: standing.reason(),
        bound_at: known.then_some(sent_at + TimeDelta::days(1)),
        changed_at: if known {
            sent_at + TimeDelta::days(20)
        } else {
            sent_at
        },
        version: 1,
    }
}

fn entry(person: &PersonRow) -> Entry {
    let mut entry = Entry::new(
        person.organisation_id,
        (PersonId::TAG, person.id),
        (1, person.changed_at),
        "dedicated_person.imported",
    );
    entry.to_state = Some(person.state);
    entry
}

/// Who is or was dedicated was so from the approval on.
fn dedicate(network: &mut Network, plan: &Plan, person: &PersonRow) {
    let until_at = match person.state {
        "DEDICATED" | "CANCEL_UNDER_REVIEW" => None,
        "CANCEL_APPROVED" | "DISQUALIFIED" => Some(person.changed_at),
        _ => return,
    };
    network.dedications.push(DedicationRow {
        organisation_id: person.organisation_id,
        id: random::id(plan.seed, "dedication", network.dedications.len()),
        person_id: person.id,
        path: PATH,
        from_at: person.changed_at - TimeDelta::days(10),
        until_at,
    });
}

/// Two certificates, of which one has expired for some, a training and a project.
fn record(
    network: &mut Network,
    random: &mut Random,
    (plan, organisation_id, person_id, started): (&Plan, Uuid, Uuid, NaiveDate),
) {
    let valid = |years: u64| started.checked_add_days(Days::new(years * 365));
    let number = |random: &mut Random| Some(format!("EC-{:06}", random.below(1_000_000)));
    let lines = [
        (
            "CERTIFICATE",
            "云服务解决方案架构师",
            number(random),
            valid(2),
        ),
        ("CERTIFICATE", "云服务开发工程师", number(random), valid(3)),
        ("TRAINING", "云迁移实战训练营", None, Some(started)),
        ("PROJECT", "核心系统上云", Some("架构设计".to_owned()), None),
    ];
    for (kind, name, detail, until_on) in lines {
        let id = random::id(plan.seed, "personnel record", network.lines.len());
        network.lines.push(LineRow {
            organisation_id,
            id,
            person_id,
            kind,
            name,
            detail,
            from_on: started,
            until_on,
            added_at: plan.now - TimeDelta::days(30),
        });
    }
}

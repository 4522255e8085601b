//! The companies of the demo, their people, and who sells through whom.

mod newcomers;
mod people;
mod relations;
mod specialists;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

use self::people::{MemberRow, RoleRow};
use self::relations::RelationRow;
use self::specialists::{DedicationRow, LineRow, PersonRow};
use super::cast::Employer;
use super::history::Entry;
use super::random::{self, Random};
use super::store::{self, MainAccount, insert_into};
use super::words::{self, AREAS, Company, Language};
use super::{Plan, SeedError};

/// The fixed numbers of the companies that demo users work for.
pub(super) const fn number_of(employer: Employer) -> &'static str {
    match employer {
        Employer::Vendor => "ORG-DEMO-VENDOR",
        Employer::Distributor => "ORG-DEMO-DISTRIBUTOR",
        Employer::Reseller => "ORG-DEMO-RESELLER",
        Employer::Starter => "ORG-DEMO-STARTER",
        Employer::Twin => "ORG-DEMO-TWIN",
        Employer::Veteran => "ORG-DEMO-VETERAN",
        Employer::VeteranEast => "ORG-DEMO-VETERAN-EAST",
    }
}

#[derive(Serialize)]
struct OrganisationRow {
    id: Uuid,
    number: String,
    kind: &'static str,
    name: String,
    state: &'static str,
    site: &'static str,
    business_area: &'static str,
    created_at: DateTime<Utc>,
    version: i64,
    frozen_reason: Option<&'static str>,
    frozen_release: Option<&'static str>,
}

insert_into!(
    OrganisationRow,
    "organisations",
    "id, number, kind, name, state, site, business_area, created_at, version, frozen_reason, frozen_release"
);

/// Why the frozen company of the demo data is frozen, and what releases it.
const FREEZE: (&str, &str) = (
    "有逾期未付账单 (bills are overdue).",
    "逾期账单已付清 (the overdue bills are paid).",
);

/// What a partner is in the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Vendor,
    Distributor,
    Reseller,
    ServicePartner,
}

/// One company, as the generators of its deals and incentives need it.
pub(super) struct Partner {
    pub(super) id: Uuid,
    pub(super) part: Part,
    pub(super) language: Language,
    pub(super) area: &'static str,
    pub(super) city: &'static str,
    pub(super) domain: String,
    pub(super) frozen: bool,
    pub(super) since: DateTime<Utc>,
    /// Active members who own deals.
    pub(super) sellers: Vec<Uuid>,
    /// Active members who look after resellers.
    pub(super) account_managers: Vec<Uuid>,
    /// Relations in which the company is the distributor and that have not ended.
    pub(super) resellers: Vec<Uuid>,
    /// Persons with dedicated status.
    pub(super) specialists: Vec<Uuid>,
}

/// Everything but deals and incentives.
pub(super) struct Network {
    pub(super) partners: Vec<Partner>,
    /// Companies without deals or incentives, which only programmes know.
    pub(super) newcomers: Vec<(Employer, Partner)>,
    /// The vendor's member who decides reviews.
    pub(super) reviewer: Uuid,
    organisations: Vec<OrganisationRow>,
    main_accounts: Vec<MainAccount>,
    members: Vec<MemberRow>,
    roles: Vec<RoleRow>,
    relations: Vec<RelationRow>,
    persons: Vec<PersonRow>,
    dedications: Vec<DedicationRow>,
    lines: Vec<LineRow>,
    entries: Vec<Entry>,
}

impl Network {
    pub(super) fn of(plan: &Plan) -> Self {
        let mut network = Self {
            partners: Vec::with_capacity(plan.organisations),
            newcomers: Vec::new(),
            reviewer: Uuid::nil(),
            organisations: Vec::new(),
            main_accounts: Vec::new(),
            members: Vec::new(),
            roles: Vec::new(),
            relations: Vec::new(),
            persons: Vec::new(),
            dedications: Vec::new(),
            lines: Vec::new(),
            entries: Vec::new(),
        };
        let mut random = Random::of(plan.seed, "people");
        let vendor = network.found(plan, &mut Random::of(plan.seed, "vendor"), None);
        network.reviewer = people::hire_vendor(&mut network, &mut random, (plan, &vendor));
        let mut companies = Random::of(plan.seed, "companies");
        for index in 0..plan.organisations {
            let mut partner = network.found(plan, &mut companies, Some(index));
            people::hire(&mut network, &mut random, (plan, &mut partner));
            network.partners.push(partner);
        }
        relations::associate(&mut network, plan);
        newcomers::found(&mut network, plan);
        network
    }

    /// Founds a company: the vendor, or the partner of this index.
    fn found(&mut self, plan: &Plan, random: &mut Random, index: Option<usize>) -> Partner {
        let part = index.map_or(Part::Vendor, part_of);
        let employer = match index {
            None => Some(Employer::Vendor),
            Some(0) => Some(Employer::Distributor),
            Some(1) => Some(Employer::Reseller),
            Some(_) => None,
        };
        let place = index.map_or(0, place_of);
        let (area, cities) = AREAS.get(place).copied().unwrap_or(("华东", &[]));
        let language = if area == "亚太" {
            Language::English
        } else {
            Language::Chinese
        };
        let city = random.word(cities);
        let topic = index.map_or(0, |index| index + 1);
        let Company { name, domain } = employer.map_or_else(
            || words::company(random, topic, (language, city)),
            Employer::company,
        );
        let since = plan.now - TimeDelta::days(random.between(420, 1_500));
        let frozen = part == Part::Distributor && index == last_distributor(plan.organisations);
        let (why_frozen, release) = frozen.then_some(FREEZE).unzip();
        let id = random::id(plan.seed, "organisation", topic);
        let number = employer.map_or_else(
            || random::number("ORG", 2026, (plan.seed, topic)),
            |employer| number_of(employer).to_owned(),
        );
        self.organisations.push(OrganisationRow {
            id,
            number,
            kind: part.kind(),
            name,
            state: if frozen { "FROZEN" } else { "ACTIVE" },
            site: match language {
                Language::Chinese => "CN",
                Language::English => "INTL",
            },
            business_area: area,
            created_at: since,
            version: 1,
            frozen_reason: why_frozen,
            frozen_release: release,
        });
        Partner {
            id,
            part,
            language,
            area,
            city,
            domain,
            frozen,
            since,
            sellers: Vec::new(),
            account_managers: Vec::new(),
            resellers: Vec::new(),
            specialists: Vec::new(),
        }
    }

    pub(super) async fn insert(&self, connection: &mut PgConnection) -> Result<(), SeedError> {
        store::insert(connection, &self.organisations).await?;
        store::insert(connection, &self.members).await?;
        store::insert(connection, &self.roles).await?;
        store::name_main_accounts(connection, &self.main_accounts).await?;
        store::insert(connection, &self.relations).await?;
        store::insert(connection, &self.persons).await?;
        store::insert(connection, &self.dedications).await?;
        store::insert(connection, &self.lines).await?;
        store::insert(connection, &self.entries).await
    }
}

impl Part {
    fn kind(self) -> &'static str {
        match self {
            Self::Vendor => "VENDOR",
            Self::Distributor | Self::Reseller | Self::ServicePartner => "PARTNER",
        }
    }
}

/// Of five companies one is a distributor, two are resellers and two are neither.
fn part_of(index: usize) -> Part {
    match index % 5 {
        0 => Part::Distributor,
        1 | 3 => Part::Reseller,
        _ => Part::ServicePartner,
    }
}

/// A reseller does business where its distributor does (R-RES-5).
fn place_of(index: usize) -> usize {
    let leader = if part_of(index) == Part::Reseller {
        distributor_of(index)
    } else {
        index
    };
    if part_of(leader) == Part::Distributor {
        leader / 5 % AREAS.len()
    } else {
        leader % AREAS.len()
    }
}

/// The index of a reseller's distributor: every other one sells through the first, so that the demo user's list is full.
fn distributor_of(index: usize) -> usize {
    if index % 5 == 1 { 0 } else { index / 5 * 5 }
}

/// One distributor is frozen, so that suspended relations can be looked at; a small network needs all of them.
fn last_distributor(organisations: usize) -> Option<usize> {
    let last = (organisations - 1) / 5 * 5;
    (last >= 10).then_some(last)
}

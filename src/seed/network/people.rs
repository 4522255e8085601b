//! The people of a company: members with their roles. Dedicated persons, who are not members, are in `specialists`.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{Network, Part, Partner, specialists};
use crate::ids::{MemberId, Tagged as _};
use crate::seed::Plan;
use crate::seed::cast::{self, Employer};
use crate::seed::history::Entry;
use crate::seed::random::{self, Random};
use crate::seed::store::{MainAccount, insert_into};
use crate::seed::words::{self, Language, Person};

#[derive(Serialize)]
pub(super) struct MemberRow {
    organisation_id: Uuid,
    id: Uuid,
    account_name: String,
    name: String,
    email: String,
    mobile: String,
    state: &'static str,
    created_at: DateTime<Utc>,
    disabled_at: Option<DateTime<Utc>>,
    version: i64,
}

insert_into!(
    MemberRow,
    "members",
    "organisation_id, id, account_name, name, email, mobile, state, created_at, disabled_at, version"
);

#[derive(Serialize)]
pub(super) struct RoleRow {
    organisation_id: Uuid,
    member_id: Uuid,
    role: &'static str,
}

insert_into!(RoleRow, "member_roles", "organisation_id, member_id, role");

const ADMINISTRATOR: &[&str] = &["SYSTEM_ADMIN"];
const VENDOR_TEAM: &[&[&str]] = &[
    &["VENDOR_REVIEWER"],
    &["VENDOR_BD"],
    &["VENDOR_ECOSYSTEM_MANAGER"],
    &["VENDOR_INCENTIVE_OPERATOR"],
    &["VENDOR_FINANCE"],
    &["VENDOR_AUDITOR"],
];
const DISTRIBUTOR_TEAM: &[&[&str]] = &[
    &["FINANCE"],
    &["ACCOUNT_MANAGER"],
    &["ACCOUNT_MANAGER"],
    &["ACCOUNT_MANAGER", "SA_SPECIALIST"],
    &["ACCOUNT_MANAGER_DIRECTOR"],
    &["OPERATOR", "SA_SPECIALIST"],
    &["OPERATOR"],
];
const SMALL_TEAM: &[&[&str]] = &[
    &["FINANCE", "OPERATOR"],
    &["OPERATOR"],
    &["ACCOUNT_MANAGER", "OPERATOR", "SA_SPECIALIST"],
    &["OPERATOR"],
];
/// Hires the vendor's people, each role at least once; answers who reviews.
pub(super) fn hire_vendor(
    network: &mut Network,
    random: &mut Random,
    (plan, vendor): (&Plan, &Partner),
) -> Uuid {
    let mut team = Team::new(network, plan, vendor);
    let mut reviewer = Uuid::nil();
    for (person, role) in cast::staff_of(Employer::Vendor) {
        let member = team.join(person, &[role], random);
        if role == "VENDOR_REVIEWER" {
            reviewer = member;
        }
        if role == "VENDOR_ADMIN" {
            team.hold_main_account(member);
        }
    }
    for roles in VENDOR_TEAM {
        let language = if random.percent(50) {
            Language::Chinese
        } else {
            Language::English
        };
        let person = words::person(random, language);
        team.join(person, roles, random);
    }
    reviewer
}

/// Hires a partner's people.
pub(super) fn hire(
    network: &mut Network,
    random: &mut Random,
    (plan, partner): (&Plan, &mut Partner),
) {
    let cast = match network.partners.len() {
        0 => Some(Employer::Distributor),
        1 => Some(Employer::Reseller),
        _ => None,
    };
    let mut team = Team::new(network, plan, partner);
    let mut joined: Vec<(Uuid, &[&str])> = Vec::new();
    for (person, role) in cast.into_iter().flat_map(cast::staff_of) {
        let member = team.join(person, &[role], random);
        match role {
            "SYSTEM_ADMIN" => team.hold_main_account(member),
            "ACCOUNT_MANAGER" => joined.push((member, &["ACCOUNT_MANAGER"])),
            "OPERATOR" => joined.push((member, &["OPERATOR"])),
            _ => {}
        }
    }
    if cast.is_none() {
        let administrator = team.join_new(ADMINISTRATOR, random);
        team.hold_main_account(administrator);
    }
    let roster = if partner.part == Part::Distributor {
        DISTRIBUTOR_TEAM
    } else {
        SMALL_TEAM
    };
    for roles in roster {
        joined.push((team.join_new(roles, random), roles));
    }
    team.leave(&["OPERATOR"], random);
    let with = |role: &str| {
        let those = joined.iter().filter(|(_, roles)| roles.contains(&role));
        those.map(|&(member, _)| member).collect::<Vec<_>>()
    };
    let account_managers = with("ACCOUNT_MANAGER");
    let mut sellers = with("OPERATOR");
    sellers.extend(&account_managers);
    (partner.sellers, partner.account_managers) = (sellers, account_managers);
    // Resellers have no programme of their own in which persons could be dedicated.
    if partner.part != Part::Reseller {
        specialists::engage(network, random, (plan, partner));
    }
}

/// Hires the demo users of a small company; the first holds its main account.
pub(super) fn hire_one(
    network: &mut Network,
    random: &mut Random,
    (plan, company, employer): (&Plan, &Partner, Employer),
) {
    let mut team = Team::new(network, plan, company);
    for (place, (person, role)) in cast::staff_of(employer).enumerate() {
        let member = team.join_since(person, &[role], (random, company.since));
        if place == 0 {
            team.hold_main_account(member);
        }
    }
}

/// The members of one company while they are hired.
struct Team<'a> {
    network: &'a mut Network,
    plan: &'a Plan,
    organisation: Uuid,
    language: Language,
    domain: String,
    since: DateTime<Utc>,
    accounts: Vec<String>,
}

impl<'a> Team<'a> {
    fn new(network: &'a mut Network, plan: &'a Plan, company: &Partner) -> Self {
        Self {
            network,
            plan,
            organisation: company.id,
            language: company.language,
            domain: company.domain.clone(),
            since: company.since,
            accounts: Vec::new(),
        }
    }

    fn join_new(&mut self, roles: &[&'static str], random: &mut Random) -> Uuid {
        let person = words::person(random, self.language);
        self.join(person, roles, random)
    }

    fn join(&mut self, person: Person, roles: &[&'static str], random: &mut Random) -> Uuid {
        let created_at = self.since + TimeDelta::days(random.between(0, 300));
        self.join_since(person, roles, (random, created_at))
    }

    /// A namesake's account gets a number: account names and addresses are unique in a company (R-ORG-3, R-ORG-11).
    fn join_since(
        &mut self,
        mut person: Person,
        roles: &[&'static str],
        (random, created_at): (&mut Random, DateTime<Utc>),
    ) -> Uuid {
        let plain = person.account.clone();
        let mut namesakes = 1;
        while self.accounts.contains(&person.account) {
            namesakes += 1;
            person.account = format!("{plain}{namesakes}");
        }
        self.accounts.push(person.account.clone());
        let id = random::id(self.plan.seed, "member", self.network.members.len());
        self.network.members.push(MemberRow {
            organisation_id: self.organisation,
            id,
            email: format!("{}@{}.example", person.account, self.domain),
            account_name: person.account,
            name: person.name,
            // 100 is no mobile prefix: nobody's phone rings.
            mobile: format!("+86100{:08}", random.below(100_000_000)),
            state: "ACTIVE",
            created_at,
            disabled_at: None,
            version: 1,
        });
        for &role in roles {
            self.network.roles.push(RoleRow {
                organisation_id: self.organisation,
                member_id: id,
                role,
            });
        }
        let mut created = Entry::new(
            self.organisation,
            (MemberId::TAG, id),
            (1, created_at),
            "member.created",
        );
        created.to_state = Some("ACTIVE");
        created.details = serde_json::json!({ "roles": roles });
        self.network.entries.push(created);
        id
    }

    /// Somebody who has left the company: the member is disabled and stays.
    fn leave(&mut self, roles: &[&'static str], random: &mut Random) {
        let id = self.join_new(roles, random);
        let Some(member) = self.network.members.last_mut() else {
            return;
        };
        let at = member.created_at + TimeDelta::days(60);
        member.state = "DISABLED";
        member.disabled_at = Some(at);
        member.version = 2;
        let mut disabled = Entry::new(
            self.organisation,
            (MemberId::TAG, id),
            (2, at),
            "member.disabled",
        );
        (disabled.from_state, disabled.to_state) = (Some("ACTIVE"), Some("DISABLED"));
        self.network.entries.push(disabled);
    }

    fn hold_main_account(&mut self, member: Uuid) {
        self.network.main_accounts.push(MainAccount {
            id: self.organisation,
            main_account_id: member,
        });
    }
}

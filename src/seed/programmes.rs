//! What the companies of the demo have joined, what the vendor states of their accounts, and what waits to be decided.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

use super::cast::Employer;
use super::history::Entry;
use super::network::{Network, Part, Partner};
use super::random::{self, Random};
use super::store::{self, insert_into};
use super::{Plan, SeedError};

#[derive(Serialize)]
struct ProgrammeRow {
    organisation_id: Uuid,
    id: Uuid,
    programme: &'static str,
    state: &'static str,
    valid_from: NaiveDate,
    valid_until: Option<NaiveDate>,
    tier: Option<&'static str>,
    applied_at: Option<DateTime<Utc>>,
    version: i64,
}

insert_into!(
    ProgrammeRow,
    "programme_memberships",
    "organisation_id, id, programme, state, valid_from, valid_until, tier, applied_at, version"
);

#[derive(Serialize)]
struct PathRow {
    organisation_id: Uuid,
    id: Uuid,
    path: &'static str,
    stage: &'static str,
    state: &'static str,
    version: i64,
}

insert_into!(
    PathRow,
    "path_memberships",
    "organisation_id, id, path, stage, state, version"
);

#[derive(Serialize)]
struct AccountRow {
    organisation_id: Uuid,
    id: Uuid,
    real_name: &'static str,
    credit_code: Option<String>,
    flags: Vec<&'static str>,
    manager_name: Option<&'static str>,
    manager_contact: Option<&'static str>,
    version: i64,
}

insert_into!(
    AccountRow,
    "account_facts",
    "organisation_id, id, real_name, credit_code, flags, manager_name, manager_contact, version"
);

/// The ecosystem manager of the partners that have one.
const MANAGER: (&str, &str) = ("温予宁", "wen.yuning@vendor.example");
/// After so many days the demo's solution provider is none any more.
const DAYS_LEFT: u64 = 30;

/// Everything that is between the companies and the vendor's programmes.
pub(super) struct Programmes {
    memberships: Vec<ProgrammeRow>,
    paths: Vec<PathRow>,
    accounts: Vec<AccountRow>,
    entries: Vec<Entry>,
    seed: u64,
    now: DateTime<Utc>,
}

impl Programmes {
    pub(super) fn of(plan: &Plan, network: &Network) -> Self {
        let mut all = Self {
            memberships: Vec::new(),
            paths: Vec::new(),
            accounts: Vec::new(),
            entries: Vec::new(),
            seed: plan.seed,
            now: plan.now,
        };
        let mut random = Random::of(plan.seed, "programmes");
        for (index, partner) in network.partners.iter().enumerate() {
            all.admit(&mut random, (index, partner));
        }
        for (employer, newcomer) in &network.newcomers {
            all.welcome(*employer, newcomer);
        }
        all
    }

    fn admit(&mut self, random: &mut Random, (index, partner): (usize, &Partner)) {
        self.state_account(
            partner,
            ("ENTERPRISE", Some(format!("9133DEMO{index:010}"))),
            vec!["EMAIL_BOUND", "CONSUMPTION"],
        );
        self.join(partner, "NETWORK", None);
        self.join(partner, "CO_SELL", None);
        match partner.part {
            Part::Distributor => self.join(partner, "DISTRIBUTOR", None),
            Part::Reseller => self.join(partner, "RESELLER", None),
            Part::Vendor | Part::ServicePartner => {}
        }
        // The vendor's queue is not empty.
        if index == 2 {
            self.apply(partner, "MARKETPLACE_SELLER");
        }
        // The demo user's company can be offered deals by the vendor (R-OPP-28).
        let stage = match index {
            0 => "DIFFERENTIATED",
            _ => *["SELECTED", "ROLE_VALIDATED", "DIFFERENTIATED"]
                .get(random.below(3))
                .unwrap_or(&"SELECTED"),
        };
        let id = random::id(self.seed, "path membership", index);
        self.paths.push(PathRow {
            organisation_id: partner.id,
            id,
            path: match partner.part {
                Part::Distributor => "DISTRIBUTOR",
                Part::Vendor | Part::Reseller => "SOFTWARE",
                Part::ServicePartner => "SERVICE",
            },
            stage,
            state: "ACTIVE",
            version: 1,
        });
        self.enter(partner, ("pth", id), "path_membership.imported");
    }

    fn welcome(&mut self, employer: Employer, newcomer: &Partner) {
        let enterprise = Some("91420100DEMOYUNZHAN".to_owned());
        match employer {
            Employer::Veteran => {
                let flags = vec!["EMAIL_BOUND", "CONSUMPTION"];
                self.state_account(newcomer, ("ENTERPRISE", enterprise), flags);
                self.join(newcomer, "NETWORK", None);
                self.join(newcomer, "CO_SELL", None);
                self.join(newcomer, "CSP", Some(DAYS_LEFT));
            }
            Employer::VeteranEast => {
                self.state_account(newcomer, ("ENTERPRISE", enterprise), vec!["EMAIL_BOUND"]);
                self.join(newcomer, "NETWORK", None);
            }
            Employer::Vendor
            | Employer::Distributor
            | Employer::Reseller
            | Employer::Starter
            | Employer::Twin => self.state_account(newcomer, ("NONE", None), Vec::new()),
        }
    }

    fn state_account(
        &mut self,
        partner: &Partner,
        (real_name, credit_code): (&'static str, Option<String>),
        flags: Vec<&'static str>,
    ) {
        let id = random::id(self.seed, "account facts", self.accounts.len());
        let has_manager = self.accounts.len().is_multiple_of(3);
        let (manager_name, manager_contact) = has_manager.then_some(MANAGER).unzip();
        self.accounts.push(AccountRow {
            organisation_id: partner.id,
            id,
            real_name,
            credit_code,
            flags,
            manager_name,
            manager_contact,
            version: 1,
        });
        self.enter(partner, ("acf", id), "account.imported");
    }

    /// A membership that began when the company came; `left` is in how many days it ends.
    fn join(&mut self, partner: &Partner, programme: &'static str, left: Option<u64>) {
        let today = crate::rules::day_of(self.now);
        let is_csp = programme == "CSP";
        let row = ProgrammeRow {
            organisation_id: partner.id,
            id: random::id(self.seed, "programme membership", self.memberships.len()),
            programme,
            state: "ACTIVE",
            valid_from: crate::rules::day_of(partner.since),
            valid_until: left.and_then(|days| today.checked_add_days(Days::new(days))),
            tier: is_csp.then_some("PREFERRED"),
            applied_at: None,
            version: 1,
        };
        self.enter(partner, ("prg", row.id), "programme_membership.imported");
        self.memberships.push(row);
    }

    fn apply(&mut self, partner: &Partner, programme: &'static str) {
        let at = self.now - TimeDelta::days(2);
        let row = ProgrammeRow {
            organisation_id: partner.id,
            id: random::id(self.seed, "programme membership", self.memberships.len()),
            programme,
            state: "UNDER_REVIEW",
            valid_from: crate::rules::day_of(at),
            valid_until: None,
            tier: None,
            applied_at: Some(at),
            version: 1,
        };
        let mut applied = Entry::new(partner.id, ("prg", row.id), (1, at), "programme.applied");
        (applied.from_state, applied.to_state) = (Some("NONE"), Some("UNDER_REVIEW"));
        self.entries.push(applied);
        self.memberships.push(row);
    }

    fn enter(&mut self, partner: &Partner, object: (&'static str, Uuid), action: &'static str) {
        let at = partner.since + TimeDelta::hours(1);
        self.entries
            .push(Entry::new(partner.id, object, (1, at), action));
    }

    pub(super) async fn insert(&self, connection: &mut PgConnection) -> Result<(), SeedError> {
        store::insert(connection, &self.accounts).await?;
        store::insert(connection, &self.memberships).await?;
        store::insert(connection, &self.paths).await?;
        store::insert(connection, &self.entries).await
    }
}

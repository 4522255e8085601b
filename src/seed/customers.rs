//! The customers of the demo's partners, and invitations that still wait.

mod rows;

use chrono::{DateTime, TimeDelta, Utc};
use openssl::sha::sha256;
use sqlx::PgConnection;
use uuid::Uuid;

use self::rows::{AccountRow, CustomerRow, InvitationRow, MemberRow, OrganisationRow, RoleRow};
use super::history::Entry;
use super::network::{Network, Partner};
use super::random::{self, Random};
use super::store::{self, MainAccount};
use super::words::Language;
use super::{Plan, SeedError};
use crate::ids::{CustomerId, CustomerInvitationId, MemberId, OrganisationId, Tagged as _};

/// Of customers whose people nobody signs in as.
const ISSUER: &str = "urn:portico:demo-data";
/// Customers of each partner at most.
const EACH: usize = 3;

/// Everything that is written.
#[derive(Default)]
struct Customers {
    organisations: Vec<OrganisationRow>,
    members: Vec<MemberRow>,
    roles: Vec<RoleRow>,
    main_accounts: Vec<MainAccount>,
    accounts: Vec<AccountRow>,
    invitations: Vec<InvitationRow>,
    relations: Vec<CustomerRow>,
    entries: Vec<Entry>,
}

/// One to three customers for each partner that is not frozen; the third, where there is one, has gone. Nobody consented
/// to anything, so all of them are cloud accounts.
pub(super) async fn insert(
    connection: &mut PgConnection,
    plan: &Plan,
    network: &Network,
) -> Result<(), SeedError> {
    let mut random = Random::of(plan.seed, "customers");
    let mut all = Customers::default();
    for (index, partner) in network.partners.iter().enumerate() {
        let Some(inviter) = partner.sellers.first().copied().filter(|_| !partner.frozen) else {
            continue;
        };
        // The demo's own partner shows everything.
        let many = if index == 0 {
            EACH
        } else {
            1 + random.below(EACH)
        };
        for place in 0..many {
            all.add(plan, &mut random, (partner, inviter), index * EACH + place);
        }
        all.wait(plan, (partner, inviter), index);
    }
    store::insert(connection, &all.organisations).await?;
    store::insert(connection, &all.members).await?;
    store::insert(connection, &all.roles).await?;
    store::name_main_accounts(connection, &all.main_accounts).await?;
    store::insert(connection, &all.accounts).await?;
    store::insert(connection, &all.invitations).await?;
    store::insert(connection, &all.relations).await?;
    store::insert(connection, &all.entries).await
}

impl Customers {
    fn add(
        &mut self,
        plan: &Plan,
        random: &mut Random,
        (partner, inviter): (&Partner, Uuid),
        index: usize,
    ) {
        let name = name_of(random, index);
        let organisation = random::id(plan.seed, "customer organisation", index);
        let since = partner.since + TimeDelta::days(random.between(100, 350));
        self.found(plan, (organisation, partner), (&name, since), index);
        let has_left = index % EACH == EACH - 1;
        let assigned = index.is_multiple_of(EACH);
        let manager = partner.account_managers.first().copied();
        let (customer, invitation) = (
            random::id(plan.seed, "customer", index),
            random::id(plan.seed, "customer invitation", index),
        );
        let association = if random.percent(60) {
            "REFERRAL"
        } else {
            "RESALE"
        };
        self.invitations.push(InvitationRow {
            id: invitation,
            organisation_id: partner.id,
            association_type: association,
            label: name.clone(),
            token_hash: unknown_token(invitation),
            state: "ACCEPTED",
            sent_at: since - TimeDelta::days(2),
            expires_at: since + TimeDelta::days(5),
            invited_by: inviter,
            customer_id: Some(customer),
            refused_because: [],
            version: 2,
        });
        let account_manager_id = manager.filter(|_| assigned && !has_left);
        let row = CustomerRow {
            organisation_id: organisation,
            id: customer,
            number: random::number("CUS", 2026, (plan.seed, index)),
            partner_id: partner.id,
            account_id: account_id(plan, index),
            account_name: name,
            account_kind: "CLOUD",
            association_type: association,
            account_manager_id,
            state: if has_left {
                "DISSOCIATED"
            } else {
                "ASSOCIATED"
            },
            invitation_id: invitation,
            notice_version: 1,
            associated_at: since,
            dissociated_at: has_left.then(|| since + TimeDelta::days(60)),
            dissociation_reason: has_left.then_some("合同到期 (the contract has run out)"),
            version: 1 + i64::from(account_manager_id.is_some()) + i64::from(has_left),
        };
        self.entries.extend(history(&row));
        self.relations.push(row);
        let sent = invitation_entry(partner.id, invitation, (1, since - TimeDelta::days(2)));
        let mut accepted = invitation_entry(partner.id, invitation, (2, since));
        accepted.action = "customer_invitation.accepted";
        (accepted.from_state, accepted.to_state) = (Some("SENT"), Some("ACCEPTED"));
        self.entries.extend([sent, accepted]);
    }

    /// The customer's organisation with its first member, and the account as the vendor states it.
    fn found(
        &mut self,
        plan: &Plan,
        (organisation, partner): (Uuid, &Partner),
        (name, since): (&str, DateTime<Utc>),
        index: usize,
    ) {
        let member = random::id(plan.seed, "customer member", index);
        let site = match partner.language {
            Language::Chinese => "CN",
            Language::English => "INTL",
        };
        self.organisations.push(OrganisationRow {
            id: organisation,
            number: random::number("ORG", 2026, (plan.seed, 1_000_000 + index)),
            kind: "CUSTOMER",
            name: name.to_owned(),
            state: "ACTIVE",
            site,
            business_area: partner.area,
            created_at: since,
            version: 1,
        });
        self.members.push(MemberRow {
            organisation_id: organisation,
            id: member,
            account_name: name.to_owned(),
            name: name.to_owned(),
            email: format!("owner@{name}.example"),
            state: "ACTIVE",
            created_at: since,
            version: 1,
        });
        self.roles.push(RoleRow {
            organisation_id: organisation,
            member_id: member,
            role: "SYSTEM_ADMIN",
        });
        self.main_accounts.push(MainAccount {
            id: organisation,
            main_account_id: member,
        });
        self.accounts.push(AccountRow {
            account_id: account_id(plan, index),
            name: name.to_owned(),
            kind: "CLOUD",
            site,
            status: "ACTIVE",
            country: "CN",
            issuer: ISSUER,
            subject: account_id(plan, index),
            // One in six of those that are still customers cannot be let go at once.
            circumstances: if index % 6 == 1 {
                vec!["UNPAID_BILLS"]
            } else {
                Vec::new()
            },
        });
        let founded = |id, tag, action| Entry::new(organisation, (tag, id), (1, since), action);
        self.entries.extend([
            founded(organisation, OrganisationId::TAG, "organisation.founded"),
            founded(member, MemberId::TAG, "member.created"),
        ]);
    }

    /// An invitation that waits, and one that nobody took up in time. Their links are lost: they can be sent again.
    fn wait(&mut self, plan: &Plan, (partner, inviter): (&Partner, Uuid), index: usize) {
        for (place, ago) in [(0, 2), (1, 20)] {
            let id = random::id(plan.seed, "waiting customer invitation", index * 2 + place);
            let sent_at = plan.now - TimeDelta::days(ago);
            self.invitations.push(InvitationRow {
                id,
                organisation_id: partner.id,
                association_type: "REFERRAL",
                label: if place == 0 {
                    "展会来访客户 (met at the fair)".to_owned()
                } else {
                    "老客户介绍 (introduced by a customer)".to_owned()
                },
                token_hash: unknown_token(id),
                state: "SENT",
                sent_at,
                expires_at: sent_at + TimeDelta::days(7),
                invited_by: inviter,
                customer_id: None,
                refused_because: [],
                version: 1,
            });
            let entry = invitation_entry(partner.id, id, (1, sent_at));
            self.entries.push(entry);
        }
    }
}

fn account_id(plan: &Plan, index: usize) -> String {
    format!("demo-{}", random::id(plan.seed, "account", index).simple())
}

/// A name that a cloud account could have.
fn name_of(random: &mut Random, index: usize) -> String {
    const FIRST: &[&str] = &[
        "haiyue",
        "qingchuan",
        "yunfan",
        "mingde",
        "beichen",
        "lantai",
    ];
    const SECOND: &[&str] = &["trade", "medical", "foods", "logistics", "studio", "school"];
    format!("{}-{}-{index}", random.word(FIRST), random.word(SECOND))
}

/// The digest of a secret that nobody has, as a column of bytes is written in JSON.
fn unknown_token(id: Uuid) -> String {
    let digest = sha256(id.as_bytes());
    digest
        .iter()
        .fold("\\x".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

fn invitation_entry(partner: Uuid, id: Uuid, version_at: (i64, DateTime<Utc>)) -> Entry {
    let object = (CustomerInvitationId::TAG, id);
    Entry::new(partner, object, version_at, "customer_invitation.sent")
}

/// Association, the account manager, and the end, each with its version.
fn history(row: &CustomerRow) -> Vec<Entry> {
    let entry = |version, at, action| {
        let object = (CustomerId::TAG, row.id);
        Entry::new(row.organisation_id, object, (version, at), action)
    };
    let mut entries = vec![entry(1, row.associated_at, "customer.associated")];
    if let Some(manager) = row.account_manager_id {
        let at = row.associated_at + TimeDelta::days(1);
        let mut assigned = entry(2, at, "customer.account_manager_assigned");
        assigned.details = serde_json::json!({ "from": null, "to": MemberId(manager).global() });
        entries.push(assigned);
    }
    if let Some(at) = row.dissociated_at {
        let mut ended = entry(row.version, at, "customer.dissociated");
        (ended.from_state, ended.to_state) = (Some("ASSOCIATED"), Some("DISSOCIATED"));
        ended.reason = row.dissociation_reason;
        entries.push(ended);
    }
    entries
}

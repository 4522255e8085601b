//! Which reseller sells through which distributor.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{Network, Part, Partner, distributor_of};
use crate::ids::{MemberId, ResellerId, Tagged as _};
use crate::seed::Plan;
use crate::seed::history::Entry;
use crate::seed::random::{self, Random};
use crate::seed::store::insert_into;

#[derive(Serialize)]
pub(super) struct RelationRow {
    organisation_id: Uuid,
    id: Uuid,
    number: String,
    distributor_id: Uuid,
    account_manager_id: Option<Uuid>,
    state: &'static str,
    business_area: &'static str,
    associated_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    version: i64,
}

insert_into!(
    RelationRow,
    "resellers",
    "organisation_id, id, number, distributor_id, account_manager_id, state, business_area, associated_at, ended_at,
     version"
);

pub(super) fn associate(network: &mut Network, plan: &Plan) {
    let mut random = Random::of(plan.seed, "relations");
    for index in 0..network.partners.len() {
        let (Some(company), Some(distributor)) = (
            network.partners.get(index),
            network.partners.get(distributor_of(index)),
        ) else {
            continue;
        };
        if company.part != Part::Reseller {
            continue;
        }
        let row = relation((plan, &mut random), (index, company), distributor);
        network.entries.extend(history(&row));
        if row.ended_at.is_none()
            && let Some(distributor) = network.partners.get_mut(distributor_of(index))
        {
            distributor.resellers.push(row.id);
        }
        network.relations.push(row);
    }
}

fn relation(
    (plan, random): (&Plan, &mut Random),
    (index, company): (usize, &Partner),
    distributor: &Partner,
) -> RelationRow {
    let since = company.since.max(distributor.since) + TimeDelta::days(random.between(5, 90));
    // The seventh company left, as did one in twelve of the others; the demo user's own relation goes on.
    let has_left = index == 6 || (index > 6 && random.percent(8));
    let state = if has_left {
        "ENDED"
    } else if distributor.frozen {
        "SUSPENDED"
    } else {
        "ACTIVE"
    };
    let assigned = index == 1 || random.percent(75);
    // The first account manager of the demo distributor is a demo user.
    let manager = if index == 1 {
        distributor.account_managers.first().copied()
    } else {
        random.pick(&distributor.account_managers)
    };
    let account_manager_id = manager.filter(|_| assigned);
    let changes = i64::from(account_manager_id.is_some()) + i64::from(state != "ACTIVE");
    RelationRow {
        organisation_id: company.id,
        id: random::id(plan.seed, "relation", index),
        number: random::number("RSL", 2026, (plan.seed, index)),
        distributor_id: distributor.id,
        account_manager_id,
        state,
        business_area: distributor.area,
        associated_at: since,
        ended_at: has_left.then(|| since + TimeDelta::days(200)),
        version: 1 + changes,
    }
}

/// Association, the account manager, and the end or suspension, each with its version.
fn history(row: &RelationRow) -> Vec<Entry> {
    let entry = |version, days, action| {
        let at = row.associated_at + TimeDelta::days(days);
        Entry::new(
            row.organisation_id,
            (ResellerId::TAG, row.id),
            (version, at),
            action,
        )
    };
    let mut associated = entry(1, 0, "reseller.associated");
    associated.to_state = Some("ACTIVE");
    let mut entries = vec![associated];
    if let Some(manager) = row.account_manager_id {
        let mut assigned = entry(2, 3, "reseller.account_manager_assigned");
        assigned.details = serde_json::json!({ "from": null, "to": MemberId(manager).global() });
        entries.push(assigned);
    }
    if row.state != "ACTIVE" {
        let action = if row.state == "ENDED" {
            "reseller.ended"
        } else {
            "reseller.suspended"
        };
        let mut moved = entry(row.version, 200, action);
        (moved.from_state, moved.to_state) = (Some("ACTIVE"), Some(row.state));
        entries.push(moved);
    }
    entries
}

//! Companies that have not come far: each has one person, and nothing under way.

use chrono::TimeDelta;

use super::{Network, OrganisationRow, Part, Partner, number_of, people};
use crate::seed::Plan;
use crate::seed::cast::Employer;
use crate::seed::random::{self, Random};
use crate::seed::words::{Company, Language};

/// Founds them after all others, so that they shift no number of the rest.
pub(super) fn found(network: &mut Network, plan: &Plan) {
    let mut random = Random::of(plan.seed, "newcomers");
    for (index, employer) in Employer::NEWCOMERS.into_iter().enumerate() {
        let Company { name, domain } = employer.company();
        let (area, city) = match employer {
            // Where the demo's distributor does business.
            Employer::Veteran | Employer::VeteranEast => ("华东", "杭州"),
            Employer::Vendor
            | Employer::Distributor
            | Employer::Reseller
            | Employer::Starter
            | Employer::Twin => ("西南", "成都"),
        };
        let newcomer = Partner {
            id: random::id(plan.seed, "newcomer", index),
            part: Part::ServicePartner,
            language: Language::Chinese,
            area,
            city,
            domain,
            frozen: false,
            since: plan.now - TimeDelta::days(random.between(40, 400)),
            sellers: Vec::new(),
            account_managers: Vec::new(),
            resellers: Vec::new(),
            specialists: Vec::new(),
        };
        network.organisations.push(OrganisationRow {
            id: newcomer.id,
            number: number_of(employer).to_owned(),
            kind: Part::ServicePartner.kind(),
            name,
            state: "ACTIVE",
            site: "CN",
            business_area: area,
            created_at: newcomer.since,
            version: 1,
            frozen_reason: None,
            frozen_release: None,
        });
        people::hire_one(network, &mut random, (plan, &newcomer, employer));
        network.newcomers.push((employer, newcomer));
    }
}

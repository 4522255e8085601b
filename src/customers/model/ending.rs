//! What stands in the way of the end of a relation (R-CUS-8, R-CUS-9). Pure.

use chrono::{DateTime, Months, Utc};

use crate::catalogue::accounts::{AccountStatus, Circumstance, HoldingFacts};
use crate::customers::error::CustomerRefusal;
use crate::rules::{CustomerDissociation, PROGRAMME_ZONE};

/// What is asked beside the relation itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::customers) struct EndFacts {
    pub(in crate::customers) holding: HoldingFacts,
    pub(in crate::customers) rule: CustomerDissociation,
    /// Whether the member who asks administers the partner.
    pub(in crate::customers) by_administrator: bool,
    pub(in crate::customers) now: DateTime<Utc>,
}

/// Each blocker, with the instant from which it is gone by itself where there is one.
pub(in crate::customers) fn blockers_of_end(
    facts: &EndFacts,
) -> Vec<(CustomerRefusal, Option<DateTime<Utc>>)> {
    let holding = &facts.holding;
    let mut blockers = Vec::new();
    if !facts.by_administrator {
        blockers.push((CustomerRefusal::AdministratorRequired, None));
    }
    if let Some(until) = too_often_until(facts) {
        let CustomerDissociation {
            maximum,
            within_months,
        } = facts.rule;
        let refusal = CustomerRefusal::DissociatedTooOften {
            maximum,
            within_months,
            until: until.with_timezone(&PROGRAMME_ZONE).date_naive(),
        };
        blockers.push((refusal, Some(until)));
    }
    if holding.status == Some(AccountStatus::Frozen) {
        blockers.push((CustomerRefusal::AccountFrozen, None));
    }
    let of_account = holding.circumstances.iter();
    blockers.extend(of_account.filter_map(|&it| Some((of_circumstance(it)?, None))));
    blockers
}

/// From when on the relation may end again, if it may not now: the time of the oldest end that still counts, and the
/// months of the rule.
fn too_often_until(facts: &EndFacts) -> Option<DateTime<Utc>> {
    let months = Months::new(facts.rule.within_months);
    // The latest come first, so this is the one that has to fall out of the window.
    let oldest = facts
        .holding
        .dissociated_at
        .get(facts.rule.maximum.saturating_sub(1))?;
    let until = oldest
        .with_timezone(&PROGRAMME_ZONE)
        .checked_add_months(months)?
        .with_timezone(&Utc);
    (facts.now < until).then_some(until)
}

fn of_circumstance(circumstance: Circumstance) -> Option<CustomerRefusal> {
    use Circumstance as C;
    match circumstance {
        C::UnpaidBills => Some(CustomerRefusal::AccountInDebt),
        C::ValidReservedInstance => Some(CustomerRefusal::AccountHasReservedInstance),
        C::SupportPlan => Some(CustomerRefusal::AccountHasSupportPlan),
        C::UnpaidOrders => Some(CustomerRefusal::AccountHasUnpaidOrders),
        C::MasterWithIndependentMembers => Some(CustomerRefusal::AccountHasIndependentMembers),
        C::SpecialContract
        | C::CustodySubAccount
        | C::PartnerOrApplying
        | C::PreregisteredByVendor
        | C::InSubsidyProgramme
        | C::ConsumerCloudUser
        | C::ProfessionalServiceContract
        | C::EnterpriseMember
        | C::MasterWithNonCustodyMembers
        | C::CreditAccount => None,
    }
}

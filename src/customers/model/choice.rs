//! Which of a person's accounts are offered, in which order, and which one is chosen beforehand (R-CUS-11). Pure.

use super::{Cause, Offer, causes_of};
use crate::catalogue::accounts::{AccountKind, Holding, VendorAccount};

/// An account that can be chosen, or why it cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) account: VendorAccount,
    /// What stands in the way of the association; empty when nothing does.
    pub(crate) causes: Vec<Cause>,
    /// Whether it is the one to take unless the person wants another: the first of the list.
    pub(crate) preselected: bool,
    /// Whether the person has an account of the other kind with the same name.
    pub(crate) has_namesake: bool,
}

/// All accounts of a person: cloud accounts first, then by name, the first of them preselected. One that cannot be
/// associated is told too, with its causes, and is not preselected while another one can.
pub(in crate::customers) fn choices(holdings: Vec<Holding>, offer: &Offer) -> Vec<Choice> {
    let names: Vec<(AccountKind, String)> = holdings
        .iter()
        .map(|holding| (holding.account.kind, folded(&holding.account)))
        .collect();
    let has_namesake = |account: &VendorAccount| {
        let own = folded(account);
        names
            .iter()
            .any(|(kind, name)| *kind != account.kind && *name == own)
    };
    let mut choices: Vec<Choice> = holdings
        .into_iter()
        .map(|holding| Choice {
            causes: causes_of(&holding, offer),
            has_namesake: has_namesake(&holding.account),
            preselected: false,
            account: holding.account,
        })
        .collect();
    choices.sort_by(|one, other| order(&one.account).cmp(&order(&other.account)));
    let first_open = choices.iter().position(|choice| choice.causes.is_empty());
    if let Some(chosen) = choices.get_mut(first_open.unwrap_or(0)) {
        chosen.preselected = true;
    }
    choices
}

fn order(account: &VendorAccount) -> (AccountKind, &str, &str) {
    (account.kind, &account.name, &account.id)
}

/// Names of accounts are the same in upper and lower case.
fn folded(account: &VendorAccount) -> String {
    account.name.to_lowercase()
}

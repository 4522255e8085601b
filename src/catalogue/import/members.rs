//! Facts about the people of partners: users of their IAM tenants, and reviews of members' qualifications. Pure.

use super::super::error::FactFault;
use super::facts::{Fact, Presence, QualifiedRole, ReviewProgress};
use super::table::Cells;
use crate::error::Faults;

const NUMBER_LENGTH: usize = 64;
const CODE_LENGTH: usize = 64;
const EMAIL_LENGTH: usize = 254;

/// A user of a partner's IAM tenant.
pub(super) struct IamUserRow {
    pub(super) organisation: String,
    pub(super) user_name: String,
    pub(super) email: String,
    pub(super) state: Presence,
}

impl Fact for IamUserRow {
    const COLUMNS: &'static [&'static str] = &["organisation", "user_name", "email", "state"];
    const KEY: &'static str = "user_name";

    fn read(cells: &Cells<'_>, faults: &mut Faults) -> Option<Self> {
        let organisation = cells.text(faults, "organisation", NUMBER_LENGTH);
        let user_name = cells.text(faults, "user_name", CODE_LENGTH);
        let email = cells.text(faults, "email", EMAIL_LENGTH);
        let is_address = |email: &str| email.len() >= 3 && email.contains('@');
        if email.as_deref().is_some_and(|email| !is_address(email)) {
            faults.add(FactFault::EmailInvalid.at(cells.place("email")));
        }
        let state = cells.word(
            faults,
            "state",
            (Presence::ALL, |word: Presence| word.as_str()),
        );
        Some(Self {
            organisation: organisation?,
            user_name: user_name?,
            email: email?,
            state: state?,
        })
    }

    fn key(&self) -> (&str, &str) {
        (&self.organisation, &self.user_name)
    }
}

/// The review of a member's qualification by the vendor.
pub(super) struct ReviewRow {
    pub(super) organisation: String,
    pub(super) account_name: String,
    pub(super) role: QualifiedRole,
    pub(super) state: ReviewProgress,
}

impl Fact for ReviewRow {
    const COLUMNS: &'static [&'static str] = &["organisation", "account_name", "role", "state"];
    const KEY: &'static str = "account_name";

    fn read(cells: &Cells<'_>, faults: &mut Faults) -> Option<Self> {
        let organisation = cells.text(faults, "organisation", NUMBER_LENGTH);
        let account_name = cells.text(faults, "account_name", CODE_LENGTH);
        let role = cells.word(
            faults,
            "role",
            (QualifiedRole::ALL, |word: QualifiedRole| word.as_str()),
        );
        let state = cells.word(
            faults,
            "state",
            (ReviewProgress::ALL, |word: ReviewProgress| word.as_str()),
        );
        Some(Self {
            organisation: organisation?,
            account_name: account_name?,
            role: role?,
            state: state?,
        })
    }

    fn key(&self) -> (&str, &str) {
        (&self.organisation, &self.account_name)
    }
}

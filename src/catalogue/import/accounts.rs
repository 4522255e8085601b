//! What the vendor states of accounts: the columns of the table, and a row of it. Pure.

use super::super::error::FactFault;
use super::facts::Fact;
use super::table::Cells;
use crate::error::Faults;
use crate::organisation::programmes::{AccountFlag, RealName};

const NUMBER_LENGTH: usize = 64;
const CODE_LENGTH: usize = 64;
const FLAGS_LENGTH: usize = 500;
const NAME_LENGTH: usize = 100;
const CONTACT_LENGTH: usize = 200;

pub(super) struct AccountRow {
    pub(super) organisation: String,
    pub(super) real_name: RealName,
    pub(super) credit_code: Option<String>,
    pub(super) flags: Vec<String>,
    /// Name and contact of the ecosystem manager.
    pub(super) manager: Option<(String, String)>,
}

impl Fact for AccountRow {
    const COLUMNS: &'static [&'static str] = &[
        "organisation",
        "real_name",
        "credit_code",
        "flags",
        "manager_name",
        "manager_contact",
    ];
    const KEY: &'static str = "organisation";

    fn read(cells: &Cells<'_>, faults: &mut Faults) -> Option<Self> {
        let organisation = cells.text(faults, "organisation", NUMBER_LENGTH);
        let real_name = cells.word(
            faults,
            "real_name",
            (RealName::ALL, |word: RealName| word.as_str()),
        );
        let credit_code = cells.optional_text(faults, "credit_code", CODE_LENGTH);
        let flags = cells.list(faults, "flags", FLAGS_LENGTH);
        for flag in flags.iter().flatten() {
            if AccountFlag::parse(flag).is_none() {
                let words: Vec<&str> = AccountFlag::ALL.iter().map(|flag| flag.as_str()).collect();
                let words = words.join(", ");
                faults.add(FactFault::WordUnknown { words }.at(cells.place("flags")));
            }
        }
        let name = cells.optional_text(faults, "manager_name", NAME_LENGTH);
        let contact = cells.optional_text(faults, "manager_contact", CONTACT_LENGTH);
        if let (Some(name), Some(contact)) = (&name, &contact)
            && name.is_none() != contact.is_none()
        {
            faults.add(FactFault::CellRequired.at(cells.place("manager_contact")));
        }
        Some(Self {
            organisation: organisation?,
            real_name: real_name?,
            credit_code: credit_code?,
            flags: flags?,
            manager: name?.zip(contact?),
        })
    }

    fn key(&self) -> (&str, &str) {
        (&self.organisation, "")
    }
}

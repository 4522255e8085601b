//! The facts about accounts of people: the columns of their table, and a row as typed values. Pure.

use super::super::accounts::{AccountKind, AccountStatus, Circumstance};
use super::super::error::FactFault;
use super::facts::Fact;
use super::table::Cells;
use crate::error::Faults;
use crate::words::words;

words! {
    /// A site as a table spells it.
    SiteWord {
        Cn = "CN",
        Intl = "INTL",
    }
}

const ACCOUNT_LENGTH: usize = 64;
const HOLDER_LENGTH: usize = 1_024;
const ADDRESS_LENGTH: usize = 254;
const CIRCUMSTANCES_LENGTH: usize = 1_000;

pub(super) struct CustomerAccountRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: AccountKind,
    pub(super) site: SiteWord,
    pub(super) status: AccountStatus,
    pub(super) country: String,
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) email: Option<String>,
    pub(super) mobile: Option<String>,
    pub(super) circumstances: Vec<Circumstance>,
}

impl Fact for CustomerAccountRow {
    const COLUMNS: &'static [&'static str] = &[
        "account",
        "name",
        "kind",
        "site",
        "status",
        "country",
        "issuer",
        "subject",
        "email",
        "mobile",
        "circumstances",
    ];
    const KEY: &'static str = "account";

    fn read(cells: &Cells<'_>, faults: &mut Faults) -> Option<Self> {
        let id = cells.text(faults, "account", ACCOUNT_LENGTH);
        let name = cells.text(faults, "name", ACCOUNT_LENGTH);
        let kind = cells.word(
            faults,
            "kind",
            (AccountKind::ALL, |word: AccountKind| word.as_str()),
        );
        let site = cells.word(
            faults,
            "site",
            (SiteWord::ALL, |word: SiteWord| word.as_str()),
        );
        let status = cells.word(
            faults,
            "status",
            (AccountStatus::ALL, |word: AccountStatus| word.as_str()),
        );
        let country = cells.text(faults, "country", ACCOUNT_LENGTH);
        let issuer = cells.text(faults, "issuer", HOLDER_LENGTH);
        let subject = cells.text(faults, "subject", HOLDER_LENGTH);
        let email = cells.optional_text(faults, "email", ADDRESS_LENGTH);
        let mobile = cells.optional_text(faults, "mobile", ACCOUNT_LENGTH);
        let circumstances = circumstances(cells, faults);
        Some(Self {
            id: id?,
            name: name?,
            kind: kind?,
            site: site?,
            status: status?,
            country: country?,
            issuer: issuer?,
            subject: subject?,
            email: email?,
            mobile: mobile?,
            circumstances: circumstances?,
        })
    }

    fn key(&self) -> (&str, &str) {
        (&self.id, "")
    }
}

fn circumstances(cells: &Cells<'_>, faults: &mut Faults) -> Option<Vec<Circumstance>> {
    let words = cells.list(faults, "circumstances", CIRCUMSTANCES_LENGTH)?;
    let known: Option<Vec<Circumstance>> =
        words.iter().map(|word| Circumstance::parse(word)).collect();
    if known.is_none() {
        let all: Vec<&str> = Circumstance::ALL.iter().map(|word| word.as_str()).collect();
        let words = all.join(", ");
        faults.add(FactFault::WordUnknown { words }.at(cells.place("circumstances")));
    }
    known
}

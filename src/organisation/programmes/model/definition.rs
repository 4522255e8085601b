//! What programmes and paths ask for, as the rule set has it, and what one agrees to.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Months, NaiveDate};
use serde::Deserialize;

use super::{AccountFlag, Contact, Path, Programme, Target, Term};
use crate::i18n::Locale;
use crate::rules::Rule;

/// Everything that can be joined, each with what it asks for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProgrammeCatalogue {
    pub(crate) programmes: BTreeMap<Programme, Definition>,
    pub(crate) paths: BTreeMap<Path, Definition>,
}

impl Rule for ProgrammeCatalogue {
    const NAME: &'static str = "programme.catalogue";
    const PROGRAMME: &'static str = "PORTAL";

    /// Without the network nobody could join anything.
    fn is_possible(&self) -> bool {
        let asks_for_itself = |network: &Definition| !network.has(Term::WithoutNetwork);
        let network = self.programmes.get(&Programme::Network);
        let all = self.programmes.values().chain(self.paths.values());
        network.is_some_and(|network| !asks_for_itself(network))
            && all.into_iter().all(Definition::is_possible)
    }
}

impl ProgrammeCatalogue {
    pub(crate) fn definition(&self, target: Target) -> Option<&Definition> {
        match target {
            Target::Programme(programme) => self.programmes.get(&programme),
            Target::Path(path) => self.paths.get(&path),
        }
    }
}

/// What one programme or path asks for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Definition {
    /// The code of the agreement.
    pub(crate) agreement: String,
    #[serde(default)]
    pub(crate) terms: BTreeSet<Term>,
    /// What an account must not have.
    #[serde(default)]
    pub(crate) forbidden: Vec<AccountFlag>,
    #[serde(default)]
    pub(crate) excluded_programmes: Vec<Programme>,
    #[serde(default)]
    pub(crate) required_path: Option<Path>,
    /// How long a membership holds; without end when absent.
    #[serde(default)]
    pub(crate) valid_months: Option<u32>,
}

impl Definition {
    pub(crate) fn has(&self, term: Term) -> bool {
        self.terms.contains(&term)
    }

    /// The first day on which a membership that begins on `day` does not hold any more.
    pub(crate) fn valid_until(&self, day: NaiveDate) -> Option<NaiveDate> {
        day.checked_add_months(Months::new(self.valid_months?))
    }

    fn is_possible(&self) -> bool {
        !self.agreement.is_empty()
            && self
                .valid_months
                .is_none_or(|months| (1..=120).contains(&months))
    }
}

/// How long an invitation to a programme or path can be taken up.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProgrammeInvitationRule {
    pub(crate) valid_days: i64,
}

impl Rule for ProgrammeInvitationRule {
    const NAME: &'static str = "programme.invitation";
    const PROGRAMME: &'static str = "PORTAL";

    fn is_possible(&self) -> bool {
        (1..=365).contains(&self.valid_days)
    }
}

/// Whom a partner asks that has no ecosystem manager (R-PRG-16).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VendorContact {
    pub(crate) name_zh: String,
    pub(crate) name_en: String,
    pub(crate) contact: String,
}

impl Rule for VendorContact {
    const NAME: &'static str = "vendor.contact";
    const PROGRAMME: &'static str = "PORTAL";

    fn is_possible(&self) -> bool {
        [&self.name_zh, &self.name_en, &self.contact]
            .iter()
            .all(|text| !text.trim().is_empty())
    }
}

impl From<VendorContact> for Contact {
    fn from(desk: VendorContact) -> Self {
        Self {
            // Refusals carry it before the reader's language is known.
            name: format!("{} {}", desk.name_zh, desk.name_en),
            contact: desk.contact,
        }
    }
}

/// A text of the vendor in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InBoth {
    pub(crate) zh: String,
    pub(crate) en: String,
}

impl InBoth {
    pub(crate) fn of(&self, locale: Locale) -> &str {
        match locale {
            Locale::ZhCn => &self.zh,
            Locale::En => &self.en,
        }
    }
}

/// One version of what one agrees to by joining (R-PRG-15).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Agreement {
    pub(crate) code: String,
    pub(crate) version: i32,
    pub(crate) effective_from: NaiveDate,
    pub(crate) title: InBoth,
    pub(crate) commitment: InBoth,
    pub(crate) body: InBoth,
}

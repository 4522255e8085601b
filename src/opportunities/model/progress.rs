//! Where the deal with the customer stands, and how the partner reports it.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

use super::{Action, Opportunity, ProgressStage, content};
use crate::calendar;
use crate::error::{Failure, Faults};
use crate::ids::{DocumentId, OpportunityId, OrganisationId, ProgressEntryId};
use crate::opportunities::error::Fault;

const PROSE_LENGTH: usize = 2000;
const DOCUMENTS: usize = 20;
/// Before this year a day is a slip of the finger.
const FIRST_YEAR: i32 = 2000;

impl ProgressStage {
    /// Whether the contract with the customer is signed, or was.
    pub(crate) fn is_signed(self) -> bool {
        match self {
            Self::Signed | Self::Delivering | Self::Delivered => true,
            Self::Qualifying | Self::Solution | Self::Negotiation | Self::Lost => false,
        }
    }

    /// Whether nothing more can come (R-OPP-9, R-OPP-34).
    pub(crate) fn is_final(self) -> bool {
        match self {
            Self::Delivered | Self::Lost => true,
            Self::Qualifying
            | Self::Solution
            | Self::Negotiation
            | Self::Signed
            | Self::Delivering => false,
        }
    }

    /// The stages that a report can name next: this one again or any later one, but nothing of a delivery before the
    /// contract is signed.
    pub(crate) fn reachable(from: Option<Self>) -> Vec<Self> {
        let stages = Self::ALL.iter().copied();
        stages
            .filter(|&next| next != Self::Lost && Self::step(from, next).is_ok())
            .collect()
    }

    fn step(from: Option<Self>, next: Self) -> Result<(), Fault> {
        let place = |stage: Self| Self::ALL.iter().position(|&one| one == stage);
        if from.is_some_and(|from| place(next) < place(from)) {
            return Err(Fault::StageBackward);
        }
        let delivers = matches!(next, Self::Delivering | Self::Delivered);
        if delivers && !from.is_some_and(Self::is_signed) {
            return Err(Fault::SignedFirst);
        }
        Ok(())
    }
}

/// What a report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProgressReport {
    pub(crate) stage: ProgressStage,
    /// In percent.
    pub(crate) win_probability: i32,
    pub(crate) note: String,
    pub(crate) technical_exchange: Option<String>,
    pub(crate) test_details: Option<String>,
    /// The day on which what it reports happened, such as the signature.
    pub(crate) occurred_on: Option<NaiveDate>,
    pub(crate) documents: Vec<DocumentId>,
}

/// One report on a deal; appended and never changed (R-OPP-30).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProgressEntry {
    pub(crate) organisation: OrganisationId,
    pub(crate) id: ProgressEntryId,
    pub(crate) opportunity: OpportunityId,
    pub(crate) report: ProgressReport,
    /// The global id of who wrote it.
    pub(crate) author: String,
    pub(crate) at: DateTime<Utc>,
}

impl ProgressReport {
    /// Without the white space around its texts; an empty one is none.
    fn trimmed(&self) -> Self {
        let given = |text: &Option<String>| {
            let text = text.as_deref().map(str::trim);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        Self {
            note: self.note.trim().to_owned(),
            technical_exchange: given(&self.technical_exchange),
            test_details: given(&self.test_details),
            ..self.clone()
        }
    }

    fn check(&self, from: Option<ProgressStage>, now: DateTime<Utc>) -> Result<(), Failure> {
        let mut faults = Faults::default();
        if self.stage == ProgressStage::Lost {
            faults.add(Fault::LostByReport.at("stage"));
        } else if let Err(fault) = ProgressStage::step(from, self.stage) {
            faults.add(fault.at("stage"));
        }
        if !(0..=100).contains(&self.win_probability) {
            faults.add(Fault::NotAPercentage.at("winProbability"));
        }
        if self.note.is_empty() {
            faults.add(Fault::NoteRequired.at("note"));
        }
        for (path, text) in [
            ("note", Some(&self.note)),
            ("technicalExchange", self.technical_exchange.as_ref()),
            ("testDetails", self.test_details.as_ref()),
        ] {
            let text = text.map_or("", String::as_str);
            content::check_prose(&mut faults, path, text, PROSE_LENGTH);
        }
        if let Some(day) = self.occurred_on
            && (day.year() < FIRST_YEAR || day > calendar::day_of(now))
        {
            faults.add(Fault::DayNotPast.at("occurredOn"));
        }
        if self.documents.len() > DOCUMENTS {
            let maximum = DOCUMENTS;
            faults.add(Fault::TooManyDocuments { maximum }.at("documentIds"));
        }
        if self.stage == ProgressStage::Delivered && self.documents.is_empty() {
            faults.add(Fault::EvidenceRequired.at("documentIds"));
        }
        faults.check()
    }
}

impl Opportunity {
    /// Takes a report in and answers it as it is kept (R-OPP-7, R-OPP-8, R-OPP-9).
    pub(crate) fn report(
        &mut self,
        report: &ProgressReport,
        now: DateTime<Utc>,
    ) -> Result<ProgressReport, Failure> {
        self.expect(Action::ProgressAdd)?;
        let mut report = report.trimmed();
        report.check(self.progress, now)?;
        report.documents.sort();
        report.documents.dedup();
        self.progress = Some(report.stage);
        self.win_probability = Some(report.win_probability);
        self.last_progress_at = Some(now);
        self.touch(now);
        Ok(report)
    }

    /// When the partner was last heard of: its newest entry, or the day on which both settled to work on it (R-OPP-33).
    ///
    /// `None` where no progress is owed: before that, and once the deal is over.
    pub(crate) fn progress_owed_since(&self) -> Option<DateTime<Utc>> {
        let owed = self.expect(Action::ProgressAdd).is_ok();
        let settled = self.review.settled_at().filter(|_| owed)?;
        Some(
            self.last_progress_at
                .map_or(settled, |last| last.max(settled)),
        )
    }
}

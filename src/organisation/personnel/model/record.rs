//! The record that the person and the partner's administrator maintain: employment, workplace, certificates, trainings and
//! projects. Pure.

use chrono::{DateTime, NaiveDate, Utc};

use super::{DedicatedPath, Employment, Profile};
use crate::error::{Code, Faults, Refusal};
use crate::ids::{DocumentId, PersonId, PersonnelRecordId};
use crate::words::words;

words! {
    /// What a line of the record is about.
    RecordKind {
        Certificate = "CERTIFICATE",
        Training = "TRAINING",
        Project = "PROJECT",
    }
}

/// Characters of a text at most.
const TEXT: usize = 200;
/// Lines of one kind at most.
const LINES: usize = 100;

/// A certificate, a training or a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) id: PersonnelRecordId,
    pub(crate) person: PersonId,
    pub(crate) kind: RecordKind,
    pub(crate) line: Line,
}

/// What stands in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) name: String,
    /// A certificate's number, or the part in a project.
    pub(crate) detail: Option<String>,
    pub(crate) from: NaiveDate,
    /// The last day.
    pub(crate) until: Option<NaiveDate>,
    pub(crate) document: Option<DocumentId>,
}

/// One line of an edit; without an id it is a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LineEdit {
    pub(crate) id: Option<PersonnelRecordId>,
    pub(crate) line: Line,
}

/// What is to be in the record: what is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RecordEdit {
    pub(crate) position: Option<String>,
    pub(crate) employment: Option<Employment>,
    pub(crate) base_location: Option<String>,
    pub(crate) started_on: Option<NaiveDate>,
    /// All lines of a kind, if any of them changes: what is not in the list is taken out.
    pub(crate) lines: Vec<(RecordKind, Vec<LineEdit>)>,
}

/// What an edit comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Edited {
    /// The fields, as the graph calls them.
    pub(crate) changed: Vec<&'static str>,
    pub(crate) added: Vec<(RecordKind, Line)>,
    pub(crate) replaced: Vec<(PersonnelRecordId, Line)>,
    pub(crate) removed: Vec<PersonnelRecordId>,
}

impl RecordKind {
    fn field(self) -> &'static str {
        match self {
            Self::Certificate => "certificates",
            Self::Training => "trainings",
            Self::Project => "projects",
        }
    }
}

impl Record {
    /// Whether it holds on a day; a certificate's last day is still one.
    pub(crate) fn is_valid_on(&self, day: NaiveDate) -> bool {
        self.line.from <= day && self.line.until.is_none_or(|until| day <= until)
    }
}

impl RecordEdit {
    /// Every fault of the input itself, as of `today`.
    pub(crate) fn faults(&self, today: NaiveDate, held: &[Record]) -> Faults {
        let mut faults = Faults::default();
        let texts = [
            ("position", self.position.as_deref()),
            ("baseLocation", self.base_location.as_deref()),
        ];
        for (field, text) in texts {
            if text.is_some_and(|text| !is_line(text)) {
                faults.add(text_refusal(field));
            }
        }
        if self.started_on.is_some_and(|day| day > today) {
            faults.add(Refusal::new(Code::InvalidInput, "DAY_IN_FUTURE").at("startedOn"));
        }
        for (kind, lines) in &self.lines {
            if lines.len() > LINES {
                faults.add(
                    Refusal::new(Code::Limited, "TOO_MANY_LINES")
                        .at(kind.field())
                        .with("maximum", LINES),
                );
            }
            for (place, edit) in lines.iter().enumerate() {
                let at = format!("{}.{place}", kind.field());
                edit.faults(&mut faults, (*kind, &at), held);
            }
            check_repeats(&mut faults, *kind, lines);
        }
        faults
    }

    /// Works the edit into what there is.
    pub(crate) fn apply(&self, profile: &mut Profile, held: &[Record]) -> Edited {
        let mut edited = Edited::default();
        let mut set = |field, is_changed: bool| {
            if is_changed {
                edited.changed.push(field);
            }
        };
        set(
            "position",
            put(&mut profile.position, self.position.as_ref()),
        );
        set(
            "employment",
            put(&mut profile.employment, self.employment.as_ref()),
        );
        let location = self.base_location.as_ref();
        set("baseLocation", put(&mut profile.base_location, location));
        set(
            "startedOn",
            put(&mut profile.started_on, self.started_on.as_ref()),
        );
        for (kind, lines) in &self.lines {
            edited.lines(*kind, lines, held);
        }
        edited
    }
}

impl Edited {
    fn lines(&mut self, kind: RecordKind, lines: &[LineEdit], held: &[Record]) {
        let before = (self.added.len(), self.replaced.len(), self.removed.len());
        for edit in lines {
            let known = held.iter().find(|record| Some(record.id) == edit.id);
            match known {
                Some(record) if record.line == edit.line => {}
                Some(record) => self.replaced.push((record.id, edit.line.clone())),
                None => self.added.push((kind, edit.line.clone())),
            }
        }
        let kept = |record: &&Record| lines.iter().any(|edit| edit.id == Some(record.id));
        let gone = held.iter().filter(|record| record.kind == kind);
        self.removed
            .extend(gone.filter(|record| !kept(record)).map(|record| record.id));
        if before != (self.added.len(), self.replaced.len(), self.removed.len()) {
            self.changed.push(kind.field());
        }
    }
}

impl LineEdit {
    fn faults(&self, faults: &mut Faults, (kind, at): (RecordKind, &str), held: &[Record]) {
        let line = &self.line;
        if !is_line(&line.name) {
            faults.add(text_refusal(&format!("{at}.name")));
        }
        if line.detail.as_deref().is_some_and(|text| !is_line(text)) {
            faults.add(text_refusal(&format!("{at}.detail")));
        }
        if line.until.is_some_and(|until| until < line.from) {
            let refusal = Refusal::new(Code::InvalidInput, "DAYS_REVERSED");
            faults.add(refusal.at(&format!("{at}.until")));
        }
        let known = |id| {
            held.iter()
                .any(|record| record.id == id && record.kind == kind)
        };
        if self.id.is_some_and(|id| !known(id)) {
            let refusal = Refusal::new(Code::NotFound, "RECORD_NOT_FOUND");
            faults.add(refusal.at(&format!("{at}.id")));
        }
    }
}

fn check_repeats(faults: &mut Faults, kind: RecordKind, lines: &[LineEdit]) {
    let mut ids: Vec<_> = lines.iter().filter_map(|edit| edit.id).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() < all {
        faults.add(Refusal::new(Code::InvalidInput, "RECORD_REPEATED").at(kind.field()));
    }
}

fn text_refusal(at: &str) -> Refusal {
    Refusal::new(Code::InvalidInput, "LINE_INVALID")
        .at(at)
        .with("maximum", TEXT)
}

fn put<T: Clone + PartialEq>(held: &mut Option<T>, given: Option<&T>) -> bool {
    match given {
        Some(given) if held.as_ref() != Some(given) => {
            *held = Some(given.clone());
            true
        }
        Some(_) | None => false,
    }
}

fn is_line(text: &str) -> bool {
    let length = text.chars().count();
    (1..=TEXT).contains(&length) && text.trim() == text && !text.contains(char::is_control)
}

/// A time in which a person was dedicated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dedication {
    pub(crate) person: PersonId,
    pub(crate) path: DedicatedPath,
    pub(crate) from: DateTime<Utc>,
    /// Exclusive.
    pub(crate) until: Option<DateTime<Utc>>,
}

impl Dedication {
    /// Whether it covers an instant (R-DED-16).
    pub(crate) fn holds_at(&self, at: DateTime<Utc>, path: DedicatedPath) -> bool {
        self.path == path && self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn line(name: &str) -> Line {
        Line {
            name: name.to_owned(),
            detail: None,
            from: day("2025-01-01"),
            until: Some(day("2026-12-31")),
            document: None,
        }
    }

    fn record(number: u128) -> Record {
        Record {
            id: PersonnelRecordId(Uuid::from_u128(number)),
            person: PersonId(Uuid::nil()),
            kind: RecordKind::Certificate,
            line: line(&number.to_string()),
        }
    }

    #[test]
    fn a_certificate_holds_through_its_last_day() {
        let held = record(1);
        assert!(!held.is_valid_on(day("2024-12-31")));
        assert!(held.is_valid_on(day("2025-01-01")));
        assert!(held.is_valid_on(day("2026-12-31")));
        assert!(!held.is_valid_on(day("2027-01-01")));
    }

    #[test]
    fn an_edit_adds_replaces_and_takes_out_and_says_what_changed() {
        let held = [record(1), record(2), record(3)];
        let mut profile = Profile {
            position: Some("Architect".to_owned()),
            ..Profile::default()
        };
        let edit = RecordEdit {
            position: Some("Architect".to_owned()),
            base_location: Some("北京".to_owned()),
            lines: vec![(
                RecordKind::Certificate,
                vec![
                    LineEdit {
                        id: Some(held[0].id),
                        line: held[0].line.clone(),
                    },
                    LineEdit {
                        id: Some(held[1].id),
                        line: line("other"),
                    },
                    LineEdit {
                        id: None,
                        line: line("new"),
                    },
                ],
            )],
            ..RecordEdit::default()
        };

        assert!(edit.faults(day("2026-11-27"), &held).check().is_ok());
        let edited = edit.apply(&mut profile, &held);

        assert_eq!(edited.changed, ["baseLocation", "certificates"]);
        assert_eq!(edited.added, [(RecordKind::Certificate, line("new"))]);
        assert_eq!(edited.replaced, [(held[1].id, line("other"))]);
        assert_eq!(edited.removed, [held[2].id]);
        assert_eq!(profile.base_location.as_deref(), Some("北京"));
    }

    #[test]
    fn every_fault_of_an_edit_is_told_at_its_place() {
        let edit = RecordEdit {
            position: Some(" ".to_owned()),
            started_on: Some(day("2027-01-01")),
            lines: vec![(
                RecordKind::Project,
                vec![LineEdit {
                    // A certificate's id is no project's.
                    id: Some(record(1).id),
                    line: Line {
                        until: Some(day("2024-01-01")),
                        ..line("")
                    },
                }],
            )],
            ..RecordEdit::default()
        };

        let faults = edit.faults(day("2026-11-27"), &[record(1)]).check();

        let Err(crate::error::Failure::Refused(refusals)) = faults else {
            panic!("there are faults");
        };
        let told: Vec<_> = refusals
            .iter()
            .map(|it| (it.reason.0, it.path.join(".")))
            .collect();
        let told: Vec<_> = told
            .iter()
            .map(|(reason, path)| (*reason, path.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("LINE_INVALID", "position"),
                ("DAY_IN_FUTURE", "startedOn"),
                ("LINE_INVALID", "projects.0.name"),
                ("DAYS_REVERSED", "projects.0.until"),
                ("RECORD_NOT_FOUND", "projects.0.id"),
            ]
        );
    }

    #[test]
    fn r_ded_16_a_dedication_holds_from_its_first_instant_until_before_its_end() {
        let (from, until) = (
            DateTime::UNIX_EPOCH,
            DateTime::UNIX_EPOCH + TimeDelta::days(9),
        );
        let held = Dedication {
            person: PersonId(Uuid::nil()),
            path: DedicatedPath::Service,
            from,
            until: Some(until),
        };
        let instant = TimeDelta::microseconds(1);

        assert!(held.holds_at(from, DedicatedPath::Service));
        assert!(!held.holds_at(from - instant, DedicatedPath::Service));
        assert!(held.holds_at(until - instant, DedicatedPath::Service));
        assert!(!held.holds_at(until, DedicatedPath::Service));
        assert!(!held.holds_at(from, DedicatedPath::Learning));
    }
}

//! What an invitation and a change of the record are given.

use async_graphql::{ID, InputObject, OneofObject};
use uuid::Uuid;

use super::super::model::account::Target as Invitee;
use super::super::model::record::{Line, LineEdit, RecordEdit, RecordKind};
use super::EmploymentKind;
use crate::graphql::{Date, Version, global_id};

/// By what a person is looked for: exactly one of them.
#[derive(OneofObject)]
pub(super) enum DedicatedPersonInvitee {
    /// A mobile number; one of mainland China may leave the country out.
    Mobile(String),
    /// An e-mail address.
    Email(String),
    /// The name of the personal account.
    AccountName(String),
}

/// A certificate, a training or a project.
#[derive(InputObject)]
pub(super) struct PersonnelLineInput {
    /// The line that it replaces; without one it is a new line.
    id: Option<ID>,
    /// 1 to 200 characters.
    name: String,
    /// A certificate's number, who taught, or the part in a project; 1 to 200 characters.
    detail: Option<String>,
    /// The first day.
    from: Date,
    /// The last day; without one it goes on.
    until: Option<Date>,
    /// The proof: a complete document of the partner's.
    document_id: Option<ID>,
}

/// Changes the record of a person. What is left out or null stays as it is.
#[derive(InputObject)]
pub(super) struct DedicatedPersonUpdateInput {
    /// The person that it is about.
    pub(super) dedicated_person_id: ID,
    /// The version that was read; another one in the meantime refuses the change.
    pub(super) expected_version: Version,
    /// What the person works as; 1 to 200 characters.
    position: Option<String>,
    /// On what terms the person works for the partner.
    employment: Option<EmploymentKind>,
    /// The usual workplace; 1 to 200 characters.
    base_location: Option<String>,
    /// Since when the person works with the vendor's cloud; not in the future.
    started_on: Option<Date>,
    /// All certificates, at most 100: one that is not in the list is taken out.
    certificates: Option<Vec<PersonnelLineInput>>,
    /// All trainings, at most 100: one that is not in the list is taken out.
    trainings: Option<Vec<PersonnelLineInput>>,
    /// All projects, at most 100: one that is not in the list is taken out.
    projects: Option<Vec<PersonnelLineInput>>,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    pub(super) idempotency_key: Uuid,
}

impl From<DedicatedPersonInvitee> for Invitee {
    fn from(given: DedicatedPersonInvitee) -> Self {
        match given {
            DedicatedPersonInvitee::Mobile(text) => Self::Mobile(text),
            DedicatedPersonInvitee::Email(text) => Self::Email(text),
            DedicatedPersonInvitee::AccountName(text) => Self::AccountName(text),
        }
    }
}

impl From<PersonnelLineInput> for LineEdit {
    fn from(given: PersonnelLineInput) -> Self {
        Self {
            id: given.id.map(|id| global_id(&id)),
            line: Line {
                name: given.name,
                detail: given.detail,
                from: given.from.0,
                until: given.until.map(|day| day.0),
                document: given.document_id.map(|id| global_id(&id)),
            },
        }
    }
}

impl From<DedicatedPersonUpdateInput> for RecordEdit {
    fn from(given: DedicatedPersonUpdateInput) -> Self {
        let kinds = [
            (RecordKind::Certificate, given.certificates),
            (RecordKind::Training, given.trainings),
            (RecordKind::Project, given.projects),
        ];
        let lines = kinds.into_iter().filter_map(|(kind, lines)| {
            Some((kind, lines?.into_iter().map(LineEdit::from).collect()))
        });
        Self {
            position: given.position,
            employment: given.employment.map(Into::into),
            base_location: given.base_location,
            started_on: given.started_on.map(|day| day.0),
            lines: lines.collect(),
        }
    }
}

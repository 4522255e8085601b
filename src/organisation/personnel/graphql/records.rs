//! Certificates, trainings and projects of a person.

use async_graphql::{Context, ID, Object};
use chrono::NaiveDate;

use super::super::model::record::{Record, RecordKind};
use super::super::service::Readable;
use super::loaders::RecordOf;
use crate::documents::DocumentObject;
use crate::graphql::{Date, Result, loaded};
use crate::ids::Tagged as _;

/// The lines of one kind; `None` when nothing is shared.
pub(super) async fn of(
    ctx: &Context<'_>,
    readable: &Readable,
    kind: RecordKind,
) -> Result<Option<Vec<Record>>> {
    if readable.person.profile.is_none() {
        return Ok(None);
    }
    let records = loaded(ctx, RecordOf(readable.person.id)).await?;
    let records = records.unwrap_or_default().into_iter();
    Ok(Some(records.filter(|record| record.kind == kind).collect()))
}

async fn document(ctx: &Context<'_>, record: &Record) -> Result<Option<DocumentObject>> {
    match record.line.document {
        Some(id) => Ok(loaded(ctx, id).await?.map(DocumentObject)),
        None => Ok(None),
    }
}

pub(crate) struct CertificateObject(pub(super) Record, pub(super) NaiveDate);

/// A certificate of a dedicated person.
#[Object(name = "PersonnelCertificate")]
impl CertificateObject {
    /// Opaque; names the line in a change of the record.
    async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// What it certifies, such as a level and a subject.
    async fn name(&self) -> &str {
        &self.0.line.name
    }

    /// Its number.
    async fn number(&self) -> Option<&str> {
        self.0.line.detail.as_deref()
    }

    /// The first day on which it is valid.
    async fn valid_from(&self) -> Date {
        Date(self.0.line.from)
    }

    /// The last day on which it is valid; null when it does not end.
    async fn valid_until(&self) -> Option<Date> {
        self.0.line.until.map(Date)
    }

    /// Whether it is valid today, in the programme's zone. Nobody has to write down that it expired.
    async fn is_valid(&self) -> bool {
        self.0.is_valid_on(self.1)
    }

    /// The uploaded proof; null when there is none, or when it is not the viewer's to read.
    async fn document(&self, ctx: &Context<'_>) -> Result<Option<DocumentObject>> {
        document(ctx, &self.0).await
    }
}

pub(crate) struct TrainingObject(pub(super) Record);

/// A training that a dedicated person took.
#[Object(name = "PersonnelTraining")]
impl TrainingObject {
    /// Opaque; names the line in a change of the record.
    async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// What was taught.
    async fn name(&self) -> &str {
        &self.0.line.name
    }

    /// Who taught, or what came of it.
    async fn detail(&self) -> Option<&str> {
        self.0.line.detail.as_deref()
    }

    /// Its first day.
    async fn started_on(&self) -> Date {
        Date(self.0.line.from)
    }

    /// Its last day; null while it goes on.
    async fn ended_on(&self) -> Option<Date> {
        self.0.line.until.map(Date)
    }

    /// The uploaded proof; null when there is none, or when it is not the viewer's to read.
    async fn document(&self, ctx: &Context<'_>) -> Result<Option<DocumentObject>> {
        document(ctx, &self.0).await
    }
}

pub(crate) struct ProjectObject(pub(super) Record);

/// A project in which a dedicated person works or worked.
#[Object(name = "PersonnelProject")]
impl ProjectObject {
    /// Opaque; names the line in a change of the record.
    async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// The project's name.
    async fn name(&self) -> &str {
        &self.0.line.name
    }

    /// The person's part in it.
    async fn part(&self) -> Option<&str> {
        self.0.line.detail.as_deref()
    }

    /// The person's first day in it.
    async fn started_on(&self) -> Date {
        Date(self.0.line.from)
    }

    /// The person's last day in it; null while it goes on.
    async fn ended_on(&self) -> Option<Date> {
        self.0.line.until.map(Date)
    }

    /// The uploaded proof; null when there is none, or when it is not the viewer's to read.
    async fn document(&self, ctx: &Context<'_>) -> Result<Option<DocumentObject>> {
        document(ctx, &self.0).await
    }
}

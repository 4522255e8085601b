//! What the partner asked the vendor for, and since when a person was dedicated.

use async_graphql::{Context, Enum, ID, Object};
use chrono::{DateTime, Utc};

use super::super::model::DedicatedPath;
use super::super::model::moves::Action;
use super::super::service::Readable;
use super::super::store::applications::{self, Application};
use super::DedicatedPathValue;
use super::loaders::{ApplicationsOf, DedicatedAt, WaitedSince};
use crate::documents::DocumentObject;
use crate::graphql::{Result, loaded, loaded_all};
use crate::ids::Tagged as _;

/// What the partner asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(
    name = "PersonnelApplicationKind",
    remote = "applications::ApplicationKind"
)]
enum ApplicationKind {
    /// Dedicated status.
    Apply,
    /// The end of the dedicated status.
    Cancel,
}

/// What became of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(
    name = "PersonnelApplicationState",
    remote = "applications::ApplicationState"
)]
enum ApplicationState {
    /// The vendor has not decided yet.
    UnderReview,
    /// The vendor agreed.
    Approved,
    /// The vendor refused, with a reason.
    Rejected,
    /// The partner took it back.
    Withdrawn,
    /// The association or the dedicated status ended before the vendor decided.
    Ended,
}

pub(crate) struct ApplicationObject(Application);

/// What the partner asked the vendor for: dedicated status, or its end.
#[Object(name = "PersonnelApplication")]
impl ApplicationObject {
    /// Opaque.
    async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// What is asked for.
    async fn kind(&self) -> ApplicationKind {
        self.0.kind.into()
    }

    /// The path that it is about.
    async fn path(&self) -> DedicatedPathValue {
        self.0.path.into()
    }

    /// Why the status is to end; null for an application for it.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The materials; without those that are not the viewer's to read.
    async fn documents(&self, ctx: &Context<'_>) -> Result<Vec<DocumentObject>> {
        let documents = loaded_all(ctx, &self.0.documents).await?;
        Ok(documents.into_iter().map(DocumentObject).collect())
    }

    /// What became of it.
    async fn state(&self) -> ApplicationState {
        self.0.state.into()
    }

    /// When the partner asked.
    async fn submitted_at(&self) -> DateTime<Utc> {
        self.0.submitted_at
    }

    /// When it was over; null while it is not.
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }

    /// Why the vendor refused.
    async fn decision_reason(&self) -> Option<&str> {
        self.0.decision_reason.as_deref()
    }
}

pub(super) async fn of(
    ctx: &Context<'_>,
    readable: &Readable,
) -> Result<Option<Vec<ApplicationObject>>> {
    if readable.person.profile.is_none() {
        return Ok(None);
    }
    let found = loaded(ctx, ApplicationsOf(readable.person.id)).await?;
    let found = found.unwrap_or_default().into_iter();
    Ok(Some(found.map(ApplicationObject).collect()))
}

pub(super) async fn age(ctx: &Context<'_>, readable: &Readable) -> Result<Option<i64>> {
    if Action::Decide.refusal(readable.person.state).is_some() {
        return Ok(None);
    }
    loaded(ctx, WaitedSince(readable.person.changed_at)).await
}

pub(super) async fn was_dedicated(
    ctx: &Context<'_>,
    readable: &Readable,
    (at, path): (DateTime<Utc>, DedicatedPath),
) -> Result<bool> {
    let asked = DedicatedAt(readable.person.id, at, path);
    Ok(loaded(ctx, asked).await?.unwrap_or(false))
}

//! What the partner reported of a deal, as a client reads it.

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};

use super::super::model::ProgressEntry;
use super::super::service;
use super::OpportunityProgressStage;
use super::rounds::member;
use crate::documents::DocumentObject;
use crate::graphql::{
    ContextExt as _, Date, PageInput, Read, Result, Totals, answer, connection, loaded_all,
};
use crate::ids::{OpportunityId, Tagged as _};
use crate::organisation::MemberObject;
use crate::paging::{Direction, Position, Sort, SortKey};

const NEWEST_FIRST: Sort = Sort {
    name: "AT",
    column: "at",
    direction: Direction::Descending,
};

pub(crate) type OpportunityProgressConnection =
    Connection<String, OpportunityProgressEntry, Totals, EmptyFields>;

pub(crate) struct OpportunityProgressEntry(ProgressEntry);

/// One report of the partner on a deal. It is never changed; a mistake is followed by another report.
#[Object]
impl OpportunityProgressEntry {
    /// Stable; not an object of its own.
    async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// Where the deal stood.
    async fn stage(&self) -> OpportunityProgressStage {
        self.0.report.stage.into()
    }

    /// How sure the partner was that the deal comes, in percent.
    async fn win_probability(&self) -> i32 {
        self.0.report.win_probability
    }

    /// What happened.
    async fn note(&self) -> &str {
        &self.0.report.note
    }

    /// What was talked over with the customer's technicians.
    async fn technical_exchange(&self) -> Option<&str> {
        self.0.report.technical_exchange.as_deref()
    }

    /// What was tried out at the customer's.
    async fn test_details(&self) -> Option<&str> {
        self.0.report.test_details.as_deref()
    }

    /// The day on which it happened, such as that of the signature.
    async fn occurred_on(&self) -> Option<Date> {
        self.0.report.occurred_on.map(Date)
    }

    /// What proves it.
    async fn documents(&self, ctx: &Context<'_>) -> Result<Vec<DocumentObject>> {
        let documents = loaded_all(ctx, &self.0.report.documents).await?;
        Ok(documents.into_iter().map(DocumentObject).collect())
    }

    /// The member who wrote it; null when a machine did.
    async fn author(&self, ctx: &Context<'_>) -> Result<Option<MemberObject>> {
        member(ctx, &self.0.author).await
    }

    /// When it was written.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }
}

/// A page of the reports on one opportunity.
pub(super) async fn connection_of(
    ctx: &Context<'_>,
    opportunity: OpportunityId,
    page: PageInput,
) -> Result<Option<OpportunityProgressConnection>> {
    let window = page.window(ctx, NEWEST_FIRST)?;
    let loaders = ctx.loaders();
    let Read { snapshot, viewer } = loaders.loader();
    let page = service::entries(viewer, snapshot, opportunity, (NEWEST_FIRST, &window)).await;
    let page = answer(ctx, page)?;
    let total = if Totals::are_selected(ctx) {
        let count = service::count_entries(viewer, snapshot, opportunity).await;
        Some(answer(ctx, count)?)
    } else {
        None
    };
    Ok(Some(connection(
        ctx,
        (page, NEWEST_FIRST, Totals::of(total)),
        |entry| Position {
            key: SortKey::Instant(entry.at),
            id: entry.id.0,
        },
        OpportunityProgressEntry,
    )))
}

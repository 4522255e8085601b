//! Relay connections over [`crate::paging`].

use async_graphql::connection::{Connection, Edge, EmptyFields};
use async_graphql::{Context, Enum, OutputType, SimpleObject};

use super::context::ContextExt as _;
use super::error::{Result, refused};
use crate::error::{Code, Refusal};
use crate::paging::{Direction, LARGEST_COUNT, LARGEST_PAGE, Page, Position, Sort, Window};

/// What a page is when nobody says how large.
const DEFAULT_PAGE: u32 = 20;

/// Which way a list runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Direction")]
pub(crate) enum SortDirection {
    /// The smallest or oldest first.
    Ascending,
    /// The largest or newest first.
    Descending,
}

/// The four paging arguments of a connection, as they came.
#[derive(Debug, Default)]
pub(crate) struct PageInput {
    pub(crate) first: Option<i32>,
    pub(crate) after: Option<String>,
    pub(crate) last: Option<i32>,
    pub(crate) before: Option<String>,
}

impl PageInput {
    /// The four paging arguments of a connection, as the client gave them.
    pub(crate) fn of(
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Self {
        Self {
            first,
            after,
            last,
            before,
        }
    }

    /// Reads the arguments for a list under this sort.
    pub(crate) fn window(&self, ctx: &Context<'_>, sort: Sort) -> Result<Window> {
        let size = |count: Option<i32>, argument| {
            let count = count.map_or(Some(DEFAULT_PAGE), |count| u32::try_from(count).ok());
            count
                .filter(|count| (1..=LARGEST_PAGE).contains(count))
                .ok_or_else(|| {
                    refused(
                        ctx,
                        &Refusal::new(Code::InvalidInput, "PAGE_SIZE_INVALID")
                            .at(argument)
                            .with("maximum", LARGEST_PAGE),
                    )
                })
        };
        let position = |cursor: &Option<String>, argument| {
            let decoded = cursor
                .as_deref()
                .map(|cursor| ctx.cursors().decode(sort, cursor, argument));
            decoded
                .transpose()
                .map_err(|refusal| refused(ctx, &refusal))
        };
        match (self.first, self.last) {
            (Some(_), Some(_)) => Err(refused(
                ctx,
                &Refusal::new(Code::InvalidInput, "PAGE_SIZE_INVALID")
                    .at("last")
                    .with("maximum", LARGEST_PAGE),
            )),
            (None, Some(_)) => Ok(Window::Last {
                count: size(self.last, "last")?,
                before: position(&self.before, "before")?,
            }),
            _ => Ok(Window::First {
                count: size(self.first, "first")?,
                after: position(&self.after, "after")?,
            }),
        }
    }
}

/// How many there are in all; counted only when asked for.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Totals {
    /// The number of all matching records, up to 1,000; null when it was not selected.
    total_count: Option<i32>,
    /// Whether there are more than totalCount says.
    total_count_is_capped: Option<bool>,
}

impl Totals {
    pub(crate) fn of(count: Option<i64>) -> Self {
        Self {
            total_count: count.and_then(|count| i32::try_from(count.min(LARGEST_COUNT)).ok()),
            total_count_is_capped: count.map(|count| count > LARGEST_COUNT),
        }
    }

    /// Whether a client selected it; else nothing is counted.
    pub(crate) fn are_selected(ctx: &Context<'_>) -> bool {
        let ahead = ctx.look_ahead();
        ahead.field("totalCount").exists() || ahead.field("totalCountIsCapped").exists()
    }
}

/// Makes a connection of a page of a list that nobody counts.
pub(crate) fn plain_connection<M, N: OutputType>(
    ctx: &Context<'_>,
    (page, sort): (Page<M>, Sort),
    position: impl Fn(&M) -> Position,
    object: impl Fn(M) -> N,
) -> Connection<String, N, EmptyFields, EmptyFields> {
    let mut connection = Connection::new(page.has_previous, page.has_next);
    connection.edges.extend(page.items.into_iter().map(|item| {
        let cursor = ctx.cursors().encode(sort, position(&item));
        Edge::new(cursor, object(item))
    }));
    connection
}

/// Makes a connection of a page; `position` tells where an item stands under the sort.
pub(crate) fn connection<M, N: OutputType>(
    ctx: &Context<'_>,
    (page, sort, totals): (Page<M>, Sort, Totals),
    position: impl Fn(&M) -> Position,
    object: impl Fn(M) -> N,
) -> Connection<String, N, Totals, EmptyFields> {
    let mut connection =
        Connection::with_additional_fields(page.has_previous, page.has_next, totals);
    connection.edges.extend(page.items.into_iter().map(|item| {
        let cursor = ctx.cursors().encode(sort, position(&item));
        Edge::new(cursor, object(item))
    }));
    connection
}

//! The graph: its roots, and what all domains share to be in it. Translation only; no rule is decided here.

pub mod answer;
mod connection;
mod context;
mod error;
mod execute;
mod explain;
pub mod gate;
mod node;
mod nullable;
mod scalars;

use async_graphql::{EmptySubscription, MergedObject, Schema};

use crate::organisation::Duties;

pub(crate) use connection::{PageInput, SortDirection, Totals, connection};
pub(crate) use context::{ContextExt, Portal, Read, loaded, loaded_all};
pub use context::{Request, RequestParts, SessionChange};
pub(crate) use error::{Result, UserError, answer, global_id, payload};
pub use execute::execute;
pub(crate) use explain::{ActionPermission, Transition};
pub(crate) use scalars::{Currency, Date, Decimal, Money, MoneyInput, Version};

#[derive(MergedObject, Default)]
pub struct Query(
    node::NodeQuery,
    crate::identity::IdentityQuery,
    crate::organisation::OrganisationQuery,
    crate::organisation::invitations::InvitationQuery,
    crate::organisation::members::MemberQuery,
    crate::opportunities::OpportunityQuery,
    crate::resellers::ResellerQuery,
    crate::incentives::IncentiveQuery,
    crate::catalogue::CatalogueQuery,
    crate::documents::DocumentQuery,
    crate::notices::NoticeQuery,
);

#[derive(MergedObject, Default)]
pub struct Mutation(
    crate::identity::IdentityMutation,
    crate::organisation::invitations::InvitationMutation,
    crate::organisation::members::MemberMutation,
    crate::opportunities::OpportunityMutation,
    crate::opportunities::OpportunityBatchMutation,
    crate::resellers::ResellerMutation,
    crate::catalogue::CatalogueMutation,
    crate::documents::DocumentMutation,
    crate::notices::NoticeMutation,
);

pub type PorticoSchema = Schema<Query, Mutation, EmptySubscription>;

/// The whole graph. What a request needs is given with the request (`context.rs`).
///
/// `duties` is what later domains say about a member who is to go.
pub(crate) fn schema(duties: Duties, portal: Portal) -> PorticoSchema {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .data(duties)
        .data(portal)
        .extension(nullable::NullableFields)
        .disable_suggestions()
        .finish()
}

/// The contract as text: sorted, so that a difference is a change.
pub fn sdl() -> String {
    let options = async_graphql::SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items();
    schema(Duties::default(), Portal::default()).sdl_with_options(options)
}

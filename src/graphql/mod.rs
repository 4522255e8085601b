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

use crate::deadlines::Expiries;
use crate::organisation::{Duties, Sites};
use crate::sandbox::Stops;

pub(crate) use connection::{PageInput, SortDirection, Totals, connection, plain_connection};
pub(crate) use context::{ContextExt, Portal, Read, loaded, loaded_all};
pub use context::{Request, RequestParts, SessionChange};
pub(crate) use error::{Result, UserError, answer, global_id, payload, refused};
pub use execute::execute;
pub(crate) use explain::{ActionPermission, Blocker, Transition};
pub(crate) use node::{Node, found_node};
pub(crate) use scalars::{Currency, Date, Decimal, Money, MoneyInput, Version};

#[derive(MergedObject, Default)]
pub struct Query(
    node::NodeQuery,
    crate::sandbox::SandboxQuery,
    crate::identity::IdentityQuery,
    crate::identity::ServiceAccountQuery,
    crate::organisation::OrganisationQuery,
    crate::organisation::DoctorQuery,
    crate::organisation::roles::RoleQuery,
    crate::organisation::invitations::InvitationQuery,
    crate::organisation::members::MemberQuery,
    crate::organisation::personnel::PersonnelQuery,
    crate::organisation::programmes::ProgrammeQuery,
    crate::opportunities::OpportunityQuery,
    crate::opportunities::OpportunityCheckQuery,
    crate::customers::CustomerQuery,
    crate::resellers::ResellerQuery,
    crate::incentives::IncentiveQuery,
    crate::catalogue::CatalogueQuery,
    crate::documents::DocumentQuery,
    crate::calendar::CalendarQuery,
    crate::timeline::TimelineQuery,
    crate::notices::NoticeQuery,
    crate::inbox::InboxQuery,
    crate::inbox::NavigationQuery,
    crate::rules::RuleQuery,
);

#[derive(MergedObject, Default)]
pub struct Mutation(
    crate::sandbox::SandboxMutation,
    crate::sandbox::SandboxScriptMutation,
    crate::identity::IdentityMutation,
    crate::identity::SessionMutation,
    crate::identity::ServiceAccountMutation,
    crate::organisation::OrganisationMutation,
    crate::organisation::SiteHintMutation,
    crate::organisation::invitations::InvitationMutation,
    crate::organisation::members::MemberMutation,
    crate::organisation::personnel::PersonnelMutation,
    crate::organisation::personnel::PersonnelApplicationMutation,
    crate::organisation::members::MemberRevealMutation,
    crate::organisation::programmes::ProgrammeMutation,
    crate::organisation::programmes::ProgrammeReviewMutation,
    crate::organisation::main_account::MainAccountMutation,
    crate::organisation::members::ProfileMutation,
    crate::organisation::roles::RoleMutation,
    crate::organisation::contacts::CustomerContactMutation,
    crate::opportunities::OpportunityMutation,
    crate::opportunities::OpportunityBatchMutation,
    crate::opportunities::OpportunityRevealMutation,
    crate::opportunities::OpportunityCheckMutation,
    crate::customers::CustomerInvitationMutation,
    crate::customers::CustomerMutation,
    crate::resellers::ResellerMutation,
    crate::catalogue::CatalogueMutation,
    crate::documents::DocumentMutation,
    crate::calendar::CalendarMutation,
    crate::notices::NoticeMutation,
    crate::rules::RuleMutation,
);

pub type PorticoSchema = Schema<Query, Mutation, EmptySubscription>;

/// What the graph is built with beside what each request brings.
#[derive(Default)]
pub(crate) struct Seams {
    /// What later domains say about a member who is to go.
    pub(crate) duties: Duties,
    /// What domains make of a deadline that passes or moves.
    pub(crate) expiries: Expiries,
    /// Where else people may belong.
    pub(crate) sites: Sites,
    /// What runs while a sandbox travels.
    pub(crate) stops: Stops,
    pub(crate) portal: Portal,
}

/// The whole graph. What a request needs is given with the request (`context.rs`).
pub(crate) fn schema(seams: Seams) -> PorticoSchema {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .data(seams.duties)
        .data(seams.expiries)
        .data(seams.sites)
        .data(seams.stops)
        .data(seams.portal)
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
    schema(Seams::default()).sdl_with_options(options)
}

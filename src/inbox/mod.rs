//! The inbox: everything that waits on the viewer or on its organisation, over all domains, in one order.
//!
//! * **Item**: one thing that waits, and what to do about it.
//! * **Source**: a domain's question about its own rows; the domain says who may see and who may act.
//! * **Rank**: the least working time left first, then the most money at risk, then the longest wait.

mod graphql;
mod navigation;
mod service;

pub(crate) use graphql::{InboxQuery, NavigationQuery};

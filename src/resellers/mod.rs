//! Resellers: partners that sell through a distributor.
//!
//! | Word | Means |
//! |---|---|
//! | reseller | the relation between a reseller's company and its distributor; an ended one stays addressable |
//! | distributor | the partner that develops, supports and manages the reseller |
//! | account manager | the one member of the distributor who looks after the reseller |

mod error;
mod graphql;
mod model;
mod policy;
mod service;
mod store;

pub(crate) use graphql::{ResellerMutation, ResellerObject, ResellerQuery};
pub use model::{Reseller, State};
pub(crate) use service::{ManagedResellers, is_supplied, waiting};

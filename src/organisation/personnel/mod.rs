//! Dedicated personnel: individuals who work for a partner with the vendor's approval (专职人员). They are not members.
//!
//! Read-only so far: there is nothing yet that could be refused, hence no `error.rs`.

mod graphql;
mod model;
mod service;
mod store;

pub(crate) use graphql::DedicatedPersonObject;

//! Roles: what an organisation's members may do.
//!
//! * **Permission**: one entry of a closed, published list; nothing else is ever checked.
//! * **Preset role**: came with the program and is not edited (R-ORG-13).
//! * **Custom role**: of one organisation, made of permissions that its maker has too; at most ten (R-ORG-12).
//! * **Retired**: gives nothing any more, and nobody gets it.

mod error;
mod graphql;
mod model;
mod policy;
mod service;
mod store;

pub(crate) use graphql::{RoleMutation, RoleObject, RoleQuery};
pub(in crate::organisation) use store::active_permissions;

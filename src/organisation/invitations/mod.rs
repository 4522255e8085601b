//! Invitations: how a person whom IAM knows becomes a member (R-ORG-1, R-ORG-2).
//!
//! * **Invitation**: an administrator's offer to one e-mail address, with a name, an account name and roles.
//! * **Token**: 256 random bits in the link; told once, kept as a digest, good for one acceptance within seven days.
//! * **Open, expired, accepted, revoked**: what an invitation is worth; that it expired is reckoned, not stored.

mod announce;
mod error;
mod graphql;
mod model;
pub(in crate::organisation) mod policy;
mod service;
mod store;

pub(crate) use announce::InvitationNews;
pub(crate) use graphql::{InvitationMutation, InvitationObject, InvitationQuery};
pub(in crate::organisation) use model::InvitationState;
pub(in crate::organisation) use service::latest;
pub(crate) use service::waiting;

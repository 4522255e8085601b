//! Who signed in, how that is bound to a member, and for how long.
//!
//! - **Identity provider**: an IAM whose assertions are believed.
//! - **Federated identity**: a person as one IAM knows them, by a stable subject. Owns nothing (R-ORG-1).
//! - **Link**: what binds an identity to a member; at most one active per identity and organisation, and per member.
//! - **Membership**: a link with what the member and the organisation are worth now.
//! - **Session**: a signed-in browser, with one acting member or none.
//! - **Service account**: an organisation's machine, known by a token.

mod error;
mod graphql;
pub mod identities;
pub mod links;
mod model;
pub mod providers;
mod service;
pub mod service_accounts;
pub mod sessions;
pub(crate) mod site_hints;
mod store;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod token;

pub use error::IdentityRefusal;
pub(crate) use graphql::machines::{ServiceAccountMutation, ServiceAccountQuery};
pub(crate) use graphql::sessions::SessionMutation;
pub(crate) use graphql::{IdentityMutation, IdentityQuery, ServiceAccountObject};
pub(crate) use model::{Acts, NoMember};
pub use model::{Membership, MembershipState, PendingInvitation};
pub(crate) use service::{of_anybody, of_oneself};
pub use token::RandomToken;

use crate::db::Acting;

/// In whose name it is looked up who somebody is: nobody's yet.
fn checking() -> Acting {
    Acting {
        actor: String::new(),
        correlation_id: String::new(),
    }
}

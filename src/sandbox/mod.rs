//! A sandbox: another process with another database, in which a partner's developers try what takes weeks in seconds.
//!
//! | Word | Meaning |
//! | --- | --- |
//! | sandbox | a deployment whose database is marked as one at its first start; nowhere else is there anything of this |
//! | travel | moving the clock to a later time, with a stop wherever something happens by itself |
//! | stop | an instant at which the clock stands until all jobs ran |
//! | pace | whether the clock goes on by itself after a travel |

mod error;
mod graphql;
mod model;
mod service;
mod store;
#[cfg(test)]
mod tests;
mod vendor;

pub(crate) use graphql::{SandboxMutation, SandboxQuery, SandboxScriptMutation};
pub(crate) use service::{Stops, resume};
pub(crate) use vendor::ScriptedVendor;

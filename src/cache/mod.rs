//! Redis, where it is configured: a place for copies and counters that may vanish at any moment.
//!
//! Nothing here is truth, so nothing here fails: what Redis does not answer in time is absent. The only module that
//! names the `redis` crate.

mod breaker;
mod remote;

pub use redis::Script;
pub use remote::{Remote, RemoteError};

//! Deadlines as data: until when somebody must act on an object, and what happens by itself when nobody does.
//!
//! A deadline is counted once and stored with the version of the calendar and the row of the rule set that gave it
//! (R-GEN-8). Reads and writes ask [`Deadline::has_passed`]; the job that records an expiry may be late. Whoever changes
//! a deadline has locked its object before.

mod expiry;
mod graphql;
mod model;
mod recount;
mod service;
mod store;
#[cfg(test)]
pub(crate) mod testing;

#[cfg(test)]
pub(crate) use expiry::expire_due;
pub(crate) use expiry::{ExpireDeadlines, Expiries, Expiring, JOB, MovedDeadline};
pub(crate) use graphql::DeadlineObject;
pub(crate) use model::{Deadline, DeadlineFacts, DeadlineKind, NewDeadline, Outcome};
pub(crate) use recount::{RecountDeadlines, moved_by, recount};
pub(crate) use service::{Ended, begin, end_expired, meet, next_due, of_objects, passed};

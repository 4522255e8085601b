//! Why somebody who signs in is no member, and what helps: the answer to the question that IAM users and administrators ask
//! most (R-ORG-22).
//!
//! * **Cause**: one of a closed list, told from the point of view of one organisation.
//! * **Remedy**: the mutation that helps, and who carries it out.
//! * **Unknown**: the answer to everybody whom the identity is no business of, in as many statements as for one that does
//!   not exist.

mod graphql;
mod model;
mod service;

pub(crate) use graphql::DoctorQuery;

//! The main account passes from one member to another (R-ORG-20).
//!
//! * **Main account** (主账号): each organisation has one, and an active member holds it; the database keeps both.
//! * **Offer**: made by the holder, or by the vendor with a reason; open for as many days as the rule set says.
//! * **Acceptance**: by the member to whom it is offered, who holds the main account from then on.

mod error;
mod graphql;
mod model;
mod policy;
mod service;
mod store;

pub(crate) use graphql::{MainAccountMutation, MainAccountOfferObject};
pub(in crate::organisation) use graphql::{may_offer, open_offer};
pub(crate) use service::waiting;

//! Incentives: money that the vendor pays for dedicated persons (Funding Head) and for opportunities.
//!
//! | Word | Means |
//! |---|---|
//! | incentive | the amount for one service month, with the persons whom it is paid for |
//! | service month | the month whose last instant decides who is eligible; the incentive belongs to its quarter (R-FH-33) |
//! | confirmation | the partner's word that persons and amount are right; without it in time the incentive lapses (R-FH-7) |
//! | specialist | a dedicated person for whom the incentive is paid |

mod announce;
mod error;
mod graphql;
mod model;
mod service;
mod store;

pub(crate) use announce::IncentiveNews;
pub(crate) use graphql::{IncentiveObject, IncentiveQuery};
pub use model::{Incentive, State, Variant};
pub(crate) use service::{ExpiringIncentives, waiting};

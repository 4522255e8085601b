//! Opportunities: deals that a partner and the vendor work on together (domain.md 1).
//!
//! | Word | Meaning |
//! | --- | --- |
//! | opportunity | a deal with an end customer; of origin PARTNER it was shared by the partner, of origin VENDOR by the vendor |
//! | content | what the partner writes about the deal; open while a draft or refused, closed while the vendor decides |
//! | review | the vendor's first check, of completeness and plausibility; validation, the second one, follows it |
//! | round | one submission and the decisions on it; a refused opportunity may come again in a new round |
//! | progress | where the deal itself stands, once both sides have settled to work on it |
//! | owner | the member of the partner who answers for the deal |

mod announce;
mod error;
mod graphql;
mod model;
mod service;
mod store;

pub(crate) use announce::OpportunityNews;
pub(crate) use graphql::{
    OpportunityBatchMutation, OpportunityCheckMutation, OpportunityCheckQuery, OpportunityMutation,
    OpportunityObject, OpportunityQuery, OpportunityRevealMutation,
};
pub(crate) use model::{ReviewState, key_of_name};
pub(crate) use service::{
    ExpiringOpportunities, OwnedOpportunities, SharedDeal, Target, VendorAct, Waiting,
    act_as_vendor, share_as_vendor, waiting, waiting_for_vendor,
};

//! The directory of an organisation's IAM tenant, as the vendor's systems tell it (R-ORG-3).
//!
//! * **IAM user**: a name and an address in IAM; makes no member and is in no list of members (R-ORG-1).
//! * **Present**: not deleted in IAM; only then its address is not free.

mod store;

pub(crate) use store::{IamUser, write};
pub(in crate::organisation) use store::{known, other_user_of};

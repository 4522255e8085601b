//! How programmes and paths look to a client. Translation only; a rule here is in the wrong file.

mod loaders;
mod mutations;
mod objects;
mod organisation;
mod overview;
mod reviewing;

pub(crate) use mutations::ProgrammeMutation;
pub(crate) use objects::{PathMembershipObject, ProgrammeMembershipObject};
pub(in crate::organisation) use organisation::{
    OrganisationIdentity, PurchaseEligibility, VendorContactObject, contact_of, identity_of,
    paths_of, programmes_of, purchase_eligibility_of,
};
pub(crate) use overview::ProgrammeQuery;
pub(crate) use reviewing::ProgrammeReviewMutation;

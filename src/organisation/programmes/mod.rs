//! Programmes and paths: what a partner joins, how far it comes, and how it ends (domain.md 3).
//!
//! | Word | Meaning |
//! | --- | --- |
//! | partner network | the first step of every partner; everything else asks for it |
//! | programme | co-sell, solution provider (CSP), distributor, and others; with an agreement, some with a review |
//! | path | a development path; one advances on it stage by stage |
//! | definition | what a programme or path asks for; a row of the rule set (`programme.catalogue`) |
//! | account facts | what the vendor states of an account: real name, e-mail bound, resources, arrears; imported |
//! | agreement | what one signs by joining; versioned, in both languages |
//! | ecosystem manager | whom of the vendor a partner asks; else the vendor's default contact |

mod announce;
mod error;
mod graphql;
mod model;
mod policy;
mod service;
mod store;

pub(crate) use announce::ProgrammeNews;
pub(in crate::organisation) use graphql::{
    OrganisationIdentity, PurchaseEligibility, VendorContactObject, contact_of, identity_of,
    paths_of, programmes_of, purchase_eligibility_of,
};
pub(crate) use graphql::{
    PathMembershipObject, ProgrammeMembershipObject, ProgrammeMutation, ProgrammeQuery,
    ProgrammeReviewMutation,
};
pub(crate) use model::{
    AccountFlag, MembershipState, Path, PathStage, PathState, Programme, ProgrammeCatalogue,
    ProgrammeInvitationRule, RealName, VendorContact,
};
pub(crate) use service::{has_joined, highest_stage, joined, waiting};

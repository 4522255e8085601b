//! Dedicated personnel: individuals who work for a partner and, once the vendor approved, are dedicated to its cloud
//! (项目专员). They are not members.
//!
//! | Word | Meaning |
//! | --- | --- |
//! | personal account | a person's own account with the vendor; what the vendor tells of it arrives as facts |
//! | person | the partner's record of an association with one personal account; it lives on when the association ends |
//! | invited, bound, unbound | sent for, associated, not any more; that an invitation expired is reckoned, not stored |
//! | dedicated | approved by the vendor, for one path; incentives can be claimed for the person then (R-DED-16) |
//! | record | employment, workplace, certificates, trainings and projects, kept by the person or the partner's administrator |
//! | consent | what the person agreed to share, word for word by its version; it ends with the association (R-DED-8, R-DED-9) |

mod announce;
mod error;
mod graphql;
mod mailing;
mod model;
pub(in crate::organisation) mod policy;
mod service;
mod store;

pub(crate) use announce::PersonnelNews;
pub(crate) use graphql::{
    DedicatedPersonObject, PersonnelApplicationMutation, PersonnelConnection, PersonnelMutation,
    PersonnelQuery, PersonnelWhere, of_organisation, own_of,
};
pub(crate) use mailing::MailingInvitations;
pub(crate) use model::account::RealName;
pub(crate) use service::waiting;

/// Which text a person agrees to, and its version; `CONSENT_PERSONNEL_SHARING_V1` is its sentence in every language.
const CONSENT_TEXT: &str = "personnel.sharing";
const CONSENT_VERSION: i32 = 1;
/// What the text names (R-DED-8).
const SHARED: [&str; 7] = [
    "name",
    "accountName",
    "mobile",
    "email",
    "learningRecords",
    "examRecords",
    "certificateRecords",
];

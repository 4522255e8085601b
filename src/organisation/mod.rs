//! Organisations: the companies of the partner network and the people who act for them.
//!
//! * **Organisation** (组织): VENDOR (exactly one), PARTNER or CUSTOMER. Distributor and reseller are relations.
//! * **Member** (组织人员): a person of one organisation, made in the portal only (R-ORG-1, R-ORG-2); see `members`.
//! * **Invitation**: how a person whom IAM knows becomes a member; see `invitations`.
//! * **Main account** (主账号): held by one active member (R-ORG-20).
//! * **Administrator**: a member with `SYSTEM_ADMIN`, in the vendor's organisation `VENDOR_ADMIN`.

pub(crate) mod contacts;
pub(crate) mod directory;
mod doctor;
mod error;
pub(crate) mod founding;
mod graphql;
pub(crate) mod invitations;
pub(crate) mod main_account;
pub(crate) mod members;
mod model;
pub(crate) mod personnel;
mod policy;
pub(crate) mod programmes;
pub(crate) mod roles;
mod service;
mod store;
#[cfg(test)]
mod testing;

pub(crate) use doctor::DoctorQuery;
use graphql::OrganisationKind as OrganisationKindValue;
pub(crate) use graphql::{
    OrganisationMutation, OrganisationObject, OrganisationQuery, SiteHintMutation,
};
pub(crate) use members::{DirectedAccountManagers, Duties, Member, MemberObject};
pub(crate) use service::site::Sites;
pub(crate) use service::{main_accounts, partner, responsible};

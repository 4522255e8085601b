//! Members: the people of an organisation, made in this portal only (R-ORG-1, R-ORG-2).
//!
//! * **Member**: acts for one organisation, with one to three roles (R-ORG-4).
//! * **Account name**: stands for the member inside the organisation and never changes (R-ORG-11).
//! * **Link**: binds one identity of IAM to the member; without one nobody can sign in as the member.
//! * **Disabled**: has no link and no session any more; history and account name stay.
//! * **Duty**: what a member may not leave behind; later domains tell through [`DutyHolder`], and hand it over (R-ORG-21).
//! * **Director**: directs account managers (R-ORG-9).

mod duties;
mod error;
mod graphql;
mod model;
mod policy;
mod service;
mod store;

pub(crate) use duties::{Duties, DutyHolder, DutyKind, Handover, Held, MOST_NAMED, Remaining};
pub(in crate::organisation) use error::MemberRefusal;
pub(crate) use graphql::{
    HoldersOf, MemberConnection, MemberMutation, MemberObject, MemberQuery, MemberRevealMutation,
    MemberSort, MemberWhere, ProfileMutation, workers_of,
};
pub(in crate::organisation) use graphql::{MemberRole as MemberRoleValue, connection_of};
pub(crate) use model::{Member, MemberRole, MemberState, check_roles};
pub(crate) use service::{DirectedAccountManagers, administers, hold};
pub(in crate::organisation) use service::{
    NameTaken, create, gives_beyond_own, is_insider, names_taken, organisation_of,
};
pub(in crate::organisation) use store::{Matching, matching};

//! What the vendor knows of partners, and its own catalogue (domain.md 1.2, 3). It arrives through the import of facts;
//! rules ask it, and partners read what is about them.
//!
//! | Word | Meaning |
//! | --- | --- |
//! | account | what the vendor states of a partner's account: real name, resources, arrears; joining programmes asks it |
//! | offering | what a partner sells and delivers: a marketplace product or a baseline solution; its demand tags come with it |
//! | joint operation | the vendor's white list of marketplace products that it sells together with the partner |
//! | office | a representative office of the vendor; each region of an end customer belongs to one |
//! | cloud service | one of the vendor's own services |
//! | account | an account of the vendor that a person holds; see `accounts` |
//! | fact | a row of one of these, as the vendor states it |

pub(crate) mod accounts;
mod error;
mod graphql;
pub(crate) mod import;
mod model;
mod service;
mod store;

pub(crate) use graphql::{
    CatalogueMutation, CatalogueQuery, CloudServiceCode, CloudServiceObject, OfferingConnection,
    OfferingListState, OfferingObject, OfficeCode, OfficeObject, OfficeOfRegion, offerings_of,
};
pub(crate) use model::{ListState, Offering};
pub(crate) use service::{known_services, offerings, offerings_of_any, office_of};

// What partners have joined is the organisation's; the vendor's statements about it arrive here.
pub(crate) use crate::organisation::programmes::{
    PathStage, Programme, has_joined, highest_stage, joined,
};

//! Whom customers turn to at a partner (客户联系人): at most five contacts, and while there are none the administrator
//! (R-ORG-15).

mod graphql;
mod model;
mod policy;
mod service;
mod store;

pub(crate) use graphql::{CustomerContactMutation, CustomerContactObject};
pub(in crate::organisation) use graphql::{ShownContact, contacts_of};

//! Customers: people and companies that buy the vendor's cloud with the help of a partner.
//!
//! | Word | Means |
//! |---|---|
//! | customer | the relation between a customer's organisation and the one partner named in it; an ended one stays addressable |
//! | association | how the two came together: by an invitation, which the customer accepts with an account of the vendor |
//! | association type | REFERRAL: the customer pays the vendor; RESALE: the partner bills and invoices |
//! | invitation | a link and a QR code that a partner hands over; for whoever has it, used once |
//! | cause | why an account cannot be associated; what is wrong with the link can be mended by another invitation |
//! | consent | what a person agreed to before a personal account was associated, with the versions that were shown |
//! | dissociation | the end of the relation, by the partner's administrator |

mod announce;
mod error;
mod graphql;
mod model;
mod policy;
mod qr;
mod service;
mod store;

pub(crate) use announce::CustomerNews;
pub(crate) use graphql::{
    CustomerInvitationMutation, CustomerInvitationObject, CustomerMutation, CustomerObject,
    CustomerQuery,
};
pub(crate) use model::{
    AssociationType, Choice, ConsentGiven, Offer, Remedy, Shown, Text, Texts, remedy_of,
};
pub(crate) use service::{
    Acceptance, Accepting, ManagedCustomers, accept, choices, offer, texts, waiting,
};

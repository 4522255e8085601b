//! Documents: files that back a claim or an entry (schema.md 17).
//!
//! | Word | Meaning |
//! | --- | --- |
//! | document | the row that describes a file; the store holds the bytes under its id |
//! | prepared | announced with name, type, size and digest; its bytes may come until `upload_until` |
//! | stored | the bytes are there, whole, and are what was announced |
//! | complete | its organisation can attach it to something; final |
//! | discarded | never completed in time; its bytes are gone |
//! | link | an address of ours that is signed and ends after minutes; alone it opens nothing, see [`links`] |
//!
//! Bytes never pass through the graph: they come by PUT and go by GET (`http/documents.rs`).

mod collect;
mod disk;
mod error;
mod graphql;
mod links;
mod model;
mod policy;
mod service;
mod store;

pub(crate) use self::collect::CollectDocuments;
pub use self::collect::{Collected, Collector};
pub use self::disk::Files;
pub(crate) use self::graphql::{DocumentMutation, DocumentObject, DocumentQuery};
pub(crate) use self::links::Presented;
pub(crate) use self::model::Document;
pub(crate) use self::service::hold_complete;
pub(crate) use self::service::{Transfer, open_download, open_upload};

//! Portico: a GraphQL gateway for a cloud vendor's partner portal, with SAML single sign-on.
//!
//! A request falls through four layers and never climbs: `http` → `graphql` → service and model → store.
//! `ARCHITECTURE.md` follows one query and one sign-in through them.

pub mod app;
pub mod cache;
pub mod calendar;
pub mod catalogue;
pub mod cli;
pub mod clock;
pub mod config;
pub mod customers;
pub mod db;
pub mod deadlines;
pub mod documents;
pub mod error;
pub mod explain;
mod feed;
pub mod graphql;
pub mod http;
pub mod i18n;
pub mod identity;
pub mod ids;
mod inbox;
pub mod incentives;
pub mod jobs;
pub mod limits;
mod masking;
pub mod money;
pub mod notices;
pub mod opportunities;
pub mod organisation;
pub mod paging;
pub mod resellers;
pub mod rules;
pub mod saml;
pub mod sandbox;
pub mod seed;
mod standing;
pub mod telemetry;
pub mod text;
pub mod timeline;
pub mod viewer;
mod waiting;
pub mod words;

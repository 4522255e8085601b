//! What the tests share.

pub(crate) mod app;
pub(crate) mod builders;
pub(crate) mod contract;
#[path = "../../../src/db/testing.rs"]
pub(crate) mod database;
pub(crate) mod deadlines;
pub(crate) mod gateway;
pub(crate) mod idp;
#[path = "../../../src/notices/testing.rs"]
pub(crate) mod mail;
pub(crate) mod person;
pub(crate) mod process;
pub(crate) mod simplesamlphp;

//! The tests that see Portico from outside: through HTTP, against real PostgreSQL, Redis and identity providers.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "these are tests: what is not as expected ends them"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a test is outside: it makes keys of its own and is told where its services are"
)]
#![expect(
    clippy::too_many_lines,
    clippy::match_same_arms,
    clippy::format_collect,
    clippy::format_push_string,
    reason = "a table of cases reads best in one piece, and nothing here is fast"
)]

mod architecture;
mod calendar;
mod catalogue;
mod crash;
mod customers;
mod doctor;
mod documents;
mod edge_audit;
mod edge_callers;
mod edge_csrf;
mod edge_graphql;
mod edge_headers;
mod edge_health;
mod edge_listener;
mod explain;
mod inbox;
mod incentives;
mod job_processes;
#[path = "../journeys/m01.rs"]
mod m01;
#[path = "../journeys/m02.rs"]
mod m02;
#[path = "../journeys/m03.rs"]
mod m03;
#[path = "../journeys/m04.rs"]
mod m04;
#[path = "../journeys/m05.rs"]
mod m05;
#[path = "../journeys/m08.rs"]
mod m08;
mod main_account;
mod members;
mod members_rules;
mod notices;
mod opportunities;
mod organisation;
mod personnel;
#[path = "../journeys/personnel.rs"]
mod personnel_journey;
mod process;
mod programmes;
mod resellers;
mod role_matrix;
mod roles;
mod rule_coverage;
mod rules;
mod saml_dev_iam;
mod saml_log;
mod saml_login;
mod saml_schema;
mod saml_simplesamlphp;
mod saml_xmlsec;
mod sandbox;
mod sandbox_process;
mod schema;
mod seed;
mod service_accounts;
mod sessions;
mod strangers;
mod succession;
mod support;
mod tenancy;
mod timeline;
mod visibility;
mod wall;
mod whole_query;

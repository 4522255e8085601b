//! What the edge takes from the configuration.

use std::time::Duration;

use super::listener::ConnectionLimits;
use crate::config::{self, Config, Introspection};

#[derive(Debug, Clone)]
pub struct EdgeSettings {
    /// As a browser writes it in `Origin`: scheme, host and port.
    pub public_origin: String,
    /// Further origins whose pages may call with the person's session.
    pub allowed_origins: Vec<String>,
    pub body_bytes: usize,
    pub execution_limit: Duration,
    pub introspection: Introspection,
}

impl EdgeSettings {
    pub fn new(config: &Config) -> Self {
        let Config {
            server, graphql, ..
        } = config;
        Self {
            public_origin: server.public_url.origin().ascii_serialization(),
            allowed_origins: server.allowed_origins.clone(),
            body_bytes: graphql.body_bytes,
            execution_limit: graphql.timeout,
            introspection: graphql.introspection,
        }
    }

    pub fn is_https(&self) -> bool {
        self.public_origin.starts_with("https://")
    }
}

impl ConnectionLimits {
    pub fn new(server: &config::Server) -> Self {
        Self {
            connections: server.connection_cap,
            header_timeout: server.header_timeout,
            drain: server.drain_limit,
            ..Self::default()
        }
    }
}

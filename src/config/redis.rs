//! `[redis]`: an optional second copy of sessions and shared rate limits, for several replicas.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::reader::Reader;

pub struct Redis {
    /// `None`: every replica keeps its own copies, PostgreSQL has the truth anyway.
    pub url: Option<SecretString>,
    /// For connecting and for an answer; a frozen Redis costs a request no more than this.
    pub timeout: Duration,
}

impl Redis {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let url = reader
            .secret("redis.url")
            .filter(|url| !url.expose_secret().is_empty());
        let schemes = ["redis://", "rediss://", "redis+unix://", "unix://"];
        if let Some(url) = &url
            && !schemes
                .iter()
                .any(|scheme| url.expose_secret().starts_with(scheme))
        {
            reader.refuse(
                "redis.url",
                "must be an address such as redis://cache.example.com:6379",
            );
        }
        Self {
            url,
            timeout: reader.duration("redis.timeout", Duration::from_millis(250)),
        }
    }
}

//! The connection to Redis, with the limits under which it may be asked within a request.

use std::time::{Duration, Instant};

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, FromRedisValue, RedisResult, Script};
use secrecy::{ExposeSecret as _, SecretString};

use super::breaker::Breaker;

/// The defaults of redis-rs let one call hang for seconds while the server is down (data.md 4).
const MIN_DELAY: Duration = Duration::from_millis(20);
const MAX_DELAY: Duration = Duration::from_millis(200);

/// The address is not one that Redis can be reached by.
#[derive(Debug, thiserror::Error)]
#[error("redis: {0}")]
pub struct RemoteError(#[from] redis::RedisError);

/// One Redis, for the whole process. Every answer is optional: `None` is "not there", whatever the cause.
pub struct Remote {
    connection: ConnectionManager,
    breaker: Breaker,
    patience: Duration,
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Remote")
            .field("breaker", &self.breaker)
            .finish_non_exhaustive()
    }
}

impl Remote {
    /// Connects when it is first asked: a Redis that is down does not stop the start. Must run inside the runtime.
    pub fn lazy(url: &SecretString, patience: Duration) -> Result<Self, RemoteError> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(patience))
            .set_response_timeout(Some(patience))
            .set_number_of_retries(1)
            .set_min_delay(MIN_DELAY)
            .set_max_delay(MAX_DELAY);
        let connection =
            ConnectionManager::new_lazy_with_config(Client::open(url.expose_secret())?, config)?;
        Ok(Self {
            connection,
            breaker: Breaker::default(),
            patience,
        })
    }

    pub async fn get(&self, key: &str) -> Option<Vec<u8>> {
        let mut command = redis::cmd("GET");
        self.ask(async |connection| command.arg(key).query_async(connection).await)
            .await
            .flatten()
    }

    /// Writes a value that Redis forgets by itself.
    pub async fn set(&self, key: &str, value: &[u8], lifetime: Duration) -> Option<()> {
        let milliseconds = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
        let mut command = redis::cmd("SET");
        command.arg(key).arg(value).arg("PX").arg(milliseconds);
        self.ask(async |connection| command.query_async(connection).await)
            .await
    }

    /// Runs a script on one key.
    pub async fn run<T: FromRedisValue>(
        &self,
        script: &Script,
        key: &str,
        arguments: &[u64],
    ) -> Option<T> {
        let mut invocation = script.key(key);
        for argument in arguments {
            invocation.arg(*argument);
        }
        self.ask(async |connection| invocation.invoke_async(connection).await)
            .await
    }

    async fn ask<T>(
        &self,
        question: impl AsyncFnOnce(&mut ConnectionManager) -> RedisResult<T>,
    ) -> Option<T> {
        if !self.breaker.admits(Instant::now()) {
            return None;
        }
        let mut connection = self.connection.clone();
        // The manager's own limits are per attempt; this one is for all of them together.
        let answer = tokio::time::timeout(self.patience, question(&mut connection)).await;
        let error = match answer {
            Ok(Ok(value)) => {
                self.breaker.succeeded();
                return Some(value);
            }
            Ok(Err(error)) => error.to_string(),
            Err(elapsed) => elapsed.to_string(),
        };
        if self.breaker.failed(Instant::now()) {
            tracing::warn!(error, "Redis does not answer; going on without it");
        }
        None
    }
}

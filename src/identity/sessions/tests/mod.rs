//! Sessions against a real database, with several replicas and a Redis that fails.

mod faults;
mod lifetime;
mod membership;
mod redis_server;

use std::sync::Arc;

use super::{Check, SessionState, SessionToken, Sessions};

/// The session behind a token that is expected to be good.
async fn valid(replica: &Sessions, token: &SessionToken) -> Arc<SessionState> {
    match replica.check(token).await {
        Check::Valid(state) => state,
        other @ (Check::Invalid | Check::Unknown(_)) => panic!("expected a session, got {other:?}"),
    }
}

async fn is_invalid(replica: &Sessions, token: &SessionToken) -> bool {
    matches!(replica.check(token).await, Check::Invalid)
}

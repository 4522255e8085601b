//! How often somebody may do something: by cost for an organisation, by attempts for an address or a user.
//!
//! The generic cell rate algorithm. With Redis configured all replicas share one count; when Redis does not answer,
//! each process counts for itself, so that a limit grows by the number of replicas and never vanishes.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use openssl::sha::sha256;

use crate::cache::{Remote, Script};
use crate::viewer::Viewer;

/// So much may be done within a minute, and all of it at once after a minute of rest.
const MINUTE: Duration = Duration::from_mins(1);
/// So many checks apart the keys that are at rest are forgotten.
const SWEEP: u32 = 4096;

/// Answers {1, what remains} or {0, microseconds to wait}; the time is Redis's own, so that replicas agree on it.
const SHARED_COUNT: &str = r"
local limit, cost, period = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local free_at = tonumber(redis.call('GET', KEYS[1]) or '')
if not free_at or free_at < now then free_at = now end
if free_at > now + period then free_at = now + period end
free_at = free_at + cost * period / limit
if free_at > now + period then return {0, math.ceil(free_at - now - period)} end
redis.call('SET', KEYS[1], string.format('%.0f', free_at), 'PX', math.ceil((free_at - now) / 1000) + 1)
return {1, math.floor((now + period - free_at) * limit / period)}
";

/// What is allowed in a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitSettings {
    /// Cost units of queries and mutations, per organisation.
    pub cost: NonZeroU32,
    /// Sign-ins that are begun or answered, per client address. Generous: an office shares one.
    pub sign_ins: NonZeroU32,
    /// Passwords tried at the development IAM, per user.
    pub passwords: NonZeroU32,
}

impl Default for LimitSettings {
    fn default() -> Self {
        let number = |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        Self {
            cost: number(100_000),
            sign_ins: number(120),
            passwords: number(10),
        }
    }
}

/// Whether something may be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Allowed { remaining: u32 },
    Limited { retry_after: Duration },
}

/// All limits of a process.
#[derive(Debug)]
pub struct Limits {
    cost: Limit,
    sign_ins: Limit,
    passwords: Limit,
    remote: Option<Arc<Remote>>,
    script: Script,
}

impl Limits {
    pub fn new(settings: LimitSettings, remote: Option<Arc<Remote>>) -> Self {
        Self {
            cost: Limit::new("cost", settings.cost),
            sign_ins: Limit::new("sign-in", settings.sign_ins),
            passwords: Limit::new("password", settings.passwords),
            remote,
            script: Script::new(SHARED_COUNT),
        }
    }

    /// Takes the cost of an operation from what the viewer's organisation has; a person without one has as much alone.
    pub async fn cost(&self, viewer: &Viewer, units: u32) -> Answer {
        let payer = viewer
            .organisation()
            .map_or_else(|| viewer.actor(), |organisation| organisation.0.to_string());
        self.take(&self.cost, &payer, units).await
    }

    /// Counts a step of signing in from an address.
    pub async fn sign_in(&self, client: IpAddr) -> Answer {
        self.take(&self.sign_ins, &network(client).to_string(), 1)
            .await
    }

    /// Counts a password that is tried for a user of the development IAM.
    pub async fn password(&self, user: &str) -> Answer {
        self.take(&self.passwords, user, 1).await
    }

    async fn take(&self, limit: &Limit, subject: &str, units: u32) -> Answer {
        let Some(units) = NonZeroU32::new(units) else {
            return Answer::Allowed {
                remaining: limit.per_minute.get(),
            };
        };
        let key = limit.key(subject);
        if let Some(remote) = &self.remote
            && let Some(answer) = limit.take_shared((remote, &self.script), &key, units).await
        {
            return answer;
        }
        limit.take_local(&key, units)
    }
}

/// A client with IPv6 has a whole network of addresses to come from.
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

type Local = DefaultKeyedRateLimiter<String, StateInformationMiddleware>;

#[derive(Debug)]
struct Limit {
    name: &'static str,
    per_minute: NonZeroU32,
    local: Local,
    checks: AtomicU32,
}

impl Limit {
    fn new(name: &'static str, per_minute: NonZeroU32) -> Self {
        Self {
            name,
            per_minute,
            local: RateLimiter::keyed(Quota::per_minute(per_minute)).with_middleware(),
            checks: AtomicU32::new(0),
        }
    }

    /// The digest, because addresses and names of people are nobody's business in Redis.
    fn key(&self, subject: &str) -> String {
        let digest = URL_SAFE_NO_PAD.encode(sha256(subject.as_bytes()));
        format!("portico:limit:{}:{digest}", self.name)
    }

    async fn take_shared(
        &self,
        (remote, script): (&Remote, &Script),
        key: &str,
        units: NonZeroU32,
    ) -> Option<Answer> {
        let period = u64::try_from(MINUTE.as_micros()).ok()?;
        let arguments = [self.per_minute.get().into(), units.get().into(), period];
        match remote.run::<(u8, u64)>(script, key, &arguments).await? {
            (1, remaining) => Some(Answer::Allowed {
                remaining: u32::try_from(remaining).ok()?,
            }),
            (_, wait) => Some(Answer::Limited {
                retry_after: Duration::from_micros(wait),
            }),
        }
    }

    fn take_local(&self, key: &str, units: NonZeroU32) -> Answer {
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            self.local.retain_recent();
        }
        match self.local.check_key_n(&key.to_owned(), units) {
            Ok(Ok(state)) => Answer::Allowed {
                remaining: state.remaining_burst_capacity(),
            },
            Ok(Err(later)) => Answer::Limited {
                retry_after: later.wait_time_from(DefaultClock::default().now()),
            },
            // More than a whole minute's worth at once never fits.
            Err(_capacity) => Answer::Limited {
                retry_after: MINUTE,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{IdSource, IdentityId, SessionId};
    use crate::viewer::SignedInIdentity;

    fn settings(count: u32) -> LimitSettings {
        let count = NonZeroU32::new(count).unwrap();
        LimitSettings {
            cost: count,
            sign_ins: count,
            passwords: count,
        }
    }

    fn somebody() -> Viewer {
        Viewer::Federated(SignedInIdentity {
            identity: IdSource.fresh::<IdentityId>(),
            session: IdSource.fresh::<SessionId>(),
        })
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "says where ./test started the Redis"
    )]
    fn shared() -> Arc<Remote> {
        let url =
            std::env::var("PORTICO_TEST_REDIS").expect("PORTICO_TEST_REDIS: see ./test --services");
        // Patient, so that a slow machine does not fall back to the local count in the middle of a test.
        Arc::new(Remote::lazy(&url.into(), Duration::from_secs(5)).unwrap())
    }

    async fn a_minutes_worth_and_no_more(limits: &Limits) {
        let (one, other) = (somebody(), somebody());
        assert_eq!(
            limits.cost(&one, 600).await,
            Answer::Allowed { remaining: 400 }
        );
        let Answer::Limited { retry_after } = limits.cost(&one, 600).await else {
            panic!("more than a minute's worth was allowed");
        };
        assert!(
            retry_after > Duration::from_secs(5) && retry_after <= Duration::from_secs(13),
            "{retry_after:?}"
        );
        assert!(
            matches!(limits.cost(&one, 300).await, Answer::Allowed { .. }),
            "a refusal costs nothing"
        );
        assert_eq!(
            limits.cost(&other, 600).await,
            Answer::Allowed { remaining: 400 }
        );
        assert!(matches!(
            limits.cost(&other, 1_001).await,
            Answer::Limited { .. }
        ));
        assert!(matches!(
            limits.cost(&other, 0).await,
            Answer::Allowed { .. }
        ));
    }

    #[tokio::test]
    async fn a_process_counts_for_itself() {
        a_minutes_worth_and_no_more(&Limits::new(settings(1_000), None)).await;
    }

    #[tokio::test]
    async fn redis_counts_alike() {
        a_minutes_worth_and_no_more(&Limits::new(settings(1_000), Some(shared()))).await;
    }

    #[tokio::test]
    async fn two_replicas_share_one_count() {
        let user = IdSource.fresh::<IdentityId>().0.to_string();
        let replicas = [
            Limits::new(settings(2), Some(shared())),
            Limits::new(settings(2), Some(shared())),
        ];
        for replica in &replicas {
            assert!(matches!(
                replica.password(&user).await,
                Answer::Allowed { .. }
            ));
        }
        for replica in &replicas {
            assert!(matches!(
                replica.password(&user).await,
                Answer::Limited { .. }
            ));
        }
    }

    #[tokio::test]
    async fn without_redis_the_limit_still_holds() {
        // Nothing listens on this port of the test's own host.
        let gone = Remote::lazy(
            &"redis://127.0.0.1:1".to_owned().into(),
            Duration::from_millis(250),
        )
        .unwrap();
        let limits = Limits::new(settings(2), Some(Arc::new(gone)));
        for _ in 0..2 {
            assert!(matches!(
                limits.password("zhang").await,
                Answer::Allowed { .. }
            ));
        }
        assert!(matches!(
            limits.password("zhang").await,
            Answer::Limited { .. }
        ));
        assert!(matches!(
            limits.password("li").await,
            Answer::Allowed { .. }
        ));
    }

    #[tokio::test]
    async fn addresses_of_one_network_are_one_client() {
        let limits = Limits::new(settings(1), None);
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(matches!(
            limits.sign_in(address("2001:db8::1")).await,
            Answer::Allowed { .. }
        ));
        assert!(matches!(
            limits.sign_in(address("2001:db8::2:1")).await,
            Answer::Limited { .. }
        ));
        assert!(matches!(
            limits.sign_in(address("2001:db8:0:1::1")).await,
            Answer::Allowed { .. }
        ));
        assert!(matches!(
            limits.sign_in(address("192.0.2.1")).await,
            Answer::Allowed { .. }
        ));
        assert!(matches!(
            limits.sign_in(address("::ffff:192.0.2.1")).await,
            Answer::Limited { .. }
        ));
    }
}

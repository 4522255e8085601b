//! What a response is measured against, and the only place where times are compared.

use chrono::{DateTime, TimeDelta, Utc};
use roxmltree::Node;

use super::IdentityProvider;
use super::error::SamlRefusal;

/// How much time we grant, in every direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimePolicy {
    /// How far clocks may differ (`SAML2Int`: three to five minutes).
    pub clock_skew: TimeDelta,
    /// How old a message may be when it arrives.
    pub max_age: TimeDelta,
    /// How long an assertion may be valid. Its one-time row lives as long.
    pub max_lifetime: TimeDelta,
}

impl Default for TimePolicy {
    fn default() -> Self {
        Self {
            clock_skew: TimeDelta::seconds(180),
            max_age: TimeDelta::minutes(10),
            // Some identity providers issue for one hour.
            max_lifetime: TimeDelta::hours(2),
        }
    }
}

/// One pending sign-in: who was asked, by whom, with which request, and what time it is.
pub(super) struct Expectation<'a> {
    pub(super) entity_id: &'a str,
    pub(super) acs_url: &'a str,
    pub(super) idp: &'a IdentityProvider,
    pub(super) request_id: &'a str,
    pub(super) policy: TimePolicy,
    pub(super) now: DateTime<Utc>,
}

impl Expectation<'_> {
    pub(super) fn is_future(&self, time: DateTime<Utc>) -> bool {
        time > self.now + self.policy.clock_skew
    }

    /// Limits are exclusive: what ends now has ended.
    pub(super) fn is_past(&self, time: DateTime<Utc>) -> bool {
        time + self.policy.clock_skew <= self.now
    }

    /// Refuses an end that lies further ahead than a fresh assertion may last.
    pub(super) fn bounded(&self, end: DateTime<Utc>) -> Result<DateTime<Utc>, SamlRefusal> {
        if self.is_past(end) {
            Err(SamlRefusal::Expired)
        } else if self.is_future(end - self.policy.max_lifetime) {
            Err(SamlRefusal::LifetimeTooLong)
        } else {
            Ok(end)
        }
    }
}

pub(super) fn time(
    node: Node<'_, '_>,
    attribute: &str,
) -> Result<Option<DateTime<Utc>>, SamlRefusal> {
    node.attribute(attribute).map(parse_time).transpose()
}

pub(super) fn required_time(
    node: Node<'_, '_>,
    attribute: &str,
) -> Result<DateTime<Utc>, SamlRefusal> {
    time(node, attribute)?.ok_or(SamlRefusal::InvalidTime)
}

/// SAML times are UTC. Years of five digits are refused: adding to them could overflow.
fn parse_time(text: &str) -> Result<DateTime<Utc>, SamlRefusal> {
    let usual = text.len() <= 40 && text.ends_with('Z') && text.as_bytes().get(4) == Some(&b'-');
    if !usual {
        return Err(SamlRefusal::InvalidTime);
    }
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.with_timezone(&Utc))
        .map_err(|_error| SamlRefusal::InvalidTime)
}

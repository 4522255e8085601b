//! What a session is, and when it is over. Pure.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;

use crate::db::StoreError;
use crate::identity::RandomToken;
use crate::ids::{IdentityId, MemberId, SessionId};
use crate::viewer::Viewer;

/// What the cookie holds.
pub struct SessionToken(RandomToken);

impl SessionToken {
    pub fn fresh() -> Result<Self, StoreError> {
        RandomToken::fresh().map(Self)
    }

    /// `None` for a value that no cookie of ours ever held.
    pub fn parse(text: &str) -> Option<Self> {
        RandomToken::parse(text).map(Self)
    }

    pub fn text(&self) -> SecretString {
        self.0.text()
    }

    pub fn hash(&self) -> SessionHash {
        SessionHash(self.0.sha256())
    }
}

/// Under what a session is known everywhere but in the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionHash(pub(super) [u8; 32]);

impl SessionHash {
    /// As it is announced, and as a part of keys.
    pub fn hex(self) -> String {
        self.0.iter().fold(String::with_capacity(64), |text, byte| {
            text + &format!("{byte:02x}")
        })
    }

    pub fn from_hex(text: &str) -> Option<Self> {
        let mut hash = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (position, byte) in hash.iter_mut().enumerate() {
            let digits = text.get(position * 2..position * 2 + 2)?;
            *byte = u8::from_str_radix(digits, 16).ok()?;
        }
        Some(Self(hash))
    }
}

/// How long a session lasts. Both bounds are those of NIST SP 800-63B for AAL2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionSettings {
    /// Without a request.
    pub idle: TimeDelta,
    /// In all, whatever happens in it.
    pub absolute: TimeDelta,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            idle: TimeDelta::minutes(30),
            absolute: TimeDelta::hours(12),
        }
    }
}

/// A session to start.
#[derive(Debug, Clone)]
pub struct NewSession {
    pub identity: IdentityId,
    /// When the IAM asked the person for a proof; earlier than now for one who was signed in there already.
    pub authenticated_at: DateTime<Utc>,
    /// What the IAM calls this session, for single logout.
    pub idp_session_index: Option<String>,
    /// What the browser calls itself, for its owner to know it again; see [`user_agent`].
    pub user_agent: Option<String>,
    pub settings: SessionSettings,
}

/// Characters of it that are kept.
const USER_AGENT_LENGTH: usize = 256;

/// What a browser calls itself, as much of it as is kept: one line of what can be read.
pub fn user_agent(header: &str) -> Option<String> {
    let kept: String = header
        .chars()
        .filter(|character| !character.is_control())
        .take(USER_AGENT_LENGTH)
        .collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// A session as its owner sees it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedInSession {
    pub id: SessionId,
    pub identity: IdentityId,
    pub acting: Option<MemberId>,
    /// Of the acting member.
    pub organisation_name: Option<String>,
    pub user_agent: Option<String>,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub facts: SessionFacts,
}

/// A session as it was when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionState {
    pub viewer: Viewer,
    pub facts: SessionFacts,
    pub(super) last_seen_at: DateTime<Utc>,
    /// By the database's own clock, which no test or sandbox moves.
    pub(super) read_at: DateTime<Utc>,
}

impl SessionState {
    /// Whether a request at this time is to be noted, which moves the idle end. Not each one is: that would be a write
    /// per request.
    pub(super) fn is_due(&self, now: DateTime<Utc>) -> bool {
        now - self.last_seen_at >= LAST_SEEN_STEP
    }
}

/// How exactly it is known when a session was used last; a session may end so much before its idle time is over.
const LAST_SEEN_STEP: TimeDelta = TimeDelta::minutes(1);

/// When a session ends. Both ends are exclusive: at that instant it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionFacts {
    pub authenticated_at: DateTime<Utc>,
    pub idle_until: DateTime<Utc>,
    pub absolute_until: DateTime<Utc>,
}

impl SessionFacts {
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        now >= self.idle_until || now >= self.absolute_until
    }
}

/// Why a session was ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevokedBecause {
    SignedOut,
    /// Another session took its place.
    Rotated,
    MemberDisabled,
    LinkEnded,
    Administrator,
}

impl RevokedBecause {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "SIGNED_OUT",
            Self::Rotated => "ROTATED",
            Self::MemberDisabled => "MEMBER_DISABLED",
            Self::LinkEnded => "LINK_ENDED",
            Self::Administrator => "ADMINISTRATOR",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_calls_itself_is_kept_as_one_readable_line() {
        assert_eq!(
            user_agent(" Mozilla/5.0\r\n(X11)\u{7f} "),
            Some("Mozilla/5.0(X11)".to_owned())
        );
        assert_eq!(user_agent(" \t "), None);
        let long = user_agent(&"界".repeat(300)).unwrap();
        assert_eq!(long.chars().count(), USER_AGENT_LENGTH);
    }
}

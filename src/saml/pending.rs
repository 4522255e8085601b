//! Sign-ins that wait for their answer. They are kept by the browser, signed by us: no stranger can fill our memory
//! with them, and an answer counts only in the browser that asked for it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;
use serde::{Deserialize, Serialize};

use super::error::SamlSetupError;
use super::return_to::ReturnTo;
use crate::identity::sessions::SessionHash;
use crate::ids::IdpId;

/// How long a person may take to sign in.
pub(super) const LIFETIME: TimeDelta = TimeDelta::minutes(15);
/// Browser tabs that can wait at once; the oldest gives way. A cookie has about 4000 bytes.
const AT_ONCE: usize = 3;
const MAX_COOKIE: usize = 4_096;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pending {
    #[serde(rename = "q")]
    pub(super) request_id: String,
    #[serde(rename = "i")]
    pub(super) idp: IdpId,
    #[serde(rename = "r")]
    return_to: String,
    #[serde(rename = "t", with = "chrono::serde::ts_seconds")]
    pub(super) started_at: DateTime<Utc>,
    /// The digest of the session that this sign-in replaces. The answer, a POST from another site, does not bring
    /// the session's cookie along.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    replaces: Option<String>,
}

impl Pending {
    pub(super) fn new(
        request_id: String,
        idp: IdpId,
        return_to: &ReturnTo,
        started_at: DateTime<Utc>,
    ) -> Self {
        Self {
            request_id,
            idp,
            return_to: return_to.as_str().to_owned(),
            started_at,
            replaces: None,
        }
    }

    pub(super) fn replacing(self, session: Option<SessionHash>) -> Self {
        Self {
            replaces: session.map(SessionHash::hex),
            ..self
        }
    }

    pub(super) fn replaces(&self) -> Option<SessionHash> {
        self.replaces.as_deref().and_then(SessionHash::from_hex)
    }

    /// Checked again: a later version may know better what is ours.
    pub(super) fn return_to(&self) -> ReturnTo {
        ReturnTo::parse(&self.return_to).unwrap_or_else(ReturnTo::home)
    }

    pub(super) fn is_over(&self, now: DateTime<Utc>) -> bool {
        now >= self.started_at + LIFETIME
    }
}

/// Adds one to those that wait, in front, and drops what cannot be answered any more.
pub(super) fn add(mut waiting: Vec<Pending>, new: Pending) -> Vec<Pending> {
    let now = new.started_at;
    waiting.retain(|pending| !pending.is_over(now));
    waiting.insert(0, new);
    waiting.truncate(AT_ONCE);
    waiting
}

/// Signs the cookie.
pub struct PendingKey(PKey<Private>);

impl PendingKey {
    /// From a secret that is used for nothing else.
    pub fn new(secret: &[u8]) -> Result<Self, SamlSetupError> {
        Ok(Self(PKey::hmac(secret)?))
    }

    pub(super) fn seal(&self, waiting: &[Pending]) -> Result<String, SamlSetupError> {
        let body = serde_json::to_vec(waiting)
            .map_err(|error| SamlSetupError::Signing(error.to_string()))?;
        let tag = self.tag(&body)?;
        Ok(format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(body),
            URL_SAFE_NO_PAD.encode(tag)
        ))
    }

    /// What a browser has waiting. A cookie that we did not sign holds nothing.
    pub(super) fn open(&self, cookie: &str) -> Vec<Pending> {
        self.read(cookie).unwrap_or_default()
    }

    fn read(&self, cookie: &str) -> Option<Vec<Pending>> {
        let (body, tag) = cookie
            .split_once('.')
            .filter(|_| cookie.len() <= MAX_COOKIE)?;
        let body = URL_SAFE_NO_PAD.decode(body).ok()?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        let expected = self.tag(&body).ok()?;
        if expected.len() != tag.len() || !openssl::memcmp::eq(&expected, &tag) {
            return None;
        }
        serde_json::from_slice(&body).ok()
    }

    fn tag(&self, body: &[u8]) -> Result<Vec<u8>, openssl::error::ErrorStack> {
        Signer::new(MessageDigest::sha256(), &self.0)?.sign_oneshot_to_vec(body)
    }
}

impl std::fmt::Debug for PendingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PendingKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn pending(name: &str, at: i64) -> Pending {
        let started_at = DateTime::from_timestamp(1_800_000_000 + at, 0).unwrap();
        let return_to = ReturnTo::parse(&format!("/{}", "x".repeat(500))).unwrap();
        Pending::new(
            format!("_{name}"),
            IdpId(Uuid::nil()),
            &return_to,
            started_at,
        )
    }

    #[test]
    fn what_was_sealed_is_read_back_by_the_same_key_only() {
        let key = PendingKey::new(b"secret").unwrap();
        let waiting = vec![pending("a", 0), pending("b", 0), pending("c", 0)];

        let cookie = key.seal(&waiting).unwrap();

        assert!(cookie.len() < 3_000);
        assert_eq!(key.open(&cookie), waiting);
        assert_eq!(PendingKey::new(b"other").unwrap().open(&cookie), []);
        assert_eq!(PendingKey::new(b"other").unwrap().open(""), []);
    }

    #[test]
    fn a_changed_cookie_holds_nothing() {
        let key = PendingKey::new(b"secret").unwrap();
        let cookie = key.seal(&[pending("a", 0)]).unwrap();
        let (body, tag) = cookie.split_once('.').unwrap();

        for changed in [
            format!("{body}."),
            body.to_owned(),
            format!(".{tag}"),
            format!("{body}.{}", tag.get(..20).unwrap()),
            format!("A{body}.{tag}"),
            "%%%.%%%".to_owned(),
            "x".repeat(5_000),
        ] {
            assert_eq!(key.open(&changed), [], "{changed}");
        }
    }

    #[test]
    fn the_oldest_and_the_expired_give_way() {
        let waiting = ["a", "b", "c"]
            .iter()
            .fold(Vec::new(), |all, name| add(all, pending(name, 0)));

        let four = add(waiting.clone(), pending("d", 1));
        let later = add(waiting, pending("e", LIFETIME.num_seconds()));

        let names = |all: Vec<Pending>| all.into_iter().map(|p| p.request_id).collect::<String>();
        assert_eq!(names(four), "_d_c_b");
        assert_eq!(names(later), "_e");
    }
}

//! Copies of sessions in Redis, for many replicas: sealed, without a usable token, and never the last word.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use secrecy::{ExposeSecret as _, SecretBox};
use serde::{Deserialize, Serialize};

use super::revocations::{COPY_LIFETIME, Server};
use super::{SessionFacts, SessionHash, SessionState};
use crate::cache::Remote;
use crate::db::StoreError;
use crate::ids::{IdentityId, MemberId, SessionId};
use crate::viewer::{ActingFor, ActingMember, Permission, SignedInIdentity, Viewer, Visibility};

const NONCE: usize = 12;
const TAG: usize = 16;

/// The second copy. Writing happens in the background; a copy that is not written is read from the database again.
#[derive(Clone)]
pub struct SharedCopies {
    remote: Arc<Remote>,
    key: Arc<SecretBox<[u8; 32]>>,
}

/// A session as it is kept in Redis. Ids only: no name, no address, no token.
#[derive(Serialize, Deserialize)]
struct Kept {
    session: SessionId,
    identity: IdentityId,
    acting: Option<KeptActing>,
    authenticated_at: DateTime<Utc>,
    idle_until: DateTime<Utc>,
    absolute_until: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    read_at: DateTime<Utc>,
}

#[derive(Serialize, Deserialize)]
struct KeptActing {
    member: MemberId,
    acting_for: ActingFor,
    permissions: Vec<String>,
    visibility: Visibility,
}

impl SharedCopies {
    /// The key is derived from the cookie key, so that no other value sealed or signed under that fits here.
    pub fn new(remote: Arc<Remote>, cookie_key: &[u8]) -> Result<Self, StoreError> {
        let key = PKey::hmac(cookie_key)?;
        let mut signer = Signer::new(MessageDigest::sha256(), &key)?;
        signer.update(b"portico session copies")?;
        let mut derived = Box::new([0; 32]);
        signer.sign(&mut *derived)?;
        let key = Arc::new(SecretBox::new(derived));
        Ok(Self { remote, key })
    }

    /// What Redis has, if it can be read; anything else in its place is like nothing.
    pub(super) async fn find(&self, server: Server, session: SessionHash) -> Option<SessionState> {
        let name = name(server, session);
        let sealed = self.remote.get(&name).await?;
        self.unseal(&name, &sealed)
    }

    pub(super) fn keep(&self, server: Server, session: SessionHash, state: &SessionState) {
        let name = name(server, session);
        let Some(sealed) = Kept::of(state).and_then(|kept| self.seal(&name, &kept)) else {
            return;
        };
        let remote = Arc::clone(&self.remote);
        tokio::spawn(async move { remote.set(&name, &sealed, lifetime()).await });
    }

    /// Bound to its name, so that one session's value is worth nothing under another's.
    fn seal(&self, name: &str, kept: &Kept) -> Option<Vec<u8>> {
        let plain = serde_json::to_vec(kept).ok()?;
        let (mut nonce, mut tag) = ([0; NONCE], [0; TAG]);
        openssl::rand::rand_bytes(&mut nonce).ok()?;
        let key = self.key.expose_secret();
        let sealed = encrypt_aead(
            Cipher::aes_256_gcm(),
            key,
            Some(&nonce),
            name.as_bytes(),
            &plain,
            &mut tag,
        )
        .ok()?;
        Some([&nonce[..], &tag[..], &sealed[..]].concat())
    }

    fn unseal(&self, name: &str, value: &[u8]) -> Option<SessionState> {
        let (nonce, rest) = value.split_at_checked(NONCE)?;
        let (tag, sealed) = rest.split_at_checked(TAG)?;
        let key = self.key.expose_secret();
        let plain = decrypt_aead(
            Cipher::aes_256_gcm(),
            key,
            Some(nonce),
            name.as_bytes(),
            sealed,
            tag,
        )
        .ok()?;
        serde_json::from_slice::<Kept>(&plain).ok().map(Kept::state)
    }
}

/// The form's version, the database server that was asked, and the session.
fn name(server: Server, session: SessionHash) -> String {
    format!(
        "portico:session:2:{}:{}",
        server.started_at.timestamp_micros(),
        session.hex()
    )
}

fn lifetime() -> Duration {
    COPY_LIFETIME.to_std().unwrap_or_default()
}

impl Kept {
    fn of(state: &SessionState) -> Option<Self> {
        let (session, identity, acting) = match &state.viewer {
            Viewer::Member(member) => {
                let acting = KeptActing {
                    member: member.member,
                    acting_for: member.acting_for,
                    permissions: member
                        .permissions
                        .iter()
                        .map(|one| one.as_str().to_owned())
                        .collect(),
                    visibility: member.visibility,
                };
                (member.session, member.identity, Some(acting))
            }
            Viewer::Federated(person) => (person.session, person.identity, None),
            Viewer::Service(_) => return None,
        };
        Some(Self {
            session,
            identity,
            acting,
            authenticated_at: state.facts.authenticated_at,
            idle_until: state.facts.idle_until,
            absolute_until: state.facts.absolute_until,
            last_seen_at: state.last_seen_at,
            read_at: state.read_at,
        })
    }

    fn state(self) -> SessionState {
        let (session, identity) = (self.session, self.identity);
        let viewer = match self.acting {
            None => Viewer::Federated(SignedInIdentity { identity, session }),
            Some(acting) => Viewer::Member(ActingMember {
                member: acting.member,
                identity,
                session,
                acting_for: acting.acting_for,
                permissions: acting
                    .permissions
                    .iter()
                    .filter_map(|text| Permission::parse(text))
                    .collect::<BTreeSet<_>>(),
                visibility: acting.visibility,
            }),
        };
        SessionState {
            viewer,
            facts: SessionFacts {
                authenticated_at: self.authenticated_at,
                idle_until: self.idle_until,
                absolute_until: self.absolute_until,
            },
            last_seen_at: self.last_seen_at,
            read_at: self.read_at,
        }
    }
}

//! How entries and personal values are hashed. The database's `portico_timeline_hash` is the same encoding: entries are
//! written by the one and checked by the other.

use openssl::sha::Sha256;
use uuid::Uuid;

/// Bytes of a salt.
pub(super) const SALT: usize = 16;
/// Names the encoding; an entry under another one begins with another word.
const ENCODING: &str = "portico-timeline-1";

/// What an entry's hash covers, as the table has it.
#[derive(Debug, Clone)]
pub(super) struct Chained {
    pub(super) organisation_id: Uuid,
    pub(super) id: Uuid,
    pub(super) object_kind: String,
    pub(super) object_id: Uuid,
    pub(super) object_version: i64,
    /// Microseconds since 1970.
    pub(super) at: i64,
    pub(super) actor: String,
    pub(super) actor_kind: String,
    pub(super) on_behalf_of: Option<Uuid>,
    pub(super) source: String,
    pub(super) action: String,
    pub(super) from_state: Option<String>,
    pub(super) to_state: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) correlation_id: String,
    /// As PostgreSQL writes `jsonb`: sorted, without a choice of spaces.
    pub(super) details: String,
    pub(super) personal: String,
    pub(super) previous_hash: Option<Vec<u8>>,
    pub(super) hash: Vec<u8>,
}

impl Chained {
    /// The hash that the entry has to have.
    pub(super) fn expected(&self) -> [u8; 32] {
        let mut text = String::from(ENCODING);
        let mut add = |value: Option<&str>| match value {
            Some(value) => {
                text.push_str(&value.len().to_string());
                text.push(':');
                text.push_str(value);
            }
            None => text.push('-'),
        };
        add(self.previous_hash.as_deref().map(hex).as_deref());
        add(Some(&self.organisation_id.to_string()));
        add(Some(&self.id.to_string()));
        add(Some(&self.object_kind));
        add(Some(&self.object_id.to_string()));
        add(Some(&self.object_version.to_string()));
        add(Some(&self.at.to_string()));
        add(Some(&self.actor));
        add(Some(&self.actor_kind));
        add(self.on_behalf_of.map(|id| id.to_string()).as_deref());
        add(Some(&self.source));
        add(Some(&self.action));
        add(self.from_state.as_deref());
        add(self.to_state.as_deref());
        add(self.reason.as_deref());
        add(Some(&self.correlation_id));
        add(Some(&self.details));
        add(Some(&self.personal));
        sha256(&[text.as_bytes()])
    }
}

/// The digest of a personal value, which stays when the value is erased.
pub(super) fn of_personal(salt: &[u8], field: &str, value: &str) -> String {
    let length = u64::try_from(field.len()).unwrap_or(u64::MAX);
    hex(&sha256(&[
        salt,
        &length.to_be_bytes(),
        field.as_bytes(),
        value.as_bytes(),
    ]))
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finish()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").ok();
        text
    })
}

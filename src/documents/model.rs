//! What a document is and which moves it allows. Pure: no SQL, GraphQL, disk or clock.

pub(super) mod content;
pub(super) mod kind;
#[cfg(test)]
mod tests;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

use self::kind::Kind;
use super::error::{DocumentRefusal, Fault};
use crate::error::{Failure, Faults};
use crate::ids::{DocumentId, OrganisationId};
use crate::rules::DocumentLimits;

/// Characters of a name; a file system or a header could not hold more.
const LONGEST_NAME: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DocumentState {
    Prepared,
    Stored,
    Complete,
    Discarded,
}

impl DocumentState {
    pub(super) const ALL: [Self; 4] = [
        Self::Prepared,
        Self::Stored,
        Self::Complete,
        Self::Discarded,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Prepared => "PREPARED",
            Self::Stored => "STORED",
            Self::Complete => "COMPLETE",
            Self::Discarded => "DISCARDED",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What is known of a file before its bytes come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Announced {
    pub(crate) file_name: String,
    pub(crate) kind: Kind,
    pub(crate) size: i64,
    pub(crate) sha256: [u8; 32],
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) organisation: OrganisationId,
    pub(crate) id: DocumentId,
    pub(crate) file: Announced,
    pub(crate) state: DocumentState,
    /// The global id of whoever announced it.
    pub(crate) prepared_by: String,
    pub(crate) prepared_at: DateTime<Utc>,
    /// Exclusive.
    pub(crate) upload_until: DateTime<Utc>,
    pub(crate) completed_at: Option<DateTime<Utc>>,
    pub(crate) version: i64,
}

impl Announced {
    /// The digest in hexadecimal digits.
    pub(super) fn digest(&self) -> String {
        use std::fmt::Write as _;
        self.sha256.iter().fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// What a client says of a file, as it says it.
#[derive(Debug, Clone)]
pub(crate) struct Announcement {
    pub(crate) file_name: String,
    pub(crate) media_type: String,
    pub(crate) size: i64,
    /// 64 hexadecimal digits.
    pub(crate) sha256: String,
}

impl Announcement {
    /// Checks all of it at once.
    pub(super) fn check(&self, limits: &DocumentLimits) -> Result<Announced, Failure> {
        let mut faults = Faults::default();
        let file_name = self.file_name.trim();
        if let Some(fault) = name_fault(file_name) {
            faults.add(fault);
        }
        let kind = Kind::of_name(file_name);
        match kind {
            None => faults.add(Fault::TypeNotAllowed),
            Some(kind) if !kind.is_called(&self.media_type) => {
                faults.add(Fault::MediaTypeDiffers);
            }
            Some(_) => {}
        }
        if self.size < 1 {
            faults.add(Fault::Empty);
        } else if self.size > limits.maximum_bytes {
            let maximum = limits.maximum_bytes;
            faults.add(Fault::TooLarge { maximum });
        }
        let sha256 = digest(&self.sha256);
        if sha256.is_none() {
            faults.add(Fault::DigestUnreadable);
        }
        faults.check()?;
        let (Some(kind), Some(sha256)) = (kind, sha256) else {
            return Err(Fault::TypeNotAllowed.into());
        };
        Ok(Announced {
            file_name: file_name.to_owned(),
            kind,
            size: self.size,
            sha256,
        })
    }
}

/// A name is shown to people and put into a header: nothing in it may lead elsewhere or look like something else.
fn name_fault(name: &str) -> Option<Fault> {
    if name.is_empty() {
        return Some(Fault::NameEmpty);
    }
    if name.chars().count() > LONGEST_NAME {
        let maximum = LONGEST_NAME;
        return Some(Fault::NameTooLong { maximum });
    }
    name.chars()
        .any(|letter| {
            letter.is_control() || matches!(letter, '/' | '\\') || turns_direction(letter)
        })
        .then_some(Fault::NameUnreadable)
}

/// Invisible marks; with one of them `exe.txt` can be shown for `txt.exe`.
fn turns_direction(letter: char) -> bool {
    matches!(letter,
        '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

fn digest(hex: &str) -> Option<[u8; 32]> {
    let is_hex = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hex {
        return None;
    }
    let mut digest = [0; 32];
    for (byte, start) in digest.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(hex.get(start..start + 2)?, 16).ok()?;
    }
    Some(digest)
}

/// What an organisation's documents take in all, announced ones included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) files: i64,
    pub(super) bytes: i64,
}

impl Usage {
    /// Refuses one more file that would not fit.
    pub(super) fn check(self, size: i64, limits: &DocumentLimits) -> Result<(), DocumentRefusal> {
        if self.files >= limits.organisation_files {
            return Err(DocumentRefusal::TooManyFiles {
                limit: limits.organisation_files,
                used: self.files,
            });
        }
        if self.bytes.saturating_add(size) > limits.organisation_bytes {
            return Err(DocumentRefusal::TooManyBytes {
                limit: limits.organisation_bytes,
                used: self.bytes,
            });
        }
        Ok(())
    }
}

/// When a link that is made at `now` ends: whole seconds, since the address says it.
pub(super) fn link_until(now: DateTime<Utc>, minutes: i64) -> DateTime<Utc> {
    let until = now + TimeDelta::minutes(minutes);
    until.duration_trunc(TimeDelta::seconds(1)).unwrap_or(until)
}

impl Document {
    pub(super) fn at_version(&self, expected: Option<i64>) -> Result<(), DocumentRefusal> {
        let current = self.version;
        match expected {
            Some(expected) if expected != current => {
                Err(DocumentRefusal::VersionConflict { current })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether bytes may come at `now`.
    pub(super) fn expect_open(&self, now: DateTime<Utc>) -> Result<(), DocumentRefusal> {
        match self.state {
            DocumentState::Prepared if now < self.upload_until => Ok(()),
            DocumentState::Prepared | DocumentState::Discarded => Err(DocumentRefusal::LinkExpired),
            from @ (DocumentState::Stored | DocumentState::Complete) => {
                Err(DocumentRefusal::AlreadyStored { from })
            }
        }
    }

    pub(super) fn store(&mut self, now: DateTime<Utc>) -> Result<(), DocumentRefusal> {
        self.expect_open(now)?;
        self.state = DocumentState::Stored;
        self.version += 1;
        Ok(())
    }

    /// Refuses to complete what has not come, or was completed before.
    pub(super) fn expect_stored(&self) -> Result<(), DocumentRefusal> {
        match self.state {
            DocumentState::Stored => Ok(()),
            from @ (DocumentState::Prepared
            | DocumentState::Complete
            | DocumentState::Discarded) => Err(DocumentRefusal::NotStored { from }),
        }
    }

    pub(super) fn complete(&mut self, now: DateTime<Utc>) -> Result<(), DocumentRefusal> {
        self.expect_stored()?;
        self.state = DocumentState::Complete;
        self.completed_at = Some(now);
        self.version += 1;
        Ok(())
    }

    /// Only what nobody completed; whoever calls has chosen it by its age.
    pub(super) fn discard(&mut self) {
        self.state = DocumentState::Discarded;
        self.version += 1;
    }
}

//! `[session]`: how long a sign-in lasts, and the key under which cookies are signed.

use std::time::Duration;

use secrecy::SecretString;

use super::keys;
use super::reader::Reader;

pub struct Session {
    /// Without a request for this long, a person signs in again.
    pub idle: Duration,
    /// However busy, a person signs in again after this long.
    pub absolute: Duration,
    /// Signs the sign-in cookie and the cursors of pages; each under a key derived from it.
    pub cookie_key: SecretString,
}

const IDLE: &str = "session.idle";
const ABSOLUTE: &str = "session.absolute";

impl Session {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let idle = reader.duration(IDLE, Duration::from_mins(30));
        let absolute = reader.duration(ABSOLUTE, Duration::from_hours(12));
        if idle > absolute {
            reader.refuse(IDLE, format!("must not be longer than {ABSOLUTE}"));
        }
        if reader.is_for_serving() && absolute > Duration::from_hours(7 * 24) {
            reader.refuse(ABSOLUTE, "must be at most 7d");
        }
        Self {
            idle,
            absolute,
            cookie_key: keys::random_key(reader, "session.cookie_key_file"),
        }
    }
}

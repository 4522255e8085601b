//! `[saml]`: who the gateway is to identity providers. The providers themselves are rows in the database.

use std::time::Duration;

use secrecy::SecretString;

use super::keys;
use super::reader::Reader;

pub struct Saml {
    /// `None`: the address of the metadata.
    pub entity_id: Option<String>,
    /// PEM.
    pub certificate: String,
    /// PEM.
    pub key: SecretString,
    /// How far an identity provider's clock may be off.
    pub clock_skew: Duration,
}

const CERTIFICATE: &str = "saml.certificate_file";
const KEY: &str = "saml.key_file";
const CLOCK_SKEW: &str = "saml.clock_skew";

impl Saml {
    pub(super) fn read(reader: &mut Reader) -> Self {
        for key in [CERTIFICATE, KEY] {
            if reader.path(key).is_none() {
                reader.missing(key);
            }
        }
        let certificate = keys::certificate(reader, CERTIFICATE);
        let key = keys::private_key(reader, KEY);
        keys::belong_together(reader, KEY, certificate.as_deref(), key.as_ref());
        let clock_skew = reader.duration(CLOCK_SKEW, Duration::from_mins(3));
        if clock_skew > Duration::from_mins(10) {
            reader.refuse(
                CLOCK_SKEW,
                "must be at most 10m: a stolen assertion lives that much longer",
            );
        }
        Self {
            entity_id: reader.text("saml.entity_id"),
            certificate: certificate.unwrap_or_default(),
            key: key.unwrap_or_default(),
            clock_skew,
        }
    }
}

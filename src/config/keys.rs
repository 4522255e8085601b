//! Keys and certificates in files: that they are what they should be, and not those of a development machine.

use openssl::pkey::PKey;
use openssl::x509::X509;
use secrecy::{ExposeSecret, SecretString};

use super::reader::Reader;

/// In the subject of certificates and in front of keys that `portico dev` makes; `serve` takes neither.
pub const DEVELOPMENT_MARK: &str = "portico-development";
/// A signing key shorter than a hash's output can be guessed more easily than the hash can be broken.
const SHORTEST_KEY: usize = 32;

/// One certificate or more as PEM.
pub(super) fn certificate(reader: &mut Reader, key: &str) -> Option<String> {
    let pem = reader.file(key)?.expose_secret().to_owned();
    let certificates = X509::stack_from_pem(pem.as_bytes()).unwrap_or_default();
    let Some(first) = certificates.first() else {
        reader.refuse(key, "must be a file with a certificate in PEM");
        return None;
    };
    if reader.is_for_serving() && format!("{:?}", first.subject_name()).contains(DEVELOPMENT_MARK) {
        reader.refuse(key, "is a certificate that `portico dev` made for itself");
    }
    Some(pem)
}

/// A private key as PEM, without a passphrase.
pub(super) fn private_key(reader: &mut Reader, key: &str) -> Option<SecretString> {
    let pem = reader.private_file(key)?;
    // A callback that gives nothing: OpenSSL would ask on the terminal for the passphrase of a protected key.
    match PKey::private_key_from_pem_callback(pem.expose_secret().as_bytes(), |_| Ok(0)) {
        Ok(_) => Some(pem),
        Err(_unreadable) => {
            reader.refuse(
                key,
                "must be a file with a private key in PEM, without a passphrase",
            );
            None
        }
    }
}

/// Notes a problem at `at` if the key is not the certificate's.
pub(super) fn belong_together(
    reader: &mut Reader,
    at: &str,
    certificate: Option<&str>,
    key: Option<&SecretString>,
) {
    let (Some(certificate), Some(key)) = (certificate, key) else {
        return;
    };
    let public =
        X509::from_pem(certificate.as_bytes()).and_then(|certificate| certificate.public_key());
    let private = PKey::private_key_from_pem(key.expose_secret().as_bytes());
    let fits = matches!((public, private), (Ok(public), Ok(private)) if private.public_eq(&public));
    if !fits {
        reader.refuse(at, "is not the key of the certificate beside it");
    }
}

/// Random text that signs cookies; empty, with the problem noted, when it is absent.
pub(super) fn random_key(reader: &mut Reader, key: &str) -> SecretString {
    if reader.path(key).is_none() {
        reader.missing(key);
    }
    let Some(secret) = reader.private_file(key) else {
        return SecretString::default();
    };
    let text = secret.expose_secret();
    if text.len() < SHORTEST_KEY {
        reader.refuse(
            key,
            format!("must hold at least {SHORTEST_KEY} random characters: openssl rand -hex 32"),
        );
    }
    if reader.is_for_serving() && text.starts_with(DEVELOPMENT_MARK) {
        reader.refuse(key, "is a key that `portico dev` made for itself");
    }
    secret
}

//! Our key with its certificate, and the certificates of others.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::{BigNum, MsbOption};
use openssl::hash::MessageDigest;
use openssl::pkey::{Id, PKey, PKeyRef, Private, Public};
use openssl::rsa::Rsa;
use openssl::sign::{Signer, Verifier};
use openssl::x509::{X509, X509NameBuilder};

use super::error::{SamlRefusal, SamlSetupError};

/// What `SAML2Int` asks of new keys.
const NEW_KEY_BITS: u32 = 3072;
const MIN_RSA_BITS: u32 = 2048;
const MIN_EC_BITS: u32 = 256;
const CERTIFICATE_DAYS: i64 = 3 * 365;

/// A certificate whose key is strong enough to be trusted with signatures. Its dates are not
/// checked: in SAML the metadata vouches for the key, the certificate is only its envelope.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
}

impl Certificate {
    pub fn from_pem(pem: &[u8]) -> Result<Self, SamlSetupError> {
        let certificate =
            X509::from_pem(pem).map_err(|_error| SamlSetupError::CertificateUnreadable)?;
        Self::from_x509(&certificate)
    }

    /// From the text of an `X509Certificate` element: base64 with any line breaks.
    pub(super) fn from_base64(text: &str) -> Result<Self, SamlSetupError> {
        let packed: String = text.split_ascii_whitespace().collect();
        let der = STANDARD
            .decode(packed)
            .map_err(|_error| SamlSetupError::CertificateUnreadable)?;
        let certificate =
            X509::from_der(&der).map_err(|_error| SamlSetupError::CertificateUnreadable)?;
        Self::from_x509(&certificate)
    }

    fn from_x509(certificate: &X509) -> Result<Self, SamlSetupError> {
        refuse_weak(&*certificate.public_key()?)?;
        Ok(Self {
            der: certificate.to_der()?,
        })
    }

    pub(super) fn der(&self) -> &[u8] {
        &self.der
    }

    pub(super) fn to_base64(&self) -> String {
        STANDARD.encode(&self.der)
    }

    /// Whether this certificate's RSA key made `signature` over `bytes`.
    pub(super) fn verifies(
        &self,
        (bytes, signature): (&[u8], &[u8]),
        digest: MessageDigest,
    ) -> Result<bool, SamlRefusal> {
        let invalid = |_error| SamlRefusal::SignatureInvalid;
        let key = X509::from_der(&self.der)
            .and_then(|x509| x509.public_key())
            .map_err(invalid)?;
        if key.id() != Id::RSA {
            return Ok(false);
        }
        let mut verifier = Verifier::new(digest, &key).map_err(invalid)?;
        verifier.verify_oneshot(signature, bytes).map_err(invalid)
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({} bytes)", self.der.len())
    }
}

/// An RSA key with its certificate. It signs; nobody can print it.
pub struct SigningKey {
    key: PKey<Private>,
    certificate: Certificate,
}

impl SigningKey {
    pub fn from_pem(key_pem: &[u8], certificate_pem: &[u8]) -> Result<Self, SamlSetupError> {
        let key = PKey::private_key_from_pem(key_pem)?;
        if key.id() != Id::RSA {
            return Err(SamlSetupError::Key(
                "the private key is not an RSA key".to_owned(),
            ));
        }
        let certificate = X509::from_pem(certificate_pem)?;
        if !certificate.public_key()?.public_eq(&key) {
            return Err(SamlSetupError::KeyMismatch);
        }
        Ok(Self {
            key,
            certificate: Certificate::from_x509(&certificate)?,
        })
    }

    /// Makes a key with a self-signed certificate: for development and tests, and for operators
    /// whose peers trust metadata.
    pub fn generate(common_name: &str, now: DateTime<Utc>) -> Result<Self, SamlSetupError> {
        Self::generate_with(NEW_KEY_BITS, common_name, now)
    }

    pub(super) fn generate_with(
        bits: u32,
        common_name: &str,
        now: DateTime<Utc>,
    ) -> Result<Self, SamlSetupError> {
        let key = PKey::from_rsa(Rsa::generate(bits)?)?;
        let certificate = self_signed(&key, common_name, now)?;
        Ok(Self {
            key,
            certificate: Certificate::from_x509(&certificate)?,
        })
    }

    /// The private key and the certificate as PEM texts, to be kept in files of mode 0600.
    pub fn to_pem(&self) -> Result<(Vec<u8>, Vec<u8>), SamlSetupError> {
        let certificate = X509::from_der(self.certificate.der())?;
        Ok((self.key.private_key_to_pem_pkcs8()?, certificate.to_pem()?))
    }

    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    pub(super) fn private_der(&self) -> Result<Vec<u8>, SamlSetupError> {
        Ok(self.key.private_key_to_der()?)
    }

    /// RSA-SHA256 over `bytes`, as the redirect binding wants it.
    pub(super) fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>, SamlSetupError> {
        let mut signer = Signer::new(MessageDigest::sha256(), &self.key)?;
        Ok(signer.sign_oneshot_to_vec(bytes)?)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

fn refuse_weak(key: &PKeyRef<Public>) -> Result<(), SamlSetupError> {
    let strong = match key.id() {
        Id::RSA => key.bits() >= MIN_RSA_BITS,
        Id::EC => key.bits() >= MIN_EC_BITS,
        _ => false,
    };
    if strong {
        Ok(())
    } else {
        Err(SamlSetupError::KeyTooWeak)
    }
}

fn self_signed(
    key: &PKey<Private>,
    common_name: &str,
    now: DateTime<Utc>,
) -> Result<X509, SamlSetupError> {
    let mut name = X509NameBuilder::new()?;
    name.append_entry_by_text("CN", common_name)?;
    let name = name.build();
    let mut serial = BigNum::new()?;
    serial.rand(159, MsbOption::MAYBE_ZERO, false)?;
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    builder.set_serial_number(&*Asn1Integer::from_bn(&serial)?)?;
    builder.set_subject_name(&name)?;
    builder.set_issuer_name(&name)?;
    let seconds = now.timestamp();
    builder.set_not_before(&*Asn1Time::from_unix(seconds - 86_400)?)?;
    builder.set_not_after(&*Asn1Time::from_unix(seconds + CERTIFICATE_DAYS * 86_400)?)?;
    builder.set_pubkey(key)?;
    builder.sign(key, MessageDigest::sha256())?;
    Ok(builder.build())
}

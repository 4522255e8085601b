//! The HTTP-Redirect binding: deflated, base64, in the query, signed over the query's raw bytes.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use openssl::hash::MessageDigest;
use url::form_urlencoded;

use super::error::{SamlRefusal, SamlSetupError};
use super::keys::{Certificate, SigningKey};
use super::names;

/// The longest query and the longest message in it that we read.
const MAX_QUERY: usize = 16 * 1024;
const MAX_INFLATED: u64 = 64 * 1024;

/// The address that carries `message` to `endpoint`, signed.
pub(super) fn signed_url(
    endpoint: &str,
    message: &str,
    relay_state: Option<&str>,
    key: &SigningKey,
) -> Result<String, SamlSetupError> {
    let signing = |error: std::io::Error| SamlSetupError::Signing(error.to_string());
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
    deflate.write_all(message.as_bytes()).map_err(signing)?;
    let deflated = deflate.finish().map_err(signing)?;
    let mut query = format!("SAMLRequest={}", encode(&STANDARD.encode(deflated)));
    if let Some(state) = relay_state {
        query.push_str("&RelayState=");
        query.push_str(&encode(state));
    }
    query.push_str("&SigAlg=");
    query.push_str(&encode(names::RSA_SHA256));
    let signature = STANDARD.encode(key.sign(query.as_bytes())?);
    // An endpoint may have a query of its own.
    let join = if endpoint.contains('?') { '&' } else { '?' };
    Ok(format!(
        "{endpoint}{join}{query}&Signature={}",
        encode(&signature)
    ))
}

fn encode(value: &str) -> String {
    form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

/// A query that carries a request, still encoded: the signature covers the sender's own encoding.
pub(super) struct Query<'a> {
    request: &'a str,
    relay_state: Option<&'a str>,
    algorithm: Option<&'a str>,
    signature: Option<&'a str>,
}

impl<'a> Query<'a> {
    /// Takes each parameter once. With two of a name, one could be verified and the other read.
    pub(super) fn read(raw: &'a str) -> Result<Self, SamlRefusal> {
        if raw.len() > MAX_QUERY {
            return Err(SamlRefusal::TooLarge);
        }
        let single = |name: &str| {
            let mut found = raw
                .split('&')
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .filter(|(key, _)| decode(key).as_deref() == Ok(name));
            match (found.next(), found.next()) {
                (first, None) => match first {
                    // A name in another spelling would be missing from the signed text below.
                    Some((key, _)) if key != name => Err(SamlRefusal::InvalidParameter),
                    first => Ok(first.map(|(_, value)| value)),
                },
                _ => Err(SamlRefusal::DuplicateParameter),
            }
        };
        Ok(Self {
            request: single("SAMLRequest")?.ok_or(SamlRefusal::InvalidParameter)?,
            relay_state: single("RelayState")?,
            algorithm: single("SigAlg")?,
            signature: single("Signature")?,
        })
    }

    pub(super) fn message(&self) -> Result<String, SamlRefusal> {
        let packed: String = decode(self.request)?.split_ascii_whitespace().collect();
        let deflated = STANDARD
            .decode(packed)
            .map_err(|_error| SamlRefusal::NotBase64)?;
        let mut inflated = Vec::new();
        // One byte more than allowed tells "too large" from "just fits".
        DeflateDecoder::new(deflated.as_slice())
            .take(MAX_INFLATED + 1)
            .read_to_end(&mut inflated)
            .map_err(|_error| SamlRefusal::Inflate)?;
        if inflated.len() as u64 > MAX_INFLATED {
            return Err(SamlRefusal::Inflate);
        }
        String::from_utf8(inflated).map_err(|_error| SamlRefusal::NotUtf8)
    }

    pub(super) fn relay_state(&self) -> Result<Option<String>, SamlRefusal> {
        self.relay_state.map(decode).transpose()
    }

    /// Whether one of the sender's certificates made the signature. Unsigned is refused.
    pub(super) fn verify(&self, certificates: &[Certificate]) -> Result<(), SamlRefusal> {
        let algorithm = self.algorithm.ok_or(SamlRefusal::Unsigned)?;
        let signature = decode(self.signature.ok_or(SamlRefusal::Unsigned)?)?;
        let signature = STANDARD
            .decode(signature)
            .map_err(|_error| SamlRefusal::NotBase64)?;
        let digest = match decode(algorithm)?.as_str() {
            names::RSA_SHA256 => MessageDigest::sha256(),
            names::RSA_SHA512 => MessageDigest::sha512(),
            _ => return Err(SamlRefusal::AlgorithmNotAllowed),
        };
        let relay_state = self
            .relay_state
            .map_or_else(String::new, |state| format!("&RelayState={state}"));
        let signed = format!(
            "SAMLRequest={}{relay_state}&SigAlg={algorithm}",
            self.request
        );
        for certificate in certificates {
            if certificate.verifies((signed.as_bytes(), &signature), digest)? {
                return Ok(());
            }
        }
        Err(SamlRefusal::SignatureInvalid)
    }
}

/// Percent decoding, with `+` for a space, of one name or value.
fn decode(raw: &str) -> Result<String, SamlRefusal> {
    // `parse` would split at an ampersand; none is left here.
    let spaced = raw.replace('+', "%20");
    let mut bytes = Vec::with_capacity(spaced.len());
    let mut rest = spaced.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let [high, low, after @ ..] = tail else {
            return Err(SamlRefusal::InvalidParameter);
        };
        let digit = |byte: u8| {
            char::from(byte)
                .to_digit(16)
                .and_then(|d| u8::try_from(d).ok())
        };
        match (digit(*high), digit(*low)) {
            (Some(high), Some(low)) => bytes.push(high * 16 + low),
            _ => return Err(SamlRefusal::InvalidParameter),
        }
        rest = after;
    }
    String::from_utf8(bytes).map_err(|_error| SamlRefusal::InvalidParameter)
}

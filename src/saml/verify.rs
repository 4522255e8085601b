//! The only call that checks an XML signature, and the bytes that it vouches for.

use std::panic::{AssertUnwindSafe, catch_unwind};

use samael::crypto::{
    AllowedSignatureAlgorithm as Algorithm, CertificateDer, Crypto, CryptoProvider, ReduceMode,
};

use super::error::SamlRefusal;
use super::hardening::restrict_xmlsec;
use super::keys::Certificate;

const ALLOWED: [Algorithm; 3] = [
    Algorithm::RsaSha256,
    Algorithm::RsaSha512,
    Algorithm::EcdsaSha256,
];

/// Returns exactly the canonical bytes that were signed: nothing outside them can be read later.
///
/// `PreDigest` neither keeps unsigned ancestors nor leaks the discarded part of the document.
pub(super) fn signed_bytes(
    text: &str,
    certificates: &[Certificate],
) -> Result<String, SamlRefusal> {
    // With an empty list samael's own service provider skips the check altogether.
    if certificates.is_empty() {
        return Err(SamlRefusal::NoCertificate);
    }
    restrict_xmlsec().map_err(|_unrestricted| SamlRefusal::SignatureInvalid)?;
    let keys: Vec<_> = certificates
        .iter()
        .map(|certificate| CertificateDer::from(certificate.der().to_vec()))
        .collect();
    let verified = catch_unwind(AssertUnwindSafe(|| {
        Crypto::reduce_xml_to_signed_with_allowed_algorithms(
            text,
            &keys,
            ReduceMode::PreDigest,
            Some(&ALLOWED),
        )
    }));
    match verified {
        Ok(Ok(bytes)) if !bytes.is_empty() => Ok(bytes),
        Ok(_) => Err(SamlRefusal::SignatureInvalid),
        Err(_panic) => Err(SamlRefusal::VerifierPanicked),
    }
}

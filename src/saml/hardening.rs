//! Takes from the XML signature library, for the whole process, what a sender could abuse.
//!
//! xmlsec resolves references and runs transforms *before* it checks the signature: an
//! unauthenticated message could make this process fetch a URL, open a file or run XSLT. samael
//! offers no switch. The pre-flight refuses such messages; this is the second wall behind it.

use std::ffi::{c_int, c_void};
use std::sync::OnceLock;

use samael::crypto::{CertificateDer, Crypto, CryptoProvider};

use super::error::SamlSetupError;

type TransformId = *const c_void;

// The functions of libxmlsec1 and libxmlsec1-openssl, which samael links. Only pointers and `int`
// cross: the width of xmlSecSize differs between builds of the library.
#[expect(
    unsafe_code,
    reason = "declarations of the C functions that samael does not export"
)]
unsafe extern "C" {
    fn xmlSecIOCleanupCallbacks();
    fn xmlSecErrorsDefaultCallbackEnableOutput(enabled: c_int);
    fn xmlSecTransformIdsGet() -> *mut c_void;
    fn xmlSecPtrListEmpty(list: *mut c_void);
    fn xmlSecTransformIdsRegister(id: TransformId) -> c_int;
    fn xmlSecTransformExclC14NGetKlass() -> TransformId;
    fn xmlSecTransformEnvelopedGetKlass() -> TransformId;
    fn xmlSecOpenSSLTransformSha256GetKlass() -> TransformId;
    fn xmlSecOpenSSLTransformSha512GetKlass() -> TransformId;
    fn xmlSecOpenSSLTransformRsaSha256GetKlass() -> TransformId;
    fn xmlSecOpenSSLTransformRsaSha512GetKlass() -> TransformId;
    fn xmlSecOpenSSLTransformEcdsaSha256GetKlass() -> TransformId;
}

/// Restricts the library; the first call does it and later ones repeat its answer.
///
/// Every path to the library calls this first, so that none can come before it.
pub fn restrict_xmlsec() -> Result<(), SamlSetupError> {
    static RESTRICTED: OnceLock<bool> = OnceLock::new();
    if *RESTRICTED.get_or_init(restrict) {
        Ok(())
    } else {
        Err(SamlSetupError::Hardening)
    }
}

#[expect(unsafe_code, reason = "xmlsec is restricted only by its C functions")]
fn restrict() -> bool {
    // SAFETY: `OnceLock` lets one thread in while all others wait, so nothing reads the lists
    // meanwhile. The output switch is a plain variable; the lists are touched only after samael has
    // initialised the library; the class getters return static structs.
    unsafe {
        // Its messages quote what it read, past our log and its rules.
        xmlSecErrorsDefaultCallbackEnableOutput(0);
        initialise();
        // Without input callbacks no reference can open a file or a connection.
        xmlSecIOCleanupCallbacks();
        let transforms = xmlSecTransformIdsGet();
        if transforms.is_null() {
            return false;
        }
        // Removing single entries would leave holes that the library dereferences.
        xmlSecPtrListEmpty(transforms);
        [
            xmlSecTransformExclC14NGetKlass(),
            xmlSecTransformEnvelopedGetKlass(),
            xmlSecOpenSSLTransformSha256GetKlass(),
            xmlSecOpenSSLTransformSha512GetKlass(),
            xmlSecOpenSSLTransformRsaSha256GetKlass(),
            xmlSecOpenSSLTransformRsaSha512GetKlass(),
            xmlSecOpenSSLTransformEcdsaSha256GetKlass(),
        ]
        .into_iter()
        .all(|id| !id.is_null() && xmlSecTransformIdsRegister(id) == 0)
    }
}

/// Any call that loads a key makes samael initialise the library, which fills its lists. This key
/// is no key: the error is expected, and comes after the initialisation.
fn initialise() {
    let no_key = CertificateDer::from(Vec::new());
    let _expected = Crypto::verify_signed_xml("<none/>", &no_key, None);
}

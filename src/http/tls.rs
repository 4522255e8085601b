//! The certificate of the listener, for deployments without a proxy in front.

use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::ssl::{AlpnError, SslAcceptor, SslMethod, SslVersion, select_next_proto};
use openssl::x509::X509;
use secrecy::{ExposeSecret as _, SecretString};

/// HTTP/2 first, as ALPN wants it: each name with its length in front.
const PROTOCOLS: &[u8] = b"\x02h2\x08http/1.1";

/// TLS 1.2 or later, with this certificate chain (PEM, the server's own first) and its key.
pub fn acceptor(chain: &str, key: &SecretString) -> Result<SslAcceptor, ErrorStack> {
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    builder.set_min_proto_version(Some(SslVersion::TLS1_2))?;
    let mut certificates = X509::stack_from_pem(chain.as_bytes())?.into_iter();
    if let Some(own) = certificates.next() {
        builder.set_certificate(&own)?;
    }
    for issuer in certificates {
        builder.add_extra_chain_cert(issuer)?;
    }
    let key = PKey::private_key_from_pem(key.expose_secret().as_bytes())?;
    builder.set_private_key(&key)?;
    builder.check_private_key()?;
    builder.set_alpn_select_callback(|_, offered| {
        select_next_proto(PROTOCOLS, offered).ok_or(AlpnError::NOACK)
    });
    Ok(builder.build())
}

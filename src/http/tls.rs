//! The certificate of the listener, for deployments without a proxy in front.

use std::path::Path;

use openssl::error::ErrorStack;
use openssl::ssl::{AlpnError, SslAcceptor, SslFiletype, SslMethod, SslVersion, select_next_proto};

/// HTTP/2 first, as ALPN wants it: each name with its length in front.
const PROTOCOLS: &[u8] = b"\x02h2\x08http/1.1";

/// TLS 1.2 or later with the certificate chain and key in these PEM files.
pub fn acceptor(chain: &Path, key: &Path) -> Result<SslAcceptor, ErrorStack> {
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    builder.set_min_proto_version(Some(SslVersion::TLS1_2))?;
    builder.set_certificate_chain_file(chain)?;
    builder.set_private_key_file(key, SslFiletype::PEM)?;
    builder.check_private_key()?;
    builder.set_alpn_select_callback(|_, offered| {
        select_next_proto(PROTOCOLS, offered).ok_or(AlpnError::NOACK)
    });
    Ok(builder.build())
}

//! `[server]`: where the gateway listens and how the outside reaches it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::reader::Reader;

pub struct Server {
    pub listen: SocketAddr,
    /// The origin people see. SAML addresses, links and the cookie's kind follow from it.
    pub public_url: Url,
    /// `None` behind a proxy that ends TLS.
    pub tls: Option<Tls>,
    /// Whose `Forwarded` and `X-Forwarded-…` headers are believed.
    pub trusted_proxies: Vec<Network>,
    /// Further origins whose pages may call the gateway with the person's session.
    pub allowed_origins: Vec<String>,
    pub connection_cap: usize,
    /// How long a client may take to send its headers.
    pub header_timeout: Duration,
    /// How long new requests are still taken after the order to stop, while load balancers notice.
    pub drain_delay: Duration,
    /// How long running requests may take after that.
    pub drain_limit: Duration,
}

pub struct Tls {
    /// PEM, the server's certificate first.
    pub certificates: String,
    pub key: SecretString,
}

/// A range of addresses, or one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    /// Reads `10.0.0.0/8` or a single address.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address.parse().ok()?, Some(prefix.parse().ok()?)),
            None => (text.parse().ok()?, None),
        };
        let longest = match address {
            IpAddr::V4(_) => 32,
            IpAddr::V6(_) => 128,
        };
        let prefix = prefix.unwrap_or(longest);
        (prefix <= longest).then_some(Self { address, prefix })
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - self.prefix).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - self.prefix).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

const LISTEN: &str = "server.listen";
const PUBLIC_URL: &str = "server.public_url";
const TRUSTED_PROXIES: &str = "server.trusted_proxies";
const ALLOWED_ORIGINS: &str = "server.allowed_origins";
const TLS_CERTIFICATE: &str = "server.tls.certificate_file";
const TLS_KEY: &str = "server.tls.key_file";

impl Server {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));
        let listen = reader.parsed(
            LISTEN,
            loopback,
            "an address with a port, such as 0.0.0.0:8080",
            |text| text.parse().ok(),
        );
        let public_url = read_public_url(reader, listen);
        let tls = read_tls(reader);
        let trusted_proxies = reader.list(
            TRUSTED_PROXIES,
            "an address or a range such as 10.0.0.0/8",
            Network::parse,
        );
        if trusted_proxies.iter().any(|network| network.prefix == 0) {
            reader.refuse(
                TRUSTED_PROXIES,
                "a range of all addresses lets anybody forge who they are",
            );
        }
        if reader.is_for_serving() && tls.is_none() && trusted_proxies.is_empty() {
            let message = "without [server.tls] a proxy must end TLS: name its addresses here";
            reader.refuse(TRUSTED_PROXIES, message);
        }
        Self {
            listen,
            tls,
            trusted_proxies,
            allowed_origins: read_allowed_origins(reader),
            public_url,
            connection_cap: reader.count("server.connection_cap", 4096),
            header_timeout: reader.duration("server.header_timeout", Duration::from_secs(10)),
            drain_delay: reader.duration("server.drain_delay", Duration::from_secs(5)),
            drain_limit: reader.duration("server.drain_limit", Duration::from_secs(20)),
        }
    }
}

fn read_public_url(reader: &mut Reader, listen: SocketAddr) -> Url {
    let given = reader.url(PUBLIC_URL);
    if let Some(url) = &given {
        if url.path() != "/" || !url.username().is_empty() {
            reader.refuse(PUBLIC_URL, "must be an origin: no user and no path");
        }
        if reader.is_for_serving() && url.scheme() != "https" {
            reader.refuse(
                PUBLIC_URL,
                "must start with https://: over plain HTTP anybody on the way reads the session",
            );
        }
    } else if reader.is_for_serving() && reader.text(PUBLIC_URL).is_none() {
        reader.missing(PUBLIC_URL);
    }
    given.unwrap_or_else(|| own_origin(listen))
}

/// The origin of a gateway that is reached directly.
fn own_origin(listen: SocketAddr) -> Url {
    let mut url =
        Url::parse("http://localhost/").unwrap_or_else(|_| unreachable!("a constant URL parses"));
    // Both fail only for URLs without a host.
    let _ = url.set_ip_host(listen.ip());
    let _ = url.set_port(Some(listen.port()));
    url
}

fn read_tls(reader: &mut Reader) -> Option<Tls> {
    let certificates = reader.path(TLS_CERTIFICATE);
    let key = reader.path(TLS_KEY);
    match (certificates, key) {
        (None, None) => return None,
        (Some(_), None) => reader.missing(TLS_KEY),
        (None, Some(_)) => reader.missing(TLS_CERTIFICATE),
        (Some(_), Some(_)) => {}
    }
    let certificates = super::keys::certificate(reader, TLS_CERTIFICATE);
    let key = super::keys::private_key(reader, TLS_KEY);
    super::keys::belong_together(reader, TLS_KEY, certificates.as_deref(), key.as_ref());
    Some(Tls {
        certificates: certificates.unwrap_or_default(),
        key: key.unwrap_or_default(),
    })
}

fn read_allowed_origins(reader: &mut Reader) -> Vec<String> {
    let origins = reader.list(
        ALLOWED_ORIGINS,
        "an origin such as https://app.example.com, without a path",
        |text| {
            let url = Url::parse(text).ok()?;
            (url.origin().is_tuple() && url.origin().ascii_serialization() == text)
                .then(|| text.to_owned())
        },
    );
    if reader.is_for_serving() && origins.iter().any(|origin| !origin.starts_with("https://")) {
        reader.refuse(ALLOWED_ORIGINS, "each must start with https://");
    }
    origins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_its_addresses_and_no_other() {
        let private = Network::parse("10.1.0.0/16").unwrap();

        assert!(private.contains("10.1.255.255".parse().unwrap()));
        assert!(private.contains("::ffff:10.1.0.1".parse().unwrap()));
        assert!(!private.contains("10.2.0.0".parse().unwrap()));
        assert!(!private.contains("::1".parse().unwrap()));
        assert!(
            Network::parse("0.0.0.0/0")
                .unwrap()
                .contains("8.8.8.8".parse().unwrap())
        );
        assert!(
            Network::parse("fd00::/8")
                .unwrap()
                .contains("fd12::1".parse().unwrap())
        );
        assert_eq!(Network::parse("10.0.0.0/33"), None);
    }
}

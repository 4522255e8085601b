//! From which address a request really comes: a proxy's word counts only when the proxy is one of ours.

use std::net::{IpAddr, SocketAddr};

use poem::http::{HeaderMap, HeaderName, header};
use poem::{Addr, Request};

use crate::config::Network;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of the client; `None` for a connection that has none, such as a Unix socket's.
pub(super) fn address(request: &Request, proxies: &[Network]) -> Option<IpAddr> {
    match &request.remote_addr().0 {
        Addr::SocketAddr(peer) => Some(behind(peer.ip(), request.headers(), proxies)),
        Addr::Unix(_) | Addr::Custom(..) => None,
    }
}

/// Each proxy adds the address that it saw at the end: the last one that is no proxy of ours is the client's. What
/// stands before it anybody may have written.
fn behind(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> IpAddr {
    let is_ours = |address: IpAddr| proxies.iter().any(|network| network.contains(address));
    let mut client = peer;
    for next in forwarded(headers).into_iter().rev() {
        if !is_ours(client) {
            break;
        }
        match next {
            Some(address) => client = address,
            // An address that the proxy hides or garbles: what is before it was not vouched for.
            None => break,
        }
    }
    client
}

/// The addresses of `Forwarded` (RFC 7239), else of `X-Forwarded-For`, in the order of the way.
fn forwarded(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let items = |name: HeaderName| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
    };
    if headers.contains_key(header::FORWARDED) {
        items(header::FORWARDED)
            .map(|item| parse(parameter(item)?))
            .collect()
    } else {
        items(X_FORWARDED_FOR).map(parse).collect()
    }
}

fn parameter(item: &str) -> Option<&str> {
    item.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("for")
            .then(|| value.trim().trim_matches('"'))
    })
}

/// An address with or without port; IPv6 also in brackets.
fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    bare.parse()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, name: HeaderName, value: &str) -> String {
        let proxies = [
            Network::parse("10.0.0.0/8").unwrap(),
            Network::parse("fd00::/8").unwrap(),
        ];
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        behind(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn a_strangers_word_is_not_believed() {
        assert_eq!(
            client("203.0.113.9", X_FORWARDED_FOR, "198.51.100.1"),
            "203.0.113.9"
        );
        assert_eq!(
            client("203.0.113.9", header::FORWARDED, "for=198.51.100.1"),
            "203.0.113.9"
        );
    }

    #[test]
    fn behind_our_proxies_the_last_foreign_address_is_the_client() {
        let way = "192.0.2.66, 198.51.100.1, 10.0.0.7";
        assert_eq!(client("10.0.0.1", X_FORWARDED_FOR, way), "198.51.100.1");
        assert_eq!(
            client("10.0.0.1", X_FORWARDED_FOR, "198.51.100.1:443"),
            "198.51.100.1"
        );
        let way = "for=192.0.2.66;proto=http, For=\"[2001:db8::1]:80\", for=\"[fd00::7]\"";
        assert_eq!(client("10.0.0.1", header::FORWARDED, way), "2001:db8::1");
    }

    #[test]
    fn what_cannot_be_read_ends_the_way() {
        assert_eq!(
            client("10.0.0.1", X_FORWARDED_FOR, "198.51.100.1, unknown"),
            "10.0.0.1"
        );
        assert_eq!(
            client("10.0.0.1", header::FORWARDED, "for=_hidden"),
            "10.0.0.1"
        );
        assert_eq!(client("10.0.0.1", X_FORWARDED_FOR, ""), "10.0.0.1");
    }
}

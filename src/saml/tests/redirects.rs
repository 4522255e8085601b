//! The query that carries a request: signatures over raw bytes, duplicates, inflation.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use url::Url;
use url::form_urlencoded::byte_serialize;

use super::requests::{SSO, honest_query, query_of, query_with, read_request, request_xml};
use super::scene::*;
use crate::saml::redirect::signed_url;
use crate::saml::{SamlRefusal, names};

fn deflated(bytes: &[u8]) -> String {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    deflate.write_all(bytes).unwrap();
    byte_serialize(STANDARD.encode(deflate.finish().unwrap()).as_bytes()).collect()
}

#[test]
fn an_endpoint_with_a_query_keeps_it() {
    let url = signed_url(
        "https://iam.test/sso?tenant=1",
        &request_xml(),
        None,
        idp_key(),
    )
    .unwrap();

    let url = Url::parse(&url).unwrap();

    let names: Vec<_> = url
        .query_pairs()
        .map(|(name, _)| name.into_owned())
        .collect();
    assert_eq!(names, ["tenant", "SAMLRequest", "SigAlg", "Signature"]);
}

#[test]
fn another_encoding_of_the_query_is_verified_as_it_came() {
    let lower = |query: &str| {
        let (unsigned, _) = query.split_once("&Signature=").unwrap();
        let unsigned = unsigned
            .replace("%2B", "%2b")
            .replace("%2F", "%2f")
            .replace("%3A", "%3a");
        let signature = STANDARD.encode(idp_key().sign(unsigned.as_bytes()).unwrap());
        let signature: String = byte_serialize(signature.as_bytes()).collect();
        format!("{unsigned}&Signature={signature}")
    };

    assert!(read_request(&lower(&honest_query().replace('+', "%20"))).is_ok());
}

#[test]
fn an_unsigned_request_is_refused() {
    let query = honest_query();
    let (unsigned, _) = query.split_once("&Signature=").unwrap();
    let (bare, _) = query.split_once("&SigAlg=").unwrap();

    assert_eq!(read_request(unsigned), Err(SamlRefusal::Unsigned));
    assert_eq!(read_request(bare), Err(SamlRefusal::Unsigned));
    assert_eq!(read_request(""), Err(SamlRefusal::InvalidParameter));
}

#[test]
fn a_request_signed_by_another_key_is_refused() {
    let url = signed_url(SSO, &request_xml(), None, &new_key()).unwrap();

    assert_eq!(
        read_request(&query_of(&url)),
        Err(SamlRefusal::SignatureInvalid)
    );
}

#[test]
fn a_changed_relay_state_is_refused() {
    let query = edit(&honest_query(), "RelayState=state", "RelayState=other");

    assert_eq!(read_request(&query), Err(SamlRefusal::SignatureInvalid));
}

#[test]
fn other_signature_algorithms_are_refused() {
    let encoded: String = byte_serialize(names::RSA_SHA256.as_bytes()).collect();
    for other in [
        "",
        "x",
        "http://www.w3.org/2000/09/xmldsig%23rsa-sha1",
        "http://www.w3.org/2007/05/xmldsig-more%23sha256-rsa-MGF1",
    ] {
        let query = edit(&honest_query(), &encoded, other);

        assert_eq!(
            read_request(&query),
            Err(SamlRefusal::AlgorithmNotAllowed),
            "{other}"
        );
    }
}

#[test]
fn a_parameter_that_occurs_twice_is_refused() {
    let query = honest_query();
    let evil = deflated(edit(&request_xml(), ACS, "https://evil.test/acs").as_bytes());

    for twice in [
        format!("SAMLRequest={evil}&{query}"),
        format!("{query}&SAMLRequest={evil}"),
        format!("{query}&%53AMLRequest={evil}"),
        format!("{query}&RelayState=x"),
        format!("{query}&SigAlg=x"),
        format!("{query}&Signature=x"),
    ] {
        assert_eq!(
            read_request(&twice),
            Err(SamlRefusal::DuplicateParameter),
            "{twice}"
        );
    }
}

#[test]
fn a_parameter_that_cannot_be_decoded_is_refused() {
    for query in [
        "SAMLRequest=%",
        "SAMLRequest=%G0",
        "SAMLRequest=%ff",
        "%53AMLRequest=x",
    ] {
        assert_eq!(
            read_request(query),
            Err(SamlRefusal::InvalidParameter),
            "{query}"
        );
    }
    assert_eq!(read_request("SAMLRequest=!"), Err(SamlRefusal::NotBase64));
    assert_eq!(read_request("SAMLRequest=AAAA"), Err(SamlRefusal::Inflate));
    assert_eq!(
        read_request(&"x".repeat(17_000)),
        Err(SamlRefusal::TooLarge)
    );
}

#[test]
fn a_message_that_inflates_without_end_is_refused() {
    let bomb = deflated(&vec![b' '; 10 * 1024 * 1024]);

    assert!(bomb.len() < 16 * 1024);
    assert_eq!(
        read_request(&format!("SAMLRequest={bomb}")),
        Err(SamlRefusal::Inflate)
    );
}

#[test]
fn a_signed_request_inside_the_extensions_of_an_evil_one_is_refused() {
    let evil = edit(
        &request_xml(),
        &format!("URL=\"{ACS}\""),
        "URL=\"https://evil.test/acs\"",
    );
    let wrapped = edit(
        &evil.replace("_one", "_two"),
        "<samlp:NameIDPolicy",
        &format!(
            "<samlp:Extensions>{}</samlp:Extensions><samlp:NameIDPolicy",
            request_xml()
        ),
    );

    let signed_honestly = query_with(&request_xml());
    let (_, signature) = signed_honestly.split_once("&SigAlg=").unwrap();
    let query = format!(
        "SAMLRequest={}&SigAlg={signature}",
        deflated(wrapped.as_bytes())
    );

    assert_eq!(read_request(&query), Err(SamlRefusal::SignatureInvalid));
}

//! The second wall: what xmlsec itself can no longer do, tried without our pre-flight in front.

use std::io::ErrorKind;
use std::net::TcpListener;

use super::scene::*;
use crate::saml::names;
use crate::saml::verify::signed_bytes;
use crate::saml::write::sign;

fn certificates() -> Vec<crate::saml::Certificate> {
    vec![idp_key().certificate().clone()]
}

#[test]
fn the_library_connects_to_no_reference() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let uri = format!("\"http://{}/secret\"", listener.local_addr().unwrap());

    let verified = signed_bytes(&edit(&honest(), "\"#_assertion\"", &uri), &certificates());

    assert!(verified.is_err());
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn the_library_opens_no_file() {
    // To open a pipe that nobody writes to would hang for ever.
    let folder = std::env::temp_dir().join(format!("portico-saml-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let pipe = folder.join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let uri = format!("\"file://{}\"", pipe.display());

    let verified = signed_bytes(&edit(&honest(), "\"#_assertion\"", &uri), &certificates());

    assert!(verified.is_err());
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_library_knows_neither_xslt_nor_xpath_nor_sha_1() {
    let template = with_template(&assertion(), "_assertion", idp_key());
    let transform = format!("<ds:Transform Algorithm=\"{}\">", names::ENVELOPED);
    let with = |algorithm: &str| {
        let other = format!("<ds:Transform Algorithm=\"{algorithm}\">");
        sign(&edit(&template, &transform, &other), idp_key())
    };

    assert!(sign(&template, idp_key()).is_ok());
    assert!(with("http://www.w3.org/TR/1999/REC-xslt-19991116").is_err());
    assert!(with("http://www.w3.org/TR/1999/REC-xpath-19991116").is_err());
    assert!(with("http://www.w3.org/2002/06/xmldsig-filter2").is_err());
    let sha_1 = edit(
        &template,
        names::SHA256,
        "http://www.w3.org/2000/09/xmldsig#sha1",
    );
    assert!(sign(&sha_1, idp_key()).is_err());
}

#[test]
fn what_the_library_verified_is_all_that_is_read() {
    let outside = edit(
        &honest(),
        "</samlp:Status>",
        "<samlp:StatusMessage>x</samlp:StatusMessage></samlp:Status>",
    );

    let bytes = signed_bytes(&outside, &certificates()).unwrap();

    assert!(bytes.starts_with("<saml:Assertion "));
    assert!(!bytes.contains("Response") || !bytes.contains("StatusMessage"));
}

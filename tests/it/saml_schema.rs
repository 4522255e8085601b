//! What we write against the schemas of the standard: a second opinion, by another reader.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::DeflateDecoder;
use portico::saml::Freshness;
use reqwest::Url;

use crate::support::app::TestApp;
use crate::support::idp::TestIdp;

const SCHEMAS: &str = "/usr/share/simplesamlphp/schemas";

/// Fails with what `xmllint` says against a document.
fn assert_valid(schema: &str, xml: &str) {
    let mut child = Command::new("xmllint")
        .args(["--nonet", "--noout", "--schema"])
        .args([&format!("{SCHEMAS}/{schema}"), "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("xmllint is missing: ./test installs the Debian package libxml2-utils");
    child
        .stdin
        .take()
        .unwrap()
        .write_all(xml.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{}\n{xml}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[tokio::test]
async fn our_metadata_is_valid() {
    let app = TestApp::start().await;

    assert_valid(
        "saml-schema-metadata-2.0.xsd",
        &app.app.sign_in.service.metadata(),
    );
    let iam = crate::support::idp::dev_iam(&app.app, &app.clock);
    assert_valid("saml-schema-metadata-2.0.xsd", &iam.metadata());
}

#[tokio::test]
async fn our_requests_and_answers_are_valid() {
    let app = TestApp::start().await;
    let idp = TestIdp::register(&app, "iam").await;
    let registered = app
        .app
        .sign_in
        .providers
        .find(idp.id)
        .await
        .unwrap()
        .unwrap();
    let service = &app.app.sign_in.service;

    let request = service
        .request(&registered, Freshness::SignInAgain, app.now())
        .unwrap();
    let answer = idp.answer(&request.url, "somebody & <others>");

    let url = Url::parse(&request.url).unwrap();
    let (_, packed) = url
        .query_pairs()
        .find(|(name, _)| name == "SAMLRequest")
        .unwrap();
    let mut xml = String::new();
    let deflated = STANDARD.decode(packed.as_bytes()).unwrap();
    DeflateDecoder::new(deflated.as_slice())
        .read_to_string(&mut xml)
        .unwrap();
    assert_valid("saml-schema-protocol-2.0.xsd", &xml);
    let response = String::from_utf8(STANDARD.decode(answer).unwrap()).unwrap();
    assert_valid("saml-schema-protocol-2.0.xsd", &response);
}

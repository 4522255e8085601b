//! Signatures by another hand: what `xmlsec1` says of ours, and messages that it signs with what we no longer can.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portico::saml::{Freshness, Incoming, SamlRefusal};

use crate::support::app::{TestApp, key_folder};
use crate::support::idp::TestIdp;

const ID: &str = "urn:oasis:names:tc:SAML:2.0:protocol:Response";
const SHA_256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// A message in a file, for a program that reads files.
struct Message(PathBuf);

impl Message {
    fn write(xml: &str) -> Self {
        let name = format!("portico-message-{}.xml", uuid::Uuid::now_v7());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, xml).unwrap();
        Self(path)
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).ok();
    }
}

fn xmlsec1(verb: &str, key: (&str, &Path), message: &Message) -> Output {
    Command::new("xmlsec1")
        .args([verb, key.0])
        .arg(key.1)
        .args(["--id-attr:ID", ID])
        .arg(&message.0)
        .output()
        .expect("xmlsec1 is missing: ./test installs the Debian package of that name")
}

/// An answer of the test's own IAM, which signs the assertion and then the response.
async fn an_answer() -> String {
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
        .request(&registered, Freshness::ExistingSession, app.now())
        .unwrap();
    let answer = idp.answer(&request.url, "mei");
    String::from_utf8(STANDARD.decode(answer).unwrap()).unwrap()
}

#[tokio::test]
async fn another_program_verifies_what_we_sign() {
    let answer = an_answer().await;
    let certificate = key_folder().join("saml.pem");
    let verify = |xml: &str| {
        let message = Message::write(xml);
        xmlsec1("--verify", ("--pubkey-cert-pem", &certificate), &message)
    };

    let genuine = verify(&answer);
    let tampered = verify(&answer.replace(">mei<", ">mallory<"));

    assert!(
        genuine.status.success(),
        "{}",
        String::from_utf8_lossy(&genuine.stderr)
    );
    assert!(!tampered.status.success());
}

#[tokio::test]
async fn a_message_that_is_truly_signed_with_sha_1_is_refused() {
    let answer = an_answer().await;
    let (before, rest) = answer.split_once("<ds:SignatureValue>").unwrap();
    let (_, after) = rest.split_once("</ds:SignatureValue>").unwrap();
    let (before, digest) = before.split_once("<ds:DigestValue>").unwrap();
    let (_, signed_info_end) = digest.split_once("</ds:DigestValue>").unwrap();
    let template = format!(
        "{}<ds:DigestValue></ds:DigestValue>{signed_info_end}<ds:SignatureValue></ds:SignatureValue>{after}",
        before.replacen(SHA_256, "http://www.w3.org/2000/09/xmldsig#sha1", 1),
    );
    let key = key_folder().join("saml.key");

    let signed = xmlsec1(
        "--sign",
        ("--privkey-pem", &key),
        &Message::write(&template),
    );

    assert!(
        signed.status.success(),
        "{}",
        String::from_utf8_lossy(&signed.stderr)
    );
    let refusal = Incoming::read(&STANDARD.encode(signed.stdout)).err();
    assert_eq!(refusal, Some(SamlRefusal::AlgorithmNotAllowed));
}

//! What is accepted, so that every refusal elsewhere is known to have one cause.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;

use super::scene::*;
use crate::saml::{Incoming, SubjectSource, restrict_xmlsec};

#[test]
fn a_signed_assertion_is_accepted() {
    let accepted = read(&honest()).unwrap();

    assert_eq!(accepted.issuer, IDP);
    assert_eq!(accepted.subject, ALICE);
    assert_eq!(accepted.response_id, "_response");
    assert_eq!(accepted.assertion_id, "_assertion");
    assert_eq!(accepted.session_index.as_deref(), Some("_index"));
    assert_eq!(accepted.authn_instant, noon());
    assert_eq!(accepted.expires_at, noon() + TimeDelta::seconds(300 + 180));
    assert_eq!(accepted.single("email"), Some("alice@corp.test"));
}

#[test]
fn a_signed_response_is_accepted() {
    let accepted = read(&signed(&response(&assertion()))).unwrap();

    assert_eq!(accepted.subject, ALICE);
}

#[test]
fn a_signed_assertion_in_a_signed_response_is_accepted() {
    let accepted = read(&signed(&honest())).unwrap();

    assert_eq!(accepted.subject, ALICE);
}

#[test]
fn a_declaration_line_breaks_and_indentation_are_accepted() {
    let spaced =
        edit(&assertion(), IDP, &format!("\n  {IDP}\n")).replace("><saml:Sub", ">\n<saml:Sub");
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}",
        response(&signed(&spaced))
    );
    let broken_lines: Vec<String> = STANDARD
        .encode(xml)
        .as_bytes()
        .chunks(76)
        .map(|line| String::from_utf8(line.to_vec()).unwrap())
        .collect();

    let accepted = read_form(
        &identity_provider(),
        &broken_lines.join(
            "
",
        ),
        noon(),
    );

    assert_eq!(accepted.unwrap().subject, ALICE);
}

#[test]
fn any_of_several_certificates_verifies() {
    let mut idp = identity_provider();
    idp.certificates.insert(0, new_key().certificate().clone());

    assert_eq!(read_from(&idp, &honest()).unwrap().subject, ALICE);
}

#[test]
fn a_registered_attribute_can_be_the_subject() {
    let mut idp = identity_provider();
    idp.subject = SubjectSource::Attribute("email".to_owned());
    let transient = bent("nameid-format:persistent", "nameid-format:transient");

    let accepted = read_from(&idp, &transient).unwrap();

    assert_eq!(accepted.subject, "alice@corp.test");
}

#[test]
fn clocks_may_differ_by_the_skew_and_not_more() {
    let form = STANDARD.encode(honest());
    let read_at = |seconds| {
        let now = noon() + TimeDelta::seconds(seconds);
        read_form(&identity_provider(), &form, now).is_ok()
    };

    assert!(read_at(-180));
    assert!(!read_at(-181));
    assert!(read_at(300 + 179));
    assert!(!read_at(300 + 180));
}

#[test]
fn restricting_the_library_again_changes_nothing() {
    restrict_xmlsec().unwrap();
    restrict_xmlsec().unwrap();

    assert!(read(&honest()).is_ok());
}

#[tokio::test]
async fn many_at_once_get_the_right_answers() {
    let service = service();
    let idp = Arc::new(identity_provider());
    let good = STANDARD.encode(honest());
    let bad = STANDARD.encode(honest().replace(ALICE, "mallory"));

    let answers = (0..40).map(|turn| {
        let form = if turn % 2 == 0 { &good } else { &bad };
        let incoming = Incoming::read(form).unwrap();
        let (service, idp) = (&service, &idp);
        async move { service.verify(incoming, idp).await }
    });
    let answers = futures_util::future::join_all(answers).await;

    for (turn, answer) in answers.iter().enumerate() {
        assert_eq!(answer.is_ok(), turn % 2 == 0);
    }
}

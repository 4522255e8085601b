//! Our requests, and what our identity provider role thinks of requests in general.

use chrono::TimeDelta;

use super::scene::*;
use crate::saml::keys::SigningKey;
use crate::saml::redirect::signed_url;
use crate::saml::write::AuthnRequest;
use crate::saml::{
    AcceptedRequest, ForceAuthn, Freshness, IdentityProviderRole, Incoming, RegisteredService,
    SamlRefusal, SignedInPerson, VerifiedAssertion,
};

pub(super) const SSO: &str = "https://iam.test/sso";

fn role() -> IdentityProviderRole {
    let (key, certificate) = idp_key().to_pem().unwrap();
    IdentityProviderRole::new(
        IDP.to_owned(),
        SSO.to_owned(),
        SigningKey::from_pem(&key, &certificate).unwrap(),
        vec![RegisteredService {
            entity_id: SP.to_owned(),
            acs_url: ACS.to_owned(),
            certificates: vec![service().certificate().clone()],
        }],
    )
}

pub(super) fn query_of(url: &str) -> String {
    url.split_once('?').unwrap().1.to_owned()
}

pub(super) fn honest_query() -> String {
    query_of(&signed_url(SSO, &request_xml(), Some("state & more"), idp_key()).unwrap())
}

pub(super) fn request_xml() -> String {
    let request = AuthnRequest {
        id: "_one",
        issuer: SP,
        acs_url: ACS,
        destination: SSO,
        issued_at: noon(),
        freshness: Freshness::ExistingSession,
    };
    request.to_xml()
}

pub(super) fn query_with(xml: &str) -> String {
    query_of(&signed_url(SSO, xml, None, idp_key()).unwrap())
}

fn bent_request(from: &str, to: &str) -> SamlRefusal {
    read_request(&query_with(&edit(&request_xml(), from, to))).unwrap_err()
}

pub(super) fn read_request(query: &str) -> Result<AcceptedRequest, SamlRefusal> {
    role().read_request(query, noon())
}

fn answered(form: &str, request_id: &str) -> VerifiedAssertion {
    let idp = identity_provider();
    let signed = Incoming::read(form).unwrap().verify(&idp).unwrap();
    service().accept(&signed, &idp, request_id, noon()).unwrap()
}

fn alice() -> SignedInPerson {
    SignedInPerson {
        subject: ALICE.to_owned(),
        attributes: vec![("email".to_owned(), "alice@corp.test".to_owned())],
        authn_instant: noon(),
    }
}

#[test]
fn our_request_is_signed_and_has_a_fresh_identifier() {
    let request = |freshness| {
        service()
            .request(&identity_provider(), freshness, noon())
            .unwrap()
    };
    let first = request(Freshness::ExistingSession);
    let second = request(Freshness::SignInAgain);

    let accepted = read_request(&query_of(&first.url)).unwrap();

    assert_eq!(accepted.id, first.id);
    assert_eq!(accepted.acs_url, ACS);
    assert_eq!(accepted.relay_state.as_deref(), Some(first.id.as_str()));
    assert_eq!(accepted.force_authn, ForceAuthn::NotRequired);
    assert_eq!(first.id.len(), 33);
    assert_ne!(first.id, second.id);
    let again = read_request(&query_of(&second.url)).unwrap();
    assert_eq!(again.force_authn, ForceAuthn::Required);
}

#[test]
fn our_request_asks_for_no_format_and_no_kind_of_authentication() {
    let xml = request_xml();

    assert!(xml.contains("<samlp:NameIDPolicy AllowCreate=\"true\">"));
    assert!(!xml.contains("Format="));
    assert!(!xml.contains("RequestedAuthnContext"));
    assert!(!xml.contains("Index"));
}

#[test]
fn the_answer_of_our_role_signs_a_person_in() {
    let request = service()
        .request(&identity_provider(), Freshness::ExistingSession, noon())
        .unwrap();
    let accepted = read_request(&query_of(&request.url)).unwrap();

    let answer = role().answer(&accepted, &alice(), noon()).unwrap();

    let read = answered(&answer, &request.id);
    assert_eq!(read.subject, ALICE);
    assert_eq!(read.single("email"), Some("alice@corp.test"));
    assert_eq!(read.expires_at, noon() + TimeDelta::seconds(300 + 180));
}

#[test]
fn markup_in_what_we_write_stays_text() {
    let request = read_request(&honest_query()).unwrap();
    let hostile = "R&D</saml:AttributeValue><saml:AttributeValue>admin\"'\u{1}\n]]>";
    let person = SignedInPerson {
        subject: "a<b>&c".to_owned(),
        attributes: vec![("email".to_owned(), hostile.replace(['\u{1}', '\n'], ""))],
        authn_instant: noon(),
    };

    let answer = role().answer(&request, &person, noon()).unwrap();

    let read = answered(&answer, &request.id);
    assert_eq!(read.subject, "a<b>&c");
    assert_eq!(
        read.single("email"),
        Some(hostile.replace(['\u{1}', '\n'], "").as_str())
    );
}

#[test]
fn characters_that_xml_cannot_carry_are_replaced() {
    let mut xml = crate::saml::xml::XmlWriter::new();
    xml.leaf("x", &[("y", "a\tb\nc\"<")], "\u{0}\u{b}é");

    assert_eq!(
        xml.finish(),
        "<x y=\"a&#9;b&#10;c&quot;&lt;\">\u{fffd}\u{fffd}é</x>"
    );
}

#[test]
fn a_request_for_another_address_is_refused() {
    for (from, to) in [
        (
            format!("URL=\"{ACS}\""),
            "URL=\"https://evil.test/acs\"".to_owned(),
        ),
        (format!("URL=\"{ACS}\""), format!("URL=\"{ACS}?x\"")),
        (
            "bindings:HTTP-POST".to_owned(),
            "bindings:HTTP-Artifact".to_owned(),
        ),
    ] {
        assert_eq!(
            bent_request(&from, &to),
            SamlRefusal::WrongAssertionConsumer,
            "{to}"
        );
    }
}

#[test]
fn a_request_without_an_address_is_answered_at_the_registered_one() {
    let xml = edit(
        &request_xml(),
        &format!(" AssertionConsumerServiceURL=\"{ACS}\""),
        "",
    );

    assert_eq!(read_request(&query_with(&xml)).unwrap().acs_url, ACS);
}

#[test]
fn a_request_of_an_unknown_service_is_refused() {
    assert_eq!(
        bent_request(&format!("Issuer>{SP}<"), "Issuer>urn:other<"),
        SamlRefusal::UnknownService
    );
}

#[test]
fn a_request_for_another_identity_provider_is_refused() {
    let destination = format!(" Destination=\"{SSO}\"");

    assert_eq!(
        bent_request(&destination, ""),
        SamlRefusal::WrongDestination
    );
    assert_eq!(
        bent_request(&destination, " Destination=\"https://x.test\""),
        SamlRefusal::WrongDestination
    );
}

#[test]
fn a_request_from_another_time_or_protocol_is_refused() {
    let issued = at(0);

    assert_eq!(bent_request(&issued, &at(181)), SamlRefusal::IssuedInFuture);
    assert_eq!(
        bent_request(&issued, &at(-780)),
        SamlRefusal::IssuedTooLongAgo
    );
    assert_eq!(bent_request(&issued, ""), SamlRefusal::InvalidTime);
    assert_eq!(
        bent_request("Version=\"2.0\"", "Version=\"1.1\""),
        SamlRefusal::WrongVersion
    );
    assert_eq!(
        read_request(&query_with(&assertion())),
        Err(SamlRefusal::NotARequest)
    );
}

#[test]
fn markup_in_a_request_is_refused() {
    let doctype = format!("<!DOCTYPE x>{}", request_xml());

    assert_eq!(
        read_request(&query_with(&doctype)),
        Err(SamlRefusal::Doctype)
    );
    assert_eq!(
        bent_request("ID=\"_one\"", "ID=\"_one\" id=\"_one\""),
        SamlRefusal::DuplicateId
    );
}

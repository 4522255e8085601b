//! Well-signed messages that say the wrong thing. All are signed by the right key.

use super::scene::*;
use crate::saml::SamlRefusal;

/// The same fault in a signed assertion and in an assertion of a signed response.
pub(super) fn refused_both_ways(from: &str, to: &str) -> SamlRefusal {
    let inner = refusal(&bent(from, to));
    let outer = refusal(&signed(&response(&edit(&assertion(), from, to))));
    assert_eq!(inner, outer);
    inner
}

/// A fault of the envelope, whether it is signed or a mere hint.
pub(super) fn envelope_refused(from: &str, to: &str) -> SamlRefusal {
    let hint = refusal(&edit(&honest(), from, to));
    let covered = refusal(&bent_response(from, to));
    assert_eq!(hint, covered);
    hint
}

#[test]
fn an_assertion_for_another_audience_is_refused() {
    assert_eq!(
        refused_both_ways(
            &format!("<saml:Audience>{SP}<"),
            "<saml:Audience>https://other.test<"
        ),
        SamlRefusal::WrongAudience
    );
}

#[test]
fn an_assertion_without_audience_is_refused() {
    let restriction = format!(
        "<saml:AudienceRestriction><saml:Audience>{SP}</saml:Audience></saml:AudienceRestriction>"
    );

    assert_eq!(refused_both_ways(&restriction, ""), SamlRefusal::NoAudience);
}

#[test]
fn one_audience_of_several_in_a_restriction_is_enough() {
    let several = format!("<saml:Audience>https://other.test</saml:Audience><saml:Audience>{SP}<");

    assert!(read(&bent(&format!("<saml:Audience>{SP}<"), &several)).is_ok());
}

#[test]
fn another_recipient_is_refused() {
    let from = format!("Recipient=\"{ACS}\"");

    for to in [
        "Recipient=\"https://other.test/acs\"",
        "",
        &format!("Recipient=\"{ACS}/\""),
    ] {
        assert_eq!(
            refused_both_ways(&from, to),
            SamlRefusal::WrongRecipient,
            "{to}"
        );
    }
}

#[test]
fn another_destination_is_refused() {
    let from = format!("Destination=\"{ACS}\"");

    assert_eq!(
        envelope_refused(&from, "Destination=\"https://other.test/acs\""),
        SamlRefusal::WrongDestination
    );
    assert_eq!(
        envelope_refused(&from, "Destination=\"\""),
        SamlRefusal::WrongDestination
    );
}

#[test]
fn a_signed_response_needs_its_destination() {
    let from = format!(" Destination=\"{ACS}\"");

    assert_eq!(
        refusal(&bent_response(&from, "")),
        SamlRefusal::WrongDestination
    );
    assert!(read(&edit(&honest(), &from, "")).is_ok());
}

#[test]
fn the_answer_to_another_request_is_refused() {
    let in_data = format!("InResponseTo=\"{REQUEST}\" NotOnOrAfter");
    assert_eq!(
        refused_both_ways(&in_data, "InResponseTo=\"_other\" NotOnOrAfter"),
        SamlRefusal::WrongInResponseTo
    );
    let of_response = format!("InResponseTo=\"{REQUEST}\"><saml:Issuer>");
    assert_eq!(
        envelope_refused(&of_response, "InResponseTo=\"_other\"><saml:Issuer>"),
        SamlRefusal::WrongInResponseTo
    );
}

#[test]
fn an_answer_that_nobody_asked_for_is_refused() {
    let in_data = format!("InResponseTo=\"{REQUEST}\" NotOnOrAfter");
    assert_eq!(
        refused_both_ways(&in_data, "NotOnOrAfter"),
        SamlRefusal::WrongInResponseTo
    );
    let of_response = format!(" InResponseTo=\"{REQUEST}\"><saml:Issuer>");
    assert_eq!(
        envelope_refused(&of_response, "><saml:Issuer>"),
        SamlRefusal::WrongInResponseTo
    );
}

#[test]
fn another_issuer_is_refused() {
    let issuer = format!("<saml:Issuer>{IDP}<");

    let other = "<saml:Issuer>https://other.test<";
    assert_eq!(refused_both_ways(&issuer, other), SamlRefusal::WrongIssuer);
    assert_eq!(
        refusal(&signed(&response(&assertion()).replacen(&issuer, other, 1))),
        SamlRefusal::WrongIssuer
    );
    assert_eq!(
        refusal(&honest().replacen(&issuer, other, 1)),
        SamlRefusal::WrongIssuer
    );
}

#[test]
fn another_version_is_refused() {
    let inner = "ID=\"_assertion\" Version=\"2.0\"";
    assert_eq!(
        refused_both_ways(inner, "ID=\"_assertion\" Version=\"1.1\""),
        SamlRefusal::WrongVersion
    );
    let outer = "ID=\"_response\" Version=\"2.0\"";
    assert_eq!(
        envelope_refused(outer, "ID=\"_response\" Version=\"1.1\""),
        SamlRefusal::WrongVersion
    );
    assert_eq!(
        envelope_refused(outer, "ID=\"_response\""),
        SamlRefusal::WrongVersion
    );
}

#[test]
fn an_error_status_and_a_missing_one_are_refused() {
    assert_eq!(
        envelope_refused("status:Success", "status:Responder"),
        SamlRefusal::StatusNotSuccess
    );
    let value = " Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"";
    assert_eq!(envelope_refused(value, ""), SamlRefusal::NoStatus);
    let status =
        format!("<samlp:Status><samlp:StatusCode{value}></samlp:StatusCode></samlp:Status>");
    assert_eq!(refusal(&bent_response(&status, "")), SamlRefusal::NoStatus);
}

#[test]
fn an_assertion_without_conditions_is_refused() {
    let xml = assertion();
    let (start, end) = (
        xml.find("<saml:Conditions").unwrap(),
        xml.find("<saml:AuthnS").unwrap(),
    );
    let without = format!("{}{}", xml.get(..start).unwrap(), xml.get(end..).unwrap());

    assert_eq!(
        refusal(&response(&signed(&without))),
        SamlRefusal::NoConditions
    );
}

#[test]
fn an_unknown_condition_is_refused() {
    let unknown = "<x:Weather xmlns:x=\"urn:x\"></x:Weather></saml:Conditions>";
    let foreign = "<x:OneTimeUse xmlns:x=\"urn:x\"></x:OneTimeUse></saml:Conditions>";

    assert_eq!(
        refused_both_ways("</saml:Conditions>", unknown),
        SamlRefusal::UnknownCondition
    );
    assert_eq!(
        refused_both_ways("</saml:Conditions>", foreign),
        SamlRefusal::UnknownCondition
    );
}

#[test]
fn known_conditions_are_accepted() {
    let known = "<saml:OneTimeUse></saml:OneTimeUse><saml:ProxyRestriction></saml:ProxyRestriction>\
                 </saml:Conditions>";

    assert!(read(&bent("</saml:Conditions>", known)).is_ok());
}

#[test]
fn an_assertion_without_authentication_is_refused() {
    let xml = assertion();
    let (start, end) = (
        xml.find("<saml:AuthnS").unwrap(),
        xml.find("<saml:AttributeS").unwrap(),
    );
    let without = format!("{}{}", xml.get(..start).unwrap(), xml.get(end..).unwrap());

    assert_eq!(
        refusal(&response(&signed(&without))),
        SamlRefusal::NoAuthnStatement
    );
}

#[test]
fn an_element_that_has_no_place_is_refused() {
    let inner = "<x:y xmlns:x=\"urn:x\"></x:y></saml:Assertion>";
    assert_eq!(
        refused_both_ways("</saml:Assertion>", inner),
        SamlRefusal::UnexpectedElement
    );
    let outer = "<x:y xmlns:x=\"urn:x\"></x:y></samlp:Response>";
    assert_eq!(
        envelope_refused("</samlp:Response>", outer),
        SamlRefusal::UnexpectedElement
    );
}

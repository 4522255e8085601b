//! Well-signed messages that name or confirm nobody.

use super::claims::refused_both_ways;
use super::scene::*;
use crate::saml::{SamlRefusal, SubjectSource};

#[test]
fn every_audience_restriction_must_name_us() {
    let second = "<saml:AudienceRestriction><saml:Audience>https://other.test</saml:Audience>\
                  </saml:AudienceRestriction></saml:Conditions>";

    assert_eq!(
        refused_both_ways("</saml:Conditions>", second),
        SamlRefusal::WrongAudience
    );
}

#[test]
fn a_holder_of_key_confirmation_is_refused() {
    assert_eq!(
        refused_both_ways("cm:bearer", "cm:holder-of-key"),
        SamlRefusal::NoBearerConfirmation
    );
}

#[test]
fn a_start_time_in_the_confirmation_is_refused() {
    let from = format!("Recipient=\"{ACS}\"");
    let to = format!("Recipient=\"{ACS}\" NotBefore=\"{}\"", at(0));

    assert_eq!(
        refused_both_ways(&from, &to),
        SamlRefusal::ConfirmationNotBefore
    );
}

#[test]
fn one_confirmation_of_several_is_enough() {
    let other = "<saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">\
                 </saml:SubjectConfirmation><saml:SubjectConfirmation ";

    assert!(read(&bent("<saml:SubjectConfirmation ", other)).is_ok());
}

#[test]
fn a_confirmation_without_data_is_refused() {
    let xml = assertion();
    let (start, end) = (
        xml.find("<saml:SubjectConfirmationData").unwrap(),
        xml.find("</saml:SubjectConfirmation>").unwrap(),
    );
    let without = format!("{}{}", xml.get(..start).unwrap(), xml.get(end..).unwrap());

    assert_eq!(
        refusal(&response(&signed(&without))),
        SamlRefusal::NoConfirmationData
    );
}

#[test]
fn an_assertion_without_subject_or_name_is_refused() {
    let xml = assertion();
    let (start, end) = (
        xml.find("<saml:Subject>").unwrap(),
        xml.find("<saml:Conditions").unwrap(),
    );
    let without = format!("{}{}", xml.get(..start).unwrap(), xml.get(end..).unwrap());
    assert_eq!(
        refusal(&response(&signed(&without))),
        SamlRefusal::NoSubject
    );
    let (start, end) = (
        xml.find("<saml:NameID").unwrap(),
        xml.find("<saml:SubjectC").unwrap(),
    );
    let without = format!("{}{}", xml.get(..start).unwrap(), xml.get(end..).unwrap());
    assert_eq!(refusal(&response(&signed(&without))), SamlRefusal::NoNameId);
}

#[test]
fn a_name_of_a_foreign_namespace_names_nobody() {
    let xml = assertion();
    let (start, end) = (
        xml.find("<saml:NameID").unwrap(),
        xml.find("<saml:SubjectC").unwrap(),
    );
    let foreign = "<x:NameID xmlns:x=\"urn:evil\" \
                   Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">admin</x:NameID>";
    let instead = format!(
        "{}{foreign}{}",
        xml.get(..start).unwrap(),
        xml.get(end..).unwrap()
    );

    assert_eq!(refusal(&response(&signed(&instead))), SamlRefusal::NoNameId);
    let beside = read(&bent(
        "<saml:SubjectConfirmation ",
        &format!("{foreign}<saml:SubjectConfirmation "),
    ));
    assert_eq!(beside.unwrap().subject, ALICE);
}

#[test]
fn a_second_name_or_markup_in_a_name_is_refused() {
    let second = "<saml:NameID>admin</saml:NameID><saml:SubjectConfirmation ";
    assert_eq!(
        refused_both_ways("<saml:SubjectConfirmation ", second),
        SamlRefusal::InvalidText
    );
    assert_eq!(
        refused_both_ways(ALICE, "alice<x></x>"),
        SamlRefusal::InvalidText
    );
    assert_eq!(refused_both_ways(ALICE, " "), SamlRefusal::InvalidText);
    assert_eq!(
        refused_both_ways(ALICE, &"a".repeat(1_025)),
        SamlRefusal::InvalidText
    );
    assert_eq!(
        refused_both_ways(ALICE, "a&#xD;b"),
        SamlRefusal::InvalidText
    );
}

#[test]
fn a_name_that_changes_at_every_sign_in_is_refused() {
    for format in ["transient", "emailAddress"] {
        assert_eq!(
            refused_both_ways(
                "nameid-format:persistent",
                &format!("nameid-format:{format}")
            ),
            SamlRefusal::SubjectNotPersistent
        );
    }
}

#[test]
fn a_name_made_for_another_service_is_refused() {
    let qualified = "<saml:NameID SPNameQualifier=\"https://other.test\" ";

    assert_eq!(
        refused_both_ways("<saml:NameID ", qualified),
        SamlRefusal::SubjectForAnotherService
    );
}

#[test]
fn a_subject_attribute_needs_exactly_one_value() {
    let mut idp = identity_provider();
    idp.subject = SubjectSource::Attribute("email".to_owned());
    let second = "</saml:AttributeValue><saml:AttributeValue>admin</saml:AttributeValue>";

    let twice = read_from(&idp, &bent("</saml:AttributeValue>", second));
    let absent = read_from(&idp, &bent("Name=\"email\"", "Name=\"mail\""));

    assert_eq!(twice, Err(SamlRefusal::SubjectAttribute));
    assert_eq!(absent, Err(SamlRefusal::SubjectAttribute));
}
